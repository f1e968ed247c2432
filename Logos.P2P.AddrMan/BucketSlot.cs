namespace Logos.P2P.AddrMan;

/// <summary>A place in a table.</summary>
/// <param name="Bucket">The bucket, from 0.</param>
/// <param name="Position">The position in the bucket, 0 to 63.</param>
internal readonly record struct BucketSlot(int Bucket, int Position);
