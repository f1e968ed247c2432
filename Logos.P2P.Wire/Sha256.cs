using System.Buffers.Binary;
using System.Numerics;

namespace Logos.P2P.Wire;

/// <summary>
/// SHA-256 (FIPS 180-4), for Bitcoin's internal names of seeds. .NET's own is OpenSSL's, which a program in C that this library is
/// linked into need not have.
/// </summary>
internal static class Sha256
{
    /// <summary>Bytes of a hash.</summary>
    public const int HashSize = 32;

    private const int BlockSize = 64;
    private const int Rounds = 64;
    private const byte FirstPaddingByte = 0x80;

    /// <summary>FIPS 180-4, 4.2.2: of the cube roots of the first 64 primes.</summary>
    private static ReadOnlySpan<uint> Constants =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    /// <summary>FIPS 180-4, 5.3.3: of the square roots of the first 8 primes.</summary>
    private static ReadOnlySpan<uint> InitialState =>
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

    /// <summary>Hashes.</summary>
    /// <param name="input">The bytes.</param>
    /// <param name="hash"><see cref="HashSize"/> bytes.</param>
    public static void Hash(ReadOnlySpan<byte> input, Span<byte> hash)
    {
        Span<uint> state = stackalloc uint[InitialState.Length];
        InitialState.CopyTo(state);
        ReadOnlySpan<byte> rest = input;
        for (; rest.Length >= BlockSize; rest = rest[BlockSize..])
            Compress(state, rest);

        // What is left, a bit, zeros, and the length in bits: one block, or two where that does not fit.
        Span<byte> last = stackalloc byte[rest.Length + 1 + sizeof(ulong) <= BlockSize ? BlockSize : 2 * BlockSize];
        last.Clear();
        rest.CopyTo(last);
        last[rest.Length] = FirstPaddingByte;
        BinaryPrimitives.WriteUInt64BigEndian(last[^sizeof(ulong)..], (ulong)input.Length * 8);
        for (int i = 0; i < last.Length; i += BlockSize)
            Compress(state, last[i..]);
        for (int i = 0; i < state.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(hash[(i * sizeof(uint))..], state[i]);
    }

    private static void Compress(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> schedule = stackalloc uint[Rounds];
        for (int i = 0; i < BlockSize / sizeof(uint); i++)
            schedule[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(i * sizeof(uint))..]);
        for (int i = BlockSize / sizeof(uint); i < Rounds; i++)
        {
            uint before15 = schedule[i - 15], before2 = schedule[i - 2];
            uint small0 = BitOperations.RotateRight(before15, 7) ^ BitOperations.RotateRight(before15, 18) ^ (before15 >> 3);
            uint small1 = BitOperations.RotateRight(before2, 17) ^ BitOperations.RotateRight(before2, 19) ^ (before2 >> 10);
            schedule[i] = schedule[i - 16] + small0 + schedule[i - 7] + small1;
        }

        uint a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
        for (int i = 0; i < Rounds; i++)
        {
            uint big1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
            uint first = h + big1 + ((e & f) ^ (~e & g)) + Constants[i] + schedule[i];
            uint big0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
            uint second = big0 + ((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + second);
        }

        ReadOnlySpan<uint> worked = [a, b, c, d, e, f, g, h];
        for (int i = 0; i < state.Length; i++)
            state[i] += worked[i];
    }
}
