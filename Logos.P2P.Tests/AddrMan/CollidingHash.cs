using Logos.P2P.AddrMan;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>A hash of so few values that a handful of addresses fight for a handful of places.</summary>
internal sealed class CollidingHash(ulong values) : IBucketHash
{
    public ulong Hash(ReadOnlySpan<byte> input) => Blake2bBucketHash.Instance.Hash(input) % values;
}
