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
    public async Task A_flooder_is_read_from_at_the_rate_and_then_cut_and_discouraged()
    {
        await using var rig = new PeerRig(Slow);
        ScriptedPeer flooder = await rig.ConnectReadyAsync(host: "192.0.2.1");
        await rig.ConnectReadyAsync(host: "192.0.2.2");
        await rig.ConnectReadyAsync(host: "192.0.2.3");
        Task flood = FloodAsync(flooder);
        await Eventually.IsAsync(() => flooder.Peer.Intake.IsPaused);
        long first = rig.Metrics.MessagesReceived;

        for (int i = 1; i < 100; i++)
        {
            rig.Advance(TimeSpan.FromMilliseconds(100));
            long due = first + i;
            await Eventually.IsAsync(() => rig.Metrics.MessagesReceived >= due && flooder.Peer.Intake.IsPaused);
            Assert.That(rig.Metrics.MessagesReceived, Is.EqualTo(due).Within(1));
        }

        Assert.That(first, Is.InRange(Burst - 5, Burst + 1));
        Assert.That(flooder.Peer.Reason, Is.EqualTo(DisconnectReason.None));
        rig.Advance(TimeSpan.FromMilliseconds(200));
        Assert.That(await flooder.EndAsync(), Is.EqualTo(DisconnectReason.Flooding));
        Assert.That(rig.Node.Discouragement.Contains(flooder.Peer.Endpoint.Address), Is.True);
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
        Task flood = FloodAsync(flooder);
        await Eventually.IsAsync(() => flooder.Peer.Intake.IsPaused);

        for (int i = 0; i < 150; i++)
        {
            rig.Advance(TimeSpan.FromMilliseconds(100));
            long due = Burst - 5 + i;
            await Eventually.IsAsync(() => rig.Metrics.MessagesReceived >= due && flooder.Peer.Intake.IsPaused);
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
        Task[] flood = [.. peers.Take(9).Select(FloodAsync)];
        await Eventually.IsAsync(() => peers.Take(9).All(peer => peer.Peer.Intake.IsPaused));
        long before = rig.Metrics.MessagesReceived;

        for (int i = 0; i < 100; i++)
        {
            rig.Advance(TimeSpan.FromMilliseconds(100));
            await Eventually.IsAsync(() => peers.Take(9).All(peer => peer.Peer.Intake.IsPaused));
        }

        // Ten seconds of an equal part of 200 a second for each of ten, of which one asks for nothing.
        Assert.That(rig.Metrics.MessagesReceived - before, Is.InRange(9 * 20 * 10 / 2, 9 * 20 * 10 * 3 / 2));
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
    public async Task When_memory_is_short_a_large_message_waits_and_who_does_not_finish_his_makes_room()
    {
        await using var rig = new PeerRig(Slow with { MaxMessageRate = 0, MaxFrameMemory = NodeDefaults.MinFrameMemory });
        ScriptedPeer[] dawdlers = await ConnectAsync(rig, 40);
        ScriptedPeer honest = await rig.ConnectReadyAsync();
        byte[] large = honest.Frames.Create(Command.Logos, new byte[WireLimits.MaxPayload]).Memory.ToArray();
        Task[] sending = [.. dawdlers.Select(dawdler => SendSlowlyAsync(dawdler, large.AsMemory(0, large.Length - 1)))];
        await Eventually.IsAsync(() => dawdlers.All(dawdler => dawdler.Peer.Intake.IsPaused));

        Assert.That(rig.Frames.UsedBytes, Is.LessThanOrEqualTo(NodeDefaults.MinFrameMemory));
        await honest.ReadUntilPongAsync();
        Task honestly = SendSlowlyAsync(honest, large);
        await Eventually.IsAsync(() => honest.Peer.Intake.IsPaused);
        while (!honestly.IsCompleted && honest.Peer.Reason == DisconnectReason.None)
        {
            rig.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.That(dawdlers.Count(dawdler => dawdler.Peer.Reason == DisconnectReason.IncompleteMessage), Is.Positive);
        foreach (ScriptedPeer dawdler in dawdlers)
            dawdler.Close();
        honest.Close();
        await Task.WhenAll([.. sending, honestly]).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private static async Task<ScriptedPeer[]> ConnectAsync(PeerRig rig, int count)
    {
        var peers = new ScriptedPeer[count];
        for (int i = 0; i < count; i++)
            peers[i] = await rig.ConnectReadyAsync();
        return peers;
    }

    /// <summary>In pieces such as a socket hands over.</summary>
    private static async Task SendSlowlyAsync(ScriptedPeer peer, ReadOnlyMemory<byte> bytes)
    {
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(bytes.Length, NodeDefaults.ReceiveBufferSize)..])
            await peer.SendAsync(bytes[..Math.Min(bytes.Length, NodeDefaults.ReceiveBufferSize)]);
    }

    private static async Task FloodAsync(ScriptedPeer peer)
    {
        for (int i = 0; ; i++)
            await peer.SendAsync(Command.Logos, [.. BitConverter.GetBytes(peer.Peer.Id), .. BitConverter.GetBytes(i)]);
    }
}
