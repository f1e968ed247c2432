using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>
/// Keeps the frames of the messages that the upper layer calls important, for those who come later. Bounded in number, bytes
/// and age; of those with one key only the last is kept. Guards itself.
/// </summary>
/// <remarks>
/// Every new link tells all of them by their short names, mostly to somebody who has them, long after the messages' flights
/// are over. So the names of those that are kept, and of as many that no longer are, are known here, and nobody is asked for
/// what was here before.
/// </remarks>
/// <param name="key">Under which key messages are named to us.</param>
internal sealed class ImportantMessages(ShortIdKey key)
{
    /// <summary>What a message occupies here besides its frame: an object, and places in indexes. A test measures it.</summary>
    private const int EntryBytes = 320;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<ShortId, Entry> _byName = new();
    private readonly Dictionary<ulong, Entry> _byKey = [];

    /// <summary>Those that are kept, in the order of their numbers.</summary>
    private readonly List<Entry> _kept = [];
    private readonly Queue<ShortId> _former = new();
    private long _bytes;
    private long _lastNumber;

    /// <summary>Frames kept, of what size.</summary>
    public MemoryUse Memory
    {
        get
        {
            lock (_gate)
                return new MemoryUse(_kept.Count, _bytes, NodeDefaults.ImportantMessageBytes) { Evicted = _lastNumber - _kept.Count };
        }
    }

    /// <summary>What is remembered of them besides.</summary>
    public MemoryUse IndexMemory
    {
        get
        {
            lock (_gate)
            {
                int count = _kept.Count + _former.Count;
                return new MemoryUse(count, (long)count * EntryBytes, 2L * NodeDefaults.MaxImportantMessages * EntryBytes);
            }
        }
    }

    /// <summary>The number of the last message that was kept; the first has 1.</summary>
    public long LastNumber => Interlocked.Read(ref _lastNumber);

    /// <summary>Keeps a message. The oldest ones go when there is no room.</summary>
    /// <param name="frame">The message.</param>
    /// <param name="replaces">Its key: it takes the place of the one that had this key before. 0 for none.</param>
    /// <param name="now">The time.</param>
    /// <param name="by">Who brought it.</param>
    /// <returns>The message whose place it took; null for none.</returns>
    public MessageId? Keep(Frame frame, ulong replaces, TimeSpan now, in Deliverer by = default)
    {
        lock (_gate)
        {
            ShortId name = ShortId.Of(frame.Id, key);
            // What was replaced, or was too old, does not come back.
            if (_byName.ContainsKey(name))
                return null;
            Entry? before = replaces == 0 ? null : _byKey.GetValueOrDefault(replaces);
            if (before is not null)
                Drop(before);
            while (_kept.Count >= NodeDefaults.MaxImportantMessages
                || (_kept.Count > 0 && _bytes + frame.Capacity > NodeDefaults.ImportantMessageBytes))
            {
                Drop(_kept[0]);
            }

            var entry = new Entry(frame, name, replaces, _lastNumber + 1, now + NodeDefaults.ImportantMessageAge, by);
            frame.AddReference();
            _byName[name] = entry;
            if (replaces != 0)
                _byKey[replaces] = entry;
            _kept.Add(entry);
            _bytes += frame.Capacity;
            Interlocked.Increment(ref _lastNumber);
            return before?.Id;
        }
    }

    /// <summary>Whether a message is kept. Takes no lock.</summary>
    public bool Contains(in MessageId id) =>
        LastNumber > 0 && Find(id) is not null;

    /// <summary>Whether a message of that name is kept or was. Takes no lock.</summary>
    public bool Knows(ShortId name) => _byName.ContainsKey(name);

    /// <summary>Finds a message that is kept. The caller owns a reference.</summary>
    public bool TryGet(in MessageId id, [NotNullWhen(true)] out Frame? frame)
    {
        frame = null;
        if (!Contains(id))
            return false;
        lock (_gate)
        {
            frame = Find(id)?.Frame;
            frame?.AddReference();
            return frame is not null;
        }
    }

    /// <summary>Keeps a message no longer.</summary>
    /// <param name="id">The message.</param>
    /// <param name="by">Who brought it.</param>
    /// <returns>False when it is not kept.</returns>
    public bool Remove(in MessageId id, out Deliverer by)
    {
        lock (_gate)
        {
            by = default;
            if (Find(id) is not { } entry)
                return false;
            by = entry.By;
            Drop(entry);
            return true;
        }
    }

    /// <summary>The next messages to tell somebody of, oldest first.</summary>
    /// <param name="told">The number up to which he was told; moved on.</param>
    /// <param name="last">The number up to which he is to be told.</param>
    /// <param name="batch">Takes them.</param>
    /// <param name="maxBytes">Bytes of their frames at most, if it is more than one.</param>
    /// <returns>How many there are.</returns>
    public int Take(ref long told, long last, Span<MessageId> batch, long maxBytes)
    {
        lock (_gate)
        {
            int count = 0;
            long bytes = 0;
            for (int i = IndexAfter(told); i < _kept.Count && _kept[i].Number <= last && count < batch.Length; i++)
            {
                bytes += _kept[i].Frame!.Length;
                if (count > 0 && bytes > maxBytes)
                    return count;
                batch[count++] = _kept[i].Id;
                told = _kept[i].Number;
            }

            if (count < batch.Length)
                told = Math.Max(told, last);
            return count;
        }
    }

    /// <summary>Keeps no longer what is too old.</summary>
    public void Expire(TimeSpan now)
    {
        lock (_gate)
        {
            while (_kept.Count > 0 && _kept[0].Expires <= now)
                Drop(_kept[0]);
        }
    }

    /// <summary>Gives all frames back.</summary>
    public void Clear() => Expire(TimeSpan.MaxValue);

    private Entry? Find(in MessageId id) =>
        _byName.TryGetValue(ShortId.Of(id, key), out Entry? entry) && entry.Frame is not null && entry.Id == id ? entry : null;

    /// <summary>Where those begin that have a greater number.</summary>
    private int IndexAfter(long number)
    {
        int low = 0, high = _kept.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_kept[middle].Number <= number)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private void Drop(Entry entry)
    {
        _kept.RemoveAt(IndexAfter(entry.Number) - 1);
        if (entry.Key != 0)
            _byKey.Remove(entry.Key);
        _bytes -= entry.Frame!.Capacity;
        entry.Frame.Release();
        entry.Frame = null;
        _former.Enqueue(entry.Name);
        if (_former.Count > NodeDefaults.MaxImportantMessages)
            _byName.TryRemove(_former.Dequeue(), out _);
    }

    /// <summary>A message; without its frame once it is no longer kept.</summary>
    private sealed class Entry(Frame frame, ShortId name, ulong key, long number, TimeSpan expires, Deliverer by)
    {
        private volatile Frame? _frame = frame;

        public MessageId Id { get; } = frame.Id;

        public ShortId Name => name;

        public ulong Key => key;

        /// <summary>Its place in the order in which messages came.</summary>
        public long Number => number;

        public TimeSpan Expires => expires;

        public Deliverer By => by;

        public Frame? Frame
        {
            get => _frame;
            set => _frame = value;
        }
    }
}
