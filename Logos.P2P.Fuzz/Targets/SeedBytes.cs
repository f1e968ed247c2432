using System.Text.Json;
using System.Text.RegularExpressions;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>
/// Real bytes to begin with: what four nodes told each other (<c>-capturemessages</c>), and the frames of the test vectors and of the
/// protocol's documentation.
/// </summary>
internal static partial class SeedBytes
{
    private static readonly Lazy<IReadOnlyList<byte[]>> AllFrames = new(ReadFrames);

    /// <summary>Whole frames, each for the network it is of.</summary>
    public static IReadOnlyList<byte[]> Frames => AllFrames.Value;

    /// <summary>The file of what nodes told each other: up to five different messages of each kind.</summary>
    public static byte[] Captured => File.ReadAllBytes(PathOf("msgs_recv.dat"));

    /// <summary>Where a file is that comes with the program.</summary>
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Cases", name);

    /// <summary>The payloads of the frames with a command.</summary>
    public static IEnumerable<byte[]> Payloads(params string[] commands) =>
        from frame in Frames
        where commands.Contains(CommandOf(frame))
        select frame[WireLimits.HeaderSize..];

    private static string CommandOf(byte[] frame) =>
        System.Text.Encoding.ASCII.GetString(frame, sizeof(uint), Commands.FieldSize).TrimEnd('\0');

    private static IReadOnlyList<byte[]> ReadFrames()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllText(PathOf("frames.json")));
        IEnumerable<string> tested =
            from vector in vectors.RootElement.GetProperty("valid").EnumerateArray()
            select vector.GetProperty("frame").GetString()!;
        IEnumerable<string> documented =
            from Match match in DocumentedFrame().Matches(File.ReadAllText(PathOf("protocol.md")))
            select match.Groups[1].Value;
        return
        [
            .. tested.Concat(documented).Select(Convert.FromHexString).Where(frame => frame.Length >= WireLimits.HeaderSize),
            .. CapturedFrames(),
        ];
    }

    /// <summary>A captured message has the time where a frame has the magic and the beginning of its command.</summary>
    private static List<byte[]> CapturedFrames()
    {
        byte[] file = Captured;
        var frames = new List<byte[]>();
        for (int at = 0; at < file.Length;)
        {
            int start = at;
            ReadOnlySpan<byte> header = file.AsSpan(start, CaptureHeader.Size);
            at += CaptureHeader.Size + (int)CaptureHeader.Read(header).PayloadLength;
            ReadOnlySpan<byte> payload = file.AsSpan(start + CaptureHeader.Size, at - start - CaptureHeader.Size);
            byte[] magic = BitConverter.GetBytes(P2PNetwork.Regtest.Magic());
            frames.Add([.. magic, .. header[sizeof(ulong)..], .. BitConverter.GetBytes(MessageId.Compute(payload).Checksum), .. payload]);
        }

        return frames;
    }

    [GeneratedRegex("`(fabfb5da[0-9a-f]+)`")]
    private static partial Regex DocumentedFrame();
}
