using System.Buffers;
using System.Buffers.Binary;
using Logos.P2P.Fuzz.Engine;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>
/// A stream of bytes into the frame reader, once in one piece and once in pieces cut at random, which must make no difference.
/// Input: a byte of switches, a byte that the cuts follow from, and the stream.
/// </summary>
internal sealed class FrameTarget : FuzzTarget
{
    private const int Prelude = 2;
    private const int LengthOffset = 16, ChecksumOffset = 20;

    /// <summary>Switches: the handshake is complete from the start; after the first frame; a long tail of zeros follows.</summary>
    private const int FromStart = 1, AfterFirst = 2, HasTail = 4;

    /// <summary>Enough that the reader's buffer grows, above its read-ahead too.</summary>
    private const int TailSize = 600_000;

    private readonly FramePool _pool = new(P2PNetwork.Regtest);
    private readonly List<(FrameReadStatus, FrameError, FrameHeader, MessageId)> _whole = [], _pieces = [];
    private readonly byte[] _stream = new byte[2048 + TailSize];

    public override string Name => "frames";

    public override IReadOnlyCollection<string> Assemblies => ["Logos.P2P.Wire"];

    public override IReadOnlyCollection<string> Types =>
        ["Logos.P2P.Wire.FrameReader", "Logos.P2P.Wire.FrameHeader", "Logos.P2P.Wire.Commands"];

    public override int MaxLength => 2048;

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (byte[] frame in SeedBytes.Frames)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(frame, P2PNetwork.Regtest.Magic());
            yield return [FromStart, 7, .. frame];
            yield return [AfterFirst, 3, .. frame, .. SeedBytes.Frames[0]];
        }

        byte[] large = [HasTail | FromStart, 200, .. SeedBytes.Frames[1].AsSpan(0, WireLimits.HeaderSize)];
        BinaryPrimitives.WriteInt32LittleEndian(large.AsSpan(Prelude + LengthOffset), TailSize);
        yield return large;
    }

    public override IEnumerable<byte[]> Words() =>
        Enum.GetValues<Command>().Select(command => System.Text.Encoding.ASCII.GetBytes(command.Name().PadRight(Commands.FieldSize, '\0')));

    /// <summary>Buffers are kept for reuse, so nearly nothing; when a long frame comes first, all that it grows through.</summary>
    public override long MostAllocated(int length) => Overhead + (8L * TailSize);

    public override void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < Prelude)
            return;
        int switches = input[0];
        input[Prelude..].CopyTo(_stream);
        int length = input.Length - Prelude;
        if ((switches & HasTail) != 0)
        {
            _stream.AsSpan(length, TailSize).Clear();
            length += TailSize;
        }

        Read(length, switches, pieceSeed: null, _whole);
        Read(length, switches, input[1], _pieces);
        Require(_whole.SequenceEqual(_pieces), "It matters how the stream is cut.");
        Require(_pool.UsedFrames == 0, "A frame was lost.");
    }

    public override void Repair(Span<byte> input, FuzzRandom random)
    {
        for (int at = Prelude; at + WireLimits.HeaderSize <= input.Length;)
        {
            Span<byte> frame = input[at..];
            if (!random.OneIn(32))
                BinaryPrimitives.WriteUInt32LittleEndian(frame, P2PNetwork.Regtest.Magic());
            int room = frame.Length - WireLimits.HeaderSize;
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(frame[LengthOffset..]);
            if (length > room && !random.OneIn(8))
            {
                length = (uint)random.Below(room + 1);
                BinaryPrimitives.WriteUInt32LittleEndian(frame[LengthOffset..], length);
            }

            if (length > room)
                return;
            if (!random.OneIn(8))
            {
                var id = MessageId.Compute(frame.Slice(WireLimits.HeaderSize, (int)length));
                BinaryPrimitives.WriteUInt32LittleEndian(frame[ChecksumOffset..], id.Checksum);
            }

            at += WireLimits.HeaderSize + (int)length;
        }
    }

    private void Read(
        int length, int switches, byte? pieceSeed, List<(FrameReadStatus, FrameError, FrameHeader, MessageId)> results)
    {
        results.Clear();
        using var reader = new FrameReader(_pool) { IsHandshakeComplete = (switches & FromStart) != 0 };
        var random = new FuzzRandom(pieceSeed ?? 0);
        for (int at = 0; at < length;)
        {
            int count = pieceSeed is null ? length : random.Length(length - at);
            var piece = new ReadOnlySequence<byte>(_stream, at, count);
            at += count;
            while (true)
            {
                FrameReadResult result = reader.Read(ref piece);
                if (result.Status == FrameReadStatus.NeedMore)
                    break;
                results.Add((result.Status, result.Error, result.Header, result.Frame?.Id ?? default));
                result.Frame?.Release();
                if (result.Status == FrameReadStatus.Violation)
                    return;
                reader.IsHandshakeComplete |= (switches & AfterFirst) != 0;
            }

            Require(piece.IsEmpty, "Bytes were left over.");
        }
    }
}
