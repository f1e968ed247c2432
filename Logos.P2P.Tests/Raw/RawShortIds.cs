using System.Buffers.Binary;
using System.Numerics;

namespace Logos.P2P.Tests.Raw;

/// <summary>Short ids, written a second time: SipHash-2-4 from its paper, and what the protocol makes of it.</summary>
internal static class RawShortIds
{
    /// <summary>The key of SipHash's own vectors.</summary>
    public static readonly byte[] Key = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];

    /// <summary>The data of a `feature` that offers `logos.relay`.</summary>
    public static byte[] Feature(byte[] key) => [.. RawBytes.VarBytes("logos.relay"u8.ToArray()), .. RawBytes.VarBytes(key)];

    /// <summary>The key in a `feature`; null when it is another feature.</summary>
    public static byte[]? KeyIn(byte[] feature) =>
        feature.AsSpan(1).StartsWith("logos.relay"u8) ? feature[(1 + 11 + 1)..] : null;

    /// <summary>The name of a message for whoever has a key.</summary>
    public static byte[] Of(byte[] message, byte[] key) => RawBytes.U64(SipHash(key, RawBytes.Id(message)))[..6];

    private static ulong SipHash(byte[] key, byte[] input)
    {
        ulong k0 = BinaryPrimitives.ReadUInt64LittleEndian(key), k1 = BinaryPrimitives.ReadUInt64LittleEndian(key.AsSpan(8));
        ulong[] v =
        [
            k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573,
        ];
        byte[] padded = [.. input, .. new byte[7 - (input.Length % 8)], (byte)input.Length];
        for (int i = 0; i < padded.Length; i += 8)
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(padded.AsSpan(i));
            v[3] ^= word;
            Mix(v, 2);
            v[0] ^= word;
        }

        v[2] ^= 0xff;
        Mix(v, 4);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
    }

    private static void Mix(ulong[] v, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            v[0] += v[1];
            v[1] = BitOperations.RotateLeft(v[1], 13) ^ v[0];
            v[0] = BitOperations.RotateLeft(v[0], 32);
            v[2] += v[3];
            v[3] = BitOperations.RotateLeft(v[3], 16) ^ v[2];
            v[0] += v[3];
            v[3] = BitOperations.RotateLeft(v[3], 21) ^ v[0];
            v[2] += v[1];
            v[1] = BitOperations.RotateLeft(v[1], 17) ^ v[2];
            v[2] = BitOperations.RotateLeft(v[2], 32);
        }
    }
}
