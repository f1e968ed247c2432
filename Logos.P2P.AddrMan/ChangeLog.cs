using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// Remembers what a store has yet to be told. Bounded by the tables: an address that came and went between two takings
/// leaves no trace, and only what the store has can be waiting for removal.
/// </summary>
internal sealed class ChangeLog
{
    private Dictionary<KnownAddress, AddressEntry> _upserted = [];
    private HashSet<NetEndpoint> _removed = [];
    private int _takes;

    /// <summary>True when an address answered since changes were last taken.</summary>
    public bool TriedChanged { get; set; }

    /// <summary>How many changes there ever were. While it stays the same, so does every entry.</summary>
    public long Total { get; private set; }

    public void Added(KnownAddress address)
    {
        Total++;
        address.FirstTake = _removed.Remove(address.Entry.Endpoint) ? 0 : _takes + 1;
        _upserted[address] = address.Entry;
    }

    public void Updated(KnownAddress address)
    {
        Total++;
        _upserted[address] = address.Entry;
    }

    public void Deleted(KnownAddress address)
    {
        Total++;
        _upserted.Remove(address);
        if (address.FirstTake <= _takes)
            _removed.Add(address.Entry.Endpoint);
    }

    /// <summary>An address came from the store.</summary>
    /// <param name="address">The address.</param>
    /// <param name="asStored">False when its entry is no longer what the store has.</param>
    public void Restored(KnownAddress address, bool asStored)
    {
        address.FirstTake = 0;
        if (_removed.Remove(address.Entry.Endpoint) || !asStored)
            _upserted[address] = address.Entry;
    }

    /// <summary>The store has an entry that was not taken over.</summary>
    public void Refused(in NetEndpoint endpoint) => _removed.Add(endpoint);

    /// <summary>
    /// Takes the changes and starts anew. In a moment, however many there are; what is returned belongs to the caller alone,
    /// who reads it after the lock.
    /// </summary>
    public (Dictionary<KnownAddress, AddressEntry> Upserted, HashSet<NetEndpoint> Removed, bool TriedChanged) Take()
    {
        var taken = (_upserted, _removed, TriedChanged);
        (_upserted, _removed, TriedChanged) = ([], [], false);
        _takes++;
        return taken;
    }

    /// <summary>Verifies the log against the addresses there are.</summary>
    /// <param name="find">Finds the address of an endpoint.</param>
    /// <exception cref="InvalidOperationException">They contradict each other.</exception>
    public void Check(Func<NetEndpoint, KnownAddress?> find)
    {
        foreach ((KnownAddress address, AddressEntry entry) in _upserted)
        {
            if (find(address.Entry.Endpoint) != address)
                throw new InvalidOperationException($"{address.Entry.Endpoint} is to be stored but not known.");
            if (address.Entry != entry)
                throw new InvalidOperationException($"{address.Entry.Endpoint} is to be stored as it was before.");
        }

        foreach (NetEndpoint endpoint in _removed)
        {
            if (find(endpoint) is not null)
                throw new InvalidOperationException($"{endpoint} is to be removed but known.");
        }
    }
}
