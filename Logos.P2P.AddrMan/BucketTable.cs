using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// Buckets of 64 positions each, and which of them are taken, in all and by the addresses of each network: drawing one
/// Tor address from among thousands of others costs no more than drawing any.
/// </summary>
/// <param name="bucketCount">The number of buckets.</param>
internal sealed class BucketTable(int bucketCount)
{
    // A bucket is made when its first address comes: most nodes know few of the addresses for which there is room.
    private readonly KnownAddress?[]?[] _buckets = new KnownAddress?[]?[bucketCount];
    private readonly BucketOccupancy _occupancy = new(bucketCount);
    private readonly PerNetwork<BucketOccupancy> _byNetwork = new(() => new BucketOccupancy(bucketCount));

    /// <summary>The positions taken.</summary>
    public int Count => _occupancy.Count;

    /// <summary>Who is at a place.</summary>
    public KnownAddress? this[BucketSlot slot] => _buckets[slot.Bucket]?[slot.Position];

    /// <summary>The places taken, in order, and who is there.</summary>
    public IEnumerable<(BucketSlot Slot, KnownAddress Address)> Taken =>
        from bucket in Enumerable.Range(0, bucketCount)
        where _buckets[bucket] is not null
        from position in Enumerable.Range(0, AddrManParameters.BucketSize)
        where _buckets[bucket]![position] is not null
        select (new BucketSlot(bucket, position), _buckets[bucket]![position]!);

    /// <summary>The positions taken by addresses of one network.</summary>
    public int CountOf(NetworkId network) => _byNetwork[network].Count;

    /// <summary>Puts an address at a free place.</summary>
    public void Put(BucketSlot slot, KnownAddress address)
    {
        KnownAddress?[] bucket = _buckets[slot.Bucket] ??= new KnownAddress?[AddrManParameters.BucketSize];
        ref KnownAddress? place = ref bucket[slot.Position];
        if (place is not null)
            throw new InvalidOperationException($"{slot} is taken.");

        place = address;
        _occupancy.Take(slot);
        _byNetwork[address.Network].Take(slot);
    }

    /// <summary>Frees a place that is taken.</summary>
    public void Clear(BucketSlot slot)
    {
        KnownAddress address = this[slot] ?? throw new InvalidOperationException($"{slot} is free.");
        _byNetwork[address.Network].Free(slot);
        _occupancy.Free(slot);
        _buckets[slot.Bucket]![slot.Position] = null;
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
        foreach ((BucketSlot slot, KnownAddress address) in Taken)
        {
            taken[slot.Bucket] |= 1UL << slot.Position;
            takenByNetwork[address.Network][slot.Bucket] |= 1UL << slot.Position;
        }

        _occupancy.Check(taken);
        foreach (NetworkId network in PerNetwork.All)
            _byNetwork[network].Check(takenByNetwork[network]);
    }
}
