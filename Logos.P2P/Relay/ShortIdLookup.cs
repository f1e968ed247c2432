using System.Collections.Immutable;
using Logos.P2P.Access;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>
/// Finds kept messages by short ids under the upper layer's keys. The first question under a key costs a pass over all kept
/// messages; the table that it makes is kept for a while and up to date, since the upper layer's own question and those of
/// several peers come within seconds. Any thread.
/// </summary>
/// <param name="store">The messages.</param>
/// <param name="clock">The time.</param>
internal sealed class ShortIdLookup(MessageStore store, NodeClock clock)
{
    /// <summary>
    /// Messages in all tables: 30 MB at most. Four tables of a store that is full of the smallest messages, or one for each
    /// delegate of a network that keeps 8,000.
    /// </summary>
    public const int MaxEntries = 262_144;

    /// <summary>Keys at once: one for each delegate of a network. Every message that comes is hashed under each.</summary>
    public const int MaxTables = 32;

    /// <summary>How long a table is kept: whoever is told of short ids asks within seconds.</summary>
    public static readonly TimeSpan TableAge = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Tables a second that are made because a peer asked: with 65,536 kept messages each takes some 10 ms, so that peers who make
    /// up keys use a tenth of a core. Whoever asks under a key that is known here already is not counted.
    /// </summary>
    private const double TablesPerSecond = 10;

    private const double TableBurst = 20;

    private readonly Lock _gate = new();
    private TokenBucket _forPeers = new(TablesPerSecond, TableBurst, TableBurst, clock.Now);
    private ImmutableArray<ShortIdTable> _tables = [];

    /// <summary>What the tables occupy. They grow by doubling.</summary>
    public MemoryUse Memory
    {
        get
        {
            long entries = 0;
            foreach (ShortIdTable table in _tables)
                entries += table.Count;
            return new MemoryUse(entries, 2 * entries * ShortIdTable.EntryBytes, 2L * MaxEntries * ShortIdTable.EntryBytes);
        }
    }

    /// <summary>A message is kept from now on.</summary>
    public void Note(in MessageId id)
    {
        bool hasGrown = false;
        foreach (ShortIdTable table in _tables)
            hasGrown |= table.Add(id);
        if (hasGrown)
            Trim();
    }

    /// <summary>Tells of each short id which message it stands for.</summary>
    public ResolvedId[] Resolve(ReadOnlySpan<ShortId> names, in ShortIdKey key)
    {
        ShortIdTable table = TableOf(key, isForPeer: false)!;
        var resolved = new ResolvedId[names.Length];
        var places = new Dictionary<ShortId, int>(names.Length);
        var found = new List<MessageId>();
        for (int i = 0; i < names.Length; i++)
        {
            if (!places.TryAdd(names[i], i))
            {
                resolved[i] = resolved[places[names[i]]] = new ResolvedId(Resolution.Ambiguous, default);
                continue;
            }

            Find(table, names[i], found);
            resolved[i] = found.Count switch
            {
                0 => new ResolvedId(Resolution.Missing, default),
                1 => new ResolvedId(Resolution.Found, found[0]),
                _ => new ResolvedId(Resolution.Ambiguous, default),
            };
        }

        return resolved;
    }

    /// <summary>The table of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="isForPeer">Whether a peer asks, who may ask for too much.</param>
    /// <returns>Null when a peer asks for too much.</returns>
    public ShortIdTable? TableOf(in ShortIdKey key, bool isForPeer)
    {
        ShortIdTable? table = Get(key, isForPeer);
        table?.Fill(store);
        Trim();
        return table;
    }

    /// <summary>The messages of a short id that are kept. Their number tells whether it is ambiguous.</summary>
    public void Find(ShortIdTable table, ShortId name, List<MessageId> found)
    {
        found.Clear();
        table.Find(name, found);
        TimeSpan now = clock.Now;
        found.RemoveAll(id => !store.Contains(id, now));
    }

    /// <summary>Forgets the tables that are too old.</summary>
    public void Tick()
    {
        if (_tables.IsEmpty)
            return;
        TimeSpan now = clock.Now;
        lock (_gate)
            _tables = _tables.RemoveAll(table => now - table.MadeAt >= TableAge);
    }

    private ShortIdTable? Get(in ShortIdKey key, bool isForPeer)
    {
        TimeSpan now = clock.Now;
        lock (_gate)
        {
            foreach (ShortIdTable known in _tables)
            {
                if (known.Key != key || now - known.MadeAt >= TableAge)
                    continue;
                known.IsForPeers &= isForPeer;
                return known;
            }

            if (isForPeer && !_forPeers.TryTake(now))
                return null;
            // In the list before it is filled, so that nothing that comes meanwhile is missed.
            var table = new ShortIdTable(key, now) { IsForPeers = isForPeer };
            if (_tables.Length == MaxTables)
                RemoveOne();
            _tables = _tables.Add(table);
            return table;
        }
    }

    private void Trim()
    {
        long entries = 0;
        foreach (ShortIdTable table in _tables)
            entries += table.Count;
        if (entries <= MaxEntries)
            return;
        lock (_gate)
        {
            if (!_tables.IsEmpty)
                RemoveOne();
        }
    }

    /// <summary>The oldest makes room, of those for peers as long as there are any: they make up keys.</summary>
    private void RemoveOne()
    {
        int first = 0;
        while (first < _tables.Length && !_tables[first].IsForPeers)
            first++;
        _tables = _tables.RemoveAt(first < _tables.Length ? first : 0);
    }
}
