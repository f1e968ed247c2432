using System.Numerics;

namespace Logos.P2P.AddrMan;

/// <summary>
/// Buckets of 64 positions each. It also keeps, for every bucket, one bit per position taken, and the list of buckets
/// that are not empty, so that drawing at random costs the same in a table of three as in a full one.
/// </summary>
/// <param name="bucketCount">The number of buckets.</param>
internal sealed class BucketTable(int bucketCount)
{
    private readonly KnownAddress?[] _slots = new KnownAddress?[bucketCount * AddrManParameters.BucketSize];
    private readonly ulong[] _taken = new ulong[bucketCount];

    // The buckets that are not empty, in no particular order, and where in that list each one is.
    private readonly int[] _nonEmpty = new int[bucketCount];
    private readonly int[] _nonEmptyIndex = new int[bucketCount];
    private int _nonEmptyCount;

    /// <summary>The positions taken.</summary>
    public int Count { get; private set; }

    /// <summary>Who is at a place.</summary>
    public KnownAddress? this[BucketSlot slot] => _slots[IndexOf(slot)];

    /// <summary>Puts an address at a free place.</summary>
    public void Put(BucketSlot slot, KnownAddress address)
    {
        ref KnownAddress? place = ref _slots[IndexOf(slot)];
        if (place is not null)
            throw new InvalidOperationException($"{slot} is taken.");

        place = address;
        if (_taken[slot.Bucket] == 0)
        {
            _nonEmptyIndex[slot.Bucket] = _nonEmptyCount;
            _nonEmpty[_nonEmptyCount++] = slot.Bucket;
        }

        _taken[slot.Bucket] |= 1UL << slot.Position;
        Count++;
    }

    /// <summary>Frees a place that is taken.</summary>
    public void Clear(BucketSlot slot)
    {
        ref KnownAddress? place = ref _slots[IndexOf(slot)];
        if (place is null)
            throw new InvalidOperationException($"{slot} is free.");

        place = null;
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
    /// Draws an address as Bitcoin Core does: any bucket that is not empty with the same chance, however many are in
    /// it, then the first position taken from a random one on. Drawing buckets, not addresses, is what keeps someone
    /// who fills a few buckets from being drawn more often for it.
    /// </summary>
    /// <returns>Null when the table is empty.</returns>
    public KnownAddress? Draw(Random random)
    {
        if (_nonEmptyCount == 0)
            return null;

        int bucket = _nonEmpty[random.Next(_nonEmptyCount)];
        int start = random.Next(AddrManParameters.BucketSize);
        int steps = BitOperations.TrailingZeroCount(BitOperations.RotateRight(_taken[bucket], start));
        return this[new BucketSlot(bucket, (start + steps) % AddrManParameters.BucketSize)];
    }

    /// <summary>Verifies that the bits, the list of buckets and the count tell of the slots what is true.</summary>
    /// <exception cref="InvalidOperationException">They do not.</exception>
    public void Check()
    {
        ulong[] taken = new ulong[bucketCount];
        for (int i = 0; i < _slots.Length; i++)
        {
            if (_slots[i] is not null)
                taken[i / AddrManParameters.BucketSize] |= 1UL << (i % AddrManParameters.BucketSize);
        }

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

    private static int IndexOf(BucketSlot slot) => (slot.Bucket * AddrManParameters.BucketSize) + slot.Position;
}
