using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>The kept messages by their short ids under one key. Any thread.</summary>
/// <param name="key">The key.</param>
/// <param name="madeAt">When it was made.</param>
internal sealed class ShortIdTable(ShortIdKey key, TimeSpan madeAt)
{
    /// <summary>What an entry occupies, with its place in the index.</summary>
    public const int EntryBytes = 56;

    private readonly Lock _gate = new();
    private readonly Lock _filling = new();
    private readonly Dictionary<ShortId, MessageId> _ids = [];

    /// <summary>Second and further messages of one short id. There are none unless somebody went to great lengths.</summary>
    private readonly Dictionary<ShortId, List<MessageId>> _others = [];
    private bool _isFilled;
    private int _count;

    public ShortIdKey Key => key;

    public TimeSpan MadeAt => madeAt;

    /// <summary>Whether only peers have asked for it, who may have made its key up.</summary>
    public bool IsForPeers { get; set; }

    /// <summary>How many messages it has.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds what is kept, the first time. Whoever comes meanwhile waits for it, as he would need it as well.</summary>
    public void Fill(MessageStore store)
    {
        lock (_filling)
        {
            if (_isFilled)
                return;
            int kept = store.Count;
            lock (_gate)
                _ids.EnsureCapacity(kept);
            foreach (MessageId[] ids in store.IdsByShard())
            {
                foreach (ref readonly MessageId id in ids.AsSpan())
                    Add(id);
            }

            _isFilled = true;
        }
    }

    /// <summary>Adds a message.</summary>
    /// <returns>False when it is there.</returns>
    public bool Add(in MessageId id)
    {
        ShortId name = ShortId.Of(id, key);
        lock (_gate)
        {
            if (!_ids.TryAdd(name, id))
            {
                if (_ids[name] == id)
                    return false;
                if (!_others.TryGetValue(name, out List<MessageId>? others))
                    _others.Add(name, others = []);
                if (others.Contains(id))
                    return false;
                others.Add(id);
            }

            _count++;
            return true;
        }
    }

    /// <summary>The messages of a short id, some of which may not be kept any more.</summary>
    public void Find(ShortId name, List<MessageId> found)
    {
        lock (_gate)
        {
            if (!_ids.TryGetValue(name, out MessageId id))
                return;
            found.Add(id);
            if (_others.TryGetValue(name, out List<MessageId>? others))
                found.AddRange(others);
        }
    }
}
