using System.Collections.Immutable;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Control;

/// <summary>Bitcoin Core's names of networks.</summary>
internal static class NetworkNames
{
    /// <summary>The networks that addresses can be on, in Bitcoin Core's order.</summary>
    public static readonly ImmutableArray<NetworkId> All =
        [NetworkId.IPv4, NetworkId.IPv6, NetworkId.TorV3, NetworkId.I2P, NetworkId.Cjdns];

    /// <summary>The name of a network.</summary>
    public static string Of(NetworkId network) => network switch
    {
        NetworkId.TorV3 => "onion",
        _ => network.ToString().ToLowerInvariant(),
    };

    /// <summary>The network of a name; null when it is none.</summary>
    public static NetworkId? Find(string name) =>
        All.Cast<NetworkId?>().FirstOrDefault(network => Of(network!.Value).Equals(name, StringComparison.OrdinalIgnoreCase));
}
