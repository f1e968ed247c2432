using System.Numerics;
using System.Runtime.CompilerServices;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay.Chunks;

/// <summary>Some of the chunks of a message, by index. A value.</summary>
internal struct ChunkSet
{
    private const int BitsPerWord = 64;

    private Words _words;

    /// <summary>How many there are.</summary>
    public readonly int Count
    {
        get
        {
            int count = 0;
            foreach (ulong word in _words)
                count += BitOperations.PopCount(word);
            return count;
        }
    }

    public readonly bool Has(int index) => (_words[index / BitsPerWord] >> (index % BitsPerWord) & 1) != 0;

    public void Add(int index) => _words[index / BitsPerWord] |= 1UL << (index % BitsPerWord);

    public void Remove(int index) => _words[index / BitsPerWord] &= ~(1UL << (index % BitsPerWord));

    /// <summary>Adds all chunks of a message of so many.</summary>
    public void AddAll(int count)
    {
        for (int i = 0; i < count; i++)
            Add(i);
    }

    /// <summary>Those of the set that another one lacks, as they are on the wire.</summary>
    public readonly byte[] Without(in ChunkSet other)
    {
        Span<byte> indexes = stackalloc byte[ChunkList.MaxCount];
        int count = 0;
        for (int i = 0; i < ChunkList.MaxCount; i++)
        {
            if (Has(i) && !other.Has(i))
                indexes[count++] = (byte)i;
        }

        return indexes[..count].ToArray();
    }

    /// <summary>A bit for each of <see cref="ChunkList.MaxCount"/>.</summary>
    [InlineArray((ChunkList.MaxCount + BitsPerWord - 1) / BitsPerWord)]
    private struct Words
    {
        private ulong _first;
    }
}
