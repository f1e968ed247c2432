namespace Logos.P2P.AddrMan;

/// <summary>All that makes an address manager what it is: what a `peers.dat` holds.</summary>
public sealed record PeersImage
{
    /// <summary>The secret that placed the addresses, <see cref="AddrManParameters.KeySize"/> bytes.</summary>
    public required ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>
    /// Names the grouping that placed them, such as `prefix` or that of an <see cref="Asmap"/>: 1 to
    /// <see cref="PeersFile.MaxGroupingLength"/> printable ASCII characters without spaces.
    /// </summary>
    public required string Grouping { get; init; }

    /// <summary>The entries, as of <see cref="AddressManager.Snapshot"/>.</summary>
    public required IReadOnlyList<AddressEntry> Entries { get; init; }

    /// <summary>
    /// Whether the buckets of the entries mean something to a manager with this key and grouping; if not, they are to be
    /// restored without (<see cref="AddressManager.Restore"/>).
    /// </summary>
    public bool WasPlacedBy(ReadOnlySpan<byte> key, string grouping) =>
        Key.Span.SequenceEqual(key) && string.Equals(Grouping, grouping, StringComparison.Ordinal);
}
