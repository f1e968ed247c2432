using System.Numerics;

namespace Logos.P2P.Simulation.Links;

/// <summary>
/// Segments that wait for their next use, by size: powers of two. Tens of thousands are on their way at a time, more than
/// the system's pool of arrays would keep.
/// </summary>
internal sealed class SegmentPool
{
    /// <summary>A ping fits.</summary>
    private const int Smallest = 64;

    private readonly Stack<Segment>[] _free =
        [.. Enumerable.Range(0, ClassOf(Uplink.Quantum) + 1).Select(_ => new Stack<Segment>())];

    /// <summary>A segment of bytes for somebody.</summary>
    public Segment Rent(SimulatedConnection receiver, ReadOnlySpan<byte> bytes)
    {
        int sizeClass = ClassOf(bytes.Length);
        if (!_free[sizeClass].TryPop(out Segment? segment))
            segment = new Segment(this, new byte[Smallest << sizeClass]);
        segment.Fill(receiver, bytes);
        return segment;
    }

    public void Return(Segment segment) => _free[ClassOf(segment.Capacity)].Push(segment);

    private static int ClassOf(int length) =>
        BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, Smallest)) / Smallest);
}
