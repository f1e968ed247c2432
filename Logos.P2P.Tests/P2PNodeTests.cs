using System.Net.Sockets;
using System.Security.Cryptography;
using Logos.P2P.Access;
using Logos.P2P.Diagnostics;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests;

/// <summary>Nodes on real sockets, seen from outside.</summary>
internal sealed class P2PNodeTests
{
    [Test]
    public async Task A_message_reaches_every_node_of_a_line_and_each_once()
    {
        await using TestNode a = await TestNode.StartAsync();
        await using TestNode b = await TestNode.StartAsync(new P2POptions { Connect = [a.Address] });
        await using TestNode c = await TestNode.StartAsync(new P2POptions { Connect = [b.Address] });
        await a.WaitForPeersAsync(1);
        await b.WaitForPeersAsync(2);
        await c.WaitForPeersAsync(1);

        Assert.That(a.Propagate("hello"), Is.True);
        await c.Handler.WaitAsync();

        Assert.That(b.Handler.Texts, Is.EqualTo(new[] { "hello" }));
        Assert.That(c.Handler.Texts, Is.EqualTo(new[] { "hello" }));
        Assert.That(a.Handler.Texts, Is.Empty, "Nobody hears himself.");
    }

    [Test]
    public async Task Without_a_network_it_neither_listens_nor_connects_until_it_is_switched_on()
    {
        await using TestNode other = await TestNode.StartAsync(new P2POptions { Connect = ["0"] });
        await using TestNode node = await TestNode.StartAsync(new P2POptions { Connect = [other.Address], NetworkActive = false });

        Assert.That(node.Node.IsNetworkActive, Is.False);
        Assert.That(node.Node.ListeningEndpoints, Is.Empty);

        node.Node.SetNetworkActive(true);
        await node.WaitForPeersAsync(1);
        Assert.That(node.Node.GetPeers().Single().Kind, Is.EqualTo(ConnectionKind.Manual));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(256)]
    [TestCase(100 * 1024)]
    [TestCase(WireLimits.MaxPayload)]
    [Conformance("R10")]
    [Category("Slow")]
    public async Task A_payload_of_any_size_arrives_bit_identical_after_three_hops(int size)
    {
        var connectNowhere = new P2POptions { Connect = ["0"] };
        await using TestNode a = await TestNode.StartAsync(connectNowhere);
        await using TestNode b = await TestNode.StartAsync(new P2POptions { Connect = [a.Address] });
        await using TestNode c = await TestNode.StartAsync(new P2POptions { Connect = [b.Address] });
        await using TestNode d = await TestNode.StartAsync(new P2POptions { Connect = [c.Address] });
        await a.WaitForPeersAsync(1);
        await b.WaitForPeersAsync(2);
        await c.WaitForPeersAsync(2);
        await d.WaitForPeersAsync(1);
        byte[] message = RandomNumberGenerator.GetBytes(size);

        Assert.That(a.Node.Propagate(message), Is.True);
        await d.Handler.WaitAsync();

        Assert.That(d.Handler.Messages, Has.Count.EqualTo(1));
        Assert.That(d.Handler.Messages[0].AsSpan().SequenceEqual(message));
    }

    [TestCase(Verdict.Propagate)]
    [TestCase(Verdict.Consume)]
    [Category("Slow")]
    public async Task A_large_message_arrives_over_two_hops_in_chunks(Verdict ofFirstChunk)
    {
        RecordingHandler Handler() => new() { JudgePrefix = _ => ofFirstChunk };
        await using TestNode a = await TestNode.StartRelayAsync(RelayMode.Tree, Handler());
        await using TestNode b = await TestNode.StartRelayAsync(RelayMode.Tree, Handler(), a.Address);
        await using TestNode c = await TestNode.StartRelayAsync(RelayMode.Tree, Handler(), b.Address);
        await a.WaitForPeersAsync(1);
        await b.WaitForPeersAsync(2);
        await c.WaitForPeersAsync(1);
        byte[] message = RandomNumberGenerator.GetBytes(WireLimits.MaxPayload);

        Assert.That(a.Node.Propagate(message), Is.True);
        await c.Handler.WaitAsync();

        Assert.That(c.Handler.Messages.Single().AsSpan().SequenceEqual(message));
        Assert.That(c.Node.Metrics.Traffic.Received(Command.Logos).Messages, Is.Zero);
        Assert.That(c.Node.Metrics.Traffic.Received(Command.Chunk).Messages, Is.GreaterThanOrEqualTo(62));
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task Both_families_of_addresses_work_alike(string host)
    {
        var options = new P2POptions { Bind = [host] };
        await using TestNode a = await TestNode.StartAsync(options);
        await using TestNode b = await TestNode.StartAsync(options with { Connect = [a.Address] });
        await using TestNode c = await TestNode.StartAsync(options with { Connect = [b.Address] });
        await b.WaitForPeersAsync(2);
        await c.WaitForPeersAsync(1);

        c.Propagate("from the end");
        await a.Handler.WaitAsync();

        Assert.That(a.Handler.Texts, Is.EqualTo(new[] { "from the end" }));
        PeerInfo peer = a.Node.GetPeers()[0];
        Assert.That(peer.Endpoint.Address, Is.EqualTo(a.Endpoint.Address));
        Assert.That(peer.Kind, Is.EqualTo(ConnectionKind.Inbound));
    }

    [Test]
    [Category("Slow")]
    public async Task A_storm_of_connections_and_messages_does_not_upset_a_stop()
    {
        TestNode node = await TestNode.StartAsync(new P2POptions { Connect = ["0"] });
        NetEndpoint endpoint = node.Endpoint;
        using var end = new CancellationTokenSource();
        Task[] storm = [.. Enumerable.Range(0, 8).Select(i => Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
            {
                try
                {
                    using RawPeer peer = RawPeer.Connect(endpoint);
                    peer.Send(peer.Frames.Create(Command.Logos, RandomNumberGenerator.GetBytes(100)));
                    if (i % 2 == 0)
                        peer.Sync();
                    node.Node.Propagate(RandomNumberGenerator.GetBytes(100));
                }
                catch (Exception e) when (e is SocketException or IOException)
                {
                    // The node has stopped.
                }
            }
        }))];
        await node.Handler.WaitAsync(100);

        await node.Node.StopAsync().WaitAsync(TestNode.Patience);
        int calls = node.Handler.Messages.Count;
        await end.CancelAsync();
        await Task.WhenAll(storm).WaitAsync(TestNode.Patience);

        Assert.That(node.Handler.Messages, Has.Count.EqualTo(calls), "Nothing comes after the stop.");
        Assert.That(node.Node.Propagate([1]), Is.False);
        await node.DisposeAsync();
    }

    [Test]
    [Conformance("E2")]
    [Category("Slow")]
    public async Task Connections_over_the_limit_are_closed_and_counted()
    {
        // Two more are for those who wait at the door.
        const int limit = 15 + 5 + 2;
        await using TestNode node = await TestNode.StartAsync(new P2POptions { MaxConnections = limit });
        var sockets = new List<Socket>();
        for (int i = 0; i < 50; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(node.Endpoint.ToIPEndPoint());
            sockets.Add(socket);
        }

        await Eventually.IsAsync(() => node.Node.Metrics.Admissions(AdmissionDecision.NoSlot) == 45);
        Assert.That(node.Node.GetPeers(), Has.Count.EqualTo(5));
        sockets.ForEach(socket => socket.Dispose());
    }

    [Test]
    public async Task A_node_cannot_be_stopped_from_within_its_handler([Values] bool isQuick)
    {
        Exception? error = null;
        P2PNode? node = null;
        var handler = new RecordingHandler
        {
            IsQuick = isQuick,
            Judge = _ =>
            {
                error = node!.StopAsync().Exception?.InnerException;
                return Verdict.Consume;
            },
        };
        await using TestNode test = await TestNode.StartAsync(new P2POptions { Connect = ["0"] }, handler);
        node = test.Node;
        using RawPeer peer = RawPeer.Connect(test.Endpoint);

        peer.Send(peer.Frames.Create(Command.Logos, [1]));
        await handler.WaitAsync();

        Assert.That(error, Is.InstanceOf<InvalidOperationException>().With.Message.Contains("handler"));
        Assert.That(test.Node.ConnectionCount, Is.EqualTo(1), "It still runs.");
    }

    [Test]
    public async Task A_handler_may_use_the_node()
    {
        P2PNode? node = null;
        var handler = new RecordingHandler
        {
            Judge = message =>
            {
                node!.Propagate([.. message, 2]);
                node.SendDirect(node.GetPeers()[0].Id, [3]);
                return Verdict.Consume;
            },
        };
        await using TestNode test = await TestNode.StartAsync(new P2POptions { Connect = ["0"] }, handler);
        node = test.Node;
        using RawPeer peer = RawPeer.Connect(test.Endpoint);

        peer.Send(peer.Frames.Create(Command.Logos, [1]));

        Assert.That(peer.Read(Command.Logos).Payload, Is.EqualTo(new byte[] { 1, 2 }));
        Assert.That(peer.Read(Command.Direct).Payload, Is.EqualTo(new byte[] { 3 }));
    }

    [Test]
    public async Task A_node_is_started_once_and_may_be_stopped_any_number_of_times()
    {
        TestNode test = await TestNode.StartAsync();
        Assert.That(async () => await test.Node.StartAsync(), Throws.InvalidOperationException);

        await Task.WhenAll(test.Node.StopAsync(), test.Node.StopAsync(), test.Node.DisposeAsync().AsTask());
        await test.Node.StopAsync();

        Assert.That(async () => await test.Node.StartAsync(), Throws.InvalidOperationException);
        await test.DisposeAsync();
    }

    [Test]
    public async Task A_node_that_was_never_started_knows_nobody_and_can_be_disposed_of()
    {
        var node = new P2PNode(new P2POptions { Network = P2PNetwork.Regtest }, new RecordingHandler());

        Assert.That(node.Propagate([1]), Is.False);
        Assert.That(node.SendDirect(1, [1]), Is.False);
        Assert.That(node.Disconnect(1), Is.False);
        Assert.That(node.GetPeers(), Is.Empty);
        Assert.That(node.ConnectionCount + node.AddressCount, Is.Zero);
        await node.DisposeAsync();
    }

    [Test]
    public void A_message_over_the_limit_is_refused()
    {
        var node = new P2PNode(new P2POptions { Network = P2PNetwork.Regtest }, new RecordingHandler());

        Assert.That(() => node.Propagate(new byte[WireLimits.MaxPayload + 1]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => node.SendDirect(1, new byte[WireLimits.MaxPayload + 1]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new P2PNode(null!, new RecordingHandler()), Throws.ArgumentNullException);
        Assert.That(() => new P2PNode(new P2POptions(), null!), Throws.ArgumentNullException);
    }

    [Test]
    public async Task A_port_in_use_is_an_error_that_says_what_to_do()
    {
        await using TestNode first = await TestNode.StartAsync();
        var second = new P2PNode(
            new P2POptions { Network = P2PNetwork.Regtest, Bind = [first.Address] }, new RecordingHandler());

        Assert.That(
            async () => await second.StartAsync(),
            Throws.InstanceOf<IOException>().With.Message.Contains($"{first.Endpoint.Port}").And.Message.Contains("-port"));
        await second.DisposeAsync();
    }

    [Test]
    public async Task A_direct_message_reaches_that_peer_alone_and_goes_no_further()
    {
        await using TestNode a = await TestNode.StartAsync();
        await using TestNode b = await TestNode.StartAsync(new P2POptions { Connect = [a.Address] });
        await using TestNode c = await TestNode.StartAsync(new P2POptions { Connect = [b.Address] });
        await using TestNode d = await TestNode.StartAsync(new P2POptions { Connect = [a.Address] });
        await a.WaitForPeersAsync(2);
        await b.WaitForPeersAsync(2);
        // The port of b's connection tells which of a's peers it is.
        NetEndpoint bsEnd = b.Node.GetPeers().Single(peer => peer.Kind == ConnectionKind.Manual).LocalEndpoint;
        PeerInfo target = a.Node.GetPeers().Single(peer => peer.Endpoint == bsEnd);

        Assert.That(a.Node.SendDirect(target.Id, "for b"u8), Is.True);
        Assert.That(a.Node.SendDirect(target.Id + 1000, "for nobody"u8), Is.False);
        await b.Handler.WaitAsync();
        a.Propagate("for all");
        await Task.WhenAll(b.Handler.WaitAsync(), c.Handler.WaitAsync(), d.Handler.WaitAsync());

        Assert.That(b.Handler.DirectMessages, Is.EqualTo(new[] { "for b"u8.ToArray() }));
        Assert.That(c.Handler.DirectMessages.Concat(d.Handler.DirectMessages), Is.Empty);
        Assert.That(b.Handler.Texts, Is.EqualTo(new[] { "for all" }));
    }

    [Test]
    public async Task Events_tell_the_life_of_a_peer_in_order()
    {
        await using TestNode node = await TestNode.StartAsync(
            new P2POptions { Connect = ["0"] }, new RecordingHandler { IsQuick = true });
        var seen = new List<NodeEvent>();
        IAsyncEnumerable<NodeEvent> events = node.Node.WatchAsync();
        Task watching = Task.Run(async () =>
        {
            await foreach (NodeEvent nodeEvent in events)
            {
                seen.Add(nodeEvent);
                if (nodeEvent is PeerDisconnected)
                    break;
            }
        });
        using (RawPeer peer = RawPeer.Connect(node.Endpoint))
        {
            await node.WaitForAsync<PeerReady>();
            peer.Send(peer.Frames.Create(Command.Logos, [1]));
            peer.Send(peer.Frames.Create(Command.Logos, [1]));
            peer.Sync();
        }

        await watching.WaitAsync(TestNode.Patience);

        Assert.That(
            seen.Select(nodeEvent => nodeEvent.GetType()),
            Is.EqualTo(new[]
            {
                typeof(PeerConnected), typeof(PeerReady), typeof(MessageReceived), typeof(MessagePropagated),
                typeof(InputDropped), typeof(PeerDisconnected),
            }));
        Assert.That(seen.Select(nodeEvent => nodeEvent.PeerId).Distinct().Count(), Is.EqualTo(1));
        Assert.That(((MessageReceived)seen[2]).Id, Is.EqualTo(MessageId.Compute([1])));
        Assert.That(((MessagePropagated)seen[3]).PushedTo, Is.Zero);
        Assert.That(((InputDropped)seen[4]).Reason, Is.EqualTo(DropReason.Duplicate));
        Assert.That(
            ((PeerDisconnected)seen[5]).Reason,
            Is.AnyOf(DisconnectReason.RemoteClosed, DisconnectReason.NetworkError));
    }

    [Test]
    public async Task Before_its_start_a_node_sends_nothing_and_has_nothing_to_take_back()
    {
        await using var node = new P2PNode(new P2POptions(), new RecordingHandler());

        Assert.That(node.Propagate([1], out PublishReceipt receipt), Is.False);
        Assert.That((receipt.Id, receipt.Pushed, receipt.Announced), Is.EqualTo((MessageId.Compute([1]), 0, 0)));
        Assert.That(node.ReportInvalid(receipt.Id), Is.False);
    }

    [Test]
    public async Task A_message_that_turns_out_to_be_bad_is_reported_to_the_node_that_passed_it_on()
    {
        await using TestNode a = await TestNode.StartAsync();
        await using TestNode b = await TestNode.StartAsync(new P2POptions { Connect = [a.Address] });
        await a.WaitForPeersAsync(1);
        await b.WaitForPeersAsync(1);

        Assert.That(b.Node.Propagate([1], out PublishReceipt receipt), Is.True);
        await Eventually.IsAsync(() => a.Node.ReportInvalid(receipt.Id));

        Assert.That(receipt.Pushed + receipt.Announced, Is.EqualTo(1));
        await Eventually.IsAsync(() => a.Node.Metrics.Disconnected(DisconnectReason.RejectedMessage) == 1);
    }

    [Test]
    public async Task A_watcher_that_sleeps_delays_nothing()
    {
        await using TestNode a = await TestNode.StartAsync();
        await using TestNode b = await TestNode.StartAsync(new P2POptions { Connect = [a.Address] });
        await a.WaitForPeersAsync(1);
        await b.WaitForPeersAsync(1);
        IAsyncEnumerable<NodeEvent> sleeper = b.Node.WatchAsync();
        for (int i = 0; i < 2 * NodeDefaults.EventBacklog; i++)
            a.Propagate($"{i}");

        await b.Handler.WaitAsync(2 * NodeDefaults.EventBacklog);

        await b.Node.StopAsync();
        int count = 0;
        await foreach (NodeEvent _ in sleeper)
            count++;
        Assert.That(count, Is.EqualTo(NodeDefaults.EventBacklog));
    }

    [Test]
    public async Task Disconnecting_is_told_to_both_sides()
    {
        await using TestNode a = await TestNode.StartAsync();
        await using TestNode b = await TestNode.StartAsync(new P2POptions { Connect = [a.Address] });
        await a.WaitForPeersAsync(1);
        await b.WaitForPeersAsync(1);

        Assert.That(a.Node.Disconnect(a.Node.GetPeers()[0].Id), Is.True);

        Assert.That((await a.WaitForAsync<PeerDisconnected>()).Reason, Is.EqualTo(DisconnectReason.Requested));
        // The kernel makes it a reset when something had arrived that was not read any more.
        Assert.That(
            (await b.WaitForAsync<PeerDisconnected>()).Reason,
            Is.AnyOf(DisconnectReason.RemoteClosed, DisconnectReason.NetworkError));
    }

    [Test]
    public async Task A_node_comes_back_to_its_peers_without_being_told_any()
    {
        using var directory = new TemporaryDirectory();
        await using TestNode peer = await TestNode.StartAsync(new P2POptions { Connect = ["0"] });
        var options = new P2POptions { DataDirectory = directory.Path };
        await using (TestNode first = await TestNode.StartAsync(options, addNodes: peer.Address))
            await first.WaitForPeersAsync(1);
        Assert.That(
            P2PNode.ReadStoredAddresses(directory.Path, P2PNetwork.Regtest).Select(address => address.Endpoint),
            Does.Contain(peer.Endpoint));

        await using TestNode second = await TestNode.StartAsync(options);

        Assert.That(second.Node.AddressCount, Is.GreaterThanOrEqualTo(1));
        PeerReady ready = await second.WaitForAsync<PeerReady>();
        PeerInfo found = second.Node.GetPeers().Single(info => info.Id == ready.PeerId);
        Assert.That((found.Endpoint, found.Kind), Is.EqualTo((peer.Endpoint, ConnectionKind.Outbound)));
    }

    [Test]
    [Category("Slow")]
    public async Task The_address_book_of_a_running_node_can_be_read()
    {
        using var directory = new TemporaryDirectory();
        await using TestNode peer = await TestNode.StartAsync(new P2POptions { Connect = ["0"] });
        await using TestNode node = await TestNode.StartAsync(
            new P2POptions { DataDirectory = directory.Path, Connect = [peer.Address] });
        await node.WaitForPeersAsync(1);

        await Eventually.IsAsync(() => P2PNode.ReadStoredAddresses(directory.Path, P2PNetwork.Regtest)
            .Any(address => address.Endpoint == peer.Endpoint));
    }

    [Test]
    public async Task A_scripted_exchange_is_counted_exactly()
    {
        await using TestNode node = await TestNode.StartAsync(
            new P2POptions { Connect = ["0"] }, new RecordingHandler { IsQuick = true });
        using RawPeer peer = RawPeer.Connect(node.Endpoint);
        peer.Send(peer.Frames.Create(Command.Logos, [1]));
        peer.Send(peer.Frames.Create(Command.Logos, [1]));
        peer.Send(peer.Frames.Create(Command.Direct, [1, 2]));
        peer.Send(peer.Frames.Create(Command.GetAddr));
        peer.Send(peer.Frames.Create(Command.GetAddr));
        peer.Send(peer.Frames.Create(Command.Inv, [MessageId.Compute([9])]));
        peer.Read(Command.GetData);
        peer.Send(peer.Frames.Create(Command.GetData, [MessageId.Compute([1])]));
        peer.Read(Command.Logos);
        peer.Sync();

        TrafficCounters traffic = node.Node.Metrics.Traffic;
        int version = ScriptedPeer.Version().GetSize();
        (Command, TrafficCount)[] received =
        [
            (Command.Version, new(1, 24 + version)), (Command.SendAddrV2, new(1, 24)), (Command.Verack, new(1, 24)),
            (Command.Ping, new(1, 32)), (Command.Pong, new(1, 32)), (Command.Logos, new(2, 50)),
            (Command.Direct, new(1, 26)), (Command.GetAddr, new(2, 48)), (Command.Inv, new(1, 24 + 37)),
            (Command.GetData, new(1, 24 + 37)),
        ];
        (Command, TrafficCount)[] sent =
        [
            (Command.SendAddrV2, new(1, 24)), (Command.Verack, new(1, 24)), (Command.Ping, new(1, 32)),
            (Command.GetData, new(1, 24 + 37)), (Command.Logos, new(1, 25)),
        ];
        foreach ((Command command, TrafficCount count) in received)
            Assert.That(traffic.Received(command), Is.EqualTo(count), $"{command} received");
        foreach ((Command command, TrafficCount count) in sent)
            Assert.That(traffic.Sent(command), Is.EqualTo(count), $"{command} sent");
        Assert.That(traffic.Sent(Command.Version).Messages, Is.EqualTo(1));
        Assert.That(node.Node.Metrics.Dropped(DropReason.Duplicate), Is.EqualTo(1));
        Assert.That(node.Node.Metrics.Dropped(DropReason.GetAddrRefused), Is.EqualTo(1));
        Assert.That(node.Node.Metrics.MessagesReceived, Is.EqualTo(1));

        // What the commands add up to is what the socket carried.
        PeerInfo info = node.Node.GetPeers().Single();
        Assert.That(Enum.GetValues<Command>().Sum(command => traffic.Received(command).Bytes), Is.EqualTo(info.BytesReceived));
        await Eventually.IsAsync(() =>
            Enum.GetValues<Command>().Sum(command => traffic.Sent(command).Bytes) == node.Node.GetPeers()[0].BytesSent);
    }

    [Test]
    [Conformance("R9")]
    public async Task A_message_that_a_stranger_sends_twice_through_different_nodes_arrives_once()
    {
        await using TestNode a = await TestNode.StartAsync();
        await using TestNode b = await TestNode.StartAsync(new P2POptions { Connect = [a.Address] });
        await using TestNode c = await TestNode.StartAsync(new P2POptions { Connect = [a.Address, b.Address] });
        await c.WaitForPeersAsync(2);
        await b.WaitForPeersAsync(2);
        await a.WaitForPeersAsync(2);
        for (int i = 0; i < 200; i++)
            a.Propagate($"{i}");

        await Task.WhenAll(b.Handler.WaitAsync(200), c.Handler.WaitAsync(200));

        Assert.That(b.Handler.Texts, Is.Unique);
        Assert.That(c.Handler.Texts, Is.Unique);
        Assert.That(a.Handler.Texts, Is.Empty);
    }

    [Test]
    public async Task Addresses_that_the_operator_adds_are_hardly_ever_in_each_others_way_though_many_are_neighbours()
    {
        await using var node = new P2PNode(
            new P2POptions { Network = P2PNetwork.Main, Connect = ["0"], Bind = ["127.0.0.1"], Port = 0, RandomSeed = 1 }, new RecordingHandler());
        await node.StartAsync();

        int added = node.AddAddresses(Enumerable.Range(1, 200).Select(i => PeerRig.Endpoint($"50.{i % 4}.{i}.1:14495")));

        // As one party's, five would be lost to be expected; so, a third of one.
        Assert.That(added, Is.AtLeast(198));
        Assert.That(node.AddressCount, Is.EqualTo(added));
    }
}
