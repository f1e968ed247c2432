using Logos.P2P.Diagnostics;
using Logos.P2P.Relay;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

/// <summary>The way of a message, seen from the ends of the connections.</summary>
internal sealed class MessageRelayTests
{
    private const string Elsewhere = "10.9.9.9";

    [Test]
    public async Task A_good_message_goes_to_everybody_but_its_deliverer([Values] bool isQuick)
    {
        var handler = new RecordingHandler { IsQuick = isQuick };
        await using var rig = new PeerRig(handler: handler);
        ScriptedPeer from = await rig.ConnectReadyAsync();
        ScriptedPeer[] others = [await rig.ConnectReadyAsync(ConnectionKind.Outbound), await rig.ConnectReadyAsync()];

        await from.SendAsync(Command.Logos, 1, 2, 3);

        foreach (ScriptedPeer other in others)
            Assert.That((await other.ReadAsync(Command.Logos)).Payload, Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(await LogosAsync(from), Is.Empty);
        Assert.That(handler.Messages, Has.Count.EqualTo(1));
        Assert.That(rig.Metrics.MessagesPropagated, Is.EqualTo(1));
    }

    [Test]
    [Conformance("R9")]
    public async Task A_consumed_message_goes_nowhere_and_nobody_is_to_blame([Values] bool isQuick)
    {
        var handler = new RecordingHandler { IsQuick = isQuick, Judge = _ => Verdict.Consume };
        await using var rig = new PeerRig(handler: handler);
        ScriptedPeer from = await rig.ConnectReadyAsync(), other = await rig.ConnectReadyAsync();

        await from.SendAsync(Command.Logos, 1);
        await handler.WaitAsync();

        Assert.That(await LogosAsync(other), Is.Empty);
        Assert.That(from.Peer.Reason, Is.EqualTo(DisconnectReason.None));
        Assert.That(rig.Metrics.MessagesPropagated, Is.Zero);
    }

    [Test]
    [Conformance("R9")]
    public async Task A_rejected_message_costs_its_deliverer_the_connection_and_a_replay_costs_no_second_call(
        [Values] bool isQuick)
    {
        var handler = new RecordingHandler { IsQuick = isQuick, Judge = _ => Verdict.Reject };
        await using var rig = new PeerRig(handler: handler);
        ScriptedPeer from = await rig.ConnectReadyAsync(host: Elsewhere), other = await rig.ConnectReadyAsync();

        await from.SendAsync(Command.Logos, 1);
        Assert.That(await from.EndAsync(), Is.EqualTo(DisconnectReason.RejectedMessage));
        Assert.That(rig.Node.Discouragement.Contains(from.Peer.Endpoint.Address), Is.True);
        Assert.That(rig.Metrics.MessagesRejected, Is.EqualTo(1));

        await other.SendAsync(Command.Logos, 1);
        Assert.That(await LogosAsync(other), Is.Empty);
        Assert.That(handler.Messages, Has.Count.EqualTo(1));
        Assert.That(other.Peer.Reason, Is.EqualTo(DisconnectReason.None), "Only the first deliverer is to blame.");
        Assert.That(rig.Metrics.Dropped(DropReason.Duplicate), Is.EqualTo(1));
    }

    [Test]
    public async Task A_handler_that_throws_has_consumed_the_message([Values] bool isQuick)
    {
        int calls = 0;
        var handler = new RecordingHandler
        {
            IsQuick = isQuick,
            Judge = message => ++calls == 1 ? throw new InvalidOperationException("On purpose.") : Verdict.Propagate,
        };
        await using var rig = new PeerRig(handler: handler);
        ScriptedPeer from = await rig.ConnectReadyAsync(), other = await rig.ConnectReadyAsync();

        await from.SendAsync(Command.Logos, 1);
        await from.SendAsync(Command.Logos, 2);

        Assert.That((await other.ReadAsync(Command.Logos)).Payload, Is.EqualTo(new byte[] { 2 }));
        Assert.That(rig.Metrics.HandlerFailures, Is.EqualTo(1));
        Assert.That(from.Peer.Reason, Is.EqualTo(DisconnectReason.None));
        Assert.That(rig.Metrics.MessagesReceived, Is.EqualTo(2));
    }

    [Test]
    public async Task Only_an_accepted_message_is_to_its_senders_merit([Values] bool isQuick)
    {
        var handler = new RecordingHandler
        {
            IsQuick = isQuick,
            Judge = message => message[0] == 1 ? throw new InvalidOperationException("On purpose.") : Verdict.Consume,
        };
        await using var rig = new PeerRig(handler: handler);
        rig.Clock.Advance(TimeSpan.FromSeconds(10));
        ScriptedPeer thrower = await rig.ConnectReadyAsync(), other = await rig.ConnectReadyAsync();

        await thrower.SendAsync(Command.Logos, 1);
        await Eventually.IsAsync(() => rig.Metrics.HandlerFailures == 1);
        await thrower.ReadUntilPongAsync();
        await other.SendAsync(Command.Logos, 2);
        await Eventually.IsAsync(() => other.Peer.LastFirstDelivery > TimeSpan.Zero);

        Assert.That(thrower.Peer.LastFirstDelivery, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public async Task Duplicates_are_counted_and_reach_nobody()
    {
        await using var rig = new PeerRig();
        ScriptedPeer[] peers = [await rig.ConnectReadyAsync(), await rig.ConnectReadyAsync(), await rig.ConnectReadyAsync()];
        await peers[0].SendAsync(Command.Logos, 1);
        await Eventually.IsAsync(() => rig.Metrics.MessagesPropagated == 1);
        foreach (ScriptedPeer peer in peers)
        {
            await peer.SendAsync(Command.Logos, 1);
            await peer.SendAsync(Command.Logos, 1);
        }

        await rig.WaitForDropsAsync(DropReason.Duplicate, 6);
        Assert.That(rig.Metrics.DuplicateBytes, Is.EqualTo(6));
        Assert.That(rig.Handler.Messages, Has.Count.EqualTo(1));
        Assert.That(await LogosAsync(peers[0]), Is.Empty);
        Assert.That(await LogosAsync(peers[1]), Has.Count.EqualTo(1));
        Assert.That(await LogosAsync(peers[2]), Has.Count.EqualTo(1));
        Assert.That(rig.Metrics.MessagesPropagated, Is.EqualTo(1));
    }

    [Test]
    public async Task The_same_message_from_many_peers_at_once_reaches_the_handler_once([Values] bool isQuick)
    {
        var handler = new RecordingHandler { IsQuick = isQuick };
        await using var rig = new PeerRig(handler: handler);
        var peers = new List<ScriptedPeer>();
        for (int i = 0; i < 8; i++)
            peers.Add(await rig.ConnectReadyAsync());
        await Task.WhenAll(peers.Select(peer => Task.Run(async () =>
        {
            for (int i = 0; i < 200; i++)
                await peer.SendAsync(Command.Logos, BitConverter.GetBytes(i));
        })));

        await handler.WaitAsync(200);
        await Eventually.IsAsync(() => rig.Metrics.Dropped(DropReason.Duplicate) == 7 * 200);
        Assert.That(
            handler.Messages.Select(message => BitConverter.ToInt32(message)).Order(),
            Is.EqualTo(Enumerable.Range(0, 200)));
        Assert.That(rig.Metrics.PayloadsHashed, Is.GreaterThanOrEqualTo(8 * 200));
    }

    [Test]
    public async Task An_own_message_goes_to_every_peer_and_its_echo_never_to_our_handler()
    {
        await using var rig = new PeerRig();
        ScriptedPeer[] peers = [await rig.ConnectReadyAsync(), await rig.ConnectReadyAsync(ConnectionKind.Outbound)];

        Assert.That(rig.Node.Relay.Propagate([5]), Is.True);
        foreach (ScriptedPeer peer in peers)
        {
            await peer.ReadAsync(Command.Logos);
            await peer.SendAsync(Command.Logos, 5);
        }

        await rig.WaitForDropsAsync(DropReason.Duplicate, 2);
        Assert.That(rig.Handler.Messages, Is.Empty);
    }

    [Test]
    public async Task Propagating_fails_only_without_a_connection_and_can_be_tried_again_then()
    {
        await using var rig = new PeerRig();
        Assert.That(rig.Node.Relay.Propagate([1]), Is.False);
        ScriptedPeer half = rig.Connect();
        await half.SendAsync(half.Frames.Create(ScriptedPeer.Version()));
        await half.ReadAsync(Command.Verack);
        Assert.That(rig.Node.Relay.Propagate([1]), Is.False, "A peer in the handshake is none.");

        ScriptedPeer peer = await rig.ConnectReadyAsync();
        Assert.That(rig.Node.Relay.Propagate([1]), Is.True);
        Assert.That((await peer.ReadAsync(Command.Logos)).Payload, Is.EqualTo(new byte[] { 1 }));
        Assert.That(rig.Node.Relay.Propagate([1]), Is.True, "Not sent again, but that is no failure.");
        Assert.That(await LogosAsync(peer), Is.Empty);
        Assert.That(half.NodesEnd.IsClosed, Is.False);
    }

    [Test]
    public async Task A_message_received_before_is_not_propagated_again_and_that_is_no_failure()
    {
        await using var rig = new PeerRig(handler: new RecordingHandler { Judge = _ => Verdict.Consume, IsQuick = true });
        ScriptedPeer from = await rig.ConnectReadyAsync(), other = await rig.ConnectReadyAsync();
        await from.SendAsync(Command.Logos, 1);
        await from.ReadUntilPongAsync();

        Assert.That(rig.Node.Relay.Propagate([1]), Is.True);

        Assert.That(await LogosAsync(other), Is.Empty);
    }

    [Test]
    public async Task A_peer_in_the_handshake_is_sent_no_messages()
    {
        await using var rig = new PeerRig();
        ScriptedPeer half = rig.Connect();
        await half.SendAsync(half.Frames.Create(ScriptedPeer.Version()));
        await half.ReadAsync(Command.Verack);
        ScriptedPeer ready = await rig.ConnectReadyAsync();
        long sent = half.NodesEnd.BytesSent;

        rig.Node.Relay.Propagate([1]);
        await ready.ReadAsync(Command.Logos);

        Assert.That(half.NodesEnd.BytesSent, Is.EqualTo(sent));
    }

    [Test]
    public async Task A_slow_peer_gets_an_announcement_instead_and_the_message_when_it_asks()
    {
        var options = new P2POptions { Network = P2PNetwork.Regtest, MaxSendBuffer = 10_000 };
        await using var rig = new PeerRig(options);
        ScriptedPeer slow = await rig.ConnectReadyAsync(), fast = await rig.ConnectReadyAsync();
        // One that fills the connection, one that is on its way, one that waits, and one too many.
        byte[][] messages = [.. Enumerable.Range(1, 4).Select(i => Filled(i, i < 3 ? 70_000 : 9000))];
        var announced = new List<MessagePropagated>();
        foreach (byte[] message in messages)
        {
            rig.Node.Relay.Propagate(message);
            await fast.ReadAsync(Command.Logos);
            if (message.Length == 70_000)
                await Eventually.IsAsync(() => slow.Peer.Queued.Count == 0);
            announced.Add(await rig.WaitForAsync<MessagePropagated>());
        }

        Assert.That(announced.Select(sent => sent.AnnouncedTo), Is.EqualTo(new[] { 0, 0, 0, 1 }));
        Assert.That(announced.Select(sent => sent.PushedTo), Is.EqualTo(new[] { 2, 2, 2, 1 }));
        Assert.That(rig.Metrics.Dropped(DropReason.SendQueueFull), Is.EqualTo(1));

        Received inv = await slow.ReadAsync(Command.Inv);
        Assert.That(inv.Ids, Is.EqualTo(new[] { MessageId.Compute(messages[3]) }));
        await slow.SendAsync(slow.Frames.Create(Command.GetData, [.. inv.Ids]));
        Assert.That((await slow.ReadAsync(Command.Logos)).Id, Is.EqualTo(MessageId.Compute(messages[2])));
        Assert.That((await slow.ReadAsync(Command.Logos)).Payload, Is.EqualTo(messages[3]));
    }

    [Test]
    public async Task What_is_asked_for_while_the_queue_is_full_is_sent_as_it_drains_and_only_what_has_gone_is_not_found()
    {
        var options = new P2POptions { Network = P2PNetwork.Regtest, MaxSendBuffer = 10_000 };
        await using var rig = new PeerRig(options);
        ScriptedPeer fast = await rig.ConnectReadyAsync();
        byte[][] messages = [.. Enumerable.Range(1, 20).Select(i => Filled(i, 9000))];
        foreach (byte[] message in messages)
        {
            rig.Node.Relay.Propagate(message);
            await fast.ReadAsync(Command.Logos);
        }

        ScriptedPeer slow = await rig.ConnectReadyAsync();
        await slow.ReadUntilPongAsync();
        await FillAsync(rig, slow, 21);
        MessageId[] ids = [.. messages.Select(message => MessageId.Compute(message))];
        MessageId unknown = MessageId.Compute([1]);
        await slow.SendAsync(slow.Frames.Create(Command.GetData, [.. ids, unknown]));
        await Eventually.IsAsync(() => slow.Peer.Requests.Memory.Entries is > 15 and < 20);

        var received = new List<Received>();
        while (received.Count < 2 + ids.Length + 1)
            received.Add((await slow.ReadAsync())!);

        Assert.That(
            received.Where(message => message.Command == Command.Logos).Skip(2).Select(message => message.Id),
            Is.EqualTo(ids));
        Assert.That(received.Single(message => message.Command == Command.NotFound).Ids, Is.EqualTo(new[] { unknown }));
        Assert.That(slow.Peer.Requests.Memory.Bytes, Is.Zero);
        Assert.That(rig.Metrics.Dropped(DropReason.SendQueueFull), Is.Zero);
    }

    [Test]
    public async Task A_request_that_waited_until_its_message_was_gone_is_answered_so()
    {
        var options = new P2POptions { Network = P2PNetwork.Regtest, MaxSendBuffer = 10_000 };
        await using var rig = new PeerRig(options);
        ScriptedPeer slow = await rig.ConnectReadyAsync();
        await slow.ReadUntilPongAsync();
        await FillAsync(rig, slow, 1);
        rig.Node.Relay.Propagate(Filled(3, 70_000));
        MessageId id = MessageId.Compute(Filled(3, 70_000));
        await slow.SendAsync(slow.Frames.Create(Command.GetData, [id]));
        await Eventually.IsAsync(() => slow.Peer.Requests.Memory.Entries == 1);
        rig.Clock.Advance(NodeDefaults.MessageStoreAge);

        Assert.That((await slow.ReadAsync(Command.NotFound)).Ids, Is.EqualTo(new[] { id }));
    }

    [Test]
    public async Task A_peer_whose_connection_has_ended_is_not_counted_as_told()
    {
        await using var rig = new PeerRig();
        ScriptedPeer gone = await rig.ConnectReadyAsync();
        await rig.ConnectReadyAsync();
        // It is cut, but its receive loop has not yet taken it off the table.
        gone.Peer.Disconnect(DisconnectReason.Requested);
        rig.Node.Peers.Add(gone.Peer);
        rig.Node.Peers.MarkReady(gone.Peer);

        rig.Node.Relay.Propagate([1]);

        MessagePropagated sent = await rig.WaitForAsync<MessagePropagated>();
        Assert.That((sent.PushedTo, sent.AnnouncedTo), Is.EqualTo((1, 0)));
        rig.Node.Peers.Remove(gone.Peer);
        rig.Node.Peers.Remove(gone.Peer);
    }

    [Test]
    [Conformance("R4")]
    public async Task What_was_here_before_a_peer_came_is_not_served_to_it_before_it_is_everywhere()
    {
        await using var rig = new PeerRig();
        ScriptedPeer from = await rig.ConnectReadyAsync(), there = await rig.ConnectReadyAsync();
        await from.SendAsync(Command.Logos, 1);
        await there.ReadAsync(Command.Logos);
        rig.Clock.Advance(TimeSpan.FromMilliseconds(1));
        ScriptedPeer late = await rig.ConnectReadyAsync();
        MessageId id = MessageId.Compute([1]);

        await late.SendAsync(late.Frames.Create(Command.GetData, [id]));
        Assert.That((await late.ReadAsync(Command.NotFound)).Ids, Is.EqualTo(new[] { id }));
        await there.SendAsync(there.Frames.Create(Command.GetData, [id]));
        await there.ReadAsync(Command.Logos);

        rig.Clock.Advance(NodeDefaults.ServedToAllAfter);
        await late.SendAsync(late.Frames.Create(Command.GetData, [id]));
        await late.ReadAsync(Command.Logos);
    }

    [Test]
    public async Task Of_what_is_asked_for_the_known_is_sent_and_the_rest_is_named()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        rig.Node.Relay.Propagate([1]);
        await peer.ReadAsync(Command.Logos);
        MessageId known = MessageId.Compute([1]), unknown = MessageId.Compute([2]), alsoUnknown = MessageId.Compute([3]);

        await peer.SendAsync(peer.Frames.Create(Command.GetData, [unknown, known, alsoUnknown]));

        Assert.That((await peer.ReadAsync(Command.Logos)).Id, Is.EqualTo(known));
        Assert.That((await peer.ReadAsync(Command.NotFound)).Ids, Is.EqualTo(new[] { unknown, alsoUnknown }));
    }

    [Test]
    [Conformance("R1")]
    public async Task A_kind_of_inventory_we_do_not_have_does_not_stand_in_the_way()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        rig.Node.Relay.Propagate([1]);
        await peer.ReadAsync(Command.Logos);
        byte[] payload = [2, 1, 0, 0, 0, .. new byte[32], 0x4C, 0, 0, 0, .. MessageId.Compute([1]).Bytes];

        await peer.SendAsync(Command.GetData, payload);
        await peer.SendAsync(Command.Inv, [1, 1, 0, 0, 0, .. new byte[32]]);

        IReadOnlyList<Received> all = await peer.ReadUntilPongAsync();
        Assert.That(all.Select(received => received.Command), Is.EqualTo(new[] { Command.Logos }));
    }

    [Test]
    public async Task A_consumed_or_rejected_message_is_not_served()
    {
        await using var rig = new PeerRig(handler: new RecordingHandler { IsQuick = true, Judge = _ => Verdict.Consume });
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        await peer.SendAsync(Command.Logos, 1);
        await peer.SendAsync(peer.Frames.Create(Command.GetData, [MessageId.Compute([1])]));

        Assert.That((await peer.ReadAsync(Command.NotFound)).Ids, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_message_too_old_to_be_kept_is_not_found()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        rig.Node.Relay.Propagate([1]);
        rig.Clock.Advance(NodeDefaults.MessageStoreAge);
        rig.Node.Relay.Tick();

        await peer.SendAsync(peer.Frames.Create(Command.GetData, [MessageId.Compute([1])]));

        await peer.ReadAsync(Command.NotFound);
    }

    [Test]
    public async Task Of_what_is_announced_exactly_the_unknown_is_asked_for_once()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        rig.Node.Relay.Propagate([1]);
        MessageId known = MessageId.Compute([1]), a = MessageId.Compute([2]), b = MessageId.Compute([3]);

        await peer.SendAsync(peer.Frames.Create(Command.Inv, [a, known, b, a]));
        await peer.ReadUntilPongAsync();
        rig.Clock.Advance(TimeSpan.Zero);

        IEnumerable<Received> asked = (await peer.ReadUntilPongAsync()).Where(received => received.Command == Command.GetData);
        Assert.That(asked.SelectMany(received => received.Ids), Is.EquivalentTo(new[] { a, b }));
    }

    [Test]
    public async Task When_all_that_is_announced_is_known_nothing_is_asked()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        rig.Node.Relay.Propagate([1]);

        await peer.SendAsync(peer.Frames.Create(Command.Inv, [MessageId.Compute([1])]));
        await peer.SendAsync(Command.Inv, 0);
        await peer.SendAsync(Command.NotFound, 0);

        IReadOnlyList<Received> all = await peer.ReadUntilPongAsync();
        Assert.That(
            all.Select(received => received.Command).Except([Command.Ping, Command.Logos]), Is.Empty);
    }

    [Test]
    public async Task What_a_peer_announces_beyond_its_part_is_counted_and_forgotten([Values] bool isShort)
    {
        await using var rig = new PeerRig(mode: RelayMode.Tree);
        ScriptedPeer peer = await rig.ConnectRelayAsync();
        MessageId[] ids = [.. Enumerable.Range(0, RelayLink.MaxAnnounced).Select(i => MessageId.Compute(BitConverter.GetBytes(i)))];
        await peer.SendAsync(peer.Frames.Create(Command.Inv, ids));

        await peer.SendAsync(
            isShort ? peer.Frames.Create(Command.Have, peer.NameToNode([1])) : peer.Frames.Create(Command.Inv, [MessageId.Compute([1])]));

        await rig.WaitForDropsAsync(DropReason.TooManyAnnouncements, 1);
        Assert.That(peer.Peer.Reason, Is.EqualTo(DisconnectReason.None));
    }

    [Test]
    [Category("Slow")]
    public async Task Of_fifty_thousand_announcements_as_many_are_noted_as_one_peer_may_make()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        MessageId[] ids = [.. Enumerable.Range(0, WireLimits.MaxInventory)
            .Select(i => MessageId.Compute(BitConverter.GetBytes(i)))];

        await peer.SendAsync(peer.Frames.Create(Command.Inv, ids));

        await peer.ReadUntilPongAsync();
        Assert.That(
            rig.Metrics.Dropped(DropReason.TooManyAnnouncements), Is.EqualTo(WireLimits.MaxInventory - RelayLink.MaxAnnounced));
        Assert.That(peer.Peer.Reason, Is.EqualTo(DisconnectReason.None));
    }

    [Test]
    public async Task A_direct_message_reaches_the_handler_every_time_and_nobody_else()
    {
        await using var rig = new PeerRig();
        ScriptedPeer from = await rig.ConnectReadyAsync(), other = await rig.ConnectReadyAsync();

        await from.SendAsync(Command.Direct, 1);
        await from.SendAsync(Command.Direct, 1);
        await rig.Handler.WaitAsync(2);

        Assert.That(rig.Handler.DirectMessages, Has.Count.EqualTo(2));
        Assert.That(rig.Handler.Messages, Is.Empty);
        Assert.That((await other.ReadUntilPongAsync()).Select(received => received.Command), Is.All.EqualTo(Command.Ping));
        await from.SendAsync(from.Frames.Create(Command.GetData, [MessageId.Compute([1])]));
        await from.ReadAsync(Command.NotFound);
        Assert.That(rig.Metrics.MessagesReceived, Is.Zero);
    }

    [Test]
    public async Task Whoever_takes_samples_learns_how_long_the_upper_layer_and_all_of_it_took()
    {
        var judged = TimeSpan.FromMilliseconds(3);
        PeerRig rig = null!;
        var handler = new RecordingHandler
        {
            IsQuick = true,
            Judge = _ =>
            {
                rig.Clock.Advance(judged);
                return Verdict.Propagate;
            },
        };
        rig = new PeerRig(handler: handler);
        await using PeerRig owned = rig;
        ScriptedPeer from = await rig.ConnectReadyAsync();
        await rig.ConnectReadyAsync();
        using MessageSamples samples = rig.Metrics.Timing.Watch();
        rig.Node.Relay.Tick();
        // The instant at which the node was made stands for "not timed".
        rig.Clock.Advance(judged);
        DateTimeOffset start = rig.Clock.GetUtcNow();

        await from.SendAsync(Command.Logos, 1);
        await from.ReadUntilPongAsync();
        rig.Node.Relay.Propagate([2]);

        MessageId theirs = MessageId.Compute([1]), ours = MessageId.Compute([2]);
        int length = WireLimits.HeaderSize + 1;
        Assert.That(samples.Take(), Is.EqualTo(new[]
        {
            new MessageSample(theirs, from.Peer.Id, length, start, TimeSpan.Zero, judged, judged, Verdict.Propagate),
            new MessageSample(ours, 0, length, start + judged, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, null),
        }));
    }

    [Test]
    public async Task Each_message_is_hashed_once_on_its_way_through()
    {
        await using var rig = new PeerRig(handler: new RecordingHandler { IsQuick = true });
        ScriptedPeer from = await rig.ConnectReadyAsync();
        for (int i = 0; i < 5; i++)
            await rig.ConnectReadyAsync();
        await from.ReadUntilPongAsync();
        long before = rig.Metrics.PayloadsHashed;

        for (byte i = 0; i < 100; i++)
            await from.SendAsync(Command.Logos, i);
        await rig.Handler.WaitAsync(0);
        await Eventually.IsAsync(() => rig.Metrics.MessagesPropagated == 100);

        Assert.That(rig.Metrics.PayloadsHashed - before, Is.EqualTo(100));
    }

    [Test]
    public async Task A_frame_goes_back_to_the_pool_when_all_are_done_with_it([Values] bool isQuick)
    {
        var handler = new RecordingHandler { IsQuick = isQuick };
        var rig = new PeerRig(handler: handler);
        ScriptedPeer from = await rig.ConnectReadyAsync(), other = await rig.ConnectReadyAsync();
        await from.ReadUntilPongAsync();
        await other.ReadUntilPongAsync();
        long before = rig.Frames.RetainedBytes;
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < 100; i++)
                await from.SendAsync(Command.Logos, BitConverter.GetBytes((round * 100) + i));
            for (int i = 0; i < 100; i++)
                await other.ReadAsync(Command.Logos);
        }

        Assert.That(rig.Frames.RetainedBytes, Is.LessThanOrEqualTo(before), "They are kept to answer getdata.");
        await rig.DisposeAsync();
        Assert.That(rig.Frames.RetainedBytes, Is.GreaterThanOrEqualTo(2000 * 512), "Every one came back.");
    }

    /// <summary>Two messages go to a peer that reads nothing: one fills the connection, the other is on its way.</summary>
    private static async Task FillAsync(PeerRig rig, ScriptedPeer slow, int first)
    {
        foreach (int i in (int[])[first, first + 1])
        {
            rig.Node.Relay.Propagate(Filled(i, 70_000));
            // Whoever sent the last frame may still be about to look for more.
            await Eventually.IsAsync(() => slow.Peer.Queued.Count == 0);
        }
    }

    private static byte[] Filled(int number, int size)
    {
        byte[] bytes = new byte[size];
        bytes.AsSpan().Fill((byte)number);
        return bytes;
    }

    private static async Task<List<Received>> LogosAsync(ScriptedPeer peer) =>
        [.. (await peer.ReadUntilPongAsync()).Where(received => received.Command == Command.Logos)];
}
