namespace Logos.P2P.AddrMan;

/// <summary>How many of its 64 places are taken, for each bucket.</summary>
/// <param name="New">Of the new table's 1,024 buckets.</param>
/// <param name="Tried">Of the tried table's 256.</param>
public sealed record BucketFill(IReadOnlyList<byte> New, IReadOnlyList<byte> Tried);
