namespace Logos.P2P.AddrMan;

/// <summary>The seam to a store: the manager itself touches no file and no database.</summary>
public sealed partial class AddressManager
{
    /// <summary>True when <see cref="TakeChanges"/> would return something worth storing soon.</summary>
    public bool HasTriedChanges
    {
        get
        {
            lock (_lock)
                return _tables.Changes.TriedChanged;
        }
    }

    /// <summary>
    /// Returns what changed since the last call and starts anew. All changes taken, applied in order to what
    /// was restored, give <see cref="Snapshot"/>.
    /// </summary>
    public AddressChanges TakeChanges()
    {
        lock (_lock)
            return _tables.Changes.Take();
    }

    /// <summary>All entries, in no particular order.</summary>
    public IReadOnlyList<AddressEntry> Snapshot()
    {
        lock (_lock)
        {
            var entries = new AddressEntry[_tables.Count];
            ReadOnlySpan<KnownAddress> all = _tables.All;
            for (int i = 0; i < all.Length; i++)
                entries[i] = all[i].Entry;
            return entries;
        }
    }

    /// <summary>
    /// Fills an empty manager from a store. Positions are not taken from there but follow from the key, so under the
    /// same key everyone has his place again. What is refused shows as removed in the next
    /// <see cref="TakeChanges"/>.
    /// </summary>
    /// <param name="entries">The entries. They are not trusted.</param>
    /// <param name="keepBuckets">
    /// False when the key or the grouping is not the one that the entries were stored under: then the buckets they
    /// were in mean nothing, and each goes to the one that its first source gives it.
    /// </param>
    /// <exception cref="InvalidOperationException">The manager is not empty.</exception>
    public RestoreResult Restore(IEnumerable<AddressEntry> entries, bool keepBuckets = true)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (Count != 0)
            throw new InvalidOperationException("Only an empty address manager can be restored.");

        int restored = 0, dropped = 0;
        foreach (AddressEntry entry in entries)
        {
            bool sound = entry.IsConsistent && IsStorable(entry.Endpoint);
            // The entries may come from a database as they are asked for; that wait is not to be had under the lock.
            lock (_lock)
            {
                if (sound && _tables.TryRestore(entry, keepBuckets))
                {
                    restored++;
                    continue;
                }

                dropped++;
                if (_tables.Find(entry.Endpoint) is null)
                    _tables.Changes.Refused(entry.Endpoint);
            }
        }

        return new RestoreResult(restored, dropped);
    }

    /// <summary>
    /// Verifies every invariant. For tests and for suspicion: it looks at every place and hashes every address, which
    /// takes tens of milliseconds in a full manager.
    /// </summary>
    /// <exception cref="InvalidOperationException">One is broken; the message says which.</exception>
    public void Check()
    {
        lock (_lock)
        {
            _tables.Check();
            foreach (KnownAddress address in _tables.All)
            {
                if (!IsStorable(address.Entry.Endpoint))
                    throw new InvalidOperationException($"{address.Entry.Endpoint} should not have been stored.");
            }
        }
    }
}
