using System.Buffers.Binary;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Peers;

/// <summary>A peer seen from the other end of its connection.</summary>
internal sealed class PeerTests
{
    private const string Elsewhere = "10.1.2.3";
    private static readonly TimeSpan Tick = NodeDefaults.Heartbeat;

    [Test]
    public async Task An_inbound_peer_hears_nothing_before_it_has_introduced_itself()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = rig.Connect();
        await peer.SendAsync(peer.Frames.Create(Command.Ping, 1));
        await peer.SendAsync(Command.Verack);
        await peer.SendAsync(Command.GetAddr);
        await peer.SendAsync(Command.SendAddrV2);
        await peer.SendAsync(Command.Feature);
        await peer.SendAsync(Command.Logos, 1, 2, 3);
        await rig.WaitForDropsAsync(DropReason.BeforeHandshake, 6);
        rig.Advance(NodeDefaults.HandshakeTimeout - Tick);

        Assert.That(peer.NodesEnd.BytesSent, Is.Zero);
        Assert.That(peer.Peer.Reason, Is.EqualTo(DisconnectReason.None));
        Assert.That(rig.Handler.Messages, Is.Empty);
    }

    [TestCase(ProtocolVersion.Minimum, new[] { Command.Version, Command.SendAddrV2, Command.Verack })]
    [TestCase(ProtocolVersion.Current, new[] { Command.Version, Command.SendAddrV2, Command.Feature, Command.Verack })]
    public async Task An_inbound_peer_is_answered_with_what_its_version_knows_and_no_more_before_its_verack(
        int version, Command[] expected)
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = rig.Connect();
        await peer.SendAsync(peer.Frames.Create(ScriptedPeer.Version() with { ProtocolVersion = version }));

        var answer = new List<Command>();
        while (answer.LastOrDefault() != Command.Verack)
            answer.Add((await peer.ReadAsync())!.Command);
        Assert.That(answer, Is.EqualTo(expected));

        long sent = peer.NodesEnd.BytesSent;
        await peer.SendAsync(peer.Frames.Create(Command.Ping, 1));
        await peer.SendAsync(Command.GetAddr);
        await rig.WaitForDropsAsync(DropReason.BeforeHandshake, 2);
        rig.Advance(NodeDefaults.HandshakeTimeout - Tick);
        Assert.That(peer.NodesEnd.BytesSent, Is.EqualTo(sent));
    }

    [TestCase(ConnectionKind.Outbound)]
    [TestCase(ConnectionKind.Manual)]
    public async Task Whom_we_dial_hears_our_version_first_and_the_rest_after_its_own(ConnectionKind kind)
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = rig.Connect(kind);

        Assert.That((await peer.ReadAsync())!.Command, Is.EqualTo(Command.Version));
        long sent = peer.NodesEnd.BytesSent;
        rig.Advance(TimeSpan.FromSeconds(5));
        Assert.That(peer.NodesEnd.BytesSent, Is.EqualTo(sent), "Nothing more before the other side's version.");

        await peer.SendAsync(peer.Frames.Create(ScriptedPeer.Version()));
        Command[] answer = [(await peer.ReadAsync())!.Command, (await peer.ReadAsync())!.Command,
            (await peer.ReadAsync())!.Command];
        Assert.That(answer, Is.EqualTo(new[] { Command.SendAddrV2, Command.Feature, Command.Verack }));
        Assert.That(peer.Peer.IsReady, Is.False);
    }

    [TestCase(ConnectionKind.Inbound, new[] { Command.Ping })]
    [TestCase(ConnectionKind.Outbound, new[] { Command.Ping, Command.GetAddr })]
    [TestCase(ConnectionKind.Manual, new[] { Command.Ping, Command.GetAddr })]
    public async Task A_ready_peer_is_pinged_and_only_asked_for_addresses_when_we_dialled_it(
        ConnectionKind kind, Command[] expected)
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync(kind);

        IReadOnlyList<Received> all = await peer.ReadUntilPongAsync();

        Assert.That(all.Select(received => received.Command), Is.EqualTo(expected));
        Assert.That(all[0].Nonce, Is.Not.Zero);
    }

    [Test]
    public async Task Our_version_says_what_it_must_and_gives_nothing_away()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = rig.Connect(ConnectionKind.Outbound, Elsewhere);

        Received received = (await peer.ReadAsync())!;
        VersionMessage version = received.Version;

        Assert.That(version.ProtocolVersion, Is.EqualTo(70017));
        Assert.That(version.Services, Is.EqualTo(Services.Logos));
        Assert.That(version.Time, Is.EqualTo(rig.Clock.UnixSeconds));
        Assert.That(version.Receiver, Is.EqualTo(peer.Peer.Endpoint));
        Assert.That(version.Nonce, Is.EqualTo(peer.Peer.Nonce));
        Assert.That(version.UserAgent, Does.Match("^/LogosP2P:[0-9.]+/$"));
        Assert.That(version.StartHeight, Is.Zero);
        Assert.That(version.Relay, Is.True);
        // Receiver 26 bytes from offset 20, then 26 bytes of sender.
        Assert.That(received.Payload.AsSpan(46, 26).ToArray(), Is.All.Zero, "The sender's address.");
    }

    [Test]
    public async Task Every_connection_has_a_nonce_and_a_number_of_its_own()
    {
        await using var rig = new PeerRig();
        ScriptedPeer[] peers = [.. Enumerable.Range(0, 20).Select(_ => rig.Connect())];

        Assert.That(peers.Select(peer => peer.Peer.Nonce), Is.Unique);
        Assert.That(peers.Select(peer => peer.Peer.Id), Is.Unique);
    }

    [TestCase(ConnectionKind.Inbound, false)]
    [TestCase(ConnectionKind.Outbound, false)]
    [TestCase(ConnectionKind.Inbound, true)]
    [TestCase(ConnectionKind.Outbound, true)]
    [Conformance("H4")]
    public async Task A_handshake_has_fifteen_seconds_and_not_one_beat_less(ConnectionKind kind, bool sendsVersion)
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = rig.Connect(kind);
        if (sendsVersion)
        {
            await peer.SendAsync(peer.Frames.Create(ScriptedPeer.Version()));
            await peer.ReadAsync(Command.Verack);
        }

        rig.Advance(TimeSpan.FromSeconds(15) - TimeSpan.FromTicks(1));
        Assert.That(peer.Peer.Reason, Is.EqualTo(DisconnectReason.None));

        rig.Advance(TimeSpan.FromTicks(1));
        Assert.That(await peer.EndAsync(), Is.EqualTo(DisconnectReason.HandshakeTimeout));
        Assert.That(rig.Node.Discouragement.Contains(peer.Peer.Endpoint.Address), Is.False);
    }

    [Test]
    [Conformance("H4")]
    public async Task Talking_without_an_introduction_keeps_nobody_connected()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = rig.Connect();
        for (int second = 0; second < 15; second++)
        {
            await peer.SendAsync(peer.Frames.Create(Command.Ping, (ulong)second));
            await rig.WaitForDropsAsync(DropReason.BeforeHandshake, 1);
            rig.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(await peer.EndAsync(), Is.EqualTo(DisconnectReason.HandshakeTimeout));
    }

    [Test]
    public async Task A_second_version_message_is_ignored()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();

        await peer.SendAsync(peer.Frames.Create(ScriptedPeer.Version()));
        await peer.SendAsync(Command.Verack);

        await rig.WaitForDropsAsync(DropReason.RedundantHandshake, 2);
        Assert.That(
            (await peer.ReadUntilPongAsync()).Select(received => received.Command), Is.EqualTo(new[] { Command.Ping }));
    }

    [TestCase(70015, DisconnectReason.ObsoleteVersion)]
    [TestCase(0, DisconnectReason.ObsoleteVersion)]
    public async Task An_obsolete_version_ends_the_connection_before_we_answer(int version, DisconnectReason reason)
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = rig.Connect(host: Elsewhere);
        await peer.SendAsync(peer.Frames.Create(ScriptedPeer.Version() with { ProtocolVersion = version }));

        Assert.That(await peer.EndAsync(), Is.EqualTo(reason));
        Assert.That(peer.NodesEnd.BytesSent, Is.Zero);
        Assert.That(rig.Node.Discouragement.Contains(peer.Peer.Endpoint.Address), Is.False, "Being old is no crime.");
    }

    [TestCase(ConnectionKind.Outbound, DisconnectReason.MissingServices)]
    [TestCase(ConnectionKind.Manual, DisconnectReason.MissingServices)]
    public async Task Whom_we_dial_must_relay_logos(ConnectionKind kind, DisconnectReason reason)
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = rig.Connect(kind);
        await peer.SendAsync(peer.Frames.Create(ScriptedPeer.Version() with { Services = (Services)9 }));

        Assert.That(await peer.EndAsync(), Is.EqualTo(reason));
    }

    [Test]
    public async Task Whoever_dials_us_need_not_relay_logos()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = rig.Connect();

        await peer.ShakeHandsAsync(version: ScriptedPeer.Version() with { Services = Services.None });

        await rig.WaitForAsync<PeerReady>();
    }

    [Test]
    public async Task Our_own_nonce_ends_both_connections_and_names_the_address_ours()
    {
        await using var rig = new PeerRig();
        ScriptedPeer dialled = rig.Connect(ConnectionKind.Outbound, Elsewhere);
        VersionMessage ours = (await dialled.ReadAsync(Command.Version)).Version;
        ScriptedPeer accepted = rig.Connect();

        await accepted.SendAsync(accepted.Frames.Create(ours));

        Assert.That(await accepted.EndAsync(), Is.EqualTo(DisconnectReason.SelfConnection));
        Assert.That(await dialled.EndAsync(), Is.EqualTo(DisconnectReason.SelfConnection));
        Assert.That(rig.Node.Local.IsOwn(dialled.Peer.Endpoint), Is.True);
        Assert.That(rig.Node.Local.IsOwn(accepted.Peer.Endpoint), Is.False);
        Assert.That(rig.Node.Discouragement.Contains(dialled.Peer.Endpoint.Address), Is.False);
    }

    [Test]
    public async Task The_nonce_of_a_connection_that_is_ready_is_nobodys_secret_and_proves_nothing()
    {
        await using var rig = new PeerRig();
        ScriptedPeer dialled = rig.Connect(ConnectionKind.Outbound, Elsewhere);
        VersionMessage ours = (await dialled.ReadAsync(Command.Version)).Version;
        await dialled.ShakeHandsAsync();
        await rig.WaitForAsync<PeerReady>();

        ScriptedPeer copycat = rig.Connect();
        await copycat.ShakeHandsAsync(version: ours);

        await rig.WaitForAsync<PeerReady>(ready => ready.PeerId == copycat.Peer.Id);
        Assert.That(dialled.Peer.Reason, Is.EqualTo(DisconnectReason.None));
    }

    [Test]
    public async Task A_first_message_with_a_foreign_checksum_is_a_foreign_network_and_not_discouraged()
    {
        await using var rig = new PeerRig();
        ScriptedPeer bitcoin = rig.Connect(host: Elsewhere);
        await bitcoin.SendAsync(bitcoin.WithBadChecksum(Command.Version, new byte[100]));

        Assert.That(await bitcoin.EndAsync(), Is.EqualTo(DisconnectReason.ForeignNetwork));
        Assert.That(rig.Node.Discouragement.Contains(bitcoin.Peer.Endpoint.Address), Is.False);
        Assert.That(rig.Book.Count, Is.Zero);
    }

    private static IEnumerable<TestCaseData> Crimes()
    {
        yield return Row("WrongMagic", DisconnectReason.WrongMagic, false, _ => new byte[24]);
        yield return Row("WrongMagicLater", DisconnectReason.WrongMagic, true, _ => "GET / HTTP/1.0\r\n\r\n"u8.ToArray());
        yield return Row("Oversize", DisconnectReason.Oversize, true, peer => Header(peer, "ping", 9));
        yield return Row("OversizeOfAll", DisconnectReason.Oversize, true, peer => Header(peer, "anything", 4_000_001));
        yield return Row("OversizeVerack", DisconnectReason.Oversize, false, peer => Header(peer, "verack", 1));
        yield return Row("OversizeEarly", DisconnectReason.Oversize, false, peer => Header(peer, "logos", 1025));
        yield return Row(
            "MalformedVersion", DisconnectReason.HandshakeViolation, false, peer => Frame(peer, Command.Version, 1, 2, 3));
        yield return Row("LateFeature", DisconnectReason.HandshakeViolation, true, peer => Frame(peer, Command.Feature));
        yield return Row(
            "LateSendAddrV2", DisconnectReason.HandshakeViolation, true, peer => Frame(peer, Command.SendAddrV2));
        yield return Row(
            "TooManyAddresses", DisconnectReason.TooManyAddresses, true,
            peer => Frame(peer, Command.Addr, 0xFD, 0xE9, 0x03));
        yield return Row(
            "TooManyAddressesV2", DisconnectReason.TooManyAddresses, true,
            peer => Frame(peer, Command.AddrV2, 0xFD, 0xE9, 0x03));
        foreach (Command command in new[] { Command.Inv, Command.GetData, Command.NotFound })
        {
            yield return Row(
                $"TooMuch{command}", DisconnectReason.TooMuchInventory, true,
                peer => Frame(peer, command, 0xFD, 0x51, 0xC3));
        }

        static TestCaseData Row(string name, DisconnectReason reason, bool isReady, Func<ScriptedPeer, byte[]> bytes) =>
            new TestCaseData(reason, isReady, bytes).SetArgDisplayNames(name);

        static byte[] Frame(ScriptedPeer peer, Command command, params byte[] payload) =>
            peer.Frames.Create(command, payload).Memory.ToArray();

        static byte[] Header(ScriptedPeer peer, string command, int length)
        {
            byte[] header = peer.Frames.Create(Command.Verack).Memory.ToArray();
            header.AsSpan(4, 12).Clear();
            System.Text.Encoding.ASCII.GetBytes(command, header.AsSpan(4));
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), length);
            return header;
        }
    }

    [TestCaseSource(nameof(Crimes))]
    [Conformance("E5")]
    public async Task A_broken_rule_ends_the_connection_and_discourages_the_host(
        DisconnectReason reason, bool isReady, Func<ScriptedPeer, byte[]> bytes)
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = isReady
            ? await rig.ConnectReadyAsync(host: Elsewhere)
            : rig.Connect(host: Elsewhere);

        await peer.SendAsync(bytes(peer));

        Assert.That(await peer.EndAsync(), Is.EqualTo(reason));
        Assert.That(rig.Node.Discouragement.Contains(peer.Peer.Endpoint.Address), Is.True);
    }

    [TestCase(ConnectionKind.Manual, Elsewhere)]
    [TestCase(ConnectionKind.Inbound, "127.0.0.1")]
    [TestCase(ConnectionKind.Inbound, "::1")]
    [TestCase(ConnectionKind.Outbound, "127.0.0.1")]
    [Conformance("E5")]
    public async Task Neither_the_operators_peers_nor_this_machine_are_ever_discouraged(ConnectionKind kind, string host)
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync(kind, host);

        await peer.SendAsync(new byte[24]);

        Assert.That(await peer.EndAsync(), Is.EqualTo(DisconnectReason.WrongMagic));
        Assert.That(rig.Node.Discouragement.Contains(peer.Peer.Endpoint.Address), Is.False);
    }

    [Test]
    public async Task Nine_damaged_messages_in_a_minute_are_forgiven_and_the_tenth_is_not()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync(host: Elsewhere);
        byte[][] damages =
        [
            peer.WithBadChecksum(Command.Logos, 1),
            peer.Frames.Create(Command.Inv, [5]).Memory.ToArray(),
            Damaged(peer, "err\0r"),
        ];
        for (int i = 0; i < 9; i++)
            await peer.SendAsync(damages[i % 3]);
        await peer.ReadUntilPongAsync();
        Assert.That(rig.Metrics.Dropped(DropReason.BadChecksum), Is.EqualTo(3));
        Assert.That(rig.Metrics.Dropped(DropReason.Malformed), Is.EqualTo(3));
        Assert.That(rig.Metrics.Dropped(DropReason.BadCommand), Is.EqualTo(3));

        await peer.SendAsync(damages[0]);

        Assert.That(await peer.EndAsync(), Is.EqualTo(DisconnectReason.TooManyBadMessages));
        Assert.That(rig.Node.Discouragement.Contains(peer.Peer.Endpoint.Address), Is.False);
    }

    [Test]
    public async Task Ten_damaged_messages_over_more_than_a_minute_are_forgiven()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        for (int i = 0; i < 30; i++)
        {
            await peer.SendAsync(peer.WithBadChecksum(Command.Logos, 1));
            await peer.ReadUntilPongAsync();
            rig.Advance(NodeDefaults.BadMessageWindow / 9);
        }

        Assert.That(peer.Peer.Reason, Is.EqualTo(DisconnectReason.None));
        Assert.That(rig.Metrics.Dropped(DropReason.BadChecksum), Is.EqualTo(30));
    }

    private static IEnumerable<TestCaseData> Unreadable()
    {
        yield return new TestCaseData(Command.Ping, new byte[7]);
        yield return new TestCaseData(Command.Pong, new byte[7]);
        yield return new TestCaseData(Command.Addr, Array.Empty<byte>());
        yield return new TestCaseData(Command.AddrV2, new byte[] { 1, 0, 0 });
        yield return new TestCaseData(Command.Inv, new byte[] { 1 });
        yield return new TestCaseData(Command.GetData, Array.Empty<byte>());
        yield return new TestCaseData(Command.NotFound, new byte[] { 0xFD, 1, 0 });
    }

    [TestCaseSource(nameof(Unreadable))]
    public async Task An_unreadable_payload_is_dropped_and_counted(Command command, byte[] payload)
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();

        await peer.SendAsync(command, payload);

        await rig.WaitForDropsAsync(DropReason.Malformed, 1);
        await peer.ReadUntilPongAsync();
        Assert.That(rig.Metrics.Dropped(DropReason.Malformed), Is.EqualTo(1));
    }

    [Test]
    public async Task An_unknown_command_is_ignored_and_counted_under_other()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();

        await peer.SendAsync(Damaged(peer, "sendheaders"));
        await peer.SendAsync(Damaged(peer, "wtxidrelay"));
        await peer.ReadUntilPongAsync();

        Assert.That(rig.Metrics.Dropped(DropReason.UnknownCommand), Is.EqualTo(2));
        Assert.That(rig.Metrics.Traffic.Received(Command.Other).Messages, Is.EqualTo(2));
        Assert.That(rig.Metrics.Traffic.Received(Command.Other).Bytes, Is.EqualTo(48));
        Assert.That(peer.Peer.Traffic.Received(Command.Other).Messages, Is.EqualTo(2));
    }

    [Test]
    public async Task A_damaged_message_counts_under_other_and_not_under_its_name()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();

        await peer.SendAsync(peer.WithBadChecksum(Command.Logos, 1, 2));
        await peer.ReadUntilPongAsync();

        Assert.That(rig.Metrics.Traffic.Received(Command.Other).Bytes, Is.EqualTo(26));
        Assert.That(rig.Metrics.Traffic.Received(Command.Logos).Messages, Is.Zero);
    }

    [Test]
    public async Task A_ping_is_answered_with_its_nonce()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();

        await peer.SendAsync(peer.Frames.Create(Command.Ping, 0xFEDC_BA98_7654_3210));

        Assert.That((await peer.ReadAsync(Command.Pong)).Nonce, Is.EqualTo(0xFEDC_BA98_7654_3210));
    }

    [Test]
    [Conformance("P1")]
    public async Task The_round_trip_is_measured_with_the_nodes_clock()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        ulong nonce = (await peer.ReadAsync(Command.Ping)).Nonce;
        Assert.That(peer.Peer.ToInfo().PingTime, Is.Null);
        rig.Advance(TimeSpan.FromMilliseconds(25));

        await peer.SendAsync(peer.Frames.Create(Command.Pong, nonce));
        await peer.ReadUntilPongAsync();

        Assert.That(peer.Peer.ToInfo().PingTime, Is.EqualTo(TimeSpan.FromMilliseconds(25)));
        Assert.That(peer.Peer.ToInfo().MinPingTime, Is.EqualTo(TimeSpan.FromMilliseconds(25)));
    }

    [Test]
    public async Task A_pong_that_nobody_asked_for_is_counted_and_not_a_crime()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        ulong nonce = (await peer.ReadAsync(Command.Ping)).Nonce;

        await peer.SendAsync(peer.Frames.Create(Command.Pong, nonce + 2));
        await peer.SendAsync(peer.Frames.Create(Command.Pong, nonce));
        await peer.SendAsync(peer.Frames.Create(Command.Pong, nonce));
        await peer.ReadUntilPongAsync();

        Assert.That(rig.Metrics.Dropped(DropReason.UnexpectedPong), Is.EqualTo(2));
    }

    [Test]
    [Conformance("P1")]
    public async Task A_dead_peer_is_found_within_ping_interval_and_timeout()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        await peer.SendAsync(peer.Frames.Create(Command.Pong, (await peer.ReadAsync(Command.Ping)).Nonce));
        await peer.ReadUntilPongAsync();
        rig.Advance(NodeDefaults.PingInterval);
        await peer.ReadAsync(Command.Ping);

        rig.Advance(NodeDefaults.PingTimeout - Tick);
        Assert.That(peer.Peer.Reason, Is.EqualTo(DisconnectReason.None));
        rig.Advance(Tick);

        Assert.That(await peer.EndAsync(), Is.EqualTo(DisconnectReason.PingTimeout));
    }

    [Test]
    public async Task Half_a_message_is_life_enough_to_outlast_a_ping()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        await peer.ReadAsync(Command.Ping);
        byte[] large = peer.Frames.Create(Command.Logos, new byte[1000]).Memory.ToArray();
        long before = peer.Peer.ToInfo().BytesReceived;
        for (int i = 0; i < 10; i++)
        {
            rig.Advance(NodeDefaults.PingTimeout - Tick);
            await peer.SendAsync(large.AsMemory(i * 100, 100));
            await Eventually.IsAsync(() => peer.Peer.ToInfo().BytesReceived == before + ((i + 1) * 100));
        }

        Assert.That(peer.Peer.Reason, Is.EqualTo(DisconnectReason.None));
    }

    [Test]
    public async Task A_peer_that_takes_no_byte_for_thirty_seconds_is_cut_and_one_that_takes_some_is_not()
    {
        await using var rig = new PeerRig();
        ScriptedPeer stuck = await rig.ConnectReadyAsync();
        ScriptedPeer slow = await rig.ConnectReadyAsync();
        byte[] large = new byte[500_000];
        rig.Node.Relay.Propagate(large);
        large[0] = 1;
        rig.Node.Relay.Propagate(large);
        Assert.That(stuck.Peer.ToInfo().BytesQueued, Is.GreaterThan(0));
        rig.Advance(TimeSpan.Zero);

        // Both are still alive in the other direction, so it is not the ping that ends it.
        rig.Advance(NodeDefaults.SendTimeout / 2);
        await KeepAliveAsync(stuck, slow);
        long before = slow.NodesEnd.BytesSent;
        await slow.ReadAsync(Command.Logos);
        await Eventually.IsAsync(() => slow.NodesEnd.BytesSent > before);
        rig.Advance((NodeDefaults.SendTimeout / 2) - Tick);
        Assert.That(stuck.Peer.Reason, Is.EqualTo(DisconnectReason.None));
        await KeepAliveAsync(stuck, slow);
        rig.Advance(Tick);

        Assert.That(await stuck.EndAsync(), Is.EqualTo(DisconnectReason.SendTimeout));
        Assert.That(slow.Peer.Reason, Is.EqualTo(DisconnectReason.None));

        static async Task KeepAliveAsync(params ScriptedPeer[] peers)
        {
            foreach (ScriptedPeer peer in peers)
            {
                long received = peer.Peer.ToInfo().BytesReceived;
                await peer.SendAsync(Command.NotFound, 0);
                await Eventually.IsAsync(() => peer.Peer.ToInfo().BytesReceived > received);
            }
        }
    }

    [Test]
    public async Task The_other_side_hanging_up_is_told_from_a_request_and_from_our_own_stop()
    {
        var rig = new PeerRig();
        ScriptedPeer leaver = await rig.ConnectReadyAsync();
        ScriptedPeer unwanted = await rig.ConnectReadyAsync();
        ScriptedPeer last = await rig.ConnectReadyAsync();

        leaver.Close();
        Assert.That(await leaver.EndAsync(), Is.EqualTo(DisconnectReason.RemoteClosed));
        unwanted.Peer.Disconnect(DisconnectReason.Requested);
        Assert.That(await unwanted.EndAsync(), Is.EqualTo(DisconnectReason.Requested));
        await rig.DisposeAsync();
        Assert.That(await last.EndAsync(), Is.EqualTo(DisconnectReason.Shutdown));
    }

    [Test]
    public async Task The_first_reason_stays()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync(host: Elsewhere);

        peer.Peer.Disconnect(DisconnectReason.Requested);
        peer.Peer.Disconnect(DisconnectReason.WrongMagic);

        Assert.That(await peer.EndAsync(), Is.EqualTo(DisconnectReason.Requested));
        Assert.That(rig.Node.Discouragement.Contains(peer.Peer.Endpoint.Address), Is.False);
        Assert.That((await rig.WaitForAsync<PeerDisconnected>()).Reason, Is.EqualTo(DisconnectReason.Requested));
    }

    [Test]
    public async Task What_follows_a_violation_in_the_same_breath_is_not_handled()
    {
        await using var rig = new PeerRig(handler: new RecordingHandler { IsQuick = true });
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        byte[] both =
        [
            .. peer.Frames.Create(Command.SendAddrV2).Memory.Span,
            .. peer.Frames.Create(Command.Logos, [1]).Memory.Span,
        ];

        await peer.SendAsync(both);

        Assert.That(await peer.EndAsync(), Is.EqualTo(DisconnectReason.HandshakeViolation));
        Assert.That(rig.Metrics.MessagesReceived, Is.Zero);
    }

    [Test]
    public async Task Nothing_is_sent_to_a_peer_that_is_disconnected()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        peer.Peer.Disconnect(DisconnectReason.Requested);
        Frame frame = rig.Frames.Create(Command.Direct, [1]);

        Assert.That(peer.Peer.TrySend(frame, Logos.P2P.Transport.SendLane.Bulk), Is.False);

        long retained = rig.Frames.RetainedBytes;
        frame.Release();
        Assert.That(rig.Frames.RetainedBytes, Is.EqualTo(retained + frame.Capacity), "It was given back.");
        Assert.That(rig.Metrics.Dropped(DropReason.SendQueueFull), Is.Zero);
    }

    [Test]
    public async Task What_is_known_of_a_peer_is_shown()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = rig.Connect(ConnectionKind.Manual, Elsewhere);
        PeerInfo before = peer.Peer.ToInfo();
        await peer.ShakeHandsAsync(version: ScriptedPeer.Version() with { UserAgent = "/ev\u001bil/" });
        await rig.WaitForAsync<PeerReady>();
        rig.Advance(TimeSpan.FromSeconds(5));
        PeerInfo after = peer.Peer.ToInfo();

        Assert.That(before.IsReady, Is.False);
        Assert.That(before.ProtocolVersion, Is.Zero);
        Assert.That(before.UserAgent, Is.Empty);
        Assert.That(after.IsReady, Is.True);
        Assert.That(after.Kind, Is.EqualTo(ConnectionKind.Manual));
        Assert.That(after.Endpoint, Is.EqualTo(peer.Peer.Endpoint));
        Assert.That(after.LocalEndpoint.ToString(), Is.EqualTo("127.0.0.1:14497"));
        Assert.That(after.ProtocolVersion, Is.EqualTo(70017));
        Assert.That(after.Services, Is.EqualTo(Services.Logos));
        Assert.That(after.UserAgent, Is.EqualTo("/evil/"));
        Assert.That(after.ConnectedFor, Is.EqualTo(TimeSpan.FromSeconds(5)));
        Assert.That(after.BytesSent, Is.EqualTo(peer.NodesEnd.BytesSent));
        Assert.That(after.BytesReceived, Is.GreaterThan(100));
    }

    [Test]
    public async Task A_frame_may_come_a_byte_at_a_time()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        byte[] message = peer.Frames.Create(Command.Logos, [7, 8, 9]).Memory.ToArray();
        for (int i = 0; i < message.Length; i++)
            await peer.SendAsync(message.AsMemory(i, 1));

        await rig.Handler.WaitAsync();
        Assert.That(rig.Handler.Messages[0], Is.EqualTo(new byte[] { 7, 8, 9 }));
    }

    [Test]
    [Conformance("R10")]
    public async Task Ten_thousand_tiny_messages_in_one_segment_are_all_handled()
    {
        await using var rig = new PeerRig();
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        var all = new MemoryStream();
        for (int i = 0; i < 10_000; i++)
            all.Write(peer.Frames.Create(Command.Logos, BitConverter.GetBytes(i)).Memory.Span);

        await peer.SendAsync(all.ToArray());
        await rig.Handler.WaitAsync(10_000);

        Assert.That(
            rig.Handler.Messages.Select(message => BitConverter.ToInt32(message)), Is.EqualTo(Enumerable.Range(0, 10_000)));
    }

    [Test]
    [Category("Slow")]
    public async Task A_slow_handler_is_no_reason_to_take_the_peer_for_dead()
    {
        using var gate = new ManualResetEventSlim();
        var handler = new RecordingHandler
        {
            Judge = _ =>
            {
                gate.Wait();
                return Verdict.Consume;
            },
        };
        await using var rig = new PeerRig(handler: handler);
        ScriptedPeer peer = await rig.ConnectReadyAsync();
        try
        {
            ulong nonce = (await peer.ReadAsync(Command.Ping)).Nonce;
            byte[] payload = new byte[WireLimits.MaxPayload];
            for (byte i = 0; i < 4; i++)
            {
                payload[0] = i;
                await SendInBackground(peer, payload);
            }

            await Eventually.IsAsync(() => peer.Peer.IsBacklogged);
            // The pong stays behind the messages that we do not read.
            for (int i = 0; i < 3; i++)
                rig.Advance(NodeDefaults.PingTimeout);

            Assert.That(peer.Peer.Reason, Is.EqualTo(DisconnectReason.None), $"Pinged with {nonce}.");
        }
        finally
        {
            gate.Set();
        }

        // The last ones stay in the connection until the handler has caught up.
        static async Task SendInBackground(ScriptedPeer peer, byte[] payload)
        {
            Task sending = peer.SendAsync(Command.Logos, payload);
            await Eventually.IsAsync(() => sending.IsCompleted || peer.Peer.IsBacklogged);
        }
    }

    private static byte[] Damaged(ScriptedPeer peer, string command)
    {
        byte[] frame = peer.Frames.Create(Command.Verack).Memory.ToArray();
        frame.AsSpan(4, 12).Clear();
        System.Text.Encoding.ASCII.GetBytes(command, frame.AsSpan(4));
        return frame;
    }
}
