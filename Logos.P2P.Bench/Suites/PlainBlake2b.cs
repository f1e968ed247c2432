using System.Buffers.Binary;
using System.Numerics;

namespace Logos.P2P.Bench.Suites;

/// <summary>
/// BLAKE2b without a key as RFC 7693 has it, one word after the other: what a compiler makes of the definition, for the one that
/// the node uses to be measured by.
/// </summary>
internal static class PlainBlake2b
{
    private const int BlockSize = 128;
    private const int WordsOfBlock = 16;
    private const int Rounds = 12;
    private const ulong ParameterBlock = 0x01010000;

    private static ReadOnlySpan<ulong> InitialState =>
    [
        0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
        0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179,
    ];

    /// <summary>SIGMA of section 2.7: which words of the block each round takes. The last two rounds are as the first two.</summary>
    private static ReadOnlySpan<byte> Schedule =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
        11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
        7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
        9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
        2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
        12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
        13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
        6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
        10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
    ];

    /// <summary>Writes the digest of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="digest">As long as the digest is to be: whole words of eight bytes.</param>
    public static void Hash(ReadOnlySpan<byte> message, Span<byte> digest)
    {
        Span<ulong> state = stackalloc ulong[8];
        InitialState.CopyTo(state);
        state[0] ^= ParameterBlock ^ (ulong)digest.Length;
        ulong hashed = 0;
        for (; message.Length > BlockSize; message = message[BlockSize..])
            Compress(state, message[..BlockSize], hashed += BlockSize, isLast: false);
        Span<byte> last = stackalloc byte[BlockSize];
        last.Clear();
        message.CopyTo(last);
        Compress(state, last, hashed + (ulong)message.Length, isLast: true);
        for (int i = 0; i < digest.Length / sizeof(ulong); i++)
            BinaryPrimitives.WriteUInt64LittleEndian(digest[(i * sizeof(ulong))..], state[i]);
    }

    private static void Compress(Span<ulong> state, ReadOnlySpan<byte> block, ulong hashed, bool isLast)
    {
        Span<ulong> words = stackalloc ulong[WordsOfBlock];
        for (int i = 0; i < words.Length; i++)
            words[i] = BinaryPrimitives.ReadUInt64LittleEndian(block[(i * sizeof(ulong))..]);
        Span<ulong> v = stackalloc ulong[WordsOfBlock];
        state.CopyTo(v);
        InitialState.CopyTo(v[state.Length..]);
        v[12] ^= hashed;
        v[14] = isLast ? ~v[14] : v[14];
        for (int round = 0; round < Rounds; round++)
        {
            ReadOnlySpan<byte> of = Schedule.Slice(round * WordsOfBlock, WordsOfBlock);
            Mix(ref v[0], ref v[4], ref v[8], ref v[12], words[of[0]], words[of[1]]);
            Mix(ref v[1], ref v[5], ref v[9], ref v[13], words[of[2]], words[of[3]]);
            Mix(ref v[2], ref v[6], ref v[10], ref v[14], words[of[4]], words[of[5]]);
            Mix(ref v[3], ref v[7], ref v[11], ref v[15], words[of[6]], words[of[7]]);
            Mix(ref v[0], ref v[5], ref v[10], ref v[15], words[of[8]], words[of[9]]);
            Mix(ref v[1], ref v[6], ref v[11], ref v[12], words[of[10]], words[of[11]]);
            Mix(ref v[2], ref v[7], ref v[8], ref v[13], words[of[12]], words[of[13]]);
            Mix(ref v[3], ref v[4], ref v[9], ref v[14], words[of[14]], words[of[15]]);
        }

        for (int i = 0; i < state.Length; i++)
            state[i] ^= v[i] ^ v[i + state.Length];
    }

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
}
