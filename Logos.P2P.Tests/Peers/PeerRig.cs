using Logos.P2P.Access;
using Logos.P2P.Addresses;
using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;
using Logos.P2P.Peers;
using Logos.P2P.Relay;
using Logos.P2P.Tests.Transport;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace Logos.P2P.Tests.Peers;

/// <summary>
/// The parts of a node without listeners, dialler and heartbeat: peers in it are at the ends of connections in memory,
/// whose other ends a test speaks for. The clock stands still until the test moves it, and nothing ticks by itself.
/// </summary>
internal sealed class PeerRig : IAsyncDisposable
{
    private readonly IAsyncEnumerator<NodeEvent> _events;
    private readonly List<NodeEvent> _seen = [];
    private int _lastPort = 50_000;

    /// <param name="options">The node's; those of a regtest node if not told.</param>
    /// <param name="handler">Its upper layer.</param>
    /// <param name="mode">How it relays. Most tests are about other things, and want payloads to come at once.</param>
    public PeerRig(
        P2POptions? options = null, IMessageHandler? handler = null, RelayMode mode = RelayMode.Push)
    {
        options ??= new P2POptions { Network = P2PNetwork.Regtest };
        NodeSettings settings = NodeSettings.From(options with { RandomSeed = options.RandomSeed ?? 1, Relay = mode });
        var random = new RandomSource(settings.RandomSeed);
        var clock = new NodeClock(Clock);
        var peers = new PeerTable();
        var local = new LocalAddresses(settings.Policy, settings.ExternalEndpoints, random);
        var discouragement = new Discouragement();
        var bans = new BanList(Clock);
        var events = new EventHub();
        Frames = new FramePool(options.Network);
        var metrics = new P2PMetrics(Frames);
        Book = new AddressManager(new AddressManagerOptions
        {
            Key = new byte[AddrManParameters.KeySize],
            Random = new Random(1),
            Clock = Clock,
            Grouping = settings.Policy.Grouping,
            IsRoutable = settings.Policy.IsStorable,
        });
        var relay = new MessageRelay(
            handler ?? Handler, RelayPolicies.Create(settings.Relay), peers, Frames, clock, random,
            new UploadTarget(settings.MaxUploadTarget, metrics.Traffic, clock), metrics, events, NullLogger.Instance);
        Node = new NodeContext
        {
            Settings = settings,
            Clock = clock,
            Tasks = new NodeTasks(),
            Random = random,
            Frames = Frames,
            Budget = new ByteBudget(Frames, settings.MaxFrameMemory),
            RelayLimit = Intake.NodeLimit(settings),
            UploadRate = UploadLimit.ForAll(settings),
            Peers = peers,
            Relay = relay,
            Gossip = new AddressGossip(Book, local, peers, discouragement, bans, settings.Policy, Frames, clock, random),
            Local = local,
            Discouragement = discouragement,
            Bans = bans,
            Metrics = metrics,
            Events = events,
            Captures = null,
            Logger = NullLogger.Instance,
        };
        Host = new PeerHost(Node, []);
        _events = events.Watch(CancellationToken.None).GetAsyncEnumerator();
    }

    public ManualTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));

    public RecordingHandler Handler { get; init; } = new();

    public FramePool Frames { get; }

    public AddressManager Book { get; }

    public NodeContext Node { get; }

    public PeerHost Host { get; }

    public P2PMetrics Metrics => Node.Metrics;

    public static NetEndpoint Endpoint(string text, ushort port = 14495) =>
        NetEndpoint.TryParse(text, port, out NetEndpoint endpoint) ? endpoint : throw new FormatException(text);

    /// <summary>A connection between the node, at 127.0.0.1 or where told, and a stranger.</summary>
    public ScriptedPeer Connect(
        ConnectionKind kind = ConnectionKind.Inbound, string host = "127.0.0.1", string ours = "127.0.0.1:14497")
    {
        NetEndpoint theirs = Endpoint(host, (ushort)Interlocked.Increment(ref _lastPort));
        (MemoryConnection mine, MemoryConnection other) = MemoryNetwork.Connect(Endpoint(ours), theirs);
        Peer peer = Host.Run(mine, kind, theirs) ?? throw new InvalidOperationException("The host is stopping.");
        return new ScriptedPeer(peer, mine, other, Node.Settings.Policy.Network);
    }

    /// <summary>A connection that a stranger makes, and that the node may refuse.</summary>
    /// <returns>Null when it did.</returns>
    public ScriptedPeer? Knock(string host)
    {
        NetEndpoint theirs = Endpoint(host, (ushort)Interlocked.Increment(ref _lastPort));
        (MemoryConnection mine, MemoryConnection other) = MemoryNetwork.Connect(theirs, Endpoint("127.0.0.1:14497"));
        Host.Accept(other);
        Peer? peer = Node.Peers.All.FirstOrDefault(peer => peer.Endpoint == theirs);
        Assert.That(other.IsClosed, Is.EqualTo(peer is null));
        return peer is null ? null : new ScriptedPeer(peer, other, mine, Node.Settings.Policy.Network);
    }

    /// <summary>A connection whose handshake is complete.</summary>
    /// <param name="kind">Who dialled.</param>
    /// <param name="host">Where the other end is.</param>
    /// <param name="addrV2">Whether it asks for `addrv2`.</param>
    /// <param name="ours">The node's end.</param>
    /// <param name="seen">Where the other end says that the node is; none if it does not say.</param>
    public async Task<ScriptedPeer> ConnectReadyAsync(
        ConnectionKind kind = ConnectionKind.Inbound,
        string host = "127.0.0.1",
        bool addrV2 = true,
        string ours = "127.0.0.1:14497",
        NetEndpoint seen = default)
    {
        ScriptedPeer peer = Connect(kind, host, ours);
        await peer.ShakeHandsAsync(addrV2, ScriptedPeer.Version() with { Receiver = seen });
        await WaitForAsync<PeerReady>(ready => ready.PeerId == peer.Peer.Id);
        return peer;
    }

    /// <summary>A connection whose other end speaks `logos.relay`.</summary>
    public async Task<ScriptedPeer> ConnectRelayAsync(ConnectionKind kind = ConnectionKind.Inbound, bool takesChunks = false)
    {
        ScriptedPeer peer = Connect(kind);
        await peer.ShakeHandsAsync(relayKey: ScriptedPeer.RelayKey, takesChunks: takesChunks);
        await WaitForAsync<PeerReady>(ready => ready.PeerId == peer.Peer.Id);
        return peer;
    }

    /// <summary>Moves the clock and has every peer look at it once.</summary>
    public void Advance(TimeSpan by)
    {
        Clock.Advance(by);
        Host.Tick();
    }

    /// <summary>Moves the clock a heartbeat at a time.</summary>
    public void AdvanceInBeats(TimeSpan by)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < by; passed += NodeDefaults.Heartbeat)
            Advance(NodeDefaults.Heartbeat);
    }

    /// <summary>The next event of a kind that was not returned before.</summary>
    public async Task<T> WaitForAsync<T>(Func<T, bool>? condition = null)
        where T : NodeEvent
    {
        condition ??= _ => true;
        while (true)
        {
            if (_seen.OfType<T>().FirstOrDefault(condition) is { } found)
            {
                _seen.Remove(found);
                return found;
            }

            Assert.That(await _events.MoveNextAsync().AsTask().WaitAsync(TestNode.Patience), Is.True);
            _seen.Add(_events.Current);
        }
    }

    /// <summary>Waits until so many inputs were dropped for a reason.</summary>
    public async Task WaitForDropsAsync(DropReason reason, int count)
    {
        for (int i = 0; i < count; i++)
            await WaitForAsync<InputDropped>(drop => drop.Reason == reason);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync().WaitAsync(TestNode.Patience);
        Node.Relay.Dispose();
        Node.Events.Complete();
        await _events.DisposeAsync();
    }
}
