using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>What an <see cref="AddressManager"/> works with. Nothing of it changes during its life.</summary>
public sealed record AddressManagerOptions
{
    /// <summary>
    /// The secret that decides every placement, <see cref="AddrManParameters.KeySize"/> random bytes. Stored with the
    /// addresses: with another key every address has another place. Whoever learns it can fill chosen buckets.
    /// </summary>
    public required ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>
    /// The source of all chance, used by this manager alone. It decides whom we dial: seed it unguessably.
    /// </summary>
    public required Random Random { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>Which addresses count as one party's; by default Bitcoin's prefixes.</summary>
    public INetGrouping Grouping { get; init; } = PrefixGrouping.Instance;

    /// <summary>The hash that spreads addresses over buckets; by default Blake2b-256.</summary>
    public IBucketHash Hash { get; init; } = Blake2bBucketHash.Instance;

    /// <summary>
    /// Which endpoints are worth storing; by default <see cref="IsPublic"/>. Pure: it is called while a lock is held.
    /// </summary>
    public Predicate<NetEndpoint> IsRoutable { get; init; } = IsPublic;

    /// <summary>An address that hosts on the internet can reach, with a port, except on I2P, which has none.</summary>
    public static bool IsPublic(NetEndpoint endpoint) =>
        endpoint.Address.IsRoutable && endpoint.HasItsPort;
}
