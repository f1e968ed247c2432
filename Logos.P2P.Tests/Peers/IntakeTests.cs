using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Peers;

/// <summary>How much is taken from one peer, under a clock of the test's own.</summary>
internal sealed class IntakeTests
{
    private static readonly P2POptions Slow = new()
    {
        Network = P2PNetwork.Regtest,
        MaxMessageRate = 10,
    };

    /// <summary>What comes at once: the burst, and the frame that is one too many.</summary>
    private static readonly int Burst = (int)(Slow.MaxMessageRate * NodeDefaults.MessageBurst.TotalSeconds);

    [Test]
    [Conformance("R6")]
    public async Task A_flooder_is_read_from_at_the_rate_and_then_cut_and_may_come_back()
    {
        await using var rig = new PeerRig(Slow);
        ScriptedPeer flooder = await rig.ConnectReadyAsync(host: "192.0.2.1");
        await rig.ConnectReadyAsync(host: "192.0.2.2");
        await rig.ConnectReadyAsync(host: "192.0.2.3");
        Task flood = FloodAsync(flooder, isReplay: true);
        await Eventually.IsAsync(() => flooder.Peer.Intake.IsPaused);
        long first = Received();

        for (int i = 1; i < 100; i++)
        {
            rig.Advance(TimeSpan.FromMilliseconds(100));
            long due = first + i;
            await Eventually.IsAsync(() => Received() >= due && flooder.Peer.Intake.IsPaused);
            Assert.That(Received(), Is.EqualTo(due).Within(1));
        }

        Assert.That(first, Is.InRange(Burst - 5, Burst + 1));
        Assert.That(flooder.Peer.Reason, Is.EqualTo(DisconnectReason.None));
        rig.Advance(TimeSpan.FromMilliseconds(200));
        Assert.That(await flooder.EndAsync(), Is.EqualTo(DisconnectReason.Flooding));
        Assert.That(rig.Node.Discouragement.Contains(flooder.Peer.Endpoint.Address), Is.False);
        Assert.That(async () => await flood, Throws.InstanceOf<IOException>());

        long Received() => flooder.Peer.Traffic.Received(Command.Logos).Messages;
    }

    [Test]
    public async Task Who_floods_with_new_messages_is_held_to_what_the_node_takes_and_kept()
    {
        await using var rig = new PeerRig(Slow);
        ScriptedPeer flooder = await rig.ConnectReadyAsync();
        await rig.ConnectReadyAsync();
        await rig.ConnectReadyAsync();
        Task flood = FloodAsync(flooder);
        await Eventually.IsAsync(() => flooder.Peer.Intake.IsPaused);
        long before = rig.Metrics.MessagesReceived;

        for (int i = 0; i < 200; i++)
        {
            rig.Advance(NodeDefaults.Heartbeat);
            await Eventually.IsAsync(() => flooder.Peer.Intake.IsPaused);
        }

        double taken = NodeDefaults.RelayLimitFactor * Slow.MaxMessageRate * 20;
        Assert.That(rig.Metrics.MessagesReceived - before, Is.EqualTo(taken).Within(10).Percent);
        Assert.That(flooder.Peer.Reason, Is.EqualTo(DisconnectReason.None));
        flooder.Close();
        Assert.That(async () => await flood, Throws.InstanceOf<IOException>());
    }

    [TestCase(Command.Logos)]
    [TestCase(Command.Ping)]
    [TestCase(Command.GetAddr)]
    public async Task Replays_and_whatever_else_count_as_well(Command command)
    {
        await using var rig = new PeerRig(Slow);
        ScriptedPeer flooder = await rig.ConnectReadyAsync();
        await rig.ConnectReadyAsync();
        byte[] payload = command == Command.GetAddr ? [] : new byte[8];

        for (int i = 0; i < Burst + 1; i++)
            await flooder.SendAsync(command, payload);

        await Eventually.IsAsync(() => flooder.Peer.Intake.IsPaused);
        Assert.That(rig.Metrics.MessagesReceived, Is.LessThanOrEqualTo(1));
    }

    [Test]
    public async Task Bytes_count_also_those_of_a_message_that_is_thrown_away()
    {
        await using var rig = new PeerRig(Slow with { MaxMessageRate = 0, MaxMessageBytes = 1000 });
        ScriptedPeer flooder = await rig.ConnectReadyAsync();
        byte[] unknown = flooder.Frames.Create(Command.Logos, new byte[6000]).Memory.ToArray();
        "future"u8.CopyTo(unknown.AsSpan(4));

        await flooder.SendAsync(unknown);

        await Eventually.IsAsync(() => flooder.Peer.Intake.IsPaused);
    }

    [Test]
    public async Task A_peer_that_may_relay_is_read_from_as_fast_as_it_sends()
    {
        await using var rig = new PeerRig(Slow with { Whitelist = ["relay@192.0.2.1"] });
        ScriptedPeer peer = await rig.ConnectReadyAsync(host: "192.0.2.1");

        for (int i = 0; i < 3 * Burst; i++)
            await peer.SendAsync(Command.Logos, BitConverter.GetBytes(i));

        await peer.ReadUntilPongAsync();
        Assert.That(rig.Metrics.MessagesReceived, Is.EqualTo(3 * Burst));
        Assert.That(peer.Peer.Intake.IsThrottled, Is.False);
    }

    [Test]
    public async Task A_manual_peer_is_slowed_down_and_kept()
    {
        await using var rig = new PeerRig(Slow);
        ScriptedPeer flooder = await rig.ConnectReadyAsync(ConnectionKind.Manual);
        await rig.ConnectReadyAsync();
        Task flood = FloodAsync(flooder, isReplay: true);
        await Eventually.IsAsync(() => flooder.Peer.Intake.IsPaused);

        for (int i = 0; i < 150; i++)
        {
            rig.Advance(TimeSpan.FromMilliseconds(100));
            long due = Burst - 5 + i;
            await Eventually.IsAsync(() => flooder.Peer.Traffic.Received(Command.Logos).Messages >= due && flooder.Peer.Intake.IsPaused);
        }

        Assert.That(flooder.Peer.Reason, Is.EqualTo(DisconnectReason.None));
        flooder.Close();
        Assert.That(async () => await flood, Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task Who_is_held_back_for_longer_than_a_dead_peer_has_to_answer_is_not_taken_for_dead()
    {
        await using var rig = new PeerRig(Slow);
        ScriptedPeer flooder = await rig.ConnectReadyAsync(ConnectionKind.Manual);
        await rig.ConnectReadyAsync();
        Task flood = FloodAsync(flooder, isReplay: true);
        await Eventually.IsAsync(() => flooder.Peer.Intake.IsPaused);

        // Its pong is behind all that, and what is read at once is enough for minutes.
        for (TimeSpan passed = TimeSpan.Zero; passed < 3 * NodeDefaults.PingTimeout; passed += NodeDefaults.Heartbeat)
        {
            rig.Advance(NodeDefaults.Heartbeat);
            await Eventually.IsAsync(() => flooder.Peer.Reason != DisconnectReason.None || flooder.Peer.Intake.IsPaused);
        }

        Assert.That(flooder.Peer.Reason, Is.EqualTo(DisconnectReason.None));
        flooder.Close();
        Assert.That(async () => await flood, Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task Who_is_slowed_down_and_calms_down_is_kept()
    {
        await using var rig = new PeerRig(Slow);
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        ScriptedPeer other = await rig.ConnectReadyAsync();
        for (int i = 0; i < Burst + 1; i++)
            await peer.SendAsync(Command.Logos, BitConverter.GetBytes(i));
        await Eventually.IsAsync(() => peer.Peer.Intake.IsThrottled);

        for (int i = 0; i < 120; i++)
            rig.Advance(TimeSpan.FromMilliseconds(100));

        Assert.That(peer.Peer.Intake.IsThrottled, Is.False);
        await peer.ReadUntilPongAsync();
        await other.ReadUntilPongAsync();
    }

    [Test]
    public async Task When_all_together_bring_too_much_each_is_held_to_an_equal_part_and_nobody_is_cut()
    {
        await using var rig = new PeerRig(Slow with { MaxMessageRate = 100 });
        ScriptedPeer[] peers = await ConnectAsync(rig, 10);
        Task[] reading = [.. peers.Select(DrainAsync)];
        Task[] flood = [.. peers.Take(9).Select(peer => FloodAsync(peer))];
        await Eventually.IsAsync(() => peers.Take(9).All(peer => peer.Peer.Intake.IsPaused));
        long before = rig.Metrics.MessagesReceived;

        for (int i = 0; i < 100; i++)
        {
            rig.Advance(TimeSpan.FromMilliseconds(100));
            await Eventually.IsAsync(() => peers.Take(9).All(peer => peer.Peer.Intake.IsPaused));
        }

        // Ten seconds of an equal part of 60 a second for each of ten, of which one asks for nothing.
        Assert.That(rig.Metrics.MessagesReceived - before, Is.InRange(9 * 6 * 10 / 2, 9 * 6 * 10 * 3 / 2));
        Assert.That(peers.Select(peer => peer.Peer.Reason), Is.All.EqualTo(DisconnectReason.None));
        long quiet = rig.Metrics.MessagesReceived;
        await peers[9].SendAsync(Command.Logos, 1, 2, 3);
        await Eventually.IsAsync(() => rig.Metrics.MessagesReceived == quiet + 1);
        await rig.Host.StopAsync();
        await Task.WhenAll(reading);
        Assert.That(async () => await Task.WhenAll(flood), Throws.InstanceOf<IOException>());

        static async Task DrainAsync(ScriptedPeer peer)
        {
            while (await peer.ReadAsync() is not null)
            {
            }
        }
    }

    [Test]
    public async Task A_peer_that_passes_on_all_that_its_node_takes_bursts_included_is_kept()
    {
        const int rate = 100;
        const int perBeat = (int)(NodeDefaults.RelayLimitFactor * rate / 10);
        await using var rig = new PeerRig(Slow with { MaxMessageRate = rate });
        ScriptedPeer honest = await rig.ConnectReadyAsync();
        await ConnectAsync(rig, 3);
        using var due = new SemaphoreSlim((int)(2 * NodeDefaults.RelayLimitFactor * rate * NodeDefaults.MessageBurst.TotalSeconds));
        Task passingOn = PassOnAsync();
        await Eventually.IsAsync(() => honest.Peer.Intake.IsPaused);
        Assert.That(honest.Peer.Intake.IsThrottled, Is.True);

        for (int i = 0; i < 300; i++)
        {
            due.Release(perBeat);
            rig.Advance(NodeDefaults.Heartbeat);
            await Eventually.IsAsync(() => due.CurrentCount == 0 || honest.Peer.Intake.IsPaused);
        }

        Assert.That(honest.Peer.Reason, Is.EqualTo(DisconnectReason.None));
        honest.Close();
        due.Release(1);
        Assert.That(async () => await passingOn, Throws.InstanceOf<IOException>());

        async Task PassOnAsync()
        {
            for (int i = 0; ; i++)
            {
                await due.WaitAsync();
                await honest.SendAsync(Command.Logos, BitConverter.GetBytes(i));
            }
        }
    }

    [Test]
    public async Task Flooders_that_come_in_numbers_do_not_vote_themselves_free()
    {
        await using var rig = new PeerRig(Slow);
        for (int i = 0; i < 3; i++)
            await rig.ConnectReadyAsync(ConnectionKind.Outbound, host: $"192.0.2.{i + 1}");
        ScriptedPeer[] flooders = await ConnectAsync(rig, 5);
        Task[] floods = [.. flooders.Select(flooder => Task.Run(() => FloodAsync(flooder, isReplay: true)))];
        await Eventually.IsAsync(() => flooders.All(flooder => flooder.Peer.Intake.IsThrottled));

        for (int i = 0; i < 110; i++)
        {
            rig.Advance(NodeDefaults.Heartbeat);
            await Eventually.IsAsync(() => flooders.All(flooder => flooder.Peer.Reason != 0 || flooder.Peer.Intake.IsPaused));
        }

        Assert.That(flooders.Select(flooder => flooder.Peer.Reason), Is.All.EqualTo(DisconnectReason.Flooding));
        foreach (Task flood in floods)
            Assert.That(async () => await flood, Throws.InstanceOf<IOException>());
    }

    private static async Task<ScriptedPeer[]> ConnectAsync(PeerRig rig, int count)
    {
        var peers = new ScriptedPeer[count];
        for (int i = 0; i < count; i++)
            peers[i] = await rig.ConnectReadyAsync();
        return peers;
    }

    private static async Task FloodAsync(ScriptedPeer peer, bool isReplay = false)
    {
        for (int i = 0; ; i++)
            await peer.SendAsync(Command.Logos, [.. BitConverter.GetBytes(peer.Peer.Id), .. BitConverter.GetBytes(isReplay ? 0 : i)]);
    }
}
