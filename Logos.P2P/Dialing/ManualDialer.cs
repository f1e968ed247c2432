using System.Collections.Concurrent;
using System.Collections.Immutable;
using Logos.P2P.Peers;
using Logos.P2P.Wire;

namespace Logos.P2P.Dialing;

/// <summary>
/// Keeps up the connections to the operator's peers: each is tried again until it answers. Who they are may change while
/// the node runs. Guards itself.
/// </summary>
internal sealed class ManualDialer(NodeContext node, Connector connector, NamedPeers names, DialTasks<string> tasks)
{
    private readonly Lock _gate = new();
    private readonly DialHistory<string> _history = new(NodeDefaults.ManualRetryMax);
    private readonly ConcurrentDictionary<string, NetEndpoint> _dialled = new();
    private volatile Named _named = Named.Of(node.Settings.ManualPeers, node.Settings);

    public void Tick(TimeSpan now)
    {
        foreach (string peer in _named.Peers)
        {
            // Most of the time all of them are connected, and this is in every beat.
            if (!tasks.IsRunning(peer) && _history.IsDue(peer, now, node.Peers.IsAlone))
                TryOnce(peer);
        }
    }

    /// <summary>Whether an endpoint is one of the operator's peers, whether or not it answers.</summary>
    public bool Names(NetEndpoint endpoint) => _named.Endpoints.Contains(endpoint);

    /// <summary>Adds a peer to stay connected to.</summary>
    public AddNodeResult Add(string peer)
    {
        lock (_gate)
        {
            ImmutableArray<string> peers = _named.Peers;
            if (peers.Contains(peer))
                return AddNodeResult.AlreadyAdded;
            // Those of the start are within the limit of their own options.
            if (peers.Length >= Math.Max(NodeDefaults.ManualConnections, node.Settings.ManualPeers.Length))
                return AddNodeResult.ListFull;
            _named = Named.Of(peers.Add(peer), node.Settings);
            return AddNodeResult.Added;
        }
    }

    /// <summary>Connects to a peer no more once it is lost.</summary>
    /// <returns>False when it was not added.</returns>
    public bool Remove(string peer)
    {
        lock (_gate)
        {
            ImmutableArray<string> peers = _named.Peers.Remove(peer);
            bool isFound = peers.Length < _named.Peers.Length;
            _named = Named.Of(peers, node.Settings);
            return isFound;
        }
    }

    /// <summary>The operator's peers, and the connections to them.</summary>
    public IReadOnlyList<AddedNode> List()
    {
        Peer[] peers = [.. node.Peers.Ready];
        return
        [
            .. from name in _named.Peers
               let endpoint = EndpointOf(name)
               let peer = peers.FirstOrDefault(peer => peer.Endpoint == endpoint)
               select new AddedNode(name, peer?.Endpoint, peer?.Kind == ConnectionKind.Inbound),
        ];
    }

    /// <summary>Dials a peer now, unless that is going on or it is connected.</summary>
    public void TryOnce(string peer) => tasks.TryStart(peer, () => DialAsync(peer));

    /// <summary>What a name stands for: an address, or the one of its addresses that is dialled or connected.</summary>
    private NetEndpoint? EndpointOf(string name) =>
        _dialled.TryGetValue(name, out NetEndpoint dialled) ? dialled
        : NetEndpoint.TryParse(name, node.Settings.Policy.Network.DefaultPort(), out NetEndpoint endpoint) ? endpoint
        : null;

    private async Task DialAsync(string peer)
    {
        bool wasReady = false;
        try
        {
            foreach (NetEndpoint endpoint in await names.ResolveAsync(peer))
            {
                if (node.Local.IsOwn(endpoint) || !connector.Table.TryClaim(endpoint, ConnectionKind.Manual))
                    continue;
                _dialled[peer] = endpoint;
                wasReady = await connector.DialAsync(endpoint, ConnectionKind.Manual);
                if (wasReady)
                    break;
            }
        }
        finally
        {
            _dialled.TryRemove(peer, out _);
            _history.Note(peer, wasReady, node.Clock.Now, node.Peers.IsAlone);
        }
    }

    /// <summary>The operator's peers as he wrote them, and the endpoints of those that are addresses.</summary>
    private sealed record Named(ImmutableArray<string> Peers, ImmutableHashSet<NetEndpoint> Endpoints)
    {
        public static Named Of(ImmutableArray<string> peers, NodeSettings settings)
        {
            ImmutableHashSet<NetEndpoint>.Builder endpoints = ImmutableHashSet.CreateBuilder<NetEndpoint>();
            foreach (string peer in peers)
            {
                if (NetEndpoint.TryParse(peer, settings.Policy.Network.DefaultPort(), out NetEndpoint endpoint))
                    endpoints.Add(endpoint);
            }

            return new Named(peers, endpoints.ToImmutable());
        }
    }
}
