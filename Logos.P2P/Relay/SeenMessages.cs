using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>
/// Remembers which messages were seen, in fixed memory: 128-bit tags of their ids, keyed so that nobody outside can
/// prepare ids whose tags fall together. What makes each message reach the upper layer once, and gossip end.
/// </summary>
/// <remarks>
/// Open-addressing tables, whose entries say by their lowest bits in which of eight generations they came. When the youngest
/// generation has its share the oldest is forgotten, so at least the latest <c>capacity</c> ids are remembered, and at most an
/// eighth more than that. Cut into shards by tag, each with its own lock, so that peers do not wait for each other, and so that
/// forgetting holds up a sixty-fourth of the messages for a millisecond. Tables start small and double up to their bound, a
/// shard at a time, so that a quiet node, of which a simulation has thousands, does not pay for a busy one's memory.
/// </remarks>
internal sealed class SeenMessages
{
    private const int ShardCount = 64;

    private readonly Shard[] _shards;
    private readonly ulong _key0;
    private readonly ulong _key1;

    /// <param name="capacity">Ids remembered at least, over all shards.</param>
    /// <param name="random">Where the key comes from.</param>
    public SeenMessages(int capacity, Random random)
    {
        // Chance gives one shard more ids than another. Eight standard deviations of room, and none ever forgets early.
        double mean = Math.Max(1, (double)capacity / ShardCount);
        int perShard = (int)Math.Ceiling(mean + (8 * Math.Sqrt(mean)));
        _shards = [.. Enumerable.Range(0, ShardCount).Select(_ => new Shard(perShard))];
        Span<ulong> keys = stackalloc ulong[2];
        random.NextBytes(MemoryMarshal.AsBytes(keys));
        (_key0, _key1) = (keys[0], keys[1]);
    }

    /// <summary>How many ids are remembered, in tables of what size.</summary>
    public MemoryUse Memory
    {
        get
        {
            long bytes = _shards.Sum(shard => shard.Bytes);
            return new MemoryUse(_shards.Sum(shard => shard.Count), bytes, bytes)
            {
                Evicted = _shards.Sum(shard => shard.Evicted),
            };
        }
    }

    /// <summary>Notes an id. Exactly one of several concurrent calls with the same id gets true.</summary>
    /// <returns>False when it was seen before.</returns>
    public bool TryAdd(in MessageId id)
    {
        UInt128 tag = TagOf(id);
        Shard shard = ShardOf(tag);
        lock (shard)
            return shard.TryAdd(tag);
    }

    /// <summary>An id is about to be noted. Needs no lock.</summary>
    public void Prefetch(in MessageId id)
    {
        UInt128 tag = TagOf(id);
        ShardOf(tag).Prefetch(tag);
    }

    /// <summary>Whether an id was seen, without noting it.</summary>
    public bool Contains(in MessageId id)
    {
        UInt128 tag = TagOf(id);
        Shard shard = ShardOf(tag);
        lock (shard)
            return shard.Contains(tag);
    }

    /// <summary>Forgets an id, so that it counts as new when it comes again.</summary>
    public void Remove(in MessageId id)
    {
        UInt128 tag = TagOf(id);
        Shard shard = ShardOf(tag);
        lock (shard)
            shard.Remove(tag);
    }

    private UInt128 TagOf(in MessageId id) => SipHash.Hash128(_key0, _key1, id.Bytes);

    private Shard ShardOf(UInt128 tag) => _shards[(int)(ulong)(tag >> 64) & (ShardCount - 1)];

    private sealed class Shard
    {
        private const int Generations = 8;
        private const int GenerationMask = Generations - 1;

        /// <summary>A table holds entries for three of four slots at most: then a look-up that finds nothing ends after eight.</summary>
        private const int LoadEntries = 3;
        private const int LoadSlots = 4;

        /// <summary>Entries of a table at first: about a thousand in all shards.</summary>
        private const int FirstCapacity = 16;

        private readonly int _generationSize;
        private readonly int[] _counts = new int[Generations];
        private UInt128[] _slots;
        private int _room;
        private int _generation;

        /// <param name="capacity">Entries remembered at least.</param>
        public Shard(int capacity)
        {
            _generationSize = (capacity + Generations - 2) / (Generations - 1);
            _room = Math.Min(FirstCapacity, MaxCount);
            _slots = NewTable(_room);
        }

        public int Count { get; private set; }

        /// <summary>Entries that were forgotten for newer ones.</summary>
        public long Evicted { get; private set; }

        public long Bytes => (long)Unsafe.SizeOf<UInt128>() * _slots.Length;

        private int MaxCount => Generations * _generationSize;

        public bool TryAdd(UInt128 tag)
        {
            UInt128 key = KeyOf(tag);
            if (IsEntryOf(key, _slots[IndexOf(key)]))
                return false;
            if (_counts[_generation] == _generationSize)
                StartGeneration();
            if (Count == _room)
                Grow();
            _slots[IndexOf(key)] = key | (uint)_generation;
            _counts[_generation]++;
            Count++;
            return true;
        }

        public void Prefetch(UInt128 tag)
        {
            UInt128[] slots = _slots;
            Relay.Prefetch.Value(ref slots[(int)Math.BigMul((ulong)KeyOf(tag) & ~(ulong)GenerationMask, (ulong)slots.Length, out _)]);
        }

        public bool Contains(UInt128 tag)
        {
            UInt128 key = KeyOf(tag);
            return IsEntryOf(key, _slots[IndexOf(key)]);
        }

        public void Remove(UInt128 tag)
        {
            UInt128 key = KeyOf(tag);
            int index = IndexOf(key);
            if (IsEntryOf(key, _slots[index]))
                RemoveAt(index);
        }

        /// <summary>What is compared of a tag. Zero marks an empty slot, so the one that would be zero is taken for another.</summary>
        private static UInt128 KeyOf(UInt128 tag)
        {
            UInt128 key = tag & ~(UInt128)GenerationMask;
            return key == UInt128.Zero ? Generations : key;
        }

        private static bool IsEntryOf(UInt128 key, UInt128 entry) => (entry & ~(UInt128)GenerationMask) == key;

        private static int GenerationOf(UInt128 entry) => (int)entry & GenerationMask;

        private static UInt128[] NewTable(int entries) => new UInt128[(entries * (long)LoadSlots / LoadEntries) + 1];

        private void StartGeneration()
        {
            _generation = (_generation + 1) % Generations;
            if (_counts[_generation] == 0)
                return;
            Evicted += _counts[_generation];
            for (int i = 0; i < _slots.Length; i++)
            {
                // Removing one moves another into its place.
                while (_slots[i] != UInt128.Zero && GenerationOf(_slots[i]) == _generation)
                    RemoveAt(i);
            }
        }

        private void Grow()
        {
            UInt128[] smaller = _slots;
            _room = Math.Min(MaxCount, 2 * _room);
            _slots = NewTable(_room);
            foreach (UInt128 entry in smaller)
            {
                if (entry != UInt128.Zero)
                    _slots[IndexOf(entry & ~(UInt128)GenerationMask)] = entry;
            }
        }

        /// <summary>Empties a slot and moves those behind it up that would not be found across the gap.</summary>
        private void RemoveAt(int gap)
        {
            _counts[GenerationOf(_slots[gap])]--;
            Count--;
            for (int i = Next(gap); _slots[i] != UInt128.Zero; i = Next(i))
            {
                if (Distance(Home(_slots[i] & ~(UInt128)GenerationMask), i) < Distance(gap, i))
                    continue;
                _slots[gap] = _slots[i];
                gap = i;
            }

            _slots[gap] = UInt128.Zero;
        }

        /// <summary>The slot that holds a key, or the empty one where it belongs. There is always one.</summary>
        private int IndexOf(UInt128 key)
        {
            int index = Home(key);
            while (_slots[index] != UInt128.Zero && !IsEntryOf(key, _slots[index]))
                index = Next(index);
            return index;
        }

        /// <summary>The high half of a product spreads as a remainder does, without a division.</summary>
        private int Home(UInt128 key) => (int)Math.BigMul((ulong)key & ~(ulong)GenerationMask, (ulong)_slots.Length, out _);

        private int Next(int index) => index + 1 == _slots.Length ? 0 : index + 1;

        /// <summary>Steps from one slot on to another.</summary>
        private int Distance(int from, int to) => to >= from ? to - from : to - from + _slots.Length;
    }
}
