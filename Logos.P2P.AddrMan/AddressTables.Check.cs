using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>What must be true of the tables at any time.</summary>
internal sealed partial class AddressTables
{
    /// <summary>Verifies every invariant of the tables, from their parts up.</summary>
    /// <exception cref="InvalidOperationException">One is broken; the message says which.</exception>
    public void Check()
    {
        _new.Check();
        _tried.Check();
        Changes.Check(Find);
        CheckCollisions();
        if (_entries.Count != _all.Count)
            throw Broken($"{_entries.Count} entries for {_all.Count} addresses");
        if (_byEndpoint.Count != _all.Count)
            throw Broken($"{_byEndpoint.Count} endpoints for {_all.Count} addresses");

        int newPlaces = 0;
        for (int i = 0; i < _all.Count; i++)
        {
            KnownAddress address = _all[i];
            CheckListed(address, i);
            if (address.Entry.InTried)
                CheckTried(address);
            else
                newPlaces += CheckNew(address);
        }

        // Everyone is where he says; if the counts agree too, nobody is anywhere else.
        if (newPlaces != _new.Count)
            throw Broken($"{_new.Count} places of the new table are taken, its addresses have {newPlaces}");
        int tried = _all.Count(address => address.Entry.InTried);
        if (tried != _tried.Count)
            throw Broken($"{_tried.Count} places of the tried table are taken by {tried} addresses");
        CheckNetworks();
    }

    private static InvalidOperationException Broken(string what) =>
        new($"The address tables are inconsistent: {what}.");

    private void CheckNetworks()
    {
        var counts = new Dictionary<NetworkId, NetworkCount>();
        foreach (KnownAddress address in _all)
        {
            NetworkCount before = counts.GetValueOrDefault(address.Network);
            counts[address.Network] = address.Entry.InTried
                ? before with { Tried = before.Tried + 1 }
                : before with { New = before.New + 1 };
        }

        foreach (NetworkId network in PerNetwork.All)
        {
            if (CountOf(network) != counts.GetValueOrDefault(network))
                throw Broken($"{counts.GetValueOrDefault(network)} of {network} are counted as {CountOf(network)}");
        }
    }

    private void CheckListed(KnownAddress address, int index)
    {
        if (address.Index != index)
            throw Broken($"{address.Entry.Endpoint} is at {index} and believes to be at {address.Index}");
        if (!ReferenceEquals(_entries[index], address.Entry))
            throw Broken($"{address.Entry.Endpoint} is listed with another entry");
        if (Find(address.Entry.Endpoint) != address)
            throw Broken($"{address.Entry.Endpoint} is not found by its endpoint");
        if (!address.Entry.IsConsistent)
            throw Broken($"the fields contradict each other in {address.Entry}");
    }

    private void CheckCollisions()
    {
        if (Collisions.Waiting.Length > AddrManParameters.MaxTriedCollisions)
            throw Broken($"{Collisions.Waiting.Length} wait for a place in tried");
        var seen = new HashSet<KnownAddress>();
        foreach (KnownAddress address in Collisions.Waiting)
        {
            if (Find(address.Entry.Endpoint) != address)
                throw Broken($"{address.Entry.Endpoint} waits for a place in tried and is not known");
            if (address.Entry.InTried || address.Entry.LastSuccess == 0 || InTried(address.Entry.Endpoint) is null)
                throw Broken($"{address.Entry.Endpoint} has no reason to wait for a place in tried");
            if (!seen.Add(address))
                throw Broken($"{address.Entry.Endpoint} waits twice");
        }
    }

    private void CheckTried(KnownAddress address)
    {
        BucketSlot slot = TriedSlot(address.Entry.Endpoint);
        if (_tried[slot] != address)
            throw Broken($"{address.Entry.Endpoint} is not at {slot} of the tried table");
    }

    private int CheckNew(KnownAddress address)
    {
        foreach (ushort bucket in address.Entry.NewBuckets.Values)
        {
            BucketSlot slot = NewSlot(address.Entry.Endpoint, bucket);
            if (_new[slot] != address)
                throw Broken($"{address.Entry.Endpoint} is not at {slot} of the new table");
        }

        return address.Entry.NewBuckets.Count;
    }
}
