using System.Net.Sockets;
using Logos.P2P.Tests.Conformance;
using NUnit.Framework;

namespace Logos.P2P.Tests.Raw;

/// <summary>
/// What gets a peer what: each rule of the wire, broken over a real socket. Whatever one peer does, the node goes on
/// serving another.
/// </summary>
internal sealed class BadInputTests
{
    /// <summary>How far a peer gets before it misbehaves.</summary>
    internal enum Stage
    {
        /// <summary>It has said nothing yet.</summary>
        Start,

        /// <summary>It has sent `version` and read the node's `verack`.</summary>
        Introduced,

        /// <summary>The handshake is complete.</summary>
        Ready,
    }

    private static IEnumerable<TestCaseData> Cuts()
    {
        // The first four bytes are enough.
        yield return Cut("bytes of another network", Stage.Start, RawBytes.MainMagic, DisconnectReason.WrongMagic);
        yield return Cut("HTTP", Stage.Start, "GET / HTTP/1.1\r\n"u8.ToArray(), DisconnectReason.WrongMagic);
        yield return Cut("TLS", Stage.Start, [0x16, 0x03, 0x01, 0x02], DisconnectReason.WrongMagic);
        yield return Cut(
            "magic wrong in its last byte", Stage.Start, [0xFA, 0xBF, 0xB5, 0xDB], DisconnectReason.WrongMagic);
        yield return Cut("four zeros", Stage.Introduced, new byte[4], DisconnectReason.WrongMagic);
        yield return Cut(
            "bytes of another network later", Stage.Ready, RawBytes.TestMagic, DisconnectReason.WrongMagic);

        // The header is enough: no payload follows.
        foreach (Stage stage in new[] { Stage.Start, Stage.Introduced })
        {
            foreach (string command in new[] { "version", "addr", "logos", "whatever" })
                yield return Header($"1,025 bytes of {command} in stage {stage}", stage, command, 1025);
        }

        foreach (Stage stage in Enum.GetValues<Stage>())
        {
            yield return Header($"4,000,001 bytes in stage {stage}", stage, "logos", 4_000_001);
            yield return Header($"2^32-1 bytes in stage {stage}", stage, "logos", uint.MaxValue);
            yield return Header($"2^31 bytes in stage {stage}", stage, "logos", 1u << 31);
        }

        yield return Header("verack of 1 byte", Stage.Introduced, "verack", 1);
        yield return Header("sendaddrv2 of 1 byte", Stage.Introduced, "sendaddrv2", 1);
        yield return Header("feature of 601 bytes", Stage.Introduced, "feature", 601);
        yield return Header("ping of 9 bytes", Stage.Ready, "ping", 9);
        yield return Header("pong of 9 bytes", Stage.Ready, "pong", 9);
        yield return Header("verack of 1 byte, late", Stage.Ready, "verack", 1);
        yield return Header("getaddr of 1 byte", Stage.Ready, "getaddr", 1);
        yield return Header("addr of 1,001 entries in full", Stage.Ready, "addr", 3 + (1001 * 30));
        yield return Header("inv of 50,001 entries in full", Stage.Ready, "inv", 3 + (50_001 * 36));
        yield return Header("getdata of 50,001 entries in full", Stage.Ready, "getdata", 3 + (50_001 * 36));
        yield return Header("notfound of 50,001 entries in full", Stage.Ready, "notfound", 3 + (50_001 * 36));
        yield return Header("direct of 4,000,001 bytes", Stage.Ready, "direct", 4_000_001);
        yield return Header("unknown command of 4,000,001 bytes", Stage.Ready, "whatever", 4_000_001);

        byte[][] addresses = [.. Enumerable.Repeat(RawBytes.AddrV2Entry("9.9.9.9", 8333), 1001)];
        yield return Message(
            "addrv2 of 1,001 entries", Stage.Ready, "addrv2", RawBytes.List(addresses), DisconnectReason.TooManyAddresses);
        yield return Message(
            "addr that promises 1,001 entries", Stage.Ready, "addr", RawBytes.CompactSize(1001),
            DisconnectReason.TooManyAddresses);
        foreach (string command in new[] { "inv", "getdata", "notfound" })
        {
            yield return Message(
                $"{command} that promises 50,001 entries", Stage.Ready, command, RawBytes.CompactSize(50_001),
                DisconnectReason.TooMuchInventory);
            yield return Message(
                $"{command} that promises 2^64-1 entries", Stage.Ready, command, RawBytes.CompactSize(ulong.MaxValue),
                DisconnectReason.TooMuchInventory);
        }

        yield return Message(
            "version 70015", Stage.Start, "version", RawBytes.Version(protocol: 70015), DisconnectReason.ObsoleteVersion);
        yield return Message(
            "a negative version", Stage.Start, "version", RawBytes.Version(protocol: -1), DisconnectReason.ObsoleteVersion);
        foreach ((string name, byte[] payload) in MalformedVersions())
            yield return Message(name, Stage.Start, "version", payload, DisconnectReason.HandshakeViolation);
        foreach ((string name, byte[] payload) in MalformedFeatures())
            yield return Message(name, Stage.Introduced, "feature", payload, DisconnectReason.HandshakeViolation);
        yield return Message("sendaddrv2, late", Stage.Ready, "sendaddrv2", [], DisconnectReason.HandshakeViolation);
        yield return Message(
            "feature, late", Stage.Ready, "feature", Feature(new byte[4], []), DisconnectReason.HandshakeViolation);

        byte[] version = RawBytes.Version();
        yield return Cut(
            "Bitcoin's version", Stage.Start,
            RawBytes.Frame("version", version, checksum: RawBytes.BitcoinChecksum(version)),
            DisconnectReason.ForeignNetwork);
        yield return Cut(
            "Bitcoin's verack", Stage.Start,
            RawBytes.Frame("verack", [], checksum: RawBytes.BitcoinChecksum([])), DisconnectReason.ForeignNetwork);
    }

    [TestCaseSource(nameof(Cuts))]
    [Conformance("W3", "W5", "W8", "W12", "W13", "W14", "H2", "H6", "H7", "A1", "A8", "R10")]
    public async Task It_ends_the_connection_and_no_other(Stage stage, byte[] input, DisconnectReason reason)
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient healthy = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await healthy.PingAsync();
        await using RawClient peer = await ConnectAsync(node, stage);

        await peer.SendBytesAsync(input);

        await peer.ReadToEndAsync();
        PeerDisconnected end = await node.WaitForAsync<PeerDisconnected>();
        Assert.That(end.Reason, Is.EqualTo(reason));
        Assert.That(node.Node.Metrics.Disconnected(reason), Is.EqualTo(1));
        await healthy.PingAsync();
        await AssertServesNewPeersAsync(node);
    }

    private static IEnumerable<TestCaseData> Damages()
    {
        yield return Damage(
            "a checksum that does not fit", RawBytes.Frame("logos", [1, 2], checksum: [1, 2, 3, 4]), DropReason.BadChecksum);
        yield return Damage(
            "Bitcoin's checksum", RawBytes.Frame("ping", new byte[8], checksum: RawBytes.BitcoinChecksum(new byte[8])),
            DropReason.BadChecksum);
        yield return Damage(
            "Blake2b-512's checksum", RawBytes.Frame("getaddr", [], checksum: [0x78, 0x6A, 0x02, 0xF7]),
            DropReason.BadChecksum);
        yield return Damage(
            "an unknown command with a checksum that does not fit", RawBytes.Frame("badmsg", [1, 2], checksum: new byte[4]),
            DropReason.BadChecksum);

        foreach ((string name, byte[] command) in new (string, byte[])[]
        {
            ("a byte after the padding", "error\0x"u8.ToArray()),
            ("padding in front", "\0ping"u8.ToArray()),
            ("a control character", "pi\ng"u8.ToArray()),
            ("an escape", "\u001b[2J"u8.ToArray()),
            ("DEL", "ping\x7f"u8.ToArray()),
            ("a high byte", [0x70, 0x69, 0xFF]),
        })
        {
            yield return Damage($"a command with {name}", [.. RawBytes.HeaderOf(command, 0)], DropReason.BadCommand);
        }

        foreach ((string command, string name, byte[] payload) in MalformedPayloads())
            yield return Damage($"{command}: {name}", RawBytes.Frame(command, payload), DropReason.Malformed);
    }

    [TestCaseSource(nameof(Damages))]
    [Conformance("W4", "W6", "W7", "W12", "P1")]
    public async Task It_is_forgiven_nine_times_a_minute_and_not_ten(byte[] input, DropReason reason)
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient healthy = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await using RawClient peer = await RawClient.ConnectReadyAsync(node.Endpoint.Port);

        for (int i = 0; i < 9; i++)
            await peer.SendBytesAsync(input);
        await peer.PingAsync();
        Assert.That(node.Node.Metrics.Dropped(reason), Is.EqualTo(9));

        await peer.SendBytesAsync(input);
        await peer.ReadToEndAsync();
        PeerDisconnected end = await node.WaitForAsync<PeerDisconnected>();
        Assert.That(end.Reason, Is.EqualTo(DisconnectReason.TooManyBadMessages));
        Assert.That(node.Node.Metrics.Dropped(reason), Is.EqualTo(10));
        Assert.That(node.Handler.Messages, Is.Empty);
        Assert.That(node.Node.AddressCount, Is.Zero);
        await healthy.PingAsync();
        await AssertServesNewPeersAsync(node);
    }

    private static IEnumerable<TestCaseData> Tolerated()
    {
        yield return Tolerate(
            "an unknown command", Stage.Ready, RawBytes.Frame("sendcmpct", new byte[9]), DropReason.UnknownCommand);
        yield return Tolerate(
            "a command of 12 letters", Stage.Ready, RawBytes.Frame("abcdefghijkl", []), DropReason.UnknownCommand);
        yield return Tolerate(
            "a command of no letters", Stage.Ready, RawBytes.Frame("", []), DropReason.UnknownCommand);
        yield return Tolerate(
            "our command in capitals", Stage.Ready, RawBytes.Frame("PING", new byte[8]), DropReason.UnknownCommand);
        yield return Tolerate(
            "an unknown command of 4 MB", Stage.Ready, RawBytes.Frame("block", new byte[4_000_000]),
            DropReason.UnknownCommand);
        yield return Tolerate(
            "a second version", Stage.Ready, RawBytes.Frame("version", RawBytes.Version()),
            DropReason.RedundantHandshake);
        yield return Tolerate(
            "a second version that is malformed", Stage.Ready, RawBytes.Frame("version", []),
            DropReason.RedundantHandshake);
        yield return Tolerate(
            "a second version before verack", Stage.Introduced, RawBytes.Frame("version", RawBytes.Version(protocol: 1)),
            DropReason.RedundantHandshake);
        yield return Tolerate(
            "a second verack", Stage.Ready, RawBytes.Frame("verack", []), DropReason.RedundantHandshake);
        yield return Tolerate(
            "a pong that nobody asked for", Stage.Ready, RawBytes.Frame("pong", RawBytes.U64(99)),
            DropReason.UnexpectedPong);

        string[] commands =
        [
            "ping", "pong", "getaddr", "addr", "addrv2", "inv", "getdata", "notfound", "logos", "direct",
        ];
        foreach (string command in commands)
        {
            yield return Tolerate(
                $"{command} before version", Stage.Start, RawBytes.Frame(command, []), DropReason.BeforeHandshake);
            yield return Tolerate(
                $"{command} before verack", Stage.Introduced, RawBytes.Frame(command, []),
                DropReason.BeforeHandshake);
        }

        yield return Tolerate(
            "verack before version", Stage.Start, RawBytes.Frame("verack", []), DropReason.BeforeHandshake);
        yield return Tolerate(
            "sendaddrv2 before version", Stage.Start, RawBytes.Frame("sendaddrv2", []), DropReason.BeforeHandshake);
        yield return Tolerate(
            "feature before version", Stage.Start, RawBytes.Frame("feature", []), DropReason.BeforeHandshake);
        yield return Tolerate(
            "an unknown command before version", Stage.Start, RawBytes.Frame("wtxidrelay", []),
            DropReason.UnknownCommand);
    }

    [TestCaseSource(nameof(Tolerated))]
    [Conformance("W2", "W12", "H4", "H5", "H6", "P1")]
    public async Task It_is_ignored_however_often(Stage stage, byte[] input, DropReason reason)
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient peer = await ConnectAsync(node, stage);
        int times = input.Length > 10_000 ? 3 : 30;

        for (int i = 0; i < times; i++)
            await peer.SendBytesAsync(input);
        if (stage == Stage.Start)
            await peer.HandshakeAsync();
        if (stage == Stage.Introduced)
            await peer.SendAsync("verack");
        IReadOnlyList<RawMessage> sent = await peer.PingAsync();

        Assert.That(node.Node.Metrics.Dropped(reason), Is.EqualTo(times));
        Assert.That(sent.Select(message => message.Command), Has.None.EqualTo("pong"));
        Assert.That(node.Handler.Messages, Is.Empty);
        Assert.That(node.Handler.DirectMessages, Is.Empty);
    }

    private static IEnumerable<TestCaseData> Accepted()
    {
        yield return Accept("version 70016", RawBytes.Version(protocol: 70016));
        yield return Accept("a version of the future", RawBytes.Version(protocol: int.MaxValue));
        yield return Accept("no services", RawBytes.Version(services: 0));
        yield return Accept("all services", RawBytes.Version(services: ulong.MaxValue));
        yield return Accept("no user agent", RawBytes.Version(userAgent: ""));
        yield return Accept("a user agent of 256 bytes", RawBytes.Version(userAgent: new string('x', 256)));
        yield return Accept("no relay byte", RawBytes.Version(relay: []));
        yield return Accept("bytes of a later version", RawBytes.Version(relay: new byte[900]));
    }

    [TestCaseSource(nameof(Accepted))]
    [Conformance("H2", "W13", "W14")]
    public async Task A_version_with_it_is_accepted(byte[] version)
    {
        await using TestNode node = await TestNode.StartAsync();

        await using RawClient peer = await RawClient.ConnectReadyAsync(node.Endpoint.Port, version: version);

        await peer.PingAsync();
        Assert.That(node.Node.ConnectionCount, Is.EqualTo(1));
    }

    [Test]
    public async Task A_user_agent_cannot_put_anything_into_a_log_but_text()
    {
        await using TestNode node = await TestNode.StartAsync();
        byte[] version = RawBytes.Version(userAgent: "/evil\u001b[31m\r\n2026 fake log line\u0000\u009b{0}%s`$/");

        await using RawClient peer = await RawClient.ConnectReadyAsync(node.Endpoint.Port, version: version);

        PeerReady ready = await node.WaitForAsync<PeerReady>();
        Assert.That(ready.UserAgent, Is.EqualTo("/evil31m2026 fake log line0s/"));
    }

    [Test]
    [Conformance("H6")]
    public async Task Well_formed_features_are_taken_in_any_number()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient peer = await ConnectAsync(node, Stage.Introduced);

        for (int i = 0; i < 16; i++)
        {
            await peer.SendAsync("feature", Feature(new byte[4], []));
            await peer.SendAsync("feature", Feature([.. Enumerable.Repeat((byte)0xFF, 80)], new byte[512]));
        }

        await peer.SendAsync("verack");
        await peer.PingAsync();
    }

    [Test]
    public async Task A_message_from_before_the_handshake_may_come_again_after_it()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient peer = await ConnectAsync(node, Stage.Introduced);
        await peer.SendAsync("logos", "hello"u8.ToArray());
        await peer.SendAsync("verack");
        await peer.PingAsync();
        Assert.That(node.Handler.Messages, Is.Empty);

        await peer.SendAsync("logos", "hello"u8.ToArray());
        await node.Handler.WaitAsync();

        Assert.That(node.Handler.Texts, Is.EqualTo(new[] { "hello" }));
    }

    [Test]
    [Conformance("W9")]
    public async Task Eighty_unknown_messages_of_4_MB_do_not_keep_another_peers_ping_from_being_answered()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient healthy = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await using RawClient peer = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        byte[] block = RawBytes.Frame("block", new byte[4_000_000]);

        Task flood = Task.Run(async () =>
        {
            for (int i = 0; i < 80; i++)
                await peer.SendBytesAsync(block);
            await peer.PingAsync();
        });
        int answered = 0;
        while (!flood.IsCompleted)
        {
            await healthy.PingAsync();
            answered++;
        }

        await flood;
        Assert.That(answered, Is.GreaterThan(20));
        Assert.That(node.Node.Metrics.Dropped(DropReason.UnknownCommand), Is.EqualTo(80));
    }

    [Test]
    public async Task While_ten_peers_flood_a_new_one_is_served_at_once()
    {
        await using TestNode node = await TestNode.StartAsync();
        byte[] pongs = [.. Enumerable.Repeat(RawBytes.Frame("pong", new byte[8]), 2000).SelectMany(frame => frame)];
        using var end = new CancellationTokenSource();
        Task[] floods = [.. Enumerable.Range(0, 10).Select(_ => FloodAsync())];
        await Eventually.IsAsync(() => node.Node.Metrics.Dropped(DropReason.UnexpectedPong) > 20_000);

        for (int i = 0; i < 5; i++)
        {
            await using RawClient late = await RawClient.ConnectReadyAsync(node.Endpoint.Port).WaitAsync(TestNode.Patience / 3);
            await late.PingAsync().WaitAsync(TestNode.Patience / 3);
        }

        Assert.That(floods, Has.None.Matches<Task>(flood => flood.IsCompleted), "The flood must have gone on.");
        await end.CancelAsync();
        await Task.WhenAll(floods);

        async Task FloodAsync()
        {
            await using RawClient flooder = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
            while (!end.IsCancellationRequested)
                await flooder.SendBytesAsync(pongs);
        }
    }

    [Test]
    public async Task A_peer_that_asks_and_never_reads_is_owed_a_bounded_amount_and_delays_nobody()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient healthy = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await healthy.PingAsync();
        long healthyId = node.Node.GetPeers().Single().Id;
        await using RawClient peer = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        byte[] pings = [.. Enumerable.Repeat(RawBytes.Frame("ping", new byte[8]), 2000).SelectMany(frame => frame)];

        // Until the kernel's buffers and ours are full and answers are dropped.
        while (node.Node.Metrics.Dropped(DropReason.SendQueueFull) == 0)
            await peer.SendBytesAsync(pings);

        long owed = node.Node.GetPeers().Single(info => info.Id != healthyId).BytesQueued;
        Assert.That(owed, Is.InRange(1, NodeDefaults.MaxControlBuffer + NodeDefaults.CoalesceSize));
        await healthy.PingAsync();
    }

    [Test]
    public async Task A_Bitcoin_node_that_we_dial_is_recognised_and_its_address_is_not_stored()
    {
        using TcpListener listener = RawClient.Listen();
        string address = listener.LocalEndpoint.ToString()!;
        await using TestNode node = await TestNode.StartAsync(new P2POptions { AddNodes = [address] });
        await using RawClient bitcoin = await RawClient.AcceptAsync(listener);
        await bitcoin.ReadUntilAsync("version");
        byte[] version = RawBytes.Version(userAgent: "/Satoshi:31.0.0/");

        await bitcoin.SendBytesAsync(RawBytes.Frame("version", version, checksum: RawBytes.BitcoinChecksum(version)));

        await bitcoin.ReadToEndAsync();
        PeerDisconnected end = await node.WaitForAsync<PeerDisconnected>();
        Assert.That(end.Reason, Is.EqualTo(DisconnectReason.ForeignNetwork));
        Assert.That(node.Node.AddressCount, Is.Zero);
        await AssertServesNewPeersAsync(node);
    }

    [Test]
    [Conformance("H5")]
    public async Task A_node_that_we_dial_and_that_does_not_relay_logos_is_left()
    {
        using TcpListener listener = RawClient.Listen();
        string address = listener.LocalEndpoint.ToString()!;
        await using TestNode node = await TestNode.StartAsync(new P2POptions { AddNodes = [address] });
        await using RawClient peer = await RawClient.AcceptAsync(listener);

        await peer.SendAsync("version", RawBytes.Version(services: ~RawBytes.NodeLogos));

        await peer.ReadToEndAsync();
        PeerDisconnected end = await node.WaitForAsync<PeerDisconnected>();
        Assert.That(end.Reason, Is.EqualTo(DisconnectReason.MissingServices));
        Assert.That(node.Node.AddressCount, Is.Zero);
    }

    [Test]
    [Conformance("H5")]
    public async Task Whoever_sends_our_own_nonce_back_is_taken_for_ourselves()
    {
        using TcpListener listener = RawClient.Listen();
        string address = listener.LocalEndpoint.ToString()!;
        await using TestNode node = await TestNode.StartAsync(new P2POptions { AddNodes = [address] });
        await using RawClient mirror = await RawClient.AcceptAsync(listener);
        RawMessage version = await mirror.ReadUntilAsync("version");
        await using RawClient peer = await RawClient.ConnectAsync(node.Endpoint.Port);

        await peer.SendBytesAsync(version.Frame);

        await peer.ReadToEndAsync();
        await mirror.ReadToEndAsync();
        Assert.That((await node.WaitForAsync<PeerDisconnected>()).Reason, Is.EqualTo(DisconnectReason.SelfConnection));
        Assert.That((await node.WaitForAsync<PeerDisconnected>()).Reason, Is.EqualTo(DisconnectReason.SelfConnection));
        await AssertServesNewPeersAsync(node);
    }

    [Test]
    [Conformance("R9")]
    public async Task A_peer_that_delivers_what_the_upper_layer_rejects_is_left()
    {
        var handler = new RecordingHandler { Judge = _ => Verdict.Reject };
        await using TestNode node = await TestNode.StartAsync(handler: handler);
        await using RawClient healthy = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await using RawClient peer = await RawClient.ConnectReadyAsync(node.Endpoint.Port);

        await peer.SendAsync("logos", "bad"u8.ToArray());

        await peer.ReadToEndAsync();
        Assert.That((await node.WaitForAsync<PeerDisconnected>()).Reason, Is.EqualTo(DisconnectReason.RejectedMessage));
        Assert.That((await healthy.PingAsync()).Select(message => message.Command), Has.None.EqualTo("logos"));
    }

    [TestCase(Stage.Start, false)]
    [TestCase(Stage.Start, true)]
    [TestCase(Stage.Introduced, false)]
    [TestCase(Stage.Introduced, true)]
    [Conformance("H4")]
    public async Task Whoever_does_not_finish_the_handshake_in_time_is_left(Stage stage, bool drips)
    {
        var options = new P2POptions { HandshakeTimeout = TimeSpan.FromSeconds(1) };
        await using TestNode node = await TestNode.StartAsync(options);
        await using RawClient peer = await ConnectAsync(node, stage);

        // A byte at a time: what arrives must not count as progress.
        Task end = peer.ReadToEndAsync();
        byte[] header = RawBytes.Header("version", 500);
        for (int i = 0; drips && i < header.Length && !end.IsCompleted; i++)
        {
            await Task.WhenAny(end, Task.Delay(TimeSpan.FromMilliseconds(100)));
            await TrySendAsync(peer, header[i..(i + 1)]);
        }

        await end;
        Assert.That((await node.WaitForAsync<PeerDisconnected>()).Reason, Is.EqualTo(DisconnectReason.HandshakeTimeout));
        await AssertServesNewPeersAsync(node);
    }

    [TestCase(Stage.Start)]
    [TestCase(Stage.Introduced)]
    [TestCase(Stage.Ready)]
    [Conformance("H10")]
    public async Task Whoever_hangs_up_is_said_to_have_done_so(Stage stage)
    {
        await using TestNode node = await TestNode.StartAsync();
        await (await ConnectAsync(node, stage)).DisposeAsync();
        Assert.That(
            (await node.WaitForAsync<PeerDisconnected>()).Reason,
            Is.EqualTo(DisconnectReason.RemoteClosed).Or.EqualTo(DisconnectReason.NetworkError));

        (await ConnectAsync(node, stage)).Reset();
        Assert.That((await node.WaitForAsync<PeerDisconnected>()).Reason, Is.EqualTo(DisconnectReason.NetworkError));
        await AssertServesNewPeersAsync(node);
    }

    [Test]
    public async Task A_hundred_connections_that_say_nothing_do_not_stop_a_peer_that_is_there()
    {
        await using TestNode node = await TestNode.StartAsync(new P2POptions { MaxConnections = 50 });
        await using RawClient healthy = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        var silent = new List<RawClient>();
        for (int i = 0; i < 100; i++)
        {
            silent.Add(await RawClient.ConnectAsync(node.Endpoint.Port));
            // It is there: it answers while the others come.
            if (i % 25 == 24)
                await healthy.PingAsync();
        }

        foreach (RawClient client in silent)
            await client.DisposeAsync();

        // Their slots are free again when they are gone.
        while (node.Node.GetPeers().Count > 1)
            await node.WaitForAsync<PeerDisconnected>();
        await AssertServesNewPeersAsync(node);
    }

    private static IEnumerable<(string Name, byte[] Payload)> MalformedVersions()
    {
        byte[] whole = RawBytes.Version(relay: []);
        yield return ("an empty version", []);
        yield return ("version without its last byte", whole[..^1]);
        yield return ("version of 84 bytes", whole[..84]);
        yield return ("version of 4 bytes", whole[..4]);
        yield return ("a user agent of 257 bytes", RawBytes.Version(userAgent: new string('x', 257)));
        yield return ("a user agent of 2^64-1 bytes", [.. whole[..80], .. RawBytes.CompactSize(ulong.MaxValue)]);
        yield return ("a user agent length in too many bytes", [.. whole[..80], 0xFD, 1, 0, (byte)'x', 0, 0, 0, 0]);
    }

    private static IEnumerable<(string Name, byte[] Payload)> MalformedFeatures()
    {
        yield return ("an empty feature", []);
        yield return ("a feature id of 0 bytes", Feature([], []));
        yield return ("a feature id of 3 bytes", Feature(new byte[3], []));
        yield return ("a feature id of 81 bytes", Feature(new byte[81], []));
        yield return ("feature data of 513 bytes", Feature(new byte[4], new byte[513]));
        yield return ("a feature without data", RawBytes.VarBytes(new byte[4]));
        yield return ("a feature with a byte too many", [.. Feature(new byte[4], []), 0]);
        yield return ("a feature with a byte too few", Feature(new byte[4], new byte[10])[..^1]);
    }

    private static IEnumerable<(string Command, string Name, byte[] Payload)> MalformedPayloads()
    {
        byte[] addr = RawBytes.List(RawBytes.AddrEntry("9.9.9.9", 8333));
        byte[] addrV2 = RawBytes.List(RawBytes.AddrV2Entry("9.9.9.9", 8333));
        byte[] before = addrV2[1..10];
        foreach ((string command, byte[] whole) in new[]
        {
            ("addr", addr), ("addrv2", addrV2), ("inv", RawBytes.Inventory(new byte[32])),
            ("getdata", RawBytes.Inventory(new byte[32])), ("notfound", RawBytes.Inventory(new byte[32])),
        })
        {
            yield return (command, "empty", []);
            yield return (command, "a byte too few", whole[..^1]);
            yield return (command, "one entry less than promised", [2, .. whole[1..]]);
            yield return (command, "a count in two bytes too many", [0xFD, 1, 0, .. whole[1..]]);
            yield return (command, "a count in eight bytes too many", [0xFF, 1, 0, 0, 0, 0, 0, 0, 0, .. whole[1..]]);
            yield return (command, "half a count", [0xFD, 1]);
        }

        yield return ("addrv2", "an address of 513 bytes", RawBytes.List(RawBytes.AddrV2Entry(1, new byte[513], 1)));
        yield return (
            "addrv2", "an unknown network's address of 513 bytes",
            RawBytes.List(RawBytes.AddrV2Entry(0x99, new byte[513], 1)));
        yield return ("addrv2", "IPv4 of 5 bytes", RawBytes.List(RawBytes.AddrV2Entry(1, new byte[5], 1)));
        yield return ("addrv2", "IPv4 of no bytes", RawBytes.List(RawBytes.AddrV2Entry(1, [], 1)));
        yield return ("addrv2", "IPv6 of 15 bytes", RawBytes.List(RawBytes.AddrV2Entry(2, new byte[15], 1)));
        yield return ("addrv2", "Tor of 10 bytes", RawBytes.List(RawBytes.AddrV2Entry(4, new byte[10], 1)));
        yield return ("addrv2", "I2P of 33 bytes", RawBytes.List(RawBytes.AddrV2Entry(5, new byte[33], 1)));
        yield return ("addrv2", "CJDNS of 4 bytes", RawBytes.List(RawBytes.AddrV2Entry(6, new byte[4], 1)));
        yield return ("addrv2", "services in too many bytes", [.. addrV2[..5], 0xFD, 1, 0, .. addrV2[10..]]);
        yield return (
            "addrv2", "an address length of 2^64-1", [1, .. before, 1, .. RawBytes.CompactSize(ulong.MaxValue), 0, 0]);
        yield return ("addrv2", "a good entry and half a one", [2, .. addrV2[1..], .. addrV2[1..8]]);
        yield return ("ping", "empty", []);
        yield return ("ping", "seven bytes", new byte[7]);
        yield return ("pong", "seven bytes", new byte[7]);
    }

    private static byte[] Feature(byte[] id, byte[] data) => [.. RawBytes.VarBytes(id), .. RawBytes.VarBytes(data)];

    private static async Task<RawClient> ConnectAsync(TestNode node, Stage stage)
    {
        RawClient client = await RawClient.ConnectAsync(node.Endpoint.Port);
        if (stage == Stage.Introduced)
        {
            await client.SendAsync("version", RawBytes.Version());
            await client.ReadUntilAsync("verack");
        }
        else if (stage == Stage.Ready)
        {
            await client.HandshakeAsync();
            await client.PingAsync();
        }

        return client;
    }

    private static async Task AssertServesNewPeersAsync(TestNode node)
    {
        await using RawClient another = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await another.PingAsync();
    }

    private static async Task TrySendAsync(RawClient client, byte[] bytes)
    {
        try
        {
            await client.SendBytesAsync(bytes);
        }
        catch (SocketException)
        {
            // The node has hung up meanwhile.
        }
    }

    private static TestCaseData Cut(string name, Stage stage, byte[] input, DisconnectReason reason) =>
        new TestCaseData(stage, input, reason).SetArgDisplayNames(name, reason.ToString());

    private static TestCaseData Header(string name, Stage stage, string command, uint length) =>
        Cut(name, stage, RawBytes.Header(command, length), DisconnectReason.Oversize);

    private static TestCaseData Message(
        string name, Stage stage, string command, byte[] payload, DisconnectReason reason) =>
        Cut(name, stage, RawBytes.Frame(command, payload), reason);

    private static TestCaseData Damage(string name, byte[] input, DropReason reason) =>
        new TestCaseData(input, reason).SetArgDisplayNames(name, reason.ToString());

    private static TestCaseData Tolerate(string name, Stage stage, byte[] input, DropReason reason) =>
        new TestCaseData(stage, input, reason).SetArgDisplayNames(name, reason.ToString());

    private static TestCaseData Accept(string name, byte[] version) =>
        new TestCaseData(version).SetArgDisplayNames(name);
}
