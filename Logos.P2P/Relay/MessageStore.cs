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

    /// <summary>A message is about to be kept.</summary>
    public void Prefetch(in MessageId id) => ShardOf(id).Prefetch(id);

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

    /// <summary>
    /// Messages in the order in which they came, one behind the other in a ring, so that the oldest one, which goes when a new one
    /// comes, lies next to the one that went before: to find it in memory costs more than all else that is done with it.
    /// </summary>
    private sealed class Shard(long maxBytes, TimeSpan maxAge)
    {
        /// <summary>Places below which those of messages that were taken out do not matter.</summary>
        private const int MinPlaces = 64;

        /// <summary>The object, without its buffer.</summary>
        private const int FrameBytes = 96;

        /// <summary>Where in the ring each message is.</summary>
        private readonly HashIndex _index = new();
        private Kept[] _ring = new Kept[MinPlaces];
        private long _first;
        private long _next;

        public int Count => _index.Count;

        public long Bytes { get; private set; }

        /// <summary>Frames that went to make room or for their age.</summary>
        public long Evicted { get; private set; }

        public MessageId[] Ids => [.. _ring.Where(kept => kept.Frame is not null).Select(kept => kept.Id)];

        public void Add(Frame frame, TimeSpan now, in Deliverer by)
        {
            Expire(now);
            while (_first < _next && Bytes + frame.Capacity > maxBytes)
                RemoveOldest();
            if (Find(frame.Id) >= 0)
                return;
            frame.AddReference();
            if (_next - _first == _ring.Length)
                Grow();
            _index.Add(HashOf(frame.Id), IndexOf(_next));
            At(_next++) = new Kept(frame.Id, frame, by, now);
            Bytes += frame.Capacity;
        }

        public bool TryGet(in MessageId id, TimeSpan now, [NotNullWhen(true)] out Frame? frame, out TimeSpan keptAt)
        {
            Expire(now);
            Kept kept = Find(id) is >= 0 and int index ? _ring[index] : default;
            frame = kept.Frame;
            keptAt = kept.At;
            frame?.AddReference();
            return frame is not null;
        }

        public bool Contains(in MessageId id, TimeSpan now)
        {
            Expire(now);
            return Find(id) >= 0;
        }

        public void Expire(TimeSpan now)
        {
            while (_first < _next && At(_first).At + maxAge <= now)
                RemoveOldest();
        }

        public bool Remove(in MessageId id, out Deliverer by)
        {
            int index = Find(id);
            by = index >= 0 ? _ring[index].By : default;
            if (index >= 0)
                Drop(index);
            CloseGaps();
            return index >= 0;
        }

        public void Prefetch(in MessageId id) => _index.Prefetch(HashOf(id));

        /// <summary>.NET's hash has a key of its own in each process.</summary>
        private static uint HashOf(in MessageId id) => (uint)id.GetHashCode();

        private int Find(in MessageId id)
        {
            uint hash = HashOf(id);
            int probes = 0;
            while (_index.TryFind(hash, ref probes, out int index))
            {
                if (_ring[index].Id == id)
                    return index;
            }

            return -1;
        }

        /// <summary>Places count on for ever; what is left over is where in the ring.</summary>
        private int IndexOf(long place) => (int)(place & (_ring.Length - 1));

        private ref Kept At(long place) => ref _ring[IndexOf(place)];

        private void RemoveOldest()
        {
            int oldest = IndexOf(_first++);
            if (_first < _next)
            {
                ref readonly Kept next = ref At(_first);
                Relay.Prefetch.Object(next.Frame, FrameBytes);
                _index.Prefetch(HashOf(next.Id));
            }

            if (_ring[oldest].Frame is null)
                return;
            Drop(oldest);
            Evicted++;
        }

        private void Drop(int index)
        {
            ref Kept kept = ref _ring[index];
            _index.Remove(HashOf(kept.Id), index);
            Bytes -= kept.Frame!.Capacity;
            // The pool hands it out next, for the next message.
            Relay.Prefetch.Buffer(kept.Frame);
            kept.Frame.Release();
            // When it came still says when its place is free.
            kept = kept with { Frame = null };
        }

        /// <summary>Moves messages together when there are more gaps, of those that were taken out, than messages.</summary>
        private void CloseGaps()
        {
            if (_next - _first <= MinPlaces || _next - _first <= 2 * Count)
                return;
            long end = _next;
            _next = _first;
            _index.Clear();
            for (long place = _first; place < end; place++)
            {
                Kept kept = At(place);
                At(place) = default;
                if (kept.Frame is null)
                    continue;
                _index.Add(HashOf(kept.Id), IndexOf(_next));
                At(_next++) = kept;
            }
        }

        private void Grow()
        {
            Kept[] full = _ring;
            _ring = new Kept[2 * full.Length];
            _index.Clear();
            for (long place = _first; place < _next; place++)
            {
                ref Kept kept = ref At(place);
                kept = full[place & (full.Length - 1)];
                if (kept.Frame is not null)
                    _index.Add(HashOf(kept.Id), IndexOf(place));
            }
        }

        /// <summary>A message; without its frame once it was taken out.</summary>
        private readonly record struct Kept(MessageId Id, Frame? Frame, Deliverer By, TimeSpan At);
    }
}
