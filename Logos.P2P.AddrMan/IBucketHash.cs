namespace Logos.P2P.AddrMan;

/// <summary>The hash that spreads addresses over buckets.</summary>
public interface IBucketHash
{
    /// <summary>
    /// 64 bits of a cryptographic hash of <paramref name="input"/>: nobody who does not know the key at its start may
    /// be able to predict them. Pure and quick: it is called while a lock is held.
    /// </summary>
    /// <param name="input">At most 128 bytes, the key first.</param>
    ulong Hash(ReadOnlySpan<byte> input);
}
