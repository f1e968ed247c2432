using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Peers;

/// <summary>Who is read from, and who is cut, when what peers sent in part uses up memory.</summary>
internal sealed class IntakeMemoryTests
{
    private static readonly P2POptions Small = new()
    {
        Network = P2PNetwork.Regtest,
        MaxMessageRate = 0,
        MaxMessageBytes = 0,
        MaxFrameMemory = NodeDefaults.MinFrameMemory,
    };

    [Test]
    public async Task A_message_larger_than_the_receive_buffer_arrives()
    {
        await using var rig = new PeerRig(Small with { MaxReceiveBuffer = 1000 });
        ScriptedPeer peer = await rig.ConnectReadyAsync();

        await peer.SendAsync(Command.Logos, new byte[WireLimits.MaxPayload]);

        await Eventually.IsAsync(() => rig.Metrics.MessagesReceived == 1);
    }

    [TestCase(NodeDefaults.MinFrameMemory)]
    [TestCase(NodeDefaults.MaxFrameMemory)]
    public async Task However_many_messages_are_incomplete_the_others_are_answered_and_their_messages_passed_on(long memory)
    {
        await using var rig = new PeerRig(Small with { MaxFrameMemory = memory });
        ScriptedPeer honest = await rig.ConnectReadyAsync();
        ScriptedPeer other = await rig.ConnectReadyAsync();
        ScriptedPeer[] dawdlers = new ScriptedPeer[NodeDefaults.MaxConnections - 20];
        Task[] sending = new Task[dawdlers.Length];

        // One after another, so that each takes all that he can get.
        for (int i = 0; i < dawdlers.Length; i++)
        {
            dawdlers[i] = await rig.ConnectReadyAsync();
            sending[i] = DawdleAsync(dawdlers[i]);
            await WaitUntilSettledAsync(dawdlers[i], sending[i]);
        }

        Assert.That(rig.Node.Budget.IsShort, Is.True);
        Assert.That(rig.Node.Budget.Free, Is.Positive);
        await honest.ReadUntilPongAsync();
        await honest.SendAsync(Command.Logos, 1, 2, 3);
        Assert.That((await other.ReadAsync(Command.Logos)).Payload, Is.EqualTo(new byte[] { 1, 2, 3 }));
        await EndAsync(dawdlers, sending);
    }

    [Test]
    [Category("Long")]
    [Explicit("Twenty seconds, paced by the clock on the wall so that virtual time does not run away from the readers.")]
    public async Task When_all_of_them_wait_for_memory_somebody_goes_first_and_memory_comes_free()
    {
        await using var rig = new PeerRig(Small);
        ScriptedPeer[] dawdlers = new ScriptedPeer[100];
        for (int i = 0; i < dawdlers.Length; i++)
            dawdlers[i] = await rig.ConnectReadyAsync();
        ScriptedPeer honest = await rig.ConnectReadyAsync();
        byte[] large = honest.Frames.Create(Command.Logos, new byte[WireLimits.MaxPayload]).Memory.ToArray();
        Task[] sending = [.. dawdlers.Select(DawdleAsync)];
        await Eventually.IsAsync(() => dawdlers.All(dawdler => dawdler.Peer.Intake.IsPaused));
        Task honestly = SendSlowlyAsync(honest, large);
        await Eventually.IsAsync(() => honest.Peer.Intake.IsPaused);

        while (!honestly.IsCompleted)
        {
            rig.Advance(NodeDefaults.Heartbeat);
            await GiveTimeAsync();
            Assert.That(rig.Frames.UsedBytes, Is.LessThanOrEqualTo(NodeDefaults.MinFrameMemory));
            Assert.That(honest.Peer.Reason, Is.EqualTo(DisconnectReason.None));
        }

        await Eventually.IsAsync(() => rig.Metrics.MessagesReceived == 1);
        await EndAsync(dawdlers, sending);
    }

    /// <summary>All of the largest message but its last byte.</summary>
    private static Task DawdleAsync(ScriptedPeer peer)
    {
        byte[] large = peer.Frames.Create(Command.Logos, new byte[WireLimits.MaxPayload]).Memory.ToArray();
        return SendSlowlyAsync(peer, large.AsMemory(0, large.Length - 1));
    }

    /// <summary>In pieces such as a socket hands over.</summary>
    private static async Task SendSlowlyAsync(ScriptedPeer peer, ReadOnlyMemory<byte> bytes)
    {
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(bytes.Length, NodeDefaults.ReceiveBufferSize)..])
            await peer.SendAsync(bytes[..Math.Min(bytes.Length, NodeDefaults.ReceiveBufferSize)]);
    }

    /// <summary>Lets those that read go on: virtual time must not run away from them.</summary>
    private static Task GiveTimeAsync() => Task.Delay(5);

    /// <summary>Until a peer has sent all that it wants, is held back, or has gone.</summary>
    private static Task WaitUntilSettledAsync(ScriptedPeer peer, Task sending) => Eventually.IsAsync(
        () => peer.Peer.Reason != DisconnectReason.None
            ? peer.Peer.Ended.IsCompleted
            : sending.IsCompleted || peer.Peer.Intake.IsPaused);

    private static async Task EndAsync(ScriptedPeer[] peers, Task[] sending)
    {
        foreach (ScriptedPeer peer in peers)
            peer.Close();
        await Task.WhenAll(sending).ContinueWith(_ => { }, TaskScheduler.Default);
    }
}
