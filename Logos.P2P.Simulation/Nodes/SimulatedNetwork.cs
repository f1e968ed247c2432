using Logos.P2P.Simulation.Engine;
using Logos.P2P.Simulation.Links;
using Logos.P2P.Simulation.Policies;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Nodes;

/// <summary>A network of nodes under virtual time: everything a scenario works with.</summary>
internal sealed class SimulatedNetwork : IDisposable
{
    /// <summary>The node's own promise, and some delays of the network.</summary>
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(2);

    /// <summary>Violations that are kept: the first ones say what is wrong, and a run may have millions.</summary>
    private const int MaxViolations = 100;

    private readonly List<SimulatedNode> _nodes = [];
    private readonly List<string> _violations = [];
    private int _changing;

    /// <param name="seed">What the whole run is a function of.</param>
    /// <param name="links">How long bytes are on their way.</param>
    /// <param name="trace">Is told of all that arrives.</param>
    public SimulatedNetwork(ulong seed, LinkModel links, Trace? trace = null)
    {
        Seed = seed;
        Random = new Random(PairRandom.Mix(seed, 0, 0).GetHashCode());
        Trace = trace ?? new Trace();
        Internet = new SimulatedInternet(
            Loop, links, new Random(PairRandom.Mix(seed, 0, 1).GetHashCode()), Trace);
        Messages = new MessageLog(this);
        MakeUpperLayer = node => new LoggingLayer(node, this);
    }

    public ulong Seed { get; }

    public SimulationLoop Loop { get; } = new();

    public SimulatedInternet Internet { get; }

    public SimulatedNames Names { get; } = new();

    public Trace Trace { get; }

    public MessageLog Messages { get; }

    /// <summary>How nodes relay messages.</summary>
    public SimulatedPolicy Policy { get; init; } = SimulatedPolicy.Tree;

    /// <summary>Whether nodes know who originated a message.</summary>
    public bool HasLabels { get; init; } = true;

    /// <summary>What nodes are started with that are started from now on.</summary>
    public Func<SimulatedNode, IMessageHandler> MakeUpperLayer { get; set; }

    /// <summary>Every choice of the scenario.</summary>
    public Random Random { get; }

    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    public IEnumerable<SimulatedNode> Running => _nodes.Where(node => node.IsRunning);

    /// <summary>What must never be and was.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Adds a node that does not run yet.</summary>
    public SimulatedNode AddNode(NetAddress address, double uplinkBytesPerSecond, int region = 0)
    {
        // Each is the same number among the nodes and among the hosts.
        if (Internet.Hosts.Count != _nodes.Count)
            throw new InvalidOperationException("Nodes come before all other hosts.");
        SimulatedHost host = Internet.AddHost(address, uplinkBytesPerSecond, region);
        var node = new SimulatedNode(this, host, PairRandom.Mix(Seed, 1, (ulong)host.Index));
        _nodes.Add(node);
        return node;
    }

    /// <summary>The node at an address; null when there is none, or somebody else.</summary>
    public SimulatedNode? NodeAt(in NetAddress address) =>
        Internet.HostAt(address) is { } host && host.Index < _nodes.Count ? _nodes[host.Index] : null;

    /// <summary>Starts all nodes that do not run, spread over a while as machines are.</summary>
    public void StartAll(TimeSpan within)
    {
        foreach (SimulatedNode node in _nodes.Where(node => !node.IsRunning))
            Loop.After(within * Random.NextDouble(), node.Start);
        Loop.RunFor(within);
    }

    /// <summary>Stops all nodes that run and waits until nothing of them is left.</summary>
    public void StopAll()
    {
        foreach (SimulatedNode node in Running.ToArray())
            Loop.After(TimeSpan.Zero, node.Stop);
        Loop.RunFor(StopWithin);
        if (_changing > 0)
            Violate($"{_changing} nodes did not start or stop within {StopWithin}.");
    }

    /// <summary>Takes everything down for good.</summary>
    public void Dispose()
    {
        StopAll();
        Loop.End();
    }

    /// <summary>Notes that something is wrong. The run goes on; whoever runs it asks for the violations.</summary>
    public void Violate(string what)
    {
        if (_violations.Count < MaxViolations)
            _violations.Add($"{Loop.Now:g}: {what}");
    }

    /// <summary>Lets a node's start or stop run, and what it fails with be seen.</summary>
    public async void Follow(Task task)
    {
        _changing++;
        try
        {
            await task;
        }
        catch (IOException e)
        {
            Violate(e.ToString());
        }

        _changing--;
    }
}
