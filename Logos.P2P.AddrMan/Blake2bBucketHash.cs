using System.Buffers.Binary;
using Blake2Fast;

namespace Logos.P2P.AddrMan;

/// <summary>
/// The first 8 bytes, little-endian, of Blake2b-256. Bitcoin takes them of a double SHA-256; Blake2b is the hash of the
/// rest of this protocol, does every input of ours in one block, and has no length extension to guard against.
/// </summary>
internal sealed class Blake2bBucketHash : IBucketHash
{
    private const int DigestSize = 32;

    private Blake2bBucketHash()
    {
    }

    public static Blake2bBucketHash Instance { get; } = new();

    public ulong Hash(ReadOnlySpan<byte> input)
    {
        Span<byte> digest = stackalloc byte[DigestSize];
        Blake2b.ComputeAndWriteHash(DigestSize, input, digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }
}
