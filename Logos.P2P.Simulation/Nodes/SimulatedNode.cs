using System.Diagnostics.CodeAnalysis;
using Logos.P2P.Peers;
using Logos.P2P.Simulation.Links;
using Logos.P2P.Simulation.Policies;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Nodes;

/// <summary>
/// One participant: the real node on a simulated host, with a disk that outlasts it, so that it can be stopped, crash, and
/// start again.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The disk has nothing to dispose.")]
internal sealed class SimulatedNode
{
    /// <summary>Where all listen.</summary>
    public const ushort Port = 14495;

    private const int KeySize = 32;

    private readonly SimulatedNetwork _network;
    private KeptStore _store;
    private readonly ulong _seed;
    private readonly List<(TimeSpan From, TimeSpan To)> _runs = [];
    private int _lives;

    public SimulatedNode(SimulatedNetwork network, SimulatedHost host, ulong seed)
    {
        _network = network;
        Host = host;
        _seed = seed;
        byte[] key = new byte[KeySize];
        new Random(seed.GetHashCode()).NextBytes(key);
        _store = new KeptStore(key);
        Endpoint = new NetEndpoint(host.Address, Port);
    }

    public SimulatedHost Host { get; }

    public int Index => Host.Index;

    /// <summary>Where it listens.</summary>
    public NetEndpoint Endpoint { get; }

    /// <summary>How it is to run from its next start on.</summary>
    public P2POptions Options { get; set; } = new();

    /// <summary>What the upper layer decides about each message.</summary>
    public Verdict Verdict { get; set; } = Verdict.Propagate;

    /// <summary>The node while it runs.</summary>
    public P2PNode? Node { get; private set; }

    /// <summary>How often it has been started.</summary>
    public int Lives => _lives;

    /// <summary>Whether it has gone silent. What becomes of messages there is nobody's fault but its own.</summary>
    public bool IsSilent => Host.IsMute;

    public bool IsRunning => Node is not null;

    /// <summary>The peers that messages flow to.</summary>
    public IEnumerable<Peer> Peers => Node?.Inside is { } inside ? inside.Peers.Ready : [];

    /// <summary>How many of its peers are of a kind.</summary>
    public int CountPeers(ConnectionKind kind) => Peers.Count(peer => peer.Kind == kind);

    /// <summary>Starts it. In an event of the simulation.</summary>
    public void Start()
    {
        if (IsRunning)
            return;
        _lives++;
        _runs.Add((_network.Loop.Now, TimeSpan.MaxValue));
        P2POptions options = Options with
        {
            Bind = [Endpoint.ToString()],
            RandomSeed = PairRandom.Mix(_seed, (ulong)_lives, 0),
        };
        Node = new P2PNode(options, _network.MakeUpperLayer(this), new FaultLog(_network, Index), new NodeEnvironment
        {
            Transport = Host,
            TimeProvider = _network.Loop.Clock,
            Tasks = _network.Loop.Tasks,
            Resolver = _network.Names,
            Store = _store,
            Descriptors = null,
            Policy = _ => SimulatedPolicies.Create(_network.Policy),
        });
        _network.Follow(Node.StartAsync());
    }

    /// <summary>Stops it as its operator would.</summary>
    public void Stop()
    {
        P2PNode? node = Node;
        Node = null;
        if (node is null)
            return;
        _runs[^1] = (_runs[^1].From, _network.Loop.Now);
        _network.Follow(StopAsync(node));
    }

    /// <summary>Whether it ran all the time from one moment to another.</summary>
    public bool RanThrough(TimeSpan from, TimeSpan to) => _runs.Any(run => run.From <= from && run.To >= to);

    /// <summary>Ends the connection to one of the peers that it is to stay connected to, and dials another one instead.</summary>
    public void Redial(string from, string to)
    {
        Options = Options with { Connect = [.. Options.Connect.Where(peer => peer != from), to] };
        P2PNode node = Node!;
        node.RemoveNode(from);
        foreach (Peer peer in Peers.Where(peer => peer.Endpoint.ToString() == from).ToArray())
            node.Disconnect(peer.Id);
        node.AddNode(to);
    }

    /// <summary>Goes silent for good: it stays connected and takes all that it is sent, and nothing that it sends arrives.</summary>
    public void FallSilent() => Host.IsMute = true;

    /// <summary>Ends it as a power cut would: what it has not sent is lost, what it has not written too.</summary>
    public void Kill()
    {
        Host.Crash();
        _store = _store.Copy();
        Stop();
    }

    private async Task StopAsync(P2PNode node)
    {
        await node.StopAsync();
        if (node.Metrics.UsedFrameBytes is > 0 and var left)
            _network.Violate($"Node {Index} stopped and left {left} bytes of frames in use.");
    }
}
