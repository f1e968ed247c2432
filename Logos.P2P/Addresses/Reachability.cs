using Logos.P2P.Wire;

namespace Logos.P2P.Addresses;

/// <summary>How well a peer can reach an address of ours, better ones later. Bitcoin Core's scale (`netaddress.cpp`).</summary>
internal enum Reachability
{
    /// <summary>It must not even hear of it.</summary>
    None,

    /// <summary>Perhaps, by networks that we know nothing of.</summary>
    Default,

    /// <summary>By a Teredo tunnel.</summary>
    Teredo,

    /// <summary>By IPv6 through another tunnel.</summary>
    TunnelledIPv6,

    /// <summary>By IPv4, which nearly all have.</summary>
    IPv4,

    /// <summary>By IPv6 all the way.</summary>
    IPv6,

    /// <summary>Without leaving a network that is closed to others.</summary>
    SameClosedNetwork,
}

/// <summary>Judges <see cref="Reachability"/>.</summary>
internal static class ReachabilityRule
{
    /// <summary>
    /// Judges one of our addresses for a peer. Tor and I2P are used to hide who somebody is: an address there is never told
    /// outside, nor any other inside, because one message with both would join the two identities for ever.
    /// </summary>
    /// <param name="own">Ours. That the peer may hear of private ones is for others to judge.</param>
    /// <param name="peer">The peer's.</param>
    public static Reachability Judge(NetAddress own, NetAddress peer)
    {
        bool isSameNetwork = own.Network == peer.Network;
        if (!isSameNetwork && (IsAnonymous(own.Network) || IsAnonymous(peer.Network)))
            return Reachability.None;
        if (isSameNetwork && (!own.IsIP || own.IsPrivate))
            return Reachability.SameClosedNetwork;

        return (PathOf(peer), PathOf(own)) switch
        {
            (Path.IPv4, Path.IPv4) => Reachability.IPv4,
            (Path.IPv4, _) => Reachability.Default,
            (Path.Other, _) or (_, Path.Other) => Reachability.Default,
            (_, Path.IPv4) => Reachability.IPv4,
            (_, Path.Teredo) => Reachability.Teredo,
            (_, Path.TunnelledIPv6) or (Path.Teredo, _) => Reachability.TunnelledIPv6,
            _ => Reachability.IPv6,
        };
    }

    private static bool IsAnonymous(NetworkId network) => network is NetworkId.TorV3 or NetworkId.I2P;

    private static Path PathOf(NetAddress address) => address.Network switch
    {
        NetworkId.IPv4 => Path.IPv4,
        NetworkId.IPv6 when address.IsTeredo => Path.Teredo,
        NetworkId.IPv6 when address.TryGetLinkedIPv4(out _) => Path.TunnelledIPv6,
        NetworkId.IPv6 => Path.IPv6,
        _ => Path.Other,
    };

    private enum Path
    {
        Other,
        IPv4,
        IPv6,
        TunnelledIPv6,
        Teredo,
    }
}
