namespace Logos.P2P.Discovery;

/// <summary>
/// One of the ways by which a node learns where others are. Told the time by the heartbeat; what takes long runs on its own.
/// </summary>
internal interface IDiscovery
{
    /// <summary>Brings in addresses, or begins to, when it is time.</summary>
    void Tick(in DiscoveryState state);

    /// <summary>Gives up what is under way and waits until nothing of it runs.</summary>
    Task StopAsync();
}

/// <summary>What a way of discovery goes by.</summary>
/// <param name="Now">The time since the node was made.</param>
/// <param name="KnownAddresses">Addresses in the book on networks that this node dials.</param>
/// <param name="OutboundPeers">Peers that we chose from the book and whose handshake is complete.</param>
/// <param name="IsAlone">Whether there is no peer that tells addresses, neither of those nor of the operator's.</param>
internal readonly record struct DiscoveryState(TimeSpan Now, int KnownAddresses, int OutboundPeers, bool IsAlone);
