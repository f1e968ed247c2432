using System.Buffers.Binary;
using Logos.P2P.Simulation.Engine;
using Logos.P2P.Simulation.Links;
using Logos.P2P.Simulation.Scenarios;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Nodes;

/// <summary>Makes the networks of <see cref="GraphKinds"/> and brings them up.</summary>
internal static class NetworkFactory
{
    /// <summary>Links that each node of a given graph dials: Bitcoin's number, and the node's own default.</summary>
    private const int Outbound = 8;

    private const double BitsPerByte = 8;
    private const double SlowestUplink = 20e6 / BitsPerByte;
    private const double FastestUplink = 100e6 / BitsPerByte;

    /// <summary>The host whose name lists all nodes that are up at the start, where nodes find each other.</summary>
    private const string SeedName = "seed.example";

    /// <summary>What nodes ask it for.</summary>
    public const string SeedQuery = "x1000000." + SeedName;

    private static readonly TimeSpan MedianDelay = TimeSpan.FromMilliseconds(45);
    private const double DelaySigma = 0.6;

    /// <summary>Where nodes are, by region, in hundredths.</summary>
    private static readonly int[] RegionShares = [30, 35, 20, 5, 10];

    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LinkTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan GrowthTimeout = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <summary>How a node runs that asks the DNS for its first peers.</summary>
    public static P2POptions FromDns { get; } = new() { DnsSeedHosts = [SeedName], FixedSeeds = false };

    /// <summary>How a node runs that has nothing but its own address book.</summary>
    public static P2POptions FromBook { get; } = new() { DnsSeed = false, FixedSeeds = false };

    /// <summary>
    /// Outbound links that a node of a grown network must get: all that it wants, as far as there are nodes left when it has
    /// its quiet peers.
    /// </summary>
    public static int WantedOutbound(SimulatedNetwork network) =>
        Math.Min(Outbound, Math.Max(1, network.Running.Count() - 1 - NodeDefaults.QuietConnections));

    /// <summary>Makes a network whose nodes do not run yet.</summary>
    public static SimulatedNetwork Create(ScenarioParameters parameters, Trace? trace = null)
    {
        var network = new SimulatedNetwork(parameters.Seed, LinksFor(parameters), trace);
        for (int i = 0; i < parameters.Nodes; i++)
            AddNode(network);
        if (parameters.Graph == GraphKinds.Grown)
        {
            network.Names.Add(SeedQuery, [.. network.Nodes.Select(node => node.Host.Address)]);
            foreach (SimulatedNode node in network.Nodes)
                node.Options = FromDns;
            return network;
        }

        Link(network, NetworkGraph.Random(parameters.Nodes, Outbound, network.Random));
        return network;
    }

    /// <summary>Adds one more host, anywhere.</summary>
    public static SimulatedNode AddNode(SimulatedNetwork network)
    {
        double uplink = SlowestUplink + ((FastestUplink - SlowestUplink) * network.Random.NextDouble());
        return network.AddNode(DrawAddress(network), uplink, DrawRegion(network.Random));
    }

    /// <summary>Makes nodes dial those that a graph says.</summary>
    public static void Link(SimulatedNetwork network, NetworkGraph graph)
    {
        foreach (SimulatedNode node in network.Nodes)
        {
            string[] peers = [.. graph.DialledBy(node.Index).Select(to => network.Nodes[to].Endpoint.ToString())];
            node.Options = new P2POptions { Connect = peers.Length > 0 ? peers : ["0"] };
        }
    }

    /// <summary>Starts all nodes and waits until each has the connections that it wants, which it must get.</summary>
    public static void BringUp(SimulatedNetwork network)
    {
        network.StartAll(StartWithin);
        bool isGrown = network.Nodes.Any(node => node.Options.Connect.Count == 0);
        int wanted = WantedOutbound(network);
        if (Wait(network, () => network.Running.All(node => HasItsLinks(node, wanted)), isGrown ? GrowthTimeout : LinkTimeout))
            return;
        IEnumerable<int> missing = network.Running.Where(node => !HasItsLinks(node, wanted)).Select(node => node.Index);
        network.Violate($"Nodes without the connections that they want: {string.Join(", ", missing)}.");
    }

    /// <summary>Lets time pass until something is the case, looking ten times a second.</summary>
    public static bool Wait(SimulatedNetwork network, Func<bool> condition, TimeSpan atMost)
    {
        TimeSpan end = network.Loop.Now + atMost;
        while (!condition())
        {
            if (network.Loop.Now >= end)
                return false;
            network.Loop.RunFor(Step);
        }

        return true;
    }

    private static bool HasItsLinks(SimulatedNode node, int wantedOutbound) => node.Options.Connect.Count == 0
        ? node.CountPeers(ConnectionKind.Outbound) >= wantedOutbound
        : node.CountPeers(ConnectionKind.Manual) >= node.Options.Connect.Count(peer => peer != "0");

    private static LinkModel LinksFor(ScenarioParameters parameters)
    {
        ulong seed = PairRandom.Mix(parameters.Seed, 2, 0);
        return parameters.Graph == GraphKinds.Regions
            ? new RegionLinks(seed) { Jitter = parameters.Jitter, Loss = parameters.Loss }
            : new LognormalLinks(MedianDelay, DelaySigma, seed) { Jitter = parameters.Jitter, Loss = parameters.Loss };
    }

    /// <summary>An address in a public /16, so that nearly all nodes are in neighbourhoods of their own.</summary>
    public static NetAddress DrawAddress(SimulatedNetwork network)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        while (true)
        {
            uint value = (20u << 24) + (uint)network.Random.Next(60 << 24);
            BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
            if (NetAddress.TryCreate(NetworkId.IPv4, bytes, out NetAddress address) && network.Internet.HostAt(address) is null)
                return address;
        }
    }

    private static int DrawRegion(Random random)
    {
        int draw = random.Next(RegionShares.Sum());
        int region = 0;
        while (draw >= RegionShares[region])
            draw -= RegionShares[region++];
        return region;
    }
}
