using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>The networks that an address in the manager can be on.</summary>
internal static class PerNetwork
{
    /// <summary>All of them.</summary>
    public static ReadOnlySpan<NetworkId> All =>
        [NetworkId.IPv4, NetworkId.IPv6, NetworkId.TorV3, NetworkId.I2P, NetworkId.Cjdns];
}

/// <summary>One thing for each network that an address in the manager can be on, made when it is first asked for.</summary>
/// <param name="make">Makes one.</param>
internal sealed class PerNetwork<T>(Func<T> make)
    where T : class
{
    private T? _ipv4;
    private T? _ipv6;
    private T? _torV3;
    private T? _i2p;
    private T? _cjdns;

    /// <summary>The one of a network.</summary>
    public T this[NetworkId network] => PlaceOf(network) ??= make();

    private ref T? PlaceOf(NetworkId network)
    {
        switch (network)
        {
            case NetworkId.IPv4:
                return ref _ipv4;
            case NetworkId.IPv6:
                return ref _ipv6;
            case NetworkId.TorV3:
                return ref _torV3;
            case NetworkId.I2P:
                return ref _i2p;
            case NetworkId.Cjdns:
                return ref _cjdns;
            default:
                throw new ArgumentOutOfRangeException(nameof(network), network, "No address is on it.");
        }
    }
}
