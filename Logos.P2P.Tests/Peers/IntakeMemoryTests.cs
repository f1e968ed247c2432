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
        (ScriptedPeer Peer, Task Sending)[] dawdlers = await FillMemoryAsync(rig, NodeDefaults.MaxConnections - 20);

        Assert.That(rig.Node.Budget.Free, Is.Positive);
        await honest.ReadUntilPongAsync();
        await honest.SendAsync(Command.Logos, 1, 2, 3);
        Assert.That((await other.ReadAsync(Command.Logos)).Payload, Is.EqualTo(new byte[] { 1, 2, 3 }));
        await EndAsync(dawdlers);
    }

    [Test]
    public async Task When_all_of_them_wait_for_memory_somebody_goes_first_and_memory_comes_free()
    {
        await using var rig = new PeerRig(Small, Consumer());
        (ScriptedPeer Peer, Task Sending)[] dawdlers = await FillMemoryAsync(rig, 100);
        ScriptedPeer honest = await rig.ConnectReadyAsync();
        Task sending = SendSlowlyAsync(honest, Large(1));

        await BeatUntilAllHasArrivedAsync(rig, messages: 1, dawdlers, (honest, sending));

        await EndAsync(dawdlers);
    }

    [Test]
    public async Task Large_messages_of_two_honest_peers_all_arrive_however_many_dawdle()
    {
        const int each = 3;
        await using var rig = new PeerRig(Small, Consumer());
        (ScriptedPeer Peer, Task Sending)[] dawdlers = await FillMemoryAsync(rig, 100);
        ScriptedPeer one = await rig.ConnectReadyAsync(), two = await rig.ConnectReadyAsync();

        await BeatUntilAllHasArrivedAsync(
            rig, messages: 2 * each, dawdlers, (one, SendAllAsync(one, 1)), (two, SendAllAsync(two, 100)));

        await EndAsync(dawdlers);

        static async Task SendAllAsync(ScriptedPeer peer, byte first)
        {
            for (byte i = 0; i < each; i++)
                await SendSlowlyAsync(peer, Large((byte)(first + i)));
        }
    }

    /// <summary>An upper layer that has nothing sent on, to peers that do not read.</summary>
    private static RecordingHandler Consumer() => new() { IsQuick = true, Judge = _ => Verdict.Consume };

    /// <summary>Peers of which each has sent all that was taken of a message that is never complete.</summary>
    private static async Task<(ScriptedPeer Peer, Task Sending)[]> FillMemoryAsync(PeerRig rig, int count)
    {
        var dawdlers = new (ScriptedPeer Peer, Task Sending)[count];
        // One after another, so that each takes all that he can get.
        for (int i = 0; i < dawdlers.Length; i++)
        {
            ScriptedPeer peer = await rig.ConnectReadyAsync();
            dawdlers[i] = (peer, DawdleAsync(peer));
            await WaitUntilSettledAsync(peer, dawdlers[i].Sending);
        }

        Assert.That(rig.Node.Budget.IsShort, Is.True);
        return dawdlers;
    }

    /// <summary>
    /// Heartbeats until so many messages of honest peers have arrived. Between two of them everybody sends and is read from as far as
    /// may be, so that virtual time does not run away from them.
    /// </summary>
    private static async Task BeatUntilAllHasArrivedAsync(
        PeerRig rig, int messages, (ScriptedPeer Peer, Task Sending)[] dawdlers, params (ScriptedPeer Peer, Task Sending)[] honest)
    {
        TimeSpan start = rig.Node.Clock.Now;
        while (rig.Metrics.MessagesReceived < messages)
        {
            rig.Advance(NodeDefaults.Heartbeat);
            foreach ((ScriptedPeer peer, Task sending) in dawdlers.Concat(honest))
                await WaitUntilSettledAsync(peer, sending);
            Assert.That(rig.Frames.UsedBytes, Is.LessThanOrEqualTo(NodeDefaults.MinFrameMemory));
            Assert.That(honest.Select(one => one.Peer.Peer.Reason), Is.All.EqualTo(DisconnectReason.None));
        }

        TestContext.Out.WriteLine(
            $"All has arrived after {(rig.Node.Clock.Now - start).TotalSeconds:F1} s; of {dawdlers.Length} dawdlers "
            + $"{rig.Metrics.Disconnected(DisconnectReason.IncompleteMessage)} were cut.");
    }

    private static byte[] Large(byte first)
    {
        byte[] payload = new byte[WireLimits.MaxPayload];
        payload[0] = first;
        return new FramePool(P2PNetwork.Regtest).Create(Command.Logos, payload).Memory.ToArray();
    }

    /// <summary>All of the largest message but its last byte.</summary>
    private static Task DawdleAsync(ScriptedPeer peer)
    {
        byte[] large = Large(0);
        return SendSlowlyAsync(peer, large.AsMemory(0, large.Length - 1));
    }

    /// <summary>In pieces such as a socket hands over.</summary>
    private static async Task SendSlowlyAsync(ScriptedPeer peer, ReadOnlyMemory<byte> bytes)
    {
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(bytes.Length, NodeDefaults.ReceiveBufferSize)..])
            await peer.SendAsync(bytes[..Math.Min(bytes.Length, NodeDefaults.ReceiveBufferSize)]);
    }

    /// <summary>Until all that a peer wants to send is read, or it is held back, or has gone.</summary>
    private static Task WaitUntilSettledAsync(ScriptedPeer peer, Task sending) => Eventually.IsAsync(
        () => peer.Peer.Reason != DisconnectReason.None
            ? peer.Peer.Ended.IsCompleted
            : peer.Peer.Intake.IsHeldBack
                || (sending.IsCompleted && peer.Peer.ToInfo().BytesReceived == peer.BytesSent));

    private static async Task EndAsync((ScriptedPeer Peer, Task Sending)[] peers)
    {
        foreach ((ScriptedPeer peer, _) in peers)
            peer.Close();
        await Task.WhenAll(peers.Select(peer => peer.Sending)).ContinueWith(_ => { }, TaskScheduler.Default);
    }
}
