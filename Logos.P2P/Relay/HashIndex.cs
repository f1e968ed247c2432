using System.Numerics;

namespace Logos.P2P.Relay;

/// <summary>
/// Where things are that are looked up by a hash: their numbers in one flat table, so that a look-up is one access to memory, which
/// can be asked for before it is needed. Says which numbers have a hash; its owner sees whether it is them. Its owner guards it.
/// </summary>
/// <remarks>
/// Open addressing with linear probing, half full at most. Hashes must depend on something that peers do not know, or they could
/// have them fall together.
/// </remarks>
internal sealed class HashIndex
{
    private const int FirstSize = 64;
    private const int HashShift = 32;

    /// <summary>The hash in the upper half, the number and one in the lower one; 0 for nothing.</summary>
    private ulong[] _slots = new ulong[FirstSize];

    public int Count { get; private set; }

    public long Bytes => (long)_slots.Length * sizeof(ulong);

    private int Mask => _slots.Length - 1;

    public void Add(uint hash, int number)
    {
        if (2 * (Count + 1) > _slots.Length)
            Grow();
        Put(EntryOf(hash, number));
        Count++;
    }

    /// <summary>Takes out what was added.</summary>
    public void Remove(uint hash, int number)
    {
        ulong entry = EntryOf(hash, number);
        int gap = Home(entry);
        while (_slots[gap] != entry)
            gap = (gap + 1) & Mask;
        Count--;
        // Those behind it move up that would not be found across the gap.
        for (int i = (gap + 1) & Mask; _slots[i] != 0; i = (i + 1) & Mask)
        {
            if (((i - Home(_slots[i])) & Mask) < ((i - gap) & Mask))
                continue;
            _slots[gap] = _slots[i];
            gap = i;
        }

        _slots[gap] = 0;
    }

    /// <summary>The next number that has a hash.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="probes">0 for the first one; moved on.</param>
    /// <param name="number">The number.</param>
    /// <returns>False when there is none.</returns>
    public bool TryFind(uint hash, ref int probes, out int number)
    {
        for (int i = Home(EntryOf(hash, 0)) + probes; _slots[i & Mask] is not 0 and var entry; i++)
        {
            probes++;
            if ((uint)(entry >> HashShift) == hash)
            {
                number = (int)(uint)entry - 1;
                return true;
            }
        }

        number = 0;
        return false;
    }

    /// <summary>Has the processor fetch what is needed to find a hash. Needs no lock.</summary>
    public void Prefetch(uint hash)
    {
        ulong[] slots = _slots;
        Relay.Prefetch.Value(ref slots[Home(EntryOf(hash, 0), slots)]);
    }

    public void Clear()
    {
        Array.Clear(_slots);
        Count = 0;
    }

    private static ulong EntryOf(uint hash, int number) => ((ulong)hash << HashShift) | (uint)(number + 1);

    /// <summary>By the upper bits: in a product they depend on all bits of both factors.</summary>
    private static int Home(ulong entry, ulong[] slots) =>
        (int)(entry >> ((2 * HashShift) - BitOperations.Log2((uint)slots.Length)));

    private int Home(ulong entry) => Home(entry, _slots);

    private void Put(ulong entry)
    {
        int i = Home(entry);
        while (_slots[i] != 0)
            i = (i + 1) & Mask;
        _slots[i] = entry;
    }

    private void Grow()
    {
        ulong[] smaller = _slots;
        _slots = new ulong[2 * smaller.Length];
        foreach (ulong entry in smaller)
        {
            if (entry != 0)
                Put(entry);
        }
    }
}
