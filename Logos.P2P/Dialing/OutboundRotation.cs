using Logos.P2P.AddrMan;
using Logos.P2P.Peers;
using Logos.P2P.Wire;

namespace Logos.P2P.Dialing;

/// <summary>
/// Replaces outbound peers, slowly: now and then one more is connected to, and after a trial the worst of all goes. Told the
/// time by the heartbeat.
/// </summary>
internal sealed class OutboundRotation(NodeContext node, AddressManager book)
{
    private TimeSpan _nextNewcomer = Next(node);
    private bool _seeksMissing = true;

    /// <summary>Whether it is time to try a newcomer.</summary>
    public bool IsDue(TimeSpan now) => now >= _nextNewcomer;

    /// <summary>Notes that one is being tried.</summary>
    public void Tried()
    {
        _nextNewcomer = Next(node);
        _seeksMissing = !_seeksMissing;
    }

    /// <summary>Notes that there was nobody to try on the wanted networks.</summary>
    public void FoundNobody() => _seeksMissing = !_seeksMissing;

    /// <summary>
    /// The networks that a newcomer is to be on. Every other time those of which addresses are known and that have no full
    /// outbound peer, since a node on two networks holds them together; else any, since this machine may have no way to them.
    /// </summary>
    public NetworkId[] WantedNetworks()
    {
        Peer[] peers = Outbound();
        NetworkId[] missing =
        [
            .. node.Settings.DialedNetworks.Where(network =>
                book.CountOf(network).Total > 0 && !peers.Any(peer => peer.Endpoint.Address.Network == network)),
        ];
        return _seeksMissing && missing.Length > 0 ? missing : [.. node.Settings.DialedNetworks];
    }

    /// <summary>Ends the trial of a newcomer when its time is up.</summary>
    public void Tick(TimeSpan now)
    {
        Peer[] peers = Outbound();
        if (peers.Length <= node.Settings.MaxOutbound
            || peers.Any(peer => now - peer.ConnectedAt < NodeDefaults.NewcomerTrial))
        {
            return;
        }

        OutboundRecord[] records =
        [
            .. peers.Select(peer => new OutboundRecord(peer.Id, peer.Endpoint.Address.Network, peer.LastFirstDelivery)),
        ];
        node.Peers.Find(OutboundPolicy.Worst(records).Id)?.Disconnect(DisconnectReason.Replaced);
    }

    private Peer[] Outbound() => [.. node.Peers.Ready.Where(
        peer => peer is { Kind: ConnectionKind.Outbound, Reason: DisconnectReason.None })];

    private static TimeSpan Next(NodeContext node) =>
        node.Clock.Now + node.Random.NextExponential(NodeDefaults.NewcomerInterval);
}
