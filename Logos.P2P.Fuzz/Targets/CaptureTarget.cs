using System.Text;
using Logos.P2P.Fuzz.Engine;
using Logos.P2P.Node.Captures;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>A file of captured messages, which may be anybody's. Each is printed in one line of text, or an error says in which place what is wrong.</summary>
internal sealed class CaptureTarget : FuzzTarget
{
    private const string Path = "192.0.2.1_14495/msgs_recv.dat";

    public override string Name => "capture";

    public override IReadOnlyCollection<string> Assemblies => ["Logos.P2P.Wire", "logosp2p"];

    public override IReadOnlyCollection<string> Types => ["Logos.P2P.Node.Captures.CaptureReader", "Logos.P2P.Node.Captures.CapturedMessage", "Logos.P2P.Wire.CaptureHeader"];

    /// <summary>A line of text and one of JSON for 24 bytes; and what the writer of JSON keeps for each thread.</summary>
    public override long MostAllocated(int length) => (256 * 1024) + (512L * length);

    public override IEnumerable<byte[]> Seeds()
    {
        byte[] version = Record("version", 1), logos = Record("logos", 40), ping = Record("ping", 8);
        return [SeedBytes.Captured[..MaxLength], version, logos, [.. version, .. ping, .. logos, .. logos], [.. Record("", 0), .. ping[..^1]]];
    }

    public override IEnumerable<byte[]> Words() => [Record("logos", 0), Record("chunk", 3)];

    public override void Run(ReadOnlySpan<byte> input)
    {
        using var reader = new CaptureReader(new MemoryStream(input.ToArray()), Path);
        long read = 0;
        try
        {
            while (reader.TryRead(out CapturedMessage message))
            {
                read += CaptureHeader.Size + message.Header.PayloadLength;
                Require(!$"{message.ToLine()}{message.ToJson()}".Any(char.IsControl), "A line has characters in it that are none of text.");
                Require(message.Id is not null == (message.Header.Command == "logos"), "Messages of the upper layer have names, and no others.");
            }

            Require(read == input.Length, "It ends before the file does.");
        }
        catch (IOException e)
        {
            Require(e.Message.Contains(Path, StringComparison.Ordinal), "An error does not say where.");
            Require(
                e.Message.Contains($"byte {read} ", StringComparison.Ordinal) || e.Message.Contains($"byte {read}:", StringComparison.Ordinal),
                "An error does not say in which place.");
        }
    }

    private static byte[] Record(string command, byte length) =>
        [.. new byte[sizeof(ulong)], .. Encoding.ASCII.GetBytes(command.PadRight(Commands.FieldSize, '\0')), length, 0, 0, 0, .. new byte[length]];
}
