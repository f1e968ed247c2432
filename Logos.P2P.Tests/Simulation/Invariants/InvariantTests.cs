using Logos.P2P.Diagnostics;
using Logos.P2P.Simulation.Invariants;
using Logos.P2P.Simulation.Nodes;
using Logos.P2P.Simulation.Scenarios;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Invariants;

/// <summary>Each invariant holds in a network that is well, and fails when it is broken.</summary>
internal sealed class InvariantTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Test]
    public void A_network_that_is_well_violates_nothing()
    {
        using SimulatedNetwork network = Watched();
        network.Loop.Do(() => network.Messages.Send(network.Nodes[0], 1000));
        network.Loop.RunFor(5 * Second);
        network.StopAll();

        Assert.That(network.Violations, Is.Empty);
    }

    [Test]
    public void More_peers_than_are_allowed_are_found()
    {
        using SimulatedNetwork network = Watched();

        // The node goes by the options that it was started with.
        network.Nodes[2].Options = network.Nodes[2].Options with { MaxConnections = 3 };
        network.Loop.RunFor(Second);

        Assert.That(network.Violations, Is.Not.Empty.And.All.Contains("Node 2: 7 peers, and 3 are allowed."));
    }

    [TestCaseSource(nameof(Owners))]
    public void Memory_over_its_bound_is_found(string owner)
    {
        MemoryAccount account = Account(owner);

        Assert.That(BoundedTables.Check(account), Has.Exactly(1).StartsWith(owner));
    }

    [Test]
    public void Memory_within_its_bounds_is_none_of_the_kind() =>
        Assert.That(BoundedTables.Check(Account("nobody")), Is.Empty);

    [Test]
    public void Bytes_that_were_counted_and_never_sent_are_found()
    {
        using SimulatedNetwork network = Watched();

        network.Nodes[3].Node!.GetPeers()[0].Traffic.CountSent(Command.Ping, 1);
        network.Loop.RunFor(Second);

        Assert.That(network.Violations, Has.Exactly(1).Contains("Node 3: peer"));
    }

    [Test]
    public void Bytes_that_come_from_nowhere_are_found()
    {
        using SimulatedNetwork network = Watched();
        PeerInfo peer = network.Nodes[0].Node!.GetPeers()[0];

        Assert.That(ByteAccounts.Check(peer, sentByOther: peer.BytesReceived), Is.Empty);
        Assert.That(ByteAccounts.Check(peer, sentByOther: peer.BytesReceived - 1), Has.Exactly(1).Contains("were received"));
    }

    [Test]
    public void A_node_that_counts_less_than_its_peers_is_found()
    {
        using SimulatedNetwork network = Watched();

        network.Nodes[4].Node!.Metrics.Traffic.CountSent(Command.Ping, -1);
        network.Loop.RunFor(Second);

        Assert.That(network.Violations, Has.Exactly(1).Contains("Node 4: its peers of the past"));
    }

    [TestCase(1, false)]
    [TestCase(4, true)]
    public void The_address_of_somebody_banned_is_found_when_it_was_not_on_its_way_before(int seconds, bool isFound)
    {
        using SimulatedNetwork network = Watched();
        SimulatedNode node = network.Nodes[0];
        var frames = new FramePool(P2PNetwork.Main);
        var banned = new TimedAddress(network.Nodes[5].Endpoint, Services.Logos, 1);
        using Frames frame = new(frames.Create([banned], v2: true));
        Assert.That(Subnet.TryCreate(banned.Endpoint.Address, 32, out Subnet host));

        network.Loop.Do(() => node.Node!.Ban(host));
        network.Loop.RunFor(seconds * Second);
        // In two pieces, as a full connection takes it.
        network.Loop.Do(() =>
        {
            node.Host.Connections[0].TrySend(frame.Bytes.AsSpan(0, 30));
            node.Host.Connections[0].TrySend(frame.Bytes.AsSpan(30));
        });
        network.Loop.RunFor(Second);

        Assert.That(network.Violations.Any(what => what.Contains("which it has banned", StringComparison.Ordinal)), Is.EqualTo(isFound));
    }

    [Test]
    public void A_message_that_is_delivered_twice_is_found()
    {
        using SimulatedNetwork network = Watched();
        network.Loop.Do(() => network.Messages.Send(network.Nodes[0], 100));
        network.Loop.RunFor(Second);
        Assert.That(network.Violations, Is.Empty);

        network.Messages.Deliver(network.Nodes[1], new ReceivedMessage(new byte[8], default, 0, NetEndpoint.None));

        Assert.That(network.Violations, Has.Exactly(1).Contains("delivered to node 1 twice"));
    }

    [Test]
    public void A_node_that_logs_an_error_is_found_and_one_that_warns_is_not()
    {
        using SimulatedNetwork network = Watched();
        ILogger log = new FaultLog(network, 6).CreateLogger("");

        log.Log(LogLevel.Warning, default, "careful", null, (text, _) => text);
        log.Log(LogLevel.Error, default, "broken", null, (text, _) => text);

        Assert.That(network.Violations, Has.Exactly(1).Contains("Node 6 logged: broken"));
    }

    private static IEnumerable<string> Owners() =>
    [
        "frames", "send queues", "incomplete frames", "handler queues", "message store", "important messages",
        "pending requests", "unused frames", "seen messages", "relay",
        "address book", "peers",
    ];

    private static MemoryAccount Account(string over)
    {
        MemoryUse Use(string owner) => new(1, owner == over ? 11 : 10, 10);
        return new MemoryAccount
        {
            Frames = Use("frames"),
            SendQueues = Use("send queues"),
            IncompleteFrames = Use("incomplete frames"),
            HandlerQueues = Use("handler queues"),
            MessageStore = Use("message store"),
            ImportantMessages = Use("important messages"),
            PendingRequests = Use("pending requests"),
            UnusedFrames = Use("unused frames"),
            SeenMessages = Use("seen messages"),
            Relay = Use("relay"),
            AddressBook = Use("address book"),
            Peers = Use("peers"),
        };
    }

    /// <summary>Eight nodes that are all linked, and watched.</summary>
    private static SimulatedNetwork Watched()
    {
        SimulatedNetwork network = NetworkFactory.Create(new ScenarioParameters { Nodes = 8 });
        NetworkFactory.BringUp(network);
        network.Loop.RunFor(5 * Second);
        InvariantWatch.Start(network);
        network.Loop.RunFor(2 * Second);
        Assert.That(network.Violations, Is.Empty);
        return network;
    }

    private sealed class Frames(Frame frame) : IDisposable
    {
        public byte[] Bytes { get; } = frame.Memory.ToArray();

        public void Dispose() => frame.Release();
    }
}
