using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Raw;

/// <summary>Each byte a node sends, read by a client that was written from the specification.</summary>
internal sealed class RawHandshakeTests
{
    private const string SendAddrV2Frame = "fabfb5da73656e64616464727632000000000000" + "0e5751c0";
    private const string VerackFrame = "fabfb5da76657261636b00000000000000000000" + "0e5751c0";
    private const string GetAddrFrame = "fabfb5da676574616464720000000000000000000e5751c0";

    [Test]
    [Conformance("H1", "H3", "A2")]
    public async Task A_node_that_was_dialled_speaks_second_and_says_version_sendaddrv2_feature_verack_then_ping_and_its_address()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectAsync(node.Endpoint.Port);

        // A ping is no introduction: had the node anything to say before `version`, it would say it now.
        await client.SendAsync("ping", RawBytes.U64(1));
        await node.WaitForAsync<InputDropped>(drop => drop.Reason == DropReason.BeforeHandshake);
        await client.SendAsync("version", RawBytes.Version());
        AssertVersion(await client.ReadAsync(), client.LocalEndPoint);
        AssertFrame(await client.ReadAsync(), SendAddrV2Frame);
        AssertOffersRelay(await client.ReadAsync());
        AssertFrame(await client.ReadAsync(), VerackFrame);
        await client.SendAsync("sendaddrv2");
        await client.SendAsync("verack");

        AssertPing(await client.ReadAsync());
        // Whoever only listens is told no address.
        await client.SendAsync("getaddr");
        AssertAddrV2(await client.ReadAsync(), node.Endpoint.Port);
        PeerReady ready = await node.WaitForAsync<PeerReady>();
        Assert.That(ready.UserAgent, Is.EqualTo("/RawClient:1.0/"));
        Assert.That(node.Node.GetPeers().Single().Kind, Is.EqualTo(ConnectionKind.Inbound));
    }

    [Test]
    [Conformance("H1", "H3", "A3")]
    public async Task A_node_that_dials_speaks_first_and_asks_for_addresses_at_the_end()
    {
        using TcpListener listener = RawClient.Listen();
        var listening = (IPEndPoint)listener.LocalEndpoint;
        await using TestNode node = await TestNode.StartAsync(new P2POptions { AddNodes = [listening.ToString()] });
        await using RawClient client = await RawClient.AcceptAsync(listener);

        AssertVersion(await client.ReadAsync(), listening);
        await client.SendAsync("version", RawBytes.Version());
        AssertFrame(await client.ReadAsync(), SendAddrV2Frame);
        AssertOffersRelay(await client.ReadAsync());
        AssertFrame(await client.ReadAsync(), VerackFrame);
        await client.SendAsync("verack");

        AssertPing(await client.ReadAsync());
        AssertAddr(await client.ReadAsync(), node.Endpoint.Port);
        AssertFrame(await client.ReadUntilAsync("getaddr"), GetAddrFrame);
        Assert.That(node.Node.GetPeers().Single().Kind, Is.EqualTo(ConnectionKind.Manual));
    }

    [Test]
    public async Task Each_connection_has_a_nonce_of_its_own()
    {
        await using TestNode node = await TestNode.StartAsync();
        var nonces = new HashSet<ulong>();
        for (int i = 0; i < 5; i++)
        {
            await using RawClient client = await RawClient.ConnectAsync(node.Endpoint.Port);
            await client.SendAsync("version", RawBytes.Version());
            RawMessage version = await client.ReadUntilAsync("version");
            nonces.Add(BinaryPrimitives.ReadUInt64LittleEndian(version.Payload.AsSpan(72)));
        }

        Assert.That(nonces, Has.Count.EqualTo(5).And.No.Member(0));
    }

    [TestCase(true)]
    [TestCase(false)]
    [Conformance("H7")]
    public async Task A_node_tells_its_address_in_the_form_that_the_peer_asked_for(bool wantsAddrV2)
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port, wantsAddrV2: wantsAddrV2);

        await client.SendAsync("getaddr");
        IEnumerable<RawMessage> sent = (await client.PingAsync()).Where(message => message.Command != "ping");

        if (wantsAddrV2)
            AssertAddrV2(sent.First(), node.Endpoint.Port);
        else
            AssertAddr(sent.First(), node.Endpoint.Port);
    }

    [Test]
    [Conformance("P1")]
    public async Task A_ping_is_answered_with_the_same_eight_bytes()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port);

        await client.SendAsync("ping", Convert.FromHexString("0807060504030201"));

        // Bitcoin's bytes for this ping, but for command and checksum.
        RawMessage pong = await client.ReadUntilAsync("pong");
        Assert.That(
            Convert.ToHexStringLower(pong.Frame[..20]), Is.EqualTo("fabfb5da706f6e67000000000000000008000000"));
        Assert.That(Convert.ToHexStringLower(pong.Payload), Is.EqualTo("0807060504030201"));
    }

    [Test]
    [Conformance("P1")]
    public async Task The_nodes_ping_is_measured_when_it_is_answered()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        RawMessage ping = await client.ReadUntilAsync("ping");
        Assert.That(node.Node.GetPeers().Single().PingTime, Is.Null);

        await client.SendAsync("pong", ping.Payload);
        await client.PingAsync();

        Assert.That(node.Node.GetPeers().Single().PingTime, Is.GreaterThan(TimeSpan.Zero));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(1000)]
    [TestCase(300_000)]
    [TestCase(4_000_000)]
    [Conformance("R10")]
    public async Task A_logos_frame_is_passed_on_byte_for_byte_and_never_back(int size)
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient from = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await using RawClient to = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await to.PingAsync();
        byte[] payload = [.. Enumerable.Range(0, size).Select(i => (byte)(i * 7))];
        byte[] frame = RawBytes.Frame("logos", payload);

        await from.SendBytesAsync(frame);

        RawMessage received = await to.ReadUntilAsync("logos");
        Assert.That(received.Frame.AsSpan().SequenceEqual(frame), Is.True);
        IReadOnlyList<RawMessage> back = await from.PingAsync();
        Assert.That(back.Select(message => message.Command), Has.None.EqualTo("logos"));
        Assert.That(node.Handler.Messages.Single().AsSpan().SequenceEqual(payload));
    }

    [Test]
    public async Task A_direct_message_goes_to_one_peer_or_one_upper_layer_and_no_further()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient one = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await one.PingAsync();
        long idOfOne = node.Node.GetPeers().Single().Id;
        await using RawClient other = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await other.PingAsync();

        Assert.That(node.Node.SendDirect(idOfOne, "to you"u8), Is.True);
        await one.SendAsync("direct", "to you too"u8.ToArray());
        await node.Handler.WaitAsync();

        RawMessage direct = await one.ReadUntilAsync("direct");
        Assert.That(direct.Frame, Is.EqualTo(RawBytes.Frame("direct", "to you"u8.ToArray())));
        Assert.That(node.Handler.DirectMessages.Single(), Is.EqualTo("to you too"u8.ToArray()));
        Assert.That(node.Handler.Messages, Is.Empty);
        IReadOnlyList<RawMessage> others = await other.PingAsync();
        Assert.That(others.Select(message => message.Command), Has.None.EqualTo("direct").And.None.EqualTo("logos"));
    }

    [Test]
    public async Task What_is_announced_is_asked_for_once_it_is_news()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        byte[] known = "known"u8.ToArray();
        byte[] unknown = RawBytes.Id("unknown"u8.ToArray());
        await client.SendAsync("logos", known);

        // A transaction of Bitcoin's is none of ours.
        await client.SendAsync("inv", RawBytes.List(
            RawBytes.Item(1, RawBytes.Id("a transaction"u8.ToArray())),
            RawBytes.Item(RawBytes.MsgLogos, unknown),
            RawBytes.Item(RawBytes.MsgLogos, RawBytes.Id(known))));

        RawMessage getData = await client.ReadUntilAsync("getdata");
        Assert.That(
            Convert.ToHexStringLower(getData.Payload), Is.EqualTo("01" + "4c000000" + Convert.ToHexStringLower(unknown)));
    }

    [Test]
    public async Task What_is_asked_for_is_sent_and_what_is_not_there_is_named()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        byte[] known = "known"u8.ToArray();
        byte[] unknown = RawBytes.Id("unknown"u8.ToArray());
        await client.SendAsync("logos", known);
        await node.WaitForAsync<MessagePropagated>();

        await client.SendAsync("getdata", RawBytes.Inventory(unknown, RawBytes.Id(known)));

        Assert.That((await client.ReadUntilAsync("logos")).Frame, Is.EqualTo(RawBytes.Frame("logos", known)));
        RawMessage notFound = await client.ReadUntilAsync("notfound");
        Assert.That(
            Convert.ToHexStringLower(notFound.Payload), Is.EqualTo("01" + "4c000000" + Convert.ToHexStringLower(unknown)));
    }

    [Test]
    [Conformance("W8")]
    public async Task Of_an_inventory_of_50000_entries_each_is_asked_for_once()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        byte[][] ids = [.. Enumerable.Range(0, 50_000).Select(i => (byte[])[.. RawBytes.U32((uint)i), .. new byte[28]])];

        await client.SendAsync("inv", RawBytes.Inventory(ids));

        var asked = new List<string>();
        while (asked.Count < 100)
        {
            RawMessage getData = await client.ReadUntilAsync("getdata");
            asked.AddRange(getData.Payload[1..].Chunk(36).Select(Convert.ToHexStringLower));
        }

        Assert.That(asked, Is.Unique);
        Assert.That(asked, Is.SubsetOf(ids.Select(id => Convert.ToHexStringLower(RawBytes.Item(RawBytes.MsgLogos, id)))));
    }

    [Test]
    [Conformance("W7", "A3")]
    public async Task Getaddr_is_answered_once_with_what_the_node_was_told()
    {
        await using TestNode node = await TestNode.StartAsync(new P2POptions { Connect = ["0"] });
        await using (RawClient teller = await RawClient.ConnectReadyAsync(node.Endpoint.Port))
        {
            // An unknown network first: it is skipped, what comes after it is not (BIP155).
            await teller.SendAsync("addrv2", RawBytes.List(
                RawBytes.AddrV2Entry(0x99, [1, 2], 8333), RawBytes.AddrV2Entry("9.9.9.9", 8333)));
            await teller.PingAsync();
        }

        Assert.That(node.Node.AddressCount, Is.EqualTo(1));
        await using RawClient asker = await RawClient.ConnectReadyAsync(node.Endpoint.Port, wantsAddrV2: false);
        await asker.SendAsync("getaddr");

        // The node's own address comes too, now and then, in messages of its own.
        byte[] told = RawBytes.AddrEntry("9.9.9.9", 8333)[4..];
        await asker.ReadUntilAsync(
            "addr", message => message.Payload[0] == 1 && message.Payload.AsSpan(5).SequenceEqual(told));

        await asker.SendAsync("getaddr");
        await node.WaitForAsync<InputDropped>(drop => drop.Reason == DropReason.GetAddrRefused);
    }

    private static readonly object[] Networks =
    [
        new object[] { P2PNetwork.Main, RawBytes.MainMagic },
        new object[] { P2PNetwork.Test, RawBytes.TestMagic },
        new object[] { P2PNetwork.Regtest, RawBytes.RegtestMagic },
    ];

    [TestCaseSource(nameof(Networks))]
    public async Task Each_network_has_its_magic_and_only_regtest_tells_loopback_addresses(
        P2PNetwork network, byte[] magic)
    {
        var options = new P2POptions { Network = network, Bind = ["127.0.0.1"], Port = 0, Connect = ["0"] };
        await using var node = new P2PNode(options, new RecordingHandler());
        await node.StartAsync();
        await using RawClient client = await RawClient.ConnectAsync(node.ListeningEndpoints[0].Port, magic);

        // The client checks the magic of each frame it reads.
        await client.SendAsync("version", RawBytes.Version());
        AssertVersion(await client.ReadAsync(), client.LocalEndPoint);
        await client.SendAsync("verack");
        await client.SendAsync("getaddr");
        IReadOnlyList<RawMessage> sent = await client.PingAsync();

        string[] expected = network == P2PNetwork.Regtest
            ? ["sendaddrv2", "feature", "verack", "ping", "addr"]
            : ["sendaddrv2", "feature", "verack", "ping"];
        // On regtest the node repeats its address soon.
        Assert.That(sent.Select(message => message.Command).Distinct(), Is.EqualTo(expected));
    }

    [Test]
    [Conformance("W1", "W15")]
    public async Task A_message_cut_into_single_bytes_is_put_together_again()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectAsync(node.Endpoint.Port);
        byte[] stream =
        [
            .. RawBytes.Frame("version", RawBytes.Version()), .. RawBytes.Frame("verack", []),
            .. RawBytes.Frame("logos", "piece by piece"u8.ToArray()),
        ];

        foreach (byte one in stream)
            await client.SendBytesAsync([one]);
        await node.Handler.WaitAsync();

        Assert.That(node.Handler.Texts, Is.EqualTo(new[] { "piece by piece" }));
    }

    [Test]
    [Conformance("W15")]
    public async Task A_peer_that_says_everything_in_one_packet_is_understood()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectAsync(node.Endpoint.Port);

        await client.SendBytesAsync(
        [
            .. RawBytes.Frame("version", RawBytes.Version()), .. RawBytes.Frame("sendaddrv2", []),
            .. RawBytes.Frame("verack", []), .. RawBytes.Frame("logos", "one"u8.ToArray()),
            .. RawBytes.Frame("logos", "two"u8.ToArray()), .. RawBytes.Frame("getaddr", []),
        ]);
        await node.Handler.WaitAsync(2);

        Assert.That(node.Handler.Texts, Is.EqualTo(new[] { "one", "two" }));
        await client.PingAsync();
    }

    private static void AssertOffersRelay(RawMessage message)
    {
        Assert.That(message.Command, Is.EqualTo("feature"));
        Assert.That(RawShortIds.KeyIn(message.Payload), Has.Length.EqualTo(16).And.Some.Not.Zero);
    }

    private static void AssertFrame(RawMessage message, string hex) =>
        Assert.That(Convert.ToHexStringLower(message.Frame), Is.EqualTo(hex));

    private static void AssertPing(RawMessage message)
    {
        Assert.That(message.Command, Is.EqualTo("ping"));
        Assert.That(message.Payload, Has.Length.EqualTo(8));
        Assert.That(message.Payload, Is.Not.EqualTo(new byte[8]), "A zero nonce is for those who do not measure.");
    }

    private static void AssertVersion(RawMessage message, IPEndPoint receiver)
    {
        Assert.That(message.Command, Is.EqualTo("version"));
        byte[] payload = message.Payload;
        int agentLength = payload[80];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(payload, Has.Length.EqualTo(86 + agentLength), "length: no byte more or less than Bitcoin's form");
            Assert.That(payload[..4], Is.EqualTo(RawBytes.U32(70017)), "protocol version");
            Assert.That(Convert.ToHexStringLower(payload[4..12]), Is.EqualTo("0000000100000000"), "services: NODE_LOGOS");
            long time = BinaryPrimitives.ReadInt64LittleEndian(payload.AsSpan(12));
            Assert.That(time, Is.EqualTo(DateTimeOffset.UtcNow.ToUnixTimeSeconds()).Within(60), "time");
            Assert.That(payload[20..28], Is.EqualTo(new byte[8]), "addr_recv: services");
            Assert.That(payload[28..44], Is.EqualTo(RawBytes.Mapped("127.0.0.1")), "addr_recv: address");
            Assert.That(payload[44..46], Is.EqualTo(RawBytes.Port(receiver.Port)), "addr_recv: port");
            Assert.That(payload[46..72], Is.EqualTo(new byte[26]), "addr_from tells nothing");
            Assert.That(payload[72..80], Is.Not.EqualTo(new byte[8]), "nonce");
            string agent = Encoding.ASCII.GetString(payload, 81, agentLength);
            Assert.That(agent, Does.Match(@"^/LogosP2P:[0-9]+\.[0-9]+\.[0-9]+/$"), "user agent");
            Assert.That(payload[(81 + agentLength)..], Is.EqualTo(new byte[] { 0, 0, 0, 0, 1 }), "height 0, relay 1");
        }
    }

    private static void AssertAddr(RawMessage message, int port)
    {
        Assert.That(message.Command, Is.EqualTo("addr"));
        Assert.That(message.Payload, Has.Length.EqualTo(1 + 30));
        Assert.That(message.Payload[0], Is.EqualTo(1), "alone in a message of its own");
        AssertNow(message.Payload.AsSpan(1));
        string expected = "0000000100000000" + "00000000000000000000ffff7f000001"
            + Convert.ToHexStringLower(RawBytes.Port(port));
        Assert.That(Convert.ToHexStringLower(message.Payload[5..]), Is.EqualTo(expected));
    }

    private static void AssertAddrV2(RawMessage message, int port)
    {
        Assert.That(message.Command, Is.EqualTo("addrv2"));
        Assert.That(message.Payload[0], Is.EqualTo(1), "alone in a message of its own");
        AssertNow(message.Payload.AsSpan(1));
        // Services as CompactSize, network 1 (IPv4), length 4, the address, the port.
        string expected = "fe00000001" + "01" + "04" + "7f000001" + Convert.ToHexStringLower(RawBytes.Port(port));
        Assert.That(Convert.ToHexStringLower(message.Payload[5..]), Is.EqualTo(expected));
    }

    private static void AssertNow(ReadOnlySpan<byte> bytes) => Assert.That(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        Is.EqualTo((uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds()).Within(60u));
}
