using System.Runtime.InteropServices;
using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// The addresses, where they are in the two tables, and the moves between. Knows no rules about when to move; whoever
/// does also holds the lock.
/// </summary>
/// <param name="mapper">Says where an address belongs.</param>
/// <param name="grouping">Says which addresses are one party's.</param>
internal sealed partial class AddressTables(BucketMapper mapper, INetGrouping grouping)
{
    private readonly Dictionary<NetEndpoint, KnownAddress> _byEndpoint = [];

    // Everyone, in no order, so that drawing without replacement is a shuffle of the first few.
    private readonly List<KnownAddress> _all = [];

    // What is known of each, in the same order, so that all of it is copied at once.
    private readonly List<AddressEntry> _entries = [];
    private readonly BucketTable _new = new(AddrManParameters.NewBucketCount);
    private readonly BucketTable _tried = new(AddrManParameters.TriedBucketCount);

    // In the new table an address may have several places, so those taken there do not tell how many addresses there are.
    private readonly int[] _countOf = new int[(int)NetworkId.Cjdns + 1];

    public ChangeLog Changes { get; } = new();

    public TriedCollisions Collisions { get; } = new();

    /// <summary>Addresses that were deleted.</summary>
    public long EvictedCount { get; private set; }

    public int Count => _all.Count;

    public int TriedCount => _tried.Count;

    public int NewCount => Count - TriedCount;

    public ReadOnlySpan<KnownAddress> All => CollectionsMarshal.AsSpan(_all);

    public ReadOnlySpan<AddressEntry> Entries => CollectionsMarshal.AsSpan(_entries);

    public KnownAddress? Find(NetEndpoint endpoint) => _byEndpoint.GetValueOrDefault(endpoint);

    public NetworkCount CountOf(NetworkId network)
    {
        int tried = _tried.CountOf(network);
        return new NetworkCount(_countOf[(int)network] - tried, tried);
    }

    public BucketFill GetFill() => new(_new.GetFill(), _tried.GetFill());

    public KnownAddress? DrawNew(Random random, ReadOnlySpan<NetworkId> networks) => _new.Draw(random, networks);

    public KnownAddress? DrawTried(Random random, ReadOnlySpan<NetworkId> networks) => _tried.Draw(random, networks);

    /// <summary>The group of a source. Needs no lock.</summary>
    public NetGroup GroupOf(in NetAddress source) => grouping.GroupOf(new NetEndpoint(source, 0));

    /// <summary>The place in the new table that an address has when a source of this group tells it.</summary>
    public BucketSlot NewSlot(in NetEndpoint endpoint, in NetGroup sourceGroup) =>
        NewSlot(endpoint, mapper.NewBucket(grouping.GroupOf(endpoint), sourceGroup));

    public KnownAddress? InNew(BucketSlot slot) => _new[slot];

    /// <summary>Who has the place in the tried table that an address would get; itself when it is there.</summary>
    public KnownAddress? InTried(in NetEndpoint endpoint) => _tried[TriedSlot(endpoint)];

    public IReadOnlyList<AddressPlace> GetPlaces() =>
    [
        .. _new.Taken.Select(taken => new AddressPlace(false, taken.Slot.Bucket, taken.Slot.Position, taken.Address.Entry)),
        .. _tried.Taken.Select(taken => new AddressPlace(true, taken.Slot.Bucket, taken.Slot.Position, taken.Address.Entry)),
    ];

    /// <summary>Replaces what is known of an address, other than where it is.</summary>
    public void Update(KnownAddress address, AddressEntry entry)
    {
        address.Entry = entry;
        _entries[address.Index] = entry;
        Changes.Updated(address);
    }

    /// <summary>Takes up an address at a free place of the new table.</summary>
    public void AddNew(AddressEntry entry, BucketSlot slot)
    {
        var address = new KnownAddress(entry with { NewBuckets = default(BucketSet).With(slot.Bucket) });
        List(address);
        _new.Put(slot, address);
        Changes.Added(address);
    }

    /// <summary>Puts an address of the new table at one more place of it.</summary>
    public void AddPlace(KnownAddress address, BucketSlot slot)
    {
        _new.Put(slot, address);
        Update(address, address.Entry with { NewBuckets = address.Entry.NewBuckets.With(slot.Bucket) });
    }

    /// <summary>Frees a place of the new table. An address that had no other is forgotten.</summary>
    public void Vacate(BucketSlot slot)
    {
        if (_new[slot] is not { } address)
            return;

        _new.Clear(slot);
        BucketSet left = address.Entry.NewBuckets.Without(slot.Bucket);
        if (left.Count > 0)
            Update(address, address.Entry with { NewBuckets = left });
        else
            Delete(address);
    }

    /// <summary>
    /// Moves an address from the new table to the tried one. Whoever has its place there goes back to the new table,
    /// to the place that its first source gives it, whoever is there.
    /// </summary>
    public void MoveToTried(KnownAddress address)
    {
        foreach (ushort bucket in address.Entry.NewBuckets.Values)
            _new.Clear(NewSlot(address.Entry.Endpoint, bucket));

        BucketSlot slot = TriedSlot(address.Entry.Endpoint);
        KnownAddress? evicted = _tried[slot];
        if (evicted is not null)
            _tried.Clear(slot);
        _tried.Put(slot, address);
        Collisions.Remove(address);
        Update(address, address.Entry with { InTried = true, NewBuckets = default });
        if (evicted is not null)
            MoveToNew(evicted);
    }

    /// <summary>Exchanges two addresses in the list of all.</summary>
    public void Swap(int first, int second)
    {
        (_all[first], _all[second]) = (_all[second], _all[first]);
        (_entries[first], _entries[second]) = (_entries[second], _entries[first]);
        _all[first].Index = first;
        _all[second].Index = second;
    }

    /// <summary>Takes over an entry if its address is unknown and has a free place. Notes no change.</summary>
    /// <param name="entry">A consistent entry.</param>
    /// <param name="keepBuckets">False to let its first source alone say where it goes in the new table.</param>
    /// <returns>The address; null when it was not taken over.</returns>
    public KnownAddress? TakeOver(AddressEntry entry, bool keepBuckets)
    {
        if (_byEndpoint.ContainsKey(entry.Endpoint))
            return null;

        var address = new KnownAddress(entry);
        bool placed = entry.InTried ? TryPlaceInTried(address) : TryPlaceInNew(address, keepBuckets);
        if (!placed)
            return null;

        List(address);
        return address;
    }

    private bool TryPlaceInTried(KnownAddress address)
    {
        BucketSlot slot = TriedSlot(address.Entry.Endpoint);
        if (_tried[slot] is not null)
            return false;
        _tried.Put(slot, address);
        return true;
    }

    private bool TryPlaceInNew(KnownAddress address, bool keepBuckets)
    {
        AddressEntry entry = address.Entry;
        BucketSet placed = default;
        if (keepBuckets)
        {
            foreach (ushort bucket in entry.NewBuckets.Values)
                placed = PlaceIfFree(address, NewSlot(entry.Endpoint, bucket), placed);
        }

        if (placed.Count == 0)
            placed = PlaceIfFree(address, NewSlot(entry.Endpoint, GroupOf(entry.Source)), placed);
        if (placed != entry.NewBuckets)
            address.Entry = entry with { NewBuckets = placed };
        return placed.Count > 0;
    }

    private BucketSet PlaceIfFree(KnownAddress address, BucketSlot slot, BucketSet placed)
    {
        if (_new[slot] is not null)
            return placed;
        _new.Put(slot, address);
        return placed.With(slot.Bucket);
    }

    private void MoveToNew(KnownAddress address)
    {
        BucketSlot slot = NewSlot(address.Entry.Endpoint, GroupOf(address.Entry.Source));
        Vacate(slot);
        _new.Put(slot, address);
        Update(address, address.Entry with { InTried = false, NewBuckets = default(BucketSet).With(slot.Bucket) });
    }

    private void List(KnownAddress address)
    {
        address.Index = _all.Count;
        _all.Add(address);
        _entries.Add(address.Entry);
        _countOf[(int)address.Network]++;
        _byEndpoint.Add(address.Entry.Endpoint, address);
    }

    private void Delete(KnownAddress address)
    {
        EvictedCount++;
        Swap(address.Index, _all.Count - 1);
        _all.RemoveAt(_all.Count - 1);
        _entries.RemoveAt(_entries.Count - 1);
        _countOf[(int)address.Network]--;
        _byEndpoint.Remove(address.Entry.Endpoint);
        Collisions.Remove(address);
        Changes.Deleted(address);
    }

    private BucketSlot NewSlot(in NetEndpoint endpoint, int bucket) =>
        new(bucket, mapper.Position(isNew: true, bucket, endpoint));

    private BucketSlot TriedSlot(in NetEndpoint endpoint)
    {
        int bucket = mapper.TriedBucket(endpoint, grouping.GroupOf(endpoint));
        return new BucketSlot(bucket, mapper.Position(isNew: false, bucket, endpoint));
    }
}
