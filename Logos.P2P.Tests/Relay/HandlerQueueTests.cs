using System.Diagnostics;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

/// <summary>A handler that takes its time: whom that concerns and whom it does not.</summary>
[NonParallelizable]
internal sealed class HandlerQueueTests
{
    [Test]
    public async Task Messages_of_one_peer_are_handled_one_after_another_in_order()
    {
        int running = 0, most = 0;
        var handler = new RecordingHandler
        {
            Judge = _ =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                Thread.Yield();
                Interlocked.Decrement(ref running);
                return Verdict.Consume;
            },
        };
        await using var rig = new PeerRig(handler: handler);
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        for (int i = 0; i < 1000; i++)
            await peer.SendAsync(Command.Logos, BitConverter.GetBytes(i));

        await handler.WaitAsync(1000);

        Assert.That(handler.Messages.Select(message => BitConverter.ToInt32(message)), Is.Ordered);
        Assert.That(most, Is.EqualTo(1));
    }

    [TestCase(1)]
    [TestCase(16)]
    public async Task A_handler_that_blocks_on_some_peers_delays_neither_other_peers_nor_pings(int blockedPeers)
    {
        var gate = new Gate();
        await using var rig = new PeerRig(handler: gate.Handler);
        using Gate opened = gate;
        ScriptedPeer other = await rig.ConnectReadyAsync();
        for (byte i = 0; i < blockedPeers; i++)
        {
            ScriptedPeer blocked = await rig.ConnectReadyAsync();
            long start = Stopwatch.GetTimestamp();
            await blocked.SendAsync(Command.Logos, Gate.Blocks, i);
            await gate.Entered.WaitAsync(TestNode.Patience);
            await other.SendAsync(Command.Logos, Gate.Passes, i);
            await gate.Handler.WaitAsync();
            await other.ReadUntilPongAsync();
            await blocked.ReadUntilPongAsync();

            Assert.That(
                Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromMilliseconds(250)), $"{i + 1} peers blocked.");
        }
    }

    [Test]
    [Category("Slow")]
    public async Task A_full_backlog_pauses_the_reading_of_that_peer_and_goes_on_when_there_is_room()
    {
        var gate = new Gate();
        await using var rig = new PeerRig(handler: gate.Handler);
        using Gate opened = gate;
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        byte[] payload = new byte[1_000_000];
        payload[0] = Gate.Blocks;
        const int count = 20;
        Task sending = Task.Run(async () =>
        {
            for (byte i = 0; i < count; i++)
            {
                payload[1] = i;
                await peer.SendAsync(Command.Logos, payload);
            }
        });
        await Eventually.IsAsync(() => peer.Peer.IsBacklogged);
        await gate.Entered.WaitAsync(TestNode.Patience);
        long received = rig.Metrics.MessagesReceived;

        Assert.That(sending.IsCompleted, Is.False, "The peer is held up.");
        Assert.That(received, Is.LessThanOrEqualTo(1 + (NodeDefaults.MaxReceiveBuffer / payload.Length) + 1));
        Assert.That(gate.Handler.Messages, Is.Empty);

        gate.Open();
        await gate.Handler.WaitAsync(count);
        await sending.WaitAsync(TestNode.Patience);
        Assert.That(gate.Handler.Messages.Select(message => (int)message[1]), Is.EqualTo(Enumerable.Range(0, count)));
        Assert.That(peer.Peer.IsBacklogged, Is.False);
    }

    [Test]
    [Category("Slow")]
    public async Task The_backlog_is_bounded_by_what_it_costs_and_not_by_what_was_sent()
    {
        var gate = new Gate();
        // The rate is not what is to stop it.
        await using var rig = new PeerRig(
            new P2POptions { Network = P2PNetwork.Regtest, MaxMessageRate = 0, MaxMessageBytes = 0 }, gate.Handler);
        using Gate opened = gate;
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        byte[] payload = [Gate.Blocks, 0, 0, 0, 0];
        Task sending = Task.Run(async () =>
        {
            // Each takes 29 bytes of the wire and 512 of memory.
            for (int i = 0; i < 100_000; i++)
            {
                BitConverter.TryWriteBytes(payload.AsSpan(1), i);
                await peer.SendAsync(Command.Logos, payload);
            }
        });
        await Eventually.IsAsync(() => peer.Peer.IsBacklogged || sending.IsCompleted);

        Assert.That(sending.IsCompleted, Is.False);
        Assert.That(
            rig.Metrics.MessagesReceived * 512, Is.LessThanOrEqualTo(NodeDefaults.MaxReceiveBuffer + (2 * 512)));
        gate.Open();
        await sending.WaitAsync(TestNode.Patience);
    }

    [Test]
    public async Task Messages_of_a_peer_that_has_left_are_still_handled_and_then_its_end_is_told()
    {
        var gate = new Gate();
        await using var rig = new PeerRig(handler: gate.Handler);
        using Gate opened = gate;
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        for (byte i = 0; i < 10; i++)
            await peer.SendAsync(Command.Logos, Gate.Blocks, i);
        await gate.Entered.WaitAsync(TestNode.Patience);
        await peer.ReadUntilPongAsync();
        peer.Close();
        await Eventually.IsAsync(() => rig.Node.Peers.All.IsEmpty);
        Assert.That(peer.Peer.Ended.IsCompleted, Is.False);

        gate.Open();

        await gate.Handler.WaitAsync(10);
        Assert.That(await peer.EndAsync(), Is.EqualTo(DisconnectReason.RemoteClosed));
        Assert.That(gate.Handler.Messages, Has.Count.EqualTo(10));
    }

    [Test]
    public async Task What_waits_behind_a_rejected_message_is_not_judged_and_may_come_from_another([Values] bool hasLeft)
    {
        var gate = new Gate(message => message[0] == Gate.Blocks ? Verdict.Reject : Verdict.Propagate);
        await using var rig = new PeerRig(handler: gate.Handler);
        using Gate opened = gate;
        ScriptedPeer bad = await rig.ConnectReadyAsync(), honest = await rig.ConnectReadyAsync();
        await bad.SendAsync(Command.Logos, Gate.Blocks);
        await gate.Entered.WaitAsync(TestNode.Patience);
        for (byte i = 0; i < 200; i++)
            await bad.SendAsync(Command.Logos, Gate.Passes, i);
        await Eventually.IsAsync(() => rig.Metrics.MessagesReceived == 201);
        if (hasLeft)
        {
            bad.Close();
            await Eventually.IsAsync(() => bad.Peer.Reason != DisconnectReason.None);
        }

        gate.Open();
        await bad.EndAsync();

        Assert.That(gate.Handler.Messages, Has.Count.EqualTo(1));
        Assert.That(rig.Metrics.Dropped(DropReason.Unhandled), Is.EqualTo(200));
        await gate.Handler.WaitAsync();
        await honest.SendAsync(Command.Logos, Gate.Passes, 7);
        await gate.Handler.WaitAsync();
        Assert.That(gate.Handler.Messages[1], Is.EqualTo(new byte[] { Gate.Passes, 7 }));
    }

    [Test]
    public async Task Nothing_more_is_taken_from_a_peer_that_was_ended_while_it_was_held_up()
    {
        var gate = new Gate();
        await using var rig = new PeerRig(new P2POptions { MaxReceiveBuffer = 1 }, gate.Handler);
        using Gate opened = gate;
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        await peer.SendAsync(Enumerable.Range(0, 10).SelectMany(
            i => peer.Frames.Create(Command.Logos, [Gate.Blocks, (byte)i]).Memory.ToArray()).ToArray());
        await gate.Entered.WaitAsync(TestNode.Patience);
        await Eventually.IsAsync(() => peer.Peer.IsBacklogged);
        long received = rig.Metrics.MessagesReceived;

        peer.Peer.Disconnect(DisconnectReason.Requested);
        gate.Open();
        await peer.EndAsync();

        Assert.That(rig.Metrics.MessagesReceived, Is.EqualTo(received).And.LessThan(10));
    }

    [Test]
    public async Task Stopping_waits_for_the_running_handler_and_calls_it_never_again()
    {
        var gate = new Gate();
        var rig = new PeerRig(handler: gate.Handler);
        using Gate opened = gate;
        ScriptedPeer[] peers = [await rig.ConnectReadyAsync(), await rig.ConnectReadyAsync()];
        foreach (ScriptedPeer peer in peers)
        {
            for (byte i = 0; i < 10; i++)
                await peer.SendAsync(Command.Logos, Gate.Blocks, i, (byte)peer.Peer.Id);
            await gate.Entered.WaitAsync(TestNode.Patience);
            await peer.ReadUntilPongAsync();
        }

        Task stopping = rig.Host.StopAsync();
        await Eventually.IsAsync(() => rig.Node.Peers.All.IsEmpty);
        Assert.That(stopping.IsCompleted, Is.False);
        gate.Open();
        await stopping.WaitAsync(TestNode.Patience);
        int calls = gate.Handler.Messages.Count;

        await rig.DisposeAsync();
        Assert.That(calls, Is.EqualTo(2), "One was running for each peer.");
        Assert.That(gate.Handler.Messages, Has.Count.EqualTo(calls));
    }

    [Test]
    [Category("Slow")]
    public async Task A_stop_does_not_wait_for_a_full_backlog()
    {
        var gate = new Gate();
        var rig = new PeerRig(handler: gate.Handler);
        using Gate opened = gate;
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        byte[] payload = new byte[WireLimits.MaxPayload];
        payload[0] = Gate.Blocks;
        Task sending = Task.Run(async () =>
        {
            for (byte i = 0; i < 10; i++)
            {
                payload[1] = i;
                await peer.SendAsync(Command.Logos, payload);
            }
        });
        await Eventually.IsAsync(() => peer.Peer.IsBacklogged);
        await gate.Entered.WaitAsync(TestNode.Patience);

        Task stopping = rig.Host.StopAsync();
        gate.Open();
        await stopping.WaitAsync(TestNode.Patience);

        Assert.That(gate.Handler.Messages, Has.Count.EqualTo(1));
        Assert.That(async () => await sending.WaitAsync(TestNode.Patience), Throws.InstanceOf<IOException>());
        await rig.DisposeAsync();
    }

    [Test]
    public async Task A_quick_handler_runs_before_the_next_message_is_looked_at()
    {
        var handler = new RecordingHandler { IsQuick = true };
        await using var rig = new PeerRig(handler: handler);
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        for (byte i = 0; i < 100; i++)
        {
            await peer.SendAsync(Command.Logos, i);
            await peer.ReadUntilPongAsync();
            Assert.That(handler.Messages, Has.Count.EqualTo(i + 1));
        }
    }
}
