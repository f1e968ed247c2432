using System.Buffers.Binary;
using Logos.P2P.Wire;

namespace Logos.P2P.Bench.Hop;

/// <summary>Messages of a measurement: frames one behind the other, each with its number in the first bytes of its payload.</summary>
/// <param name="first">The number of the first one. No two runs of one network share any.</param>
/// <param name="count">How many.</param>
/// <param name="size">Bytes of each payload.</param>
internal sealed class HopFrames(long first, int count, int size)
{
    /// <summary>Bytes of the number.</summary>
    public const int NumberSize = sizeof(long);

    /// <summary>What tells which message it is.</summary>
    public const int HeaderAndNumber = WireLimits.HeaderSize + NumberSize;

    private const int LengthOffset = 16;

    /// <summary>The network on which nodes and ends of a bench are.</summary>
    public const P2PNetwork Network = P2PNetwork.Regtest;

    private readonly byte[] _bytes = Make(first, count, size);

    public int Count => count;

    /// <summary>One of them, from 0.</summary>
    public ReadOnlySpan<byte> this[int index] => _bytes.AsSpan(index * FrameSize, FrameSize);

    /// <summary>Several of them, one behind the other.</summary>
    public ReadOnlySpan<byte> Range(int index, int of) => _bytes.AsSpan(index * FrameSize, of * FrameSize);

    private int FrameSize => WireLimits.HeaderSize + size;

    /// <summary>Bytes of the first of some frames.</summary>
    public static int LengthOf(ReadOnlySpan<byte> frames) =>
        WireLimits.HeaderSize + BinaryPrimitives.ReadInt32LittleEndian(frames[LengthOffset..]);

    /// <summary>The number of a frame's message.</summary>
    public static long NumberOf(ReadOnlySpan<byte> frame) =>
        BinaryPrimitives.ReadInt64LittleEndian(frame[WireLimits.HeaderSize..]);

    private static byte[] Make(long first, int count, int size)
    {
        byte[] bytes = new byte[(long)count * (WireLimits.HeaderSize + size)];
        byte[] payload = new byte[size];
        new Random(size).NextBytes(payload);
        var pool = new FramePool(Network);
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(payload, first + i);
            Frame frame = pool.Create(Command.Logos, payload);
            frame.Memory.Span.CopyTo(bytes.AsSpan(i * frame.Length));
            frame.Release();
        }

        return bytes;
    }
}
