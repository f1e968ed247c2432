using Logos.P2P.Access;
using Logos.P2P.Peers;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Peers;

/// <summary>Who gets a slot, and who leaves for whom, with real peers on connections in memory.</summary>
internal sealed class InboundSlotsTests
{
    private const int SetAside = 15;

    [Test]
    public async Task A_source_that_connects_too_often_is_refused_before_a_peer_is_made_of_it()
    {
        await using PeerRig rig = Rig(100);
        for (int i = 1; i <= 10; i++)
            rig.Knock($"192.0.2.{i}");

        Assert.That(rig.Node.Peers.All, Has.Length.EqualTo(4));
        Assert.That(rig.Metrics.Admissions(AdmissionDecision.Admitted), Is.EqualTo(4));
        Assert.That(rig.Metrics.Admissions(AdmissionDecision.SourceTooFast), Is.EqualTo(6));
    }

    [Test]
    public async Task A_handshake_is_over_when_it_is_complete_or_the_peer_has_left()
    {
        await using PeerRig rig = Rig(100);
        var peers = new List<ScriptedPeer>();
        for (int i = 1; i <= 8; i++)
        {
            peers.Add(rig.Knock("192.0.2.1")!);
            rig.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(rig.Knock("192.0.2.1"), Is.Null);
        Assert.That(rig.Metrics.Admissions(AdmissionDecision.TooManyPending), Is.EqualTo(1));

        await peers[0].ShakeHandsAsync();
        await rig.WaitForAsync<PeerReady>();
        Assert.That(rig.Knock("192.0.2.1"), Is.Not.Null);
        Assert.That(rig.Knock("192.0.2.1"), Is.Null);
        peers[1].Close();
        await peers[1].EndAsync();
        Assert.That(rig.Knock("192.0.2.1"), Is.Not.Null);
    }

    [TestCase("127.0.0.1", true, 10)]
    [TestCase("127.0.0.1", false, 4)]
    [TestCase("198.51.100.1", true, 10)]
    [TestCase("198.51.100.1", false, 4)]
    [TestCase("192.0.2.1", true, 4)]
    public async Task This_machine_and_whom_the_operator_vouches_for_are_not_limited_unless_he_says_so(
        string host, bool admitLocal, int admitted)
    {
        await using var rig = new PeerRig(
            new P2POptions { AdmitLocal = admitLocal, Whitelist = ["198.51.100.1"] });
        for (int i = 0; i < 10; i++)
            rig.Knock(host);

        Assert.That(rig.Node.Peers.All, Has.Length.EqualTo(admitted));
    }

    [Test]
    [Conformance("E1")]
    public async Task E1_one_more_peer_evicts_exactly_one_and_none_that_is_near_or_delivered()
    {
        await using PeerRig rig = Rig(24);
        var near = new List<Peer>();
        var deliverers = new List<Peer>();
        for (byte i = 1; i <= 24; i++)
        {
            ScriptedPeer peer = (await ConnectAsync(rig, $"{i}.1.1.1", roundTrip: TimeSpan.FromMilliseconds(i > 16 ? 1 : 50)))!;
            if (i > 16)
                near.Add(peer.Peer);
            if (i is > 8 and <= 16)
            {
                await DeliverAsync(peer, i);
                deliverers.Add(peer.Peer);
            }
        }

        ScriptedPeer? newcomer = rig.Knock("99.1.1.1");

        Assert.That(newcomer, Is.Not.Null);
        PeerDisconnected end = await rig.WaitForAsync<PeerDisconnected>();
        Assert.That(end.Reason, Is.EqualTo(DisconnectReason.Evicted));
        Assert.That(near.Concat(deliverers).Select(peer => peer.Id), Has.None.EqualTo(end.PeerId));
        Assert.That(rig.Node.Peers.All, Has.Length.EqualTo(24));
    }

    [Test]
    public async Task Two_hundred_sybils_from_one_16_do_not_displace_8_honest_peers([Values] bool areNear)
    {
        await using PeerRig rig = Rig(40);
        var honest = new List<ScriptedPeer>();
        for (byte i = 1; i <= 8; i++)
        {
            TimeSpan roundTrip = TimeSpan.FromMilliseconds(areNear ? 1 : 200);
            ScriptedPeer peer = (await ConnectAsync(rig, $"{20 + i}.1.1.1", roundTrip))!;
            if (!areNear)
                await DeliverAsync(peer, i);
            honest.Add(peer);
        }

        int admitted = 0;
        for (int i = 0; i < 200; i++)
        {
            rig.Clock.Advance(TimeSpan.FromMilliseconds(100));
            // Sybils beat the honest at what these are not good at.
            bool wasFull = rig.Node.Peers.All.Length == 40;
            TimeSpan roundTrip = TimeSpan.FromMilliseconds(areNear ? 50 : 0);
            if (await ConnectAsync(rig, $"66.6.{i}.1", roundTrip) is not { } sybil)
                continue;
            admitted++;
            if (areNear)
                await DeliverAsync(sybil, (byte)(100 + i));
            if (wasFull)
                await rig.WaitForAsync<PeerDisconnected>();
        }

        Assert.That(admitted, Is.EqualTo(200));
        Assert.That(honest.Select(peer => peer.Peer.Reason), Is.All.EqualTo(DisconnectReason.None));
        Assert.That(rig.Node.Peers.All, Has.Length.EqualTo(40));
        TestContext.Out.WriteLine($"200 sybils were admitted, {200 - 32} were evicted, all 8 honest peers stayed.");
    }

    [Test]
    public async Task Up_to_20_peers_nobody_is_evicted_and_the_newcomer_is_refused()
    {
        await using PeerRig rig = Rig(20);
        for (int i = 1; i <= 20; i++)
            Assert.That(rig.Knock($"{i}.1.1.1"), Is.Not.Null);

        Assert.That(rig.Knock("99.1.1.1"), Is.Null);

        Assert.That(rig.Metrics.Admissions(AdmissionDecision.NoSlot), Is.EqualTo(1));
        Assert.That(rig.Node.Peers.All, Has.Length.EqualTo(20));
    }

    [Test]
    public async Task Whoever_has_not_finished_his_handshake_is_evicted_as_well()
    {
        await using PeerRig rig = Rig(21);
        ScriptedPeer[] silent = [.. Enumerable.Range(1, 21).Select(i => rig.Knock($"{i}.1.1.1")!)];

        Assert.That(rig.Knock("99.1.1.1"), Is.Not.Null);

        Assert.That(silent.Count(peer => peer.Peer.Reason == DisconnectReason.Evicted), Is.EqualTo(1));
    }

    [Test]
    public async Task Whom_the_operator_vouches_for_is_never_evicted()
    {
        await using PeerRig rig = Rig(22, whitelist: ["noban@66.0.0.0/8"]);
        for (int i = 1; i <= 21; i++)
            rig.Knock($"{i}.1.1.1");
        ScriptedPeer vouchedFor = rig.Knock("66.6.6.1")!;
        rig.Clock.Advance(TimeSpan.FromSeconds(10));

        for (int i = 1; i <= 7; i++)
            Assert.That(rig.Knock($"{100 + i}.1.1.1"), Is.Not.Null);

        Assert.That(vouchedFor.Peer.Reason, Is.EqualTo(DisconnectReason.None));
    }

    /// <summary>Otherwise whoever fills the upper layer's queues and is evicted again and again had no limit at all.</summary>
    [Test]
    public async Task Evicted_peers_whose_messages_are_not_handled_yet_are_few()
    {
        using var open = new ManualResetEventSlim();
        var slow = new RecordingHandler
        {
            Judge = _ =>
            {
                open.Wait();
                return Verdict.Consume;
            },
        };
        await using PeerRig rig = Rig(30, slow);
        int admitted = 0;
        for (int i = 1; i <= 60; i++)
        {
            rig.Clock.Advance(TimeSpan.FromSeconds(1));
            if (await ConnectAsync(rig, $"{i}.1.1.1", TimeSpan.Zero) is not { } peer)
                continue;
            admitted++;
            await peer.SendAsync(Command.Logos, (byte)i);
            await peer.ReadUntilPongAsync();
        }

        Assert.That(admitted, Is.EqualTo(30 + NodeDefaults.MaxEvictedWaiting));
        Assert.That(rig.Metrics.Admissions(AdmissionDecision.NoSlot), Is.EqualTo(60 - admitted));
        open.Set();
        await slow.WaitAsync(admitted);
    }

    [TestCase(1)]
    [TestCase(2)]
    public async Task Peers_and_all_that_may_wait_at_the_doors_are_never_more_than_the_limit(int doors)
    {
        const int limit = 10;
        CountingListener[] listeners = [.. Enumerable.Range(0, doors).Select(_ => new CountingListener())];
        await using var rig = new PeerRig(new P2POptions { MaxConnections = SetAside + limit });
        var slots = new InboundSlots(rig.Node, [.. listeners]);
        var peers = new Stack<Peer>();
        AssertFits();
        for (int i = 0; i < limit; i++)
        {
            if (slots.TryReserve(Address("127.0.0.1")))
            {
                AssertFits(reserved: 1);
                peers.Push(rig.Connect().Peer);
                slots.Add(peers.Peek());
            }

            AssertFits();
        }

        Assert.That(peers, Has.Count.EqualTo(limit - (2 * doors)));
        Assert.That(listeners.Select(listener => listener.Backlog), Is.All.Zero);
        while (peers.TryPop(out Peer? peer))
        {
            slots.Remove(peer);
            AssertFits();
        }

        // Each queue holds one more than it is told, and one connection may be out of it and not decided on.
        void AssertFits(int reserved = 0) => Assert.That(
            peers.Count + reserved + listeners.Sum(listener => listener.Backlog + 2), Is.InRange(limit - 1, limit));
    }

    [Test]
    public async Task A_slot_that_was_set_aside_is_nobody_elses_until_it_is_given_back()
    {
        await using var rig = new PeerRig(new P2POptions { MaxConnections = SetAside + 3 });
        var slots = new InboundSlots(rig.Node, [new CountingListener()]);
        Assert.That(slots.TryReserve(Address("127.0.0.1")), Is.True);
        Assert.That(slots.TryReserve(Address("127.0.0.2")), Is.False);

        slots.Release(Address("127.0.0.1"));

        Assert.That(slots.TryReserve(Address("127.0.0.2")), Is.True);
    }

    [Test]
    public async Task Slots_that_are_set_aside_count_as_handshakes_that_are_not_complete()
    {
        await using var rig = new PeerRig();
        var slots = new InboundSlots(rig.Node, []);
        for (int i = 0; i < NodeDefaults.MaxPendingPerSource; i++)
        {
            Assert.That(slots.TryReserve(Address("192.0.2.1")), Is.True);
            rig.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(slots.TryReserve(Address("192.0.2.1")), Is.False);
        Assert.That(rig.Metrics.Admissions(AdmissionDecision.TooManyPending), Is.EqualTo(1));
    }

    [TestCase(2, 0)]
    [TestCase(3, 1)]
    [TestCase(5, 2)]
    [TestCase(189, 94)]
    public void There_is_no_door_without_room_for_a_peer(int maxInbound, int doors) => Assert.That(
        InboundSlots.MostListeners(NodeSettings.From(new P2POptions { MaxConnections = SetAside + maxInbound })),
        Is.EqualTo(doors));

    private static PeerRig Rig(int maxInbound, IMessageHandler? handler = null, params string[] whitelist)
    {
        var rig = new PeerRig(
            new P2POptions { MaxConnections = SetAside + maxInbound, Whitelist = [.. whitelist] }, handler);
        // A message that was delivered at zero was never delivered.
        rig.Clock.Advance(TimeSpan.FromSeconds(10));
        return rig;
    }

    private static NetAddress Address(string text) => PeerRig.Endpoint(text).Address;

    /// <summary>A stranger that, if it is let in, completes the handshake and answers the first ping after so long.</summary>
    private static async Task<ScriptedPeer?> ConnectAsync(PeerRig rig, string host, TimeSpan roundTrip)
    {
        if (rig.Knock(host) is not { } peer)
            return null;
        await peer.ShakeHandsAsync();
        Received ping = await peer.ReadAsync(Command.Ping);
        await rig.WaitForAsync<PeerReady>();
        rig.Clock.Advance(roundTrip);
        await peer.SendAsync(peer.Frames.Create(Command.Pong, ping.Nonce));
        await peer.ReadUntilPongAsync();
        rig.Clock.Advance(TimeSpan.FromMilliseconds(500));
        return peer;
    }

    private static async Task DeliverAsync(ScriptedPeer peer, byte content)
    {
        await peer.SendAsync(Command.Logos, content);
        await Eventually.IsAsync(() => peer.Peer.LastFirstDelivery > TimeSpan.Zero);
    }

    private sealed class CountingListener : IConnectionListener
    {
        public int Backlog { get; private set; } = -1;

        public NetEndpoint LocalEndpoint => NetEndpoint.None;

        public Task<IConnection?> AcceptAsync() => throw new NotSupportedException();

        public void SetBacklog(int count) => Backlog = count;

        public void Dispose()
        {
        }
    }
}
