using System.Numerics;
using System.Runtime.CompilerServices;

namespace Blake2Fast.Implementation;

/// <summary>The compression function F of RFC 7693 for BLAKE2b, applied to a run of message blocks.</summary>
/// <remarks>
/// <para>
/// Portable code on purpose. A BLAKE2b stream is one chain of dependent steps; a vector unit can only take the four
/// columns of a round at once, and a wide core does the same from its general registers. Where this was measured
/// the vector paths lost, so they are not here; Polyfills/README.md has the figures.
/// </para>
/// <para>
/// The rounds are written out so that the message schedule is fixed when the code is compiled. The message words
/// are locals because the compiler otherwise gives up inlining <see cref="Mix"/> part of the way down.
/// </para>
/// </remarks>
internal static class Blake2bCompression
{
    /// <summary>Bytes in a message block.</summary>
    internal const int BlockBytes = 128;

    /// <summary>Words of chaining state.</summary>
    internal const int StateWords = 8;

    // What follows the point in the square roots of 2, 3, 5, 7, 11, 13, 17 and 19: 64 bits of each.
    internal const ulong IV0 = 0x6a09e667f3bcc908;
    internal const ulong IV1 = 0xbb67ae8584caa73b;
    internal const ulong IV2 = 0x3c6ef372fe94f82b;
    internal const ulong IV3 = 0xa54ff53a5f1d36f1;
    internal const ulong IV4 = 0x510e527fade682d1;
    internal const ulong IV5 = 0x9b05688c2b3e6c1f;
    internal const ulong IV6 = 0x1f83d9abfb41bd6b;
    internal const ulong IV7 = 0x5be0cd19137e2179;

    /// <summary>Takes blocks that lie one after the other into the chaining state.</summary>
    /// <param name="h">The first of the eight words of chaining state.</param>
    /// <param name="block">The first byte of the first block; every block is 128 bytes, padding included.</param>
    /// <param name="blocks">How many blocks there are; at least one.</param>
    /// <param name="hashed">Message bytes hashed so far; moved on by <paramref name="bytesInEach"/> a block.</param>
    /// <param name="bytesInEach">Message bytes in each block: 128 except in a padded last block.</param>
    /// <param name="lastBlock">All ones if this is the last block of the message, otherwise zero.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Compress(
        ref ulong h, ref byte block, nuint blocks, ref ulong hashed, uint bytesInEach, ulong lastBlock)
    {
        do
        {
            // The counter is 128 bits wide in the RFC; its upper half is zero for any message there can be.
            hashed += bytesInEach;
            ulong m0 = Word(ref block, 0);
            ulong m1 = Word(ref block, 1);
            ulong m2 = Word(ref block, 2);
            ulong m3 = Word(ref block, 3);
            ulong m4 = Word(ref block, 4);
            ulong m5 = Word(ref block, 5);
            ulong m6 = Word(ref block, 6);
            ulong m7 = Word(ref block, 7);
            ulong m8 = Word(ref block, 8);
            ulong m9 = Word(ref block, 9);
            ulong m10 = Word(ref block, 10);
            ulong m11 = Word(ref block, 11);
            ulong m12 = Word(ref block, 12);
            ulong m13 = Word(ref block, 13);
            ulong m14 = Word(ref block, 14);
            ulong m15 = Word(ref block, 15);

            ulong v0 = Unsafe.Add(ref h, 0);
            ulong v1 = Unsafe.Add(ref h, 1);
            ulong v2 = Unsafe.Add(ref h, 2);
            ulong v3 = Unsafe.Add(ref h, 3);
            ulong v4 = Unsafe.Add(ref h, 4);
            ulong v5 = Unsafe.Add(ref h, 5);
            ulong v6 = Unsafe.Add(ref h, 6);
            ulong v7 = Unsafe.Add(ref h, 7);
            ulong v8 = IV0;
            ulong v9 = IV1;
            ulong v10 = IV2;
            ulong v11 = IV3;
            ulong v12 = IV4 ^ hashed;
            ulong v13 = IV5;
            ulong v14 = IV6 ^ lastBlock;
            ulong v15 = IV7;

            // Round 0
            Mix(ref v0, ref v4, ref v8, ref v12, m0, m1);
            Mix(ref v1, ref v5, ref v9, ref v13, m2, m3);
            Mix(ref v2, ref v6, ref v10, ref v14, m4, m5);
            Mix(ref v3, ref v7, ref v11, ref v15, m6, m7);
            Mix(ref v0, ref v5, ref v10, ref v15, m8, m9);
            Mix(ref v1, ref v6, ref v11, ref v12, m10, m11);
            Mix(ref v2, ref v7, ref v8, ref v13, m12, m13);
            Mix(ref v3, ref v4, ref v9, ref v14, m14, m15);

            // Round 1
            Mix(ref v0, ref v4, ref v8, ref v12, m14, m10);
            Mix(ref v1, ref v5, ref v9, ref v13, m4, m8);
            Mix(ref v2, ref v6, ref v10, ref v14, m9, m15);
            Mix(ref v3, ref v7, ref v11, ref v15, m13, m6);
            Mix(ref v0, ref v5, ref v10, ref v15, m1, m12);
            Mix(ref v1, ref v6, ref v11, ref v12, m0, m2);
            Mix(ref v2, ref v7, ref v8, ref v13, m11, m7);
            Mix(ref v3, ref v4, ref v9, ref v14, m5, m3);

            // Round 2
            Mix(ref v0, ref v4, ref v8, ref v12, m11, m8);
            Mix(ref v1, ref v5, ref v9, ref v13, m12, m0);
            Mix(ref v2, ref v6, ref v10, ref v14, m5, m2);
            Mix(ref v3, ref v7, ref v11, ref v15, m15, m13);
            Mix(ref v0, ref v5, ref v10, ref v15, m10, m14);
            Mix(ref v1, ref v6, ref v11, ref v12, m3, m6);
            Mix(ref v2, ref v7, ref v8, ref v13, m7, m1);
            Mix(ref v3, ref v4, ref v9, ref v14, m9, m4);

            // Round 3
            Mix(ref v0, ref v4, ref v8, ref v12, m7, m9);
            Mix(ref v1, ref v5, ref v9, ref v13, m3, m1);
            Mix(ref v2, ref v6, ref v10, ref v14, m13, m12);
            Mix(ref v3, ref v7, ref v11, ref v15, m11, m14);
            Mix(ref v0, ref v5, ref v10, ref v15, m2, m6);
            Mix(ref v1, ref v6, ref v11, ref v12, m5, m10);
            Mix(ref v2, ref v7, ref v8, ref v13, m4, m0);
            Mix(ref v3, ref v4, ref v9, ref v14, m15, m8);

            // Round 4
            Mix(ref v0, ref v4, ref v8, ref v12, m9, m0);
            Mix(ref v1, ref v5, ref v9, ref v13, m5, m7);
            Mix(ref v2, ref v6, ref v10, ref v14, m2, m4);
            Mix(ref v3, ref v7, ref v11, ref v15, m10, m15);
            Mix(ref v0, ref v5, ref v10, ref v15, m14, m1);
            Mix(ref v1, ref v6, ref v11, ref v12, m11, m12);
            Mix(ref v2, ref v7, ref v8, ref v13, m6, m8);
            Mix(ref v3, ref v4, ref v9, ref v14, m3, m13);

            // Round 5
            Mix(ref v0, ref v4, ref v8, ref v12, m2, m12);
            Mix(ref v1, ref v5, ref v9, ref v13, m6, m10);
            Mix(ref v2, ref v6, ref v10, ref v14, m0, m11);
            Mix(ref v3, ref v7, ref v11, ref v15, m8, m3);
            Mix(ref v0, ref v5, ref v10, ref v15, m4, m13);
            Mix(ref v1, ref v6, ref v11, ref v12, m7, m5);
            Mix(ref v2, ref v7, ref v8, ref v13, m15, m14);
            Mix(ref v3, ref v4, ref v9, ref v14, m1, m9);

            // Round 6
            Mix(ref v0, ref v4, ref v8, ref v12, m12, m5);
            Mix(ref v1, ref v5, ref v9, ref v13, m1, m15);
            Mix(ref v2, ref v6, ref v10, ref v14, m14, m13);
            Mix(ref v3, ref v7, ref v11, ref v15, m4, m10);
            Mix(ref v0, ref v5, ref v10, ref v15, m0, m7);
            Mix(ref v1, ref v6, ref v11, ref v12, m6, m3);
            Mix(ref v2, ref v7, ref v8, ref v13, m9, m2);
            Mix(ref v3, ref v4, ref v9, ref v14, m8, m11);

            // Round 7
            Mix(ref v0, ref v4, ref v8, ref v12, m13, m11);
            Mix(ref v1, ref v5, ref v9, ref v13, m7, m14);
            Mix(ref v2, ref v6, ref v10, ref v14, m12, m1);
            Mix(ref v3, ref v7, ref v11, ref v15, m3, m9);
            Mix(ref v0, ref v5, ref v10, ref v15, m5, m0);
            Mix(ref v1, ref v6, ref v11, ref v12, m15, m4);
            Mix(ref v2, ref v7, ref v8, ref v13, m8, m6);
            Mix(ref v3, ref v4, ref v9, ref v14, m2, m10);

            // Round 8
            Mix(ref v0, ref v4, ref v8, ref v12, m6, m15);
            Mix(ref v1, ref v5, ref v9, ref v13, m14, m9);
            Mix(ref v2, ref v6, ref v10, ref v14, m11, m3);
            Mix(ref v3, ref v7, ref v11, ref v15, m0, m8);
            Mix(ref v0, ref v5, ref v10, ref v15, m12, m2);
            Mix(ref v1, ref v6, ref v11, ref v12, m13, m7);
            Mix(ref v2, ref v7, ref v8, ref v13, m1, m4);
            Mix(ref v3, ref v4, ref v9, ref v14, m10, m5);

            // Round 9
            Mix(ref v0, ref v4, ref v8, ref v12, m10, m2);
            Mix(ref v1, ref v5, ref v9, ref v13, m8, m4);
            Mix(ref v2, ref v6, ref v10, ref v14, m7, m6);
            Mix(ref v3, ref v7, ref v11, ref v15, m1, m5);
            Mix(ref v0, ref v5, ref v10, ref v15, m15, m11);
            Mix(ref v1, ref v6, ref v11, ref v12, m9, m14);
            Mix(ref v2, ref v7, ref v8, ref v13, m3, m12);
            Mix(ref v3, ref v4, ref v9, ref v14, m13, m0);

            // Round 10
            Mix(ref v0, ref v4, ref v8, ref v12, m0, m1);
            Mix(ref v1, ref v5, ref v9, ref v13, m2, m3);
            Mix(ref v2, ref v6, ref v10, ref v14, m4, m5);
            Mix(ref v3, ref v7, ref v11, ref v15, m6, m7);
            Mix(ref v0, ref v5, ref v10, ref v15, m8, m9);
            Mix(ref v1, ref v6, ref v11, ref v12, m10, m11);
            Mix(ref v2, ref v7, ref v8, ref v13, m12, m13);
            Mix(ref v3, ref v4, ref v9, ref v14, m14, m15);

            // Round 11
            Mix(ref v0, ref v4, ref v8, ref v12, m14, m10);
            Mix(ref v1, ref v5, ref v9, ref v13, m4, m8);
            Mix(ref v2, ref v6, ref v10, ref v14, m9, m15);
            Mix(ref v3, ref v7, ref v11, ref v15, m13, m6);
            Mix(ref v0, ref v5, ref v10, ref v15, m1, m12);
            Mix(ref v1, ref v6, ref v11, ref v12, m0, m2);
            Mix(ref v2, ref v7, ref v8, ref v13, m11, m7);
            Mix(ref v3, ref v4, ref v9, ref v14, m5, m3);

            Unsafe.Add(ref h, 0) ^= v0 ^ v8;
            Unsafe.Add(ref h, 1) ^= v1 ^ v9;
            Unsafe.Add(ref h, 2) ^= v2 ^ v10;
            Unsafe.Add(ref h, 3) ^= v3 ^ v11;
            Unsafe.Add(ref h, 4) ^= v4 ^ v12;
            Unsafe.Add(ref h, 5) ^= v5 ^ v13;
            Unsafe.Add(ref h, 6) ^= v6 ^ v14;
            Unsafe.Add(ref h, 7) ^= v7 ^ v15;

            block = ref Unsafe.Add(ref block, BlockBytes);
        }
        while (--blocks != 0);
    }

    /// <summary>The mixing function G: two message words into one column or diagonal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(ref ulong a, ref ulong b, ref ulong c, ref ulong d, ulong x, ulong y)
    {
        a += b + x;
        d = BitOperations.RotateRight(d ^ a, 32);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 24);
        a += b + y;
        d = BitOperations.RotateRight(d ^ a, 16);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 63);
    }

    /// <summary>A message word, which is little-endian and need not be aligned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ref byte block, int index) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref block, index * sizeof(ulong)));
}
