using System.Diagnostics.CodeAnalysis;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>
/// Keeps the frames of recent messages to answer `getdata`, bounded in bytes and age. The stored frame is the received
/// one. Cut into shards by id, each with its own lock, so that the relay path has no common one.
/// </summary>
internal sealed class MessageStore
{
    /// <summary>Few enough that the share of each holds a message of the largest kind.</summary>
    private const int ShardCount = 8;

    private readonly Shard[] _shards;
    private readonly long _maxBytes;

    /// <param name="maxBytes">Bytes of buffers kept at most.</param>
    /// <param name="maxAge">How long a message is kept.</param>
    public MessageStore(long maxBytes, TimeSpan maxAge)
    {
        _maxBytes = maxBytes;
        _shards = [.. Enumerable.Range(0, ShardCount).Select(_ => new Shard(maxBytes / ShardCount, maxAge))];
    }

    /// <summary>Bytes of buffers kept.</summary>
    public long Bytes => _shards.Sum(shard => shard.Bytes);

    /// <summary>How many frames are kept.</summary>
    public int Count => _shards.Sum(shard => shard.Count);

    /// <summary>How many frames are kept, of what size.</summary>
    public MemoryUse Memory => new(Count, Bytes, _maxBytes) { Evicted = _shards.Sum(shard => shard.Evicted) };

    /// <summary>Keeps a frame; the oldest ones go when there is no room.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="now">The time.</param>
    /// <param name="by">Who brought it.</param>
    public void Add(Frame frame, TimeSpan now, in Deliverer by = default)
    {
        Shard shard = ShardOf(frame.Id);
        lock (shard)
            shard.Add(frame, now, by);
    }

    /// <summary>Finds a frame. The caller owns a reference of it.</summary>
    public bool TryGet(in MessageId id, TimeSpan now, [NotNullWhen(true)] out Frame? frame) =>
        TryGet(id, now, out frame, out _);

    /// <summary>Finds a frame. The caller owns a reference of it.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="now">The time.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="keptAt">Since when it is kept.</param>
    public bool TryGet(in MessageId id, TimeSpan now, [NotNullWhen(true)] out Frame? frame, out TimeSpan keptAt)
    {
        Shard shard = ShardOf(id);
        lock (shard)
            return shard.TryGet(id, now, out frame, out keptAt);
    }

    /// <summary>Forgets a message.</summary>
    /// <param name="id">The message.</param>
    /// <param name="by">Who brought it.</param>
    /// <returns>False when it was not kept.</returns>
    public bool Remove(in MessageId id, out Deliverer by)
    {
        Shard shard = ShardOf(id);
        lock (shard)
            return shard.Remove(id, out by);
    }

    /// <summary>Whether a frame is kept.</summary>
    public bool Contains(in MessageId id, TimeSpan now)
    {
        Shard shard = ShardOf(id);
        lock (shard)
            return shard.Contains(id, now);
    }

    /// <summary>The ids of all frames, copied a shard at a time: no lock is held while the caller looks at them.</summary>
    public IEnumerable<MessageId[]> IdsByShard()
    {
        foreach (Shard shard in _shards)
        {
            MessageId[] ids;
            lock (shard)
                ids = shard.Ids;
            yield return ids;
        }
    }

    /// <summary>Forgets what is too old, so that an idle node gives its memory back.</summary>
    public void Expire(TimeSpan now)
    {
        foreach (Shard shard in _shards)
        {
            lock (shard)
                shard.Expire(now);
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => Expire(TimeSpan.MaxValue);

    private Shard ShardOf(in MessageId id) => _shards[id.Bytes[MessageId.Size - 1] % ShardCount];

    private sealed class Shard(long maxBytes, TimeSpan maxAge)
    {
        /// <summary>Places below which those of messages that were taken out do not matter.</summary>
        private const int MinOrder = 64;

        private readonly Dictionary<MessageId, Kept> _frames = [];
        private readonly Queue<(MessageId Id, TimeSpan Expires)> _order = new();

        public int Count => _frames.Count;

        public long Bytes { get; private set; }

        /// <summary>Frames that went to make room or for their age.</summary>
        public long Evicted { get; private set; }

        public MessageId[] Ids => [.. _frames.Keys];

        public void Add(Frame frame, TimeSpan now, in Deliverer by)
        {
            Expire(now);
            while (_order.Count > 0 && Bytes + frame.Capacity > maxBytes)
                RemoveOldest();
            if (!_frames.TryAdd(frame.Id, new Kept(frame, by, now)))
                return;
            frame.AddReference();
            _order.Enqueue((frame.Id, now + maxAge));
            Bytes += frame.Capacity;
        }

        public bool TryGet(in MessageId id, TimeSpan now, [NotNullWhen(true)] out Frame? frame, out TimeSpan keptAt)
        {
            Expire(now);
            frame = _frames.TryGetValue(id, out Kept kept) ? kept.Frame : null;
            keptAt = kept.At;
            frame?.AddReference();
            return frame is not null;
        }

        public bool Contains(in MessageId id, TimeSpan now)
        {
            Expire(now);
            return _frames.ContainsKey(id);
        }

        public void Expire(TimeSpan now)
        {
            while (_order.TryPeek(out (MessageId Id, TimeSpan Expires) oldest) && oldest.Expires <= now)
                RemoveOldest();
        }

        public bool Remove(in MessageId id, out Deliverer by)
        {
            bool wasKept = Drop(id, out by);
            TrimOrder();
            return wasKept;
        }

        private bool Drop(in MessageId id, out Deliverer by)
        {
            bool wasKept = _frames.Remove(id, out Kept kept);
            by = kept.By;
            if (!wasKept)
                return false;
            Bytes -= kept.Frame.Capacity;
            kept.Frame.Release();
            return true;
        }

        /// <summary>Forgets the places of those that were taken out, when there are more of them than of others.</summary>
        private void TrimOrder()
        {
            if (_order.Count <= MinOrder || _order.Count <= 2 * _frames.Count)
                return;
            for (int i = _order.Count; i > 0; i--)
            {
                (MessageId Id, TimeSpan Expires) place = _order.Dequeue();
                if (IsPlaceOf(place))
                    _order.Enqueue(place);
            }
        }

        /// <summary>Whether a message is kept until then: its place may outlast it, and it may have come again.</summary>
        private bool IsPlaceOf(in (MessageId Id, TimeSpan Expires) place) =>
            _frames.TryGetValue(place.Id, out Kept kept) && kept.At + maxAge == place.Expires;

        private void RemoveOldest()
        {
            (MessageId Id, TimeSpan Expires) place = _order.Dequeue();
            if (!IsPlaceOf(place))
                return;
            Drop(place.Id, out _);
            Evicted++;
        }

        private readonly record struct Kept(Frame Frame, Deliverer By, TimeSpan At);
    }
}
