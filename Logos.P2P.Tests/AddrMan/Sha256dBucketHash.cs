using System.Buffers.Binary;
using System.Security.Cryptography;
using Logos.P2P.AddrMan;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>Bitcoin's hash, so that Bitcoin Core's bucket numbers can be compared with ours.</summary>
internal sealed class Sha256dBucketHash : IBucketHash
{
    public ulong Hash(ReadOnlySpan<byte> input) => BinaryPrimitives.ReadUInt64LittleEndian(Digest(input));

    /// <summary>The key that Bitcoin Core's bucket tests use: the hash of a 32-bit number.</summary>
    public static byte[] KeyOf(int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return Digest(bytes);
    }

    private static byte[] Digest(ReadOnlySpan<byte> input) => SHA256.HashData(SHA256.HashData(input));
}
