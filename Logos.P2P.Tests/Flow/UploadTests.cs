using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Flow;

/// <summary>Limits of what is sent, under a clock of the test's own.</summary>
internal sealed class UploadTests
{
    private const int Size = 1000;

    private static readonly P2POptions Options = new() { Network = P2PNetwork.Regtest, MaxSendBuffer = 10_000_000 };

    [TestCase(10_000, 0)]
    [TestCase(0, 10_000)]
    public async Task Messages_leave_at_the_rate(long all, long each)
    {
        await using var rig = new PeerRig(Options with { MaxUploadRate = all, MaxPeerUploadRate = each });
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        for (int i = 0; i < 100; i++)
            Propagate(rig, i);
        long atOnce = Sent(peer);

        rig.AdvanceInBeats(TimeSpan.FromSeconds(5));

        // Three heartbeats' worth may come at once, and the message that is one too many.
        Assert.That(atOnce, Is.InRange(2000, 4500));
        Assert.That(Sent(peer) - atOnce, Is.EqualTo(5 * 10_000).Within(2 * (Size + WireLimits.HeaderSize)));
        await peer.ReadUntilPongAsync();
        rig.AdvanceInBeats(TimeSpan.FromSeconds(6));
        Assert.That(peer.Peer.ToInfo().BytesQueued, Is.Zero);
    }

    [Test]
    public async Task Control_and_small_messages_do_not_wait_and_are_charged()
    {
        await using var rig = new PeerRig(Options with { MaxUploadRate = 1000 });
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        for (int i = 0; i < 5; i++)
            Propagate(rig, i);
        long queued = peer.Peer.ToInfo().BytesQueued;
        long sent = Sent(peer);

        // Two pongs each.
        for (int i = 0; i < 50; i++)
            await peer.ReadUntilPongAsync();

        Assert.That(peer.Peer.ToInfo().BytesQueued, Is.EqualTo(queued).And.GreaterThan(3 * Size));
        Assert.That(Sent(peer) - sent, Is.EqualTo(100 * 32));
        rig.AdvanceInBeats(TimeSpan.FromSeconds(3.5));
        Assert.That(peer.Peer.ToInfo().BytesQueued, Is.EqualTo(queued), "The pongs have used up three seconds.");
        rig.AdvanceInBeats(TimeSpan.FromSeconds(1.5));
        Assert.That(peer.Peer.ToInfo().BytesQueued, Is.LessThan(queued));
    }

    [Test]
    public async Task A_peer_with_a_long_queue_leaves_the_others_their_part()
    {
        await using var rig = new PeerRig(Options with { MaxUploadRate = 10_000 });
        ScriptedPeer greedy = await rig.ConnectReadyAsync(), modest = await rig.ConnectReadyAsync();
        for (int i = 0; i < 100; i++)
            SendDirect(rig, greedy, i);

        long before = Sent(modest);
        for (int second = 0; second < 5; second++)
        {
            for (int i = 0; i < 3; i++)
                SendDirect(rig, modest, (second * 10) + i);
            rig.AdvanceInBeats(TimeSpan.FromSeconds(1));
        }

        Assert.That(Sent(modest) - before, Is.EqualTo(15 * (Size + WireLimits.HeaderSize)));
        Assert.That(modest.Peer.ToInfo().BytesQueued, Is.Zero);
        Assert.That(Sent(greedy), Is.EqualTo(5 * 7000).Within(7000), "What the other one leaves is not lost.");
    }

    [Test]
    public async Task Who_waits_for_the_rate_is_not_taken_for_a_peer_that_reads_nothing()
    {
        await using var rig = new PeerRig(Options with { MaxPeerUploadRate = 20 });
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        await peer.SendAsync(peer.Frames.Create(Command.Pong, (await peer.ReadAsync(Command.Ping)).Nonce));
        await peer.ReadUntilPongAsync();
        for (int i = 0; i < 5; i++)
            Propagate(rig, i);

        for (int i = 0; i < 50; i++)
            rig.Advance(TimeSpan.FromSeconds(1));

        Assert.That(peer.Peer.Reason, Is.EqualTo(DisconnectReason.None));
        Assert.That(peer.Peer.ToInfo().BytesQueued, Is.Positive);
    }

    [Test]
    public async Task Above_the_target_of_a_day_what_is_asked_for_is_refused_and_news_go_on()
    {
        await using var rig = new PeerRig(Options with { MaxUploadTarget = 6000 });
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        MessageId id = Propagate(rig, 0);
        await peer.SendAsync(peer.Frames.Create(Command.GetData, [id]));
        Assert.That((await peer.ReadAsync(Command.Logos)).Id, Is.EqualTo(id), "Pushed.");
        Assert.That((await peer.ReadAsync(Command.Logos)).Id, Is.EqualTo(id), "Asked for.");
        for (int i = 1; i <= 4; i++)
        {
            id = Propagate(rig, i);
            Assert.That((await peer.ReadAsync(Command.Logos)).Id, Is.EqualTo(id));
        }

        await peer.SendAsync(peer.Frames.Create(Command.GetData, [id]));

        Assert.That((await peer.ReadAsync(Command.NotFound)).Ids, Is.EqualTo(new[] { id }));
        Assert.That(rig.Metrics.Dropped(DropReason.UploadTargetReached), Is.EqualTo(1));
        id = Propagate(rig, 5);
        Assert.That((await peer.ReadAsync(Command.Logos)).Id, Is.EqualTo(id));
        rig.Clock.Advance(TimeSpan.FromDays(1));
        id = Propagate(rig, 6);
        await peer.SendAsync(peer.Frames.Create(Command.GetData, [id]));
        Assert.That((await peer.ReadAsync(Command.Logos)).Id, Is.EqualTo(id));
        Assert.That((await peer.ReadAsync(Command.Logos)).Id, Is.EqualTo(id), "Another day.");
    }

    [Test]
    public async Task Above_the_target_of_a_day_who_may_download_is_served()
    {
        await using var rig = new PeerRig(Options with { MaxUploadTarget = 1, Whitelist = ["download@127.0.0.1"] });
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        MessageId id = Propagate(rig, 0);
        Assert.That((await peer.ReadAsync(Command.Logos)).Id, Is.EqualTo(id), "Pushed.");

        await peer.SendAsync(peer.Frames.Create(Command.GetData, [id]));

        Assert.That((await peer.ReadAsync(Command.Logos)).Id, Is.EqualTo(id));
    }

    private static long Sent(ScriptedPeer peer) => peer.NodesEnd.BytesSent;

    private static MessageId Propagate(PeerRig rig, int number)
    {
        byte[] payload = new byte[Size];
        BitConverter.TryWriteBytes(payload, number);
        Assert.That(rig.Node.Relay.Propagate(payload), Is.True);
        return MessageId.Compute(payload);
    }

    private static void SendDirect(PeerRig rig, ScriptedPeer peer, int number)
    {
        byte[] payload = new byte[Size];
        BitConverter.TryWriteBytes(payload, number);
        Frame frame = rig.Frames.Create(Command.Direct, payload);
        Assert.That(peer.Peer.TrySend(frame, Logos.P2P.Transport.SendLane.Bulk), Is.True);
        frame.Release();
    }
}
