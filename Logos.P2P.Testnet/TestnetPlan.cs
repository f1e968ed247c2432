using Logos.P2P.Testnet.Proxy;

namespace Logos.P2P.Testnet;

/// <summary>How nodes come to know each other.</summary>
internal enum StartGraph
{
    /// <summary>Each is told whom to dial, at random, and dials nobody else.</summary>
    Random,

    /// <summary>All are told of node 0; they find the others by gossip.</summary>
    Seed,
}

/// <summary>What is asked for.</summary>
internal sealed record TestnetOptions
{
    public required int Nodes { get; init; }

    public StartGraph Graph { get; init; } = StartGraph.Random;

    /// <summary>How many peers each node dials.</summary>
    public int Degree { get; init; } = 8;

    /// <summary>What all chance comes from.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Whether links go through the proxy, which can disturb them.</summary>
    public bool Proxy { get; init; }

    /// <summary>How nodes relay messages.</summary>
    public RelayMode Relay { get; init; } = RelayMode.Tree;
}

/// <summary>A node as it is planned.</summary>
/// <param name="Port">Where it listens for peers.</param>
/// <param name="RpcPort">Where it listens for commands.</param>
/// <param name="Dials">The nodes it is told to dial.</param>
internal sealed record NodePlan(int Port, int RpcPort, IReadOnlyList<int> Dials);

/// <summary>
/// A network of processes as it was planned before any was started. It does not change: what changes is found out by
/// looking.
/// </summary>
/// <param name="Options">What was asked for.</param>
/// <param name="Nodes">The nodes; their index is their number.</param>
/// <param name="Links">The links that go through the proxy; empty without one.</param>
internal sealed record TestnetPlan(TestnetOptions Options, IReadOnlyList<NodePlan> Nodes, IReadOnlyList<LinkPlan> Links)
{
    /// <summary>How many outbound peers a node is to have.</summary>
    public int OutboundPeers(int node) => Options.Graph == StartGraph.Random
        ? Nodes[node].Dials.Count
        : Math.Min(Options.Degree, Nodes.Count - 1);

    /// <summary>Plans a network.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="findPorts">Finds so many free ports.</param>
    public static TestnetPlan Create(TestnetOptions options, Func<int, int[]> findPorts)
    {
        IReadOnlyList<int>[] dials = options.Graph == StartGraph.Random
            ? RandomGraph.Draw(options.Nodes, options.Degree, new Random(options.Seed))
            : [.. Enumerable.Range(0, options.Nodes).Select(node => (IReadOnlyList<int>)(node == 0 ? [] : [0]))];
        (int From, int To)[] edges = options.Proxy
            ? [.. dials.SelectMany((targets, from) => targets.Select(to => (from, to)))]
            : [];
        int[] ports = findPorts((2 * options.Nodes) + edges.Length);
        return new TestnetPlan(
            options,
            [.. dials.Select((targets, node) => new NodePlan(ports[node], ports[options.Nodes + node], targets))],
            [.. edges.Select((edge, i) => new LinkPlan(edge.From, edge.To, ports[(2 * options.Nodes) + i], ports[edge.To]))]);
    }

    /// <summary>The port on this machine that a node dials to reach another.</summary>
    public int PortFor(int from, int to) =>
        Links.FirstOrDefault(link => link.From == from && link.To == to)?.Port ?? Nodes[to].Port;

    /// <summary>The node that another one reaches when it dials a port; null for none of ours.</summary>
    public int? NodeBehind(int port)
    {
        if (Links.FirstOrDefault(link => link.Port == port) is { } link)
            return link.To;
        for (int node = 0; node < Nodes.Count; node++)
        {
            if (Nodes[node].Port == port)
                return node;
        }

        return null;
    }
}
