using System.Buffers.Binary;
using System.Numerics;

namespace Logos.P2P.Wire;

/// <summary>
/// SHA3-256 (FIPS 202) of a short input, for the checksums of onion names. .NET's own is OpenSSL's, which not every machine has, nor
/// every version of it SHA-3; and a text must not depend on that.
/// </summary>
internal static class Sha3
{
    /// <summary>Bytes of a hash.</summary>
    public const int HashSize = 32;

    /// <summary>The input is shorter than this: the rate of SHA3-256.</summary>
    public const int MaxInput = 136;

    private const int Lanes = 25;
    private const byte DomainSuffix = 0x06;
    private const byte LastBit = 0x80;

    /// <summary>FIPS 202, 3.2.5: what the step iota adds in each round.</summary>
    private static ReadOnlySpan<ulong> RoundConstants =>
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B, 0x0000000080000001,
        0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
        0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
        0x000000000000800A, 0x800000008000000A, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    /// <summary>FIPS 202, 3.2.2 and 3.2.3: the lanes in the order in which rho and pi carry one into the place of the next.</summary>
    private static ReadOnlySpan<byte> Places =>
        [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];

    /// <summary>By how much rho rotates what goes to each of <see cref="Places"/>.</summary>
    private static ReadOnlySpan<byte> Rotations =>
        [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];

    /// <summary>Hashes.</summary>
    /// <param name="input">Less than <see cref="MaxInput"/> bytes.</param>
    /// <param name="hash"><see cref="HashSize"/> bytes.</param>
    public static void Hash(ReadOnlySpan<byte> input, Span<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(input.Length, MaxInput, nameof(input));
        Span<byte> block = stackalloc byte[MaxInput];
        block.Clear();
        input.CopyTo(block);
        block[input.Length] = DomainSuffix;
        block[^1] |= LastBit;
        Span<ulong> state = stackalloc ulong[Lanes];
        state.Clear();
        for (int i = 0; i < MaxInput / sizeof(ulong); i++)
            state[i] = BinaryPrimitives.ReadUInt64LittleEndian(block[(i * sizeof(ulong))..]);
        foreach (ulong constant in RoundConstants)
            Round(state, constant);
        for (int i = 0; i < HashSize / sizeof(ulong); i++)
            BinaryPrimitives.WriteUInt64LittleEndian(hash[(i * sizeof(ulong))..], state[i]);
    }

    private static void Round(Span<ulong> state, ulong constant)
    {
        Span<ulong> row = stackalloc ulong[5];
        for (int x = 0; x < 5; x++)
            row[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
        for (int i = 0; i < Lanes; i++)
            state[i] ^= row[(i + 4) % 5] ^ BitOperations.RotateLeft(row[(i + 1) % 5], 1);

        ulong carried = state[1];
        for (int i = 0; i < Places.Length; i++)
        {
            ulong next = state[Places[i]];
            state[Places[i]] = BitOperations.RotateLeft(carried, Rotations[i]);
            carried = next;
        }

        for (int y = 0; y < Lanes; y += 5)
        {
            state.Slice(y, 5).CopyTo(row);
            for (int x = 0; x < 5; x++)
                state[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
        }

        state[0] ^= constant;
    }
}
