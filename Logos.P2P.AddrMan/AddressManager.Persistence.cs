using Logos.P2P.Wire;

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
    /// How many changes there were since the manager was made. While it stays the same, so does <see cref="Snapshot"/>.
    /// </summary>
    public long ChangeCount
    {
        get
        {
            lock (_lock)
                return _tables.Changes.Total;
        }
    }

    /// <summary>
    /// Returns what changed since the last call and starts anew. All changes taken, applied in order to what
    /// was restored, give <see cref="Snapshot"/>.
    /// </summary>
    public AddressChanges TakeChanges()
    {
        Dictionary<KnownAddress, AddressEntry> upserted;
        HashSet<NetEndpoint> removed;
        bool triedChanged;
        lock (_lock)
            (upserted, removed, triedChanged) = _tables.Changes.Take();
        return new AddressChanges([.. upserted.Values], [.. removed], triedChanged);
    }

    /// <summary>All entries, in no particular order.</summary>
    public IReadOnlyList<AddressEntry> Snapshot()
    {
        // Room is made before the lock, and under it there is one copy of memory: whoever hears of an address or draws one
        // waits for less than a millisecond even when the tables are full.
        while (true)
        {
            var entries = new AddressEntry[Count];
            lock (_lock)
            {
                if (_tables.Entries.Length <= entries.Length)
                {
                    _tables.Entries.CopyTo(entries);
                    return new ArraySegment<AddressEntry>(entries, 0, _tables.Entries.Length);
                }
            }
        }
    }

    /// <summary>
    /// Fills an empty manager from a store. Positions are not taken from there but follow from the key, so under the
    /// same key everyone has his place again. What is dropped shows as removed in the next <see cref="TakeChanges"/>; what
    /// is only not routable under the present options does not, so that it is there when the options change back.
    /// </summary>
    /// <param name="entries">The entries. They are not trusted; times that cannot be true are put right.</param>
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

        int restored = 0, dropped = 0, unroutable = 0;
        long now = Now();
        foreach (AddressEntry entry in entries)
        {
            if (entry.IsConsistent && !IsStorable(entry.Endpoint))
            {
                unroutable++;
                continue;
            }

            // The entries may come from a database as they are asked for; that wait is not to be had under the lock.
            lock (_lock)
            {
                if (entry.IsConsistent && _tables.TakeOver(WithTrueTimes(entry, now), keepBuckets) is { } address)
                {
                    _tables.Changes.Restored(address, asStored: ReferenceEquals(address.Entry, entry));
                    restored++;
                    continue;
                }

                dropped++;
                if (_tables.Find(entry.Endpoint) is null)
                    _tables.Changes.Refused(entry.Endpoint);
            }
        }

        return new RestoreResult(restored, dropped, unroutable);
    }

    /// <summary>
    /// Takes up entries of another manager: what is unknown where there is a free place, and of what is known the news.
    /// Nobody loses his place to them.
    /// </summary>
    /// <param name="entries">The entries. They are not trusted; times that cannot be true are put right.</param>
    /// <param name="keepBuckets">As in <see cref="Restore"/>.</param>
    public MergeResult Merge(IEnumerable<AddressEntry> entries, bool keepBuckets)
    {
        ArgumentNullException.ThrowIfNull(entries);
        int added = 0, known = 0, unusable = 0, crowded = 0;
        long now = Now();
        foreach (AddressEntry told in entries)
        {
            if (!told.IsConsistent || !IsStorable(told.Endpoint))
            {
                unusable++;
                continue;
            }

            AddressEntry entry = WithTrueTimes(told, now);
            lock (_lock)
            {
                if (_tables.Find(entry.Endpoint) is { } before)
                {
                    Learn(before, entry);
                    known++;
                }
                else if (_tables.TakeOver(entry, keepBuckets) is { } address)
                {
                    _tables.Changes.Added(address);
                    added++;
                }
                else
                {
                    crowded++;
                }
            }
        }

        return new MergeResult(added, known, unusable, crowded);
    }

    /// <summary>
    /// Of each fact the newer one wins, except that of services the peer's own word does, which we have of who answered us.
    /// An address that answered the other moves to the tried table if it can.
    /// </summary>
    private void Learn(KnownAddress address, AddressEntry told)
    {
        AddressEntry entry = address.Entry;
        TimedAddress heard = told.Address.Time > entry.Address.Time ? told.Address : entry.Address;
        AddressEntry newer = entry with
        {
            Address = entry.LastSuccess > 0 ? heard with { Services = entry.Address.Services } : heard,
            LastTry = Math.Max(entry.LastTry, told.LastTry),
            LastSuccess = Math.Max(entry.LastSuccess, told.LastSuccess),
            Attempts = told.LastTry > entry.LastTry ? told.Attempts : entry.Attempts,
        };
        if (newer != entry)
            _tables.Update(address, newer);
        if (told.InTried && !entry.InTried && _tables.InTried(entry.Endpoint) is null)
            _tables.MoveToTried(address);
    }

    /// <summary>
    /// Nothing has happened after now. A time from the future would win against all that happens until then, and an attempt
    /// or success would keep an address from being tried or from being forgotten. Only a clock that is not set knows nothing of that:
    /// by it all that is known would be of 1970 for good.
    /// </summary>
    private static AddressEntry WithTrueTimes(AddressEntry entry, long now)
    {
        if (OwnClock.IsUnset(now))
            return entry;
        uint time = ClampTime(entry.Address.Time, now);
        return time == entry.Address.Time && entry.LastTry <= now && entry.LastSuccess <= now
            ? entry
            : entry with
            {
                Address = entry.Address with { Time = time },
                LastTry = Math.Min(entry.LastTry, now),
                LastSuccess = Math.Min(entry.LastSuccess, now),
            };
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
