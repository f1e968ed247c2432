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
/// Two generations of open-addressing tables. When the young one holds its share it becomes the old one and the oldest
/// half is forgotten, so at least the latest <c>capacity</c> ids are remembered. Cut into shards by tag, each with its
/// own lock, so that peers do not wait for each other. Tables start small and double up to their bound, a shard at a time,
/// so that a quiet node, of which a simulation has thousands, does not pay for a busy one's memory.
/// </remarks>
internal sealed class SeenMessages
{
    private const int ShardCount = 64;

    /// <summary>Slots for each entry: at half load a look-up ends after a probe or two.</summary>
    private const int SlotsPerEntry = 2;

    /// <summary>Entries of each table at first: about a thousand in all shards.</summary>
    private const int FirstCapacity = 16;

    private readonly Shard[] _shards;
    private readonly ulong _key0;
    private readonly ulong _key1;

    /// <param name="capacity">Ids remembered in each generation, over all shards.</param>
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
            return new MemoryUse(_shards.Sum(shard => shard.Count), bytes, bytes);
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

    /// <summary>Zero marks an empty slot, so the one tag in 2^128 that is zero is taken for one.</summary>
    private UInt128 TagOf(in MessageId id)
    {
        UInt128 tag = SipHash.Hash128(_key0, _key1, id.Bytes);
        return tag == UInt128.Zero ? UInt128.One : tag;
    }

    private Shard ShardOf(UInt128 tag) => _shards[(int)(ulong)(tag >> 64) & (ShardCount - 1)];

    private sealed class Shard(int capacity)
    {
        private UInt128[] _young = NewTable(Math.Min(FirstCapacity, capacity));
        private UInt128[] _old = NewTable(Math.Min(FirstCapacity, capacity));
        private int _count;
        private int _oldCount;

        public int Count => _count + _oldCount;

        public long Bytes => (long)Unsafe.SizeOf<UInt128>() * (_young.Length + _old.Length);

        public bool TryAdd(UInt128 tag)
        {
            ref UInt128 slot = ref Find(_young, tag);
            if (slot == tag || Find(_old, tag) == tag)
                return false;
            if (_count == _young.Length / SlotsPerEntry)
            {
                if (_count == capacity)
                    StartGeneration();
                else
                    Grow();
                slot = ref Find(_young, tag);
            }

            slot = tag;
            _count++;
            return true;
        }

        public bool Contains(UInt128 tag) => Find(_young, tag) == tag || Find(_old, tag) == tag;

        public void Remove(UInt128 tag)
        {
            if (Remove(_young, tag))
                _count--;
            else if (Remove(_old, tag))
                _oldCount--;
        }

        private void StartGeneration()
        {
            (_old, _young) = (_young, _old);
            Array.Clear(_young);
            (_oldCount, _count) = (_count, 0);
        }

        private void Grow()
        {
            UInt128[] larger = NewTable(Math.Min(capacity, 2 * _count));
            foreach (UInt128 tag in _young)
            {
                if (tag != UInt128.Zero)
                    Find(larger, tag) = tag;
            }

            _young = larger;
        }

        private static UInt128[] NewTable(int entries) => new UInt128[SlotsPerEntry * entries];

        /// <summary>
        /// Empties the slot of a tag and moves those behind it up that would not be found across the gap.
        /// </summary>
        private static bool Remove(UInt128[] slots, UInt128 tag)
        {
            int gap = IndexOf(slots, tag);
            if (slots[gap] != tag)
                return false;
            for (int i = Next(slots, gap); slots[i] != UInt128.Zero; i = Next(slots, i))
            {
                if (Distance(slots, Home(slots, slots[i]), i) < Distance(slots, gap, i))
                    continue;
                slots[gap] = slots[i];
                gap = i;
            }

            slots[gap] = UInt128.Zero;
            return true;
        }

        /// <summary>The slot that holds a tag, or the empty one where it belongs. At half load there is always one.</summary>
        private static ref UInt128 Find(UInt128[] slots, UInt128 tag) => ref slots[IndexOf(slots, tag)];

        private static int IndexOf(UInt128[] slots, UInt128 tag)
        {
            int index = Home(slots, tag);
            while (slots[index] != UInt128.Zero && slots[index] != tag)
                index = Next(slots, index);
            return index;
        }

        private static int Home(UInt128[] slots, UInt128 tag) => (int)((ulong)tag % (ulong)slots.Length);

        private static int Next(UInt128[] slots, int index) => index + 1 == slots.Length ? 0 : index + 1;

        /// <summary>Steps from one slot on to another.</summary>
        private static int Distance(UInt128[] slots, int from, int to) => to >= from ? to - from : to - from + slots.Length;
    }
}
