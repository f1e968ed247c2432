using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// Buckets of 64 positions each, and which of them are taken, in all and by the addresses of each network: drawing one
/// Tor address from among thousands of others costs no more than drawing any.
/// </summary>
/// <param name="bucketCount">The number of buckets.</param>
internal sealed class BucketTable(int bucketCount)
{
    private readonly KnownAddress?[] _slots = new KnownAddress?[bucketCount * AddrManParameters.BucketSize];
    private readonly BucketOccupancy _occupancy = new(bucketCount);
    private readonly PerNetwork<BucketOccupancy> _byNetwork = new(() => new BucketOccupancy(bucketCount));

    /// <summary>The positions taken.</summary>
    public int Count => _occupancy.Count;

    /// <summary>Who is at a place.</summary>
    public KnownAddress? this[BucketSlot slot] => _slots[IndexOf(slot)];

    /// <summary>The places taken, in order, and who is there.</summary>
    public IEnumerable<(BucketSlot Slot, KnownAddress Address)> Taken =>
        from slot in Enumerable.Range(0, _slots.Length)
        where _slots[slot] is not null
        select (new BucketSlot(slot / AddrManParameters.BucketSize, slot % AddrManParameters.BucketSize), _slots[slot]!);

    /// <summary>The positions taken by addresses of one network.</summary>
    public int CountOf(NetworkId network) => _byNetwork[network].Count;

    /// <summary>Puts an address at a free place.</summary>
    public void Put(BucketSlot slot, KnownAddress address)
    {
        ref KnownAddress? place = ref _slots[IndexOf(slot)];
        if (place is not null)
            throw new InvalidOperationException($"{slot} is taken.");

        place = address;
        _occupancy.Take(slot);
        _byNetwork[address.Network].Take(slot);
    }

    /// <summary>Frees a place that is taken.</summary>
    public void Clear(BucketSlot slot)
    {
        ref KnownAddress? place = ref _slots[IndexOf(slot)];
        if (place is null)
            throw new InvalidOperationException($"{slot} is free.");

        _byNetwork[place.Network].Free(slot);
        _occupancy.Free(slot);
        place = null;
    }

    /// <summary>How many positions of each bucket are taken.</summary>
    public byte[] GetFill() => _occupancy.GetFill();

    /// <summary>Draws an address: see <see cref="BucketOccupancy.Draw"/>.</summary>
    /// <param name="random">The source of chance.</param>
    /// <param name="networks">The networks it may be on; empty for any.</param>
    /// <returns>Null when there is none.</returns>
    public KnownAddress? Draw(Random random, ReadOnlySpan<NetworkId> networks)
    {
        BucketOccupancy occupancy = networks.IsEmpty ? _occupancy : DrawNetwork(random, networks);
        return occupancy.Draw(random) is { } slot ? this[slot] : null;
    }

    /// <summary>
    /// Draws one of several networks, by how many buckets it is in: not by how many addresses it has, of which somebody may
    /// have put many into few buckets.
    /// </summary>
    private BucketOccupancy DrawNetwork(Random random, ReadOnlySpan<NetworkId> networks)
    {
        int total = 0;
        foreach (NetworkId network in networks)
            total += _byNetwork[network].BucketCount;
        int left = random.Next(Math.Max(total, 1));
        foreach (NetworkId network in networks)
        {
            left -= _byNetwork[network].BucketCount;
            if (left < 0)
                return _byNetwork[network];
        }

        return _byNetwork[networks[0]];
    }

    /// <summary>Verifies that what is known of the places is true.</summary>
    /// <exception cref="InvalidOperationException">It is not.</exception>
    public void Check()
    {
        ulong[] taken = new ulong[bucketCount];
        var takenByNetwork = new PerNetwork<ulong[]>(() => new ulong[bucketCount]);
        for (int i = 0; i < _slots.Length; i++)
        {
            if (_slots[i] is not { } address)
                continue;
            (int bucket, int position) = Math.DivRem(i, AddrManParameters.BucketSize);
            taken[bucket] |= 1UL << position;
            takenByNetwork[address.Network][bucket] |= 1UL << position;
        }

        _occupancy.Check(taken);
        foreach (NetworkId network in PerNetwork.All)
            _byNetwork[network].Check(takenByNetwork[network]);
    }

    private static int IndexOf(BucketSlot slot) => (slot.Bucket * AddrManParameters.BucketSize) + slot.Position;
}
