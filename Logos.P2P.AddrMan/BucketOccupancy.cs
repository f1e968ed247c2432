using System.Numerics;

namespace Logos.P2P.AddrMan;

/// <summary>
/// Which places of a table are taken: a bit for every position of a bucket, and the list of buckets that are not empty,
/// so that drawing at random costs the same in a table of three as in a full one.
/// </summary>
/// <param name="bucketCount">The number of buckets.</param>
internal sealed class BucketOccupancy(int bucketCount)
{
    private readonly ulong[] _taken = new ulong[bucketCount];

    // The buckets that are not empty, in no particular order, and where in that list each one is.
    private readonly int[] _nonEmpty = new int[bucketCount];
    private readonly int[] _nonEmptyIndex = new int[bucketCount];
    private int _nonEmptyCount;

    /// <summary>The places taken.</summary>
    public int Count { get; private set; }

    /// <summary>The buckets that are not empty.</summary>
    public int BucketCount => _nonEmptyCount;

    /// <summary>How many positions of each bucket are taken.</summary>
    public byte[] GetFill() => Array.ConvertAll(_taken, bits => (byte)BitOperations.PopCount(bits));

    /// <summary>Marks a place that is free as taken.</summary>
    public void Take(BucketSlot slot)
    {
        if (_taken[slot.Bucket] == 0)
        {
            _nonEmptyIndex[slot.Bucket] = _nonEmptyCount;
            _nonEmpty[_nonEmptyCount++] = slot.Bucket;
        }

        _taken[slot.Bucket] |= 1UL << slot.Position;
        Count++;
    }

    /// <summary>Marks a place that is taken as free.</summary>
    public void Free(BucketSlot slot)
    {
        _taken[slot.Bucket] &= ~(1UL << slot.Position);
        if (_taken[slot.Bucket] == 0)
        {
            int last = _nonEmpty[--_nonEmptyCount];
            _nonEmpty[_nonEmptyIndex[slot.Bucket]] = last;
            _nonEmptyIndex[last] = _nonEmptyIndex[slot.Bucket];
        }

        Count--;
    }

    /// <summary>
    /// Draws a place as Bitcoin Core does: any bucket that is not empty with the same chance, however many are in it, then
    /// the first position taken from a random one on. Drawing buckets, not addresses, is what keeps someone who fills a
    /// few buckets from being drawn more often for it.
    /// </summary>
    /// <returns>Null when none is taken.</returns>
    public BucketSlot? Draw(Random random)
    {
        if (_nonEmptyCount == 0)
            return null;

        int bucket = _nonEmpty[random.Next(_nonEmptyCount)];
        int start = random.Next(AddrManParameters.BucketSize);
        int steps = BitOperations.TrailingZeroCount(BitOperations.RotateRight(_taken[bucket], start));
        return new BucketSlot(bucket, (start + steps) % AddrManParameters.BucketSize);
    }

    /// <summary>Verifies that exactly the places are taken that should be, and that list and count agree.</summary>
    /// <param name="taken">For each bucket the bits of the positions that should be taken.</param>
    /// <exception cref="InvalidOperationException">They are not.</exception>
    public void Check(ReadOnlySpan<ulong> taken)
    {
        int count = 0, nonEmpty = 0;
        for (int bucket = 0; bucket < bucketCount; bucket++)
        {
            if (taken[bucket] != _taken[bucket])
                throw new InvalidOperationException($"The bits of bucket {bucket} are wrong.");
            if (taken[bucket] == 0)
                continue;

            count += BitOperations.PopCount(taken[bucket]);
            nonEmpty++;
            int index = _nonEmptyIndex[bucket];
            if (index >= _nonEmptyCount || _nonEmpty[index] != bucket)
                throw new InvalidOperationException($"Bucket {bucket} is not listed as having addresses.");
        }

        if (nonEmpty != _nonEmptyCount)
            throw new InvalidOperationException("Empty buckets are listed as having addresses.");
        if (count != Count)
            throw new InvalidOperationException($"{count} places are taken, {Count} are counted.");
    }
}
