using Logos.P2P.Dialing;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Peers;

/// <summary>
/// Every time-out of a connection under a clock that the test moves: it does not come a beat early, and not a beat late.
/// </summary>
internal sealed class TimeOutTests
{
    private const string Elsewhere = "60.1.1.1";

    private static readonly P2POptions Main = new() { Network = P2PNetwork.Main };

    [Test]
    public void The_times_are_those_promised()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(NodeDefaults.HandshakeTimeout, Is.EqualTo(TimeSpan.FromSeconds(15)));
            Assert.That(NodeDefaults.PingInterval, Is.EqualTo(TimeSpan.FromSeconds(60)));
            Assert.That(NodeDefaults.PingInterval + NodeDefaults.PingTimeout, Is.LessThan(TimeSpan.FromMinutes(3)));
            Assert.That(NodeDefaults.SendTimeout, Is.EqualTo(TimeSpan.FromSeconds(30)));
            Assert.That(NodeDefaults.ConnectTimeout, Is.EqualTo(TimeSpan.FromSeconds(5)));
            Assert.That(NodeDefaults.AddrFetchTimeout, Is.EqualTo(TimeSpan.FromMinutes(5)));
        }
    }

    [Test]
    [Conformance("H4")]
    public async Task Of_those_who_come_without_a_word_each_is_cut_at_its_own_time([Values] ConnectionKind kind)
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer first = rig.Connect(kind, Elsewhere);
        rig.Advance(TimeSpan.FromSeconds(5));
        ScriptedPeer second = rig.Connect(kind, Elsewhere);

        await AssertEndsAfterAsync(rig, first, TimeSpan.FromSeconds(10), DisconnectReason.HandshakeTimeout);
        await AssertEndsAfterAsync(rig, second, TimeSpan.FromSeconds(5), DisconnectReason.HandshakeTimeout);
    }

    [TestCase(ConnectionKind.Inbound)]
    [TestCase(ConnectionKind.Outbound)]
    [TestCase(ConnectionKind.Quiet)]
    [TestCase(ConnectionKind.Manual)]
    [TestCase(ConnectionKind.AddrFetch)]
    [Conformance("P1")]
    public async Task Who_never_answers_is_dead_twenty_seconds_after_the_first_ping(ConnectionKind kind)
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer peer = await rig.ConnectReadyAsync(kind, Elsewhere);

        await AssertEndsAfterAsync(rig, peer, NodeDefaults.PingTimeout, DisconnectReason.PingTimeout);
    }

    [Test]
    [Conformance("P1", "P2")]
    public async Task Who_falls_silent_after_a_day_of_talk_is_dead_within_eighty_seconds_and_was_pinged_once_a_minute()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer peer = await rig.ConnectReadyAsync(ConnectionKind.Outbound, Elsewhere);
        int pings = 0;
        for (int tenSeconds = 0; tenSeconds < 6 * 60; tenSeconds++)
        {
            await peer.SendAsync(peer.Frames.Create(Command.Logos, BitConverter.GetBytes(tenSeconds)));
            foreach (Received ping in (await peer.ReadUntilPongAsync()).Where(message => message.Command == Command.Ping))
            {
                await peer.SendAsync(Command.Pong, ping.Payload);
                pings++;
            }

            await peer.ReadUntilPongAsync();
            rig.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.That(pings, Is.EqualTo(60));
        // The last beat of the hour sent a ping.
        await AssertEndsAfterAsync(rig, peer, NodeDefaults.PingTimeout, DisconnectReason.PingTimeout);
    }

    [Test]
    public async Task Who_falls_silent_right_after_a_pong_is_found_by_the_next_ping()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer peer = await rig.ConnectReadyAsync(ConnectionKind.Outbound, Elsewhere);
        await peer.SendAsync(Command.Pong, (await peer.ReadAsync(Command.Ping)).Payload);
        await peer.ReadUntilPongAsync();

        rig.Advance(NodeDefaults.PingInterval);
        await AssertEndsAfterAsync(rig, peer, NodeDefaults.PingTimeout, DisconnectReason.PingTimeout);
    }

    [Test]
    public async Task Who_takes_nothing_of_its_queue_is_cut_after_thirty_seconds_whatever_it_says()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer peer = await rig.ConnectReadyAsync(ConnectionKind.Outbound, Elsewhere);
        ulong nonce = (await peer.ReadAsync(Command.Ping)).Nonce;
        rig.Node.Relay.Propagate(new byte[500_000]);
        rig.Node.Relay.Propagate(new byte[400_000]);
        rig.Advance(TimeSpan.Zero);
        await peer.SendAsync(peer.Frames.Create(Command.Pong, nonce));
        await Eventually.IsAsync(() => peer.Peer.ToInfo().PingTime is not null);

        await AssertEndsAfterAsync(rig, peer, NodeDefaults.SendTimeout, DisconnectReason.SendTimeout);
    }

    [Test]
    [Conformance("A7")]
    public async Task Who_tells_no_addresses_is_left_after_five_minutes_to_the_beat()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer peer = await rig.ConnectReadyAsync(ConnectionKind.AddrFetch, Elsewhere);
        for (int i = 0; i < 29; i++)
        {
            rig.Advance(TimeSpan.FromSeconds(10));
            await peer.ReadUntilPongAsync();
        }

        await AssertEndsAfterAsync(rig, peer, TimeSpan.FromSeconds(10), DisconnectReason.AddrFetchTimeout);
    }

    [Test]
    public async Task A_dial_that_nothing_answers_is_given_up_after_five_seconds()
    {
        await using var rig = new PeerRig(Main);
        var connector = new Connector(rig.Node, new SilentTransport(), rig.Host, CancellationToken.None);
        Assert.That(connector.Table.TryClaim(PeerRig.Endpoint(Elsewhere), ConnectionKind.Outbound));

        Task<bool> dial = connector.DialAsync(PeerRig.Endpoint(Elsewhere), ConnectionKind.Outbound);
        rig.Clock.Advance(NodeDefaults.ConnectTimeout - NodeDefaults.Heartbeat);
        Assert.That(dial.IsCompleted, Is.False);
        rig.Clock.Advance(NodeDefaults.Heartbeat);

        Assert.That(await dial.WaitAsync(TestNode.Patience), Is.False);
        Assert.That(connector.Table.Contains(PeerRig.Endpoint(Elsewhere)), Is.False);
    }

    private static async Task AssertEndsAfterAsync(PeerRig rig, ScriptedPeer peer, TimeSpan time, DisconnectReason reason)
    {
        rig.Advance(time - NodeDefaults.Heartbeat);
        Assert.That(peer.Peer.Reason, Is.EqualTo(DisconnectReason.None), "Not a beat before.");
        rig.Advance(NodeDefaults.Heartbeat);
        Assert.That(await peer.EndAsync(), Is.EqualTo(reason));
    }

    /// <summary>A network in which nothing comes back, not even a refusal.</summary>
    private sealed class SilentTransport : ITransport
    {
        public async Task<IConnection> ConnectAsync(NetEndpoint remote, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw new InvalidOperationException("Nothing ends that wait but its token.");
        }

        public IConnectionListener Listen(NetEndpoint local) => throw new NotSupportedException();
    }
}
