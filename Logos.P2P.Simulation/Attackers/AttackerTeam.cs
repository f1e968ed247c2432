using Logos.P2P.Simulation.Nodes;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Attackers;

/// <summary>The attacker: all of his machines. They come after the nodes of the network.</summary>
internal sealed class AttackerTeam(SimulatedNetwork network)
{
    /// <summary>A hundred megabits a second: as fast as the best line of a node.</summary>
    private const double UplinkBytesPerSecond = 12.5e6;

    private readonly FramePool _frames = new(P2PNetwork.Main);
    private readonly List<AttackerHost> _hosts = [];
    private readonly HashSet<NetAddress> _addresses = [];

    public IReadOnlyList<AttackerHost> Hosts => _hosts;

    /// <summary>All addresses at which the attacker answers.</summary>
    public IReadOnlyList<NetEndpoint> Endpoints => [.. _hosts.Select(host => host.Endpoint)];

    /// <summary>Adds a machine anywhere.</summary>
    public AttackerHost Add(Conduct conduct) => Add(NetworkFactory.DrawAddress(network), conduct);

    /// <summary>Adds a machine.</summary>
    public AttackerHost Add(NetAddress address, Conduct conduct)
    {
        var host = new AttackerHost(network, network.Internet.AddHost(address, UplinkBytesPerSecond), _frames, conduct);
        _hosts.Add(host);
        _addresses.Add(address);
        return host;
    }

    /// <summary>Whether an address is his.</summary>
    public bool Has(in NetAddress address) => _addresses.Contains(address);

    /// <summary>Connections that messages of nodes flow to and that are his.</summary>
    public int LinkCount => network.Running.Sum(node => node.Peers.Count(peer => Has(peer.Endpoint.Address)));

    /// <summary>His part of all connections of a kind.</summary>
    public double ShareOf(ConnectionKind kind)
    {
        bool[] areHis =
        [
            .. from node in network.Running
               from peer in node.Peers
               where peer.Kind == kind
               select Has(peer.Endpoint.Address),
        ];
        return areHis.Length == 0 ? 0 : (double)areHis.Count(isHis => isHis) / areHis.Length;
    }

    /// <summary>The DNS seed, which cannot tell who is who, lists the attacker's machines among the nodes.</summary>
    public void JoinSeed()
    {
        NetAddress[] all = [.. network.Internet.Hosts.Select(host => host.Address)];
        network.Random.Shuffle(all);
        network.Names.Add(NetworkFactory.SeedQuery, all);
    }

    /// <summary>Each of his machines dials a number of nodes, drawn at random, spread over a while.</summary>
    public void DialSome(int each, TimeSpan within)
    {
        foreach (AttackerHost host in _hosts)
        {
            SimulatedNode[] nodes = [.. network.Nodes];
            network.Random.Shuffle(nodes);
            foreach (SimulatedNode node in nodes.Take(each))
                network.Loop.After(within * network.Random.NextDouble(), () => host.Dial(node.Endpoint));
        }
    }

    /// <summary>His machines in turn dial each node a number of times, spread over a while.</summary>
    public void DialAll(int timesEach, TimeSpan within)
    {
        int next = 0;
        foreach (SimulatedNode node in network.Nodes)
        {
            for (int i = 0; i < timesEach && _hosts.Count > 0; i++)
            {
                AttackerHost host = _hosts[next++ % _hosts.Count];
                network.Loop.After(within * network.Random.NextDouble(), () => host.Dial(node.Endpoint));
            }
        }
    }
}
