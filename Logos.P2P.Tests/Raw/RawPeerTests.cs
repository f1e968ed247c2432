using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using Logos.P2P.Tests.Conformance;
using NUnit.Framework;

namespace Logos.P2P.Tests.Raw;

/// <summary>What peers do to each other through a node, over real sockets.</summary>
internal sealed class RawPeerTests
{
    [Test]
    [Conformance("H9")]
    public async Task A_peer_that_we_dialled_may_speak_before_it_has_read_anything()
    {
        using TcpListener listener = RawClient.Listen();
        await using TestNode node = await TestNode.StartAsync(
            new P2POptions { Connect = [listener.LocalEndpoint.ToString()!] });
        await using RawClient client = await RawClient.AcceptAsync(listener);

        await client.SendBytesAsync(
        [
            .. RawBytes.Frame("version", RawBytes.Version()), .. RawBytes.Frame("sendaddrv2", []),
            .. RawBytes.Frame("verack", []),
        ]);

        await node.WaitForAsync<PeerReady>();
        Assert.That((await client.ReadAsync()).Command, Is.EqualTo("version"));
        await client.PingAsync();
    }

    private static readonly object[] Pongs =
    [
        new object[] { "seven bytes", new byte[7], true },
        new object[] { "a nonce of zero", new byte[8], true },
        new object[] { "another nonce", RawBytes.U64(1), false },
    ];

    [TestCaseSource(nameof(Pongs))]
    [Conformance("P1")]
    public async Task A_pong_that_does_not_fit_cancels_the_ping_or_leaves_it_open(string what, byte[] pong, bool cancels)
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        RawMessage ping = await client.ReadUntilAsync("ping");

        await client.SendAsync("pong", pong);
        await client.SendAsync("pong", ping.Payload);
        await client.PingAsync();

        Assert.That(node.Node.GetPeers().Single().PingTime is null, Is.EqualTo(cancels), what);
        Assert.That(node.Node.Metrics.Dropped(DropReason.UnexpectedPong), Is.EqualTo(1), "One of the two answers nothing.");
    }

    [Test]
    [Conformance("A1")]
    public async Task Ten_fresh_addresses_go_to_two_others_each_and_the_answer_to_our_question_to_nobody()
    {
        using TcpListener listener = RawClient.Listen();
        await using TestNode node = await TestNode.StartAsync(
            new P2POptions { Connect = [listener.LocalEndpoint.ToString()!] });
        await using RawClient teller = await RawClient.AcceptAsync(listener);
        await teller.HandshakeAsync();
        var others = new List<RawClient>();
        for (int i = 0; i < 6; i++)
        {
            RawClient other = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
            await other.SendAsync("addr", RawBytes.List());
            await other.PingAsync();
            others.Add(other);
        }

        await teller.ReadUntilAsync("getaddr");
        await teller.SendAsync("addrv2", RawBytes.List(RawBytes.AddrV2Entry("8.8.8.8", 8333)));
        await teller.SendAsync(
            "addrv2", RawBytes.List([.. Enumerable.Range(1, 10).Select(i => RawBytes.AddrV2Entry($"9.9.9.{i}", 8333))]));

        var told = new List<(RawClient To, string Address)>();
        long start = Stopwatch.GetTimestamp();
        while (told.Count < 20 && Stopwatch.GetElapsedTime(start) < TestNode.Patience)
        {
            foreach (RawClient other in others)
                told.AddRange((await other.PingAsync()).SelectMany(Addresses).Select(address => (other, address)));
        }

        Assert.That(
            told.GroupBy(pair => pair.Address).Select(group => (group.Key, group.Count())),
            Is.EquivalentTo(Enumerable.Range(1, 10).Select(i => ($"9.9.9.{i}", 2))));
        Assert.That(told, Is.Unique);
        Assert.That((await teller.PingAsync()).SelectMany(Addresses), Is.Empty);
        foreach (RawClient other in others)
            await other.DisposeAsync();

        // The node's own address comes in between.
        static IEnumerable<string> Addresses(RawMessage message) => message.Command != "addrv2"
            ? []
            : message.Payload[1..].Chunk(17).Select(entry => string.Join('.', entry[11..15])).Where(ip => ip != "127.0.0.1");
    }

    [Test]
    [Conformance("R1")]
    public async Task A_question_for_an_unknown_kind_does_not_stand_in_the_way_of_the_next()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        byte[] known = "known"u8.ToArray();
        await client.SendAsync("logos", known);
        await node.WaitForAsync<MessagePropagated>();

        await client.SendAsync(
            "getdata",
            RawBytes.List(RawBytes.Item(0, RawBytes.Id(known)), RawBytes.Item(RawBytes.MsgLogos, RawBytes.Id(known))));

        IReadOnlyList<RawMessage> sent = await client.PingAsync();
        Assert.That(sent.Select(message => message.Command), Has.One.EqualTo("logos").And.None.EqualTo("notfound"));
    }

    [Test]
    [Conformance("R5")]
    public async Task What_came_during_a_peers_handshake_is_not_sent_to_it_afterwards()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient from = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await using RawClient late = await RawClient.ConnectAsync(node.Endpoint.Port);
        await late.SendAsync("version", RawBytes.Version());
        await late.ReadUntilAsync("verack");

        await from.SendAsync("logos", "too early"u8.ToArray());
        await from.PingAsync();
        await node.Handler.WaitAsync();
        await late.SendAsync("verack");
        await late.PingAsync();
        await from.SendAsync("logos", "in time"u8.ToArray());

        RawMessage first = await late.ReadUntilAsync("logos");
        Assert.That(first.Payload, Is.EqualTo("in time"u8.ToArray()));
    }

    [Test]
    [Conformance("R9")]
    public async Task What_two_peers_deliver_reaches_the_upper_layer_once_and_what_it_consumes_goes_no_further()
    {
        var handler = new RecordingHandler { Judge = _ => Verdict.Consume };
        await using TestNode node = await TestNode.StartAsync(handler: handler);
        await using RawClient one = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await using RawClient two = await RawClient.ConnectReadyAsync(node.Endpoint.Port);

        foreach (RawClient client in new[] { one, two, one })
        {
            await client.SendAsync("logos", "once"u8.ToArray());
            IReadOnlyList<RawMessage> sent = await client.PingAsync();
            Assert.That(sent.Select(message => message.Command), Has.None.EqualTo("logos"));
        }

        await handler.WaitAsync();
        Assert.That(handler.Texts, Is.EqualTo(new[] { "once" }));
        Assert.That(node.Node.Metrics.Dropped(DropReason.Duplicate), Is.EqualTo(2));
        Assert.That(node.Node.ConnectionCount, Is.EqualTo(2), "Nobody is to blame.");
    }

    [Test]
    [Conformance("R10")]
    public async Task A_peer_that_reads_nothing_delays_no_other()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient slow = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await slow.PingAsync();
        while (node.Node.GetPeers().Single().BytesQueued < 500_000)
            node.Node.Propagate(RandomNumberGenerator.GetBytes(900_000));
        await using RawClient from = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await using RawClient to = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await to.PingAsync();
        var delays = new List<TimeSpan>();

        for (int i = 0; i < 200; i++)
        {
            byte[] payload = RandomNumberGenerator.GetBytes(100);
            byte[] frame = RawBytes.Frame("logos", payload);
            long start = Stopwatch.GetTimestamp();
            await from.SendBytesAsync(frame);
            await to.ReadUntilAsync("logos", message => message.Payload.AsSpan().SequenceEqual(payload));
            delays.Add(Stopwatch.GetElapsedTime(start));
        }

        delays.Sort();
        TestContext.Out.WriteLine($"Median {delays[100].TotalMilliseconds} ms, 99th percentile {delays[198].TotalMilliseconds} ms");
        // The median, because on a busy machine a few are late whatever the node does.
        Assert.That(delays[100], Is.LessThan(TimeSpan.FromMilliseconds(50)));
        Assert.That(node.Node.GetPeers().Max(peer => peer.BytesQueued), Is.GreaterThan(500_000), "It still reads nothing.");
    }
}
