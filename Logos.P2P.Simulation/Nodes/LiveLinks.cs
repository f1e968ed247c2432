using Logos.P2P.Peers;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Nodes;

/// <summary>The links of a network that carry messages in both directions, at one moment.</summary>
internal sealed class LiveLinks
{
    private readonly List<(int From, int To)> _links = [];
    private readonly int[] _running;

    public LiveLinks(SimulatedNetwork network)
    {
        _running = [.. network.Running.Select(node => node.Index)];
        var inbound = new HashSet<(NetEndpoint Local, NetEndpoint Remote)>(
            from node in network.Running
            from peer in Open(node)
            where peer.Kind == ConnectionKind.Inbound
            select (peer.LocalEndpoint, peer.Endpoint));
        foreach (SimulatedNode node in network.Running)
        {
            foreach (Peer peer in Open(node))
            {
                if (inbound.Contains((peer.Endpoint, peer.LocalEndpoint)))
                    _links.Add((node.Index, network.NodeAt(peer.Endpoint.Address)!.Index));
            }
        }
    }

    /// <summary>Whether every node that runs can be reached from every other.</summary>
    public bool AreWhole => Pieces() <= 1;

    /// <summary>How many links lead from one side to another.</summary>
    public int CountCrossing(Func<int, int> sideOf) => _links.Count(link => sideOf(link.From) != sideOf(link.To));

    /// <summary>Into how many pieces the network falls that cannot reach each other.</summary>
    public int Pieces()
    {
        Dictionary<int, int> above = _running.ToDictionary(node => node);
        int Top(int node)
        {
            while (above[node] != node)
                node = above[node] = above[above[node]];
            return node;
        }

        foreach ((int from, int to) in _links)
            above[Top(from)] = Top(to);
        return _running.Count(node => Top(node) == node);
    }

    private static IEnumerable<Peer> Open(SimulatedNode node) =>
        node.Peers.Where(peer => peer.Reason == DisconnectReason.None);
}
