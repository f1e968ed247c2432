using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// Remembers what a store has yet to be told. Bounded by the tables: an address that came and went between two takings
/// leaves no trace, and only what the store has can be waiting for removal.
/// </summary>
internal sealed class ChangeLog
{
    private readonly HashSet<KnownAddress> _upserted = [];
    private readonly HashSet<NetEndpoint> _removed = [];

    /// <summary>True when an address answered since changes were last taken.</summary>
    public bool TriedChanged { get; set; }

    /// <summary>How many changes there ever were. While it stays the same, so does every entry.</summary>
    public long Total { get; private set; }

    public void Added(KnownAddress address)
    {
        Total++;
        address.IsStored = _removed.Remove(address.Entry.Endpoint);
        _upserted.Add(address);
    }

    public void Updated(KnownAddress address)
    {
        Total++;
        _upserted.Add(address);
    }

    public void Deleted(KnownAddress address)
    {
        Total++;
        _upserted.Remove(address);
        if (address.IsStored)
            _removed.Add(address.Entry.Endpoint);
    }

    /// <summary>An address came from the store.</summary>
    /// <param name="address">The address.</param>
    /// <param name="asStored">False when its entry is no longer what the store has.</param>
    public void Restored(KnownAddress address, bool asStored)
    {
        address.IsStored = true;
        if (_removed.Remove(address.Entry.Endpoint) || !asStored)
            _upserted.Add(address);
    }

    /// <summary>The store has an entry that was not taken over.</summary>
    public void Refused(in NetEndpoint endpoint) => _removed.Add(endpoint);

    public AddressChanges Take()
    {
        var upserted = new AddressEntry[_upserted.Count];
        int count = 0;
        foreach (KnownAddress address in _upserted)
        {
            address.IsStored = true;
            upserted[count++] = address.Entry;
        }

        var changes = new AddressChanges(upserted, [.. _removed], TriedChanged);
        _upserted.Clear();
        _removed.Clear();
        TriedChanged = false;
        return changes;
    }

    /// <summary>Verifies the log against the addresses there are.</summary>
    /// <param name="find">Finds the address of an endpoint.</param>
    /// <exception cref="InvalidOperationException">They contradict each other.</exception>
    public void Check(Func<NetEndpoint, KnownAddress?> find)
    {
        foreach (KnownAddress address in _upserted)
        {
            if (find(address.Entry.Endpoint) != address)
                throw new InvalidOperationException($"{address.Entry.Endpoint} is to be stored but not known.");
        }

        foreach (NetEndpoint endpoint in _removed)
        {
            if (find(endpoint) is not null)
                throw new InvalidOperationException($"{endpoint} is to be removed but known.");
        }
    }
}
