using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>The networks that an address in the manager can be on.</summary>
internal static class PerNetwork
{
    /// <summary>All of them.</summary>
    public static ReadOnlySpan<NetworkId> All =>
        [NetworkId.IPv4, NetworkId.IPv6, NetworkId.TorV3, NetworkId.I2P, NetworkId.Cjdns];
}

/// <summary>One thing for each network that an address in the manager can be on.</summary>
/// <param name="make">Makes one.</param>
internal sealed class PerNetwork<T>(Func<T> make)
{
    private readonly T _ipv4 = make();
    private readonly T _ipv6 = make();
    private readonly T _torV3 = make();
    private readonly T _i2p = make();
    private readonly T _cjdns = make();

    /// <summary>The one of a network.</summary>
    public T this[NetworkId network] => network switch
    {
        NetworkId.IPv4 => _ipv4,
        NetworkId.IPv6 => _ipv6,
        NetworkId.TorV3 => _torV3,
        NetworkId.I2P => _i2p,
        NetworkId.Cjdns => _cjdns,
        _ => throw new ArgumentOutOfRangeException(nameof(network), network, "No address is on it."),
    };
}
