using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Raw;

/// <summary>Rules of the wire that a single input does not show, over real sockets.</summary>
internal sealed class RawWireTests
{
    [Test]
    [Conformance("W1")]
    public async Task A_header_in_two_pieces_and_a_payload_in_three_are_a_message_and_no_fault()
    {
        var log = new LogRecorder();
        var handler = new RecordingHandler();
        var options = new P2POptions { Network = P2PNetwork.Regtest, Bind = ["127.0.0.1"], Port = 0, Connect = ["0"] };
        await using var node = new P2PNode(options, handler, log.Factory);
        await node.StartAsync();
        await using RawClient client = await RawClient.ConnectReadyAsync(node.ListeningEndpoints[0].Port);
        await client.PingAsync();
        byte[] frame = RawBytes.Frame("logos", "piece by piece"u8.ToArray());
        long received = node.GetPeers().Single().BytesReceived;

        int from = 0;
        foreach (int to in new[] { 12, 24, 25, 30, frame.Length })
        {
            await client.SendBytesAsync(frame[from..to]);
            await Eventually.IsAsync(() => node.GetPeers().Single().BytesReceived == received + to);
            from = to;
        }

        await handler.WaitAsync();
        Assert.That(handler.Texts, Is.EqualTo(new[] { "piece by piece" }));
        Assert.That(Enum.GetValues<DropReason>().Sum(node.Metrics.Dropped), Is.Zero);
        Assert.That(log.Lines, Has.All.Match("^(Listening|Started|Peer 1 (connected|is ready)|Message \\w+ of 14 bytes)"));
    }

    [Test]
    [Conformance("W4")]
    public async Task A_message_with_a_wrong_checksum_is_counted_as_other_with_all_of_its_bytes()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await client.PingAsync();
        long before = Other(node);

        await client.SendBytesAsync(RawBytes.Frame("badmsg", "hi"u8.ToArray(), checksum: [1, 2, 3, 4]));
        await client.PingAsync();

        Assert.That(Other(node) - before, Is.EqualTo(26));
    }

    [Test]
    [Conformance("W4")]
    public async Task A_logos_message_with_a_wrong_checksum_was_not_seen_and_may_come_again_undamaged()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await client.PingAsync();
        long before = Other(node);

        await client.SendBytesAsync(RawBytes.Frame("logos", "hi"u8.ToArray(), checksum: [1, 2, 3, 4]));
        await client.PingAsync();
        Assert.That(Other(node) - before, Is.EqualTo(26));
        Assert.That(node.Handler.Messages, Is.Empty);

        await client.SendAsync("logos", "hi"u8.ToArray());
        await node.Handler.WaitAsync();
        Assert.That(node.Handler.Texts, Is.EqualTo(new[] { "hi" }));
    }

    [Test]
    [Conformance("W6")]
    public async Task A_command_that_is_none_is_counted_as_other()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await client.PingAsync();
        long before = Other(node);

        await client.SendBytesAsync([.. RawBytes.HeaderOf("error\0\0\0\0\0x"u8.ToArray(), 0)]);
        await client.PingAsync();

        Assert.That(Other(node) - before, Is.EqualTo(RawBytes.HeaderSize));
    }

    [TestCase("addr")]
    [TestCase("addrv2")]
    [Conformance("W7")]
    public async Task A_list_of_no_addresses_is_fine(string command)
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port);

        await client.SendAsync(command, RawBytes.List());
        await client.PingAsync();

        Assert.That(Enum.GetValues<DropReason>().Sum(node.Node.Metrics.Dropped), Is.Zero);
    }

    [Test]
    [Conformance("W8")]
    public async Task Fifty_thousand_questions_are_answered_and_as_many_refusals_are_taken()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        byte[][] ids = [.. Enumerable.Range(0, 50_000).Select(i => (byte[])[.. RawBytes.U32((uint)i), .. new byte[28]])];
        byte[] inventory = RawBytes.Inventory(ids);

        await client.SendAsync("getdata", inventory);
        RawMessage notFound = await client.ReadUntilAsync("notfound");
        Assert.That(notFound.Payload.AsSpan().SequenceEqual(inventory));

        await client.SendAsync("notfound", inventory);
        await client.PingAsync();
    }

    [Test]
    [Conformance("W12")]
    public async Task A_message_that_ends_early_is_nobodys_and_the_end_is_the_peers()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await client.PingAsync();

        await client.SendBytesAsync(RawBytes.Frame("logos", new byte[100])[..^1]);
        client.EndSending();

        Assert.That((await node.WaitForAsync<PeerDisconnected>()).Reason, Is.EqualTo(DisconnectReason.RemoteClosed));
        Assert.That(node.Handler.Messages, Is.Empty);
    }

    [Test]
    [Conformance("W12")]
    public async Task The_payload_of_an_unknown_command_is_skipped_to_its_end()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        // Were a byte too few skipped, the next header would begin within these.
        byte[] frames = [.. Enumerable.Repeat(RawBytes.Frame("logos", "inside"u8.ToArray()), 500).SelectMany(frame => frame)];

        await client.SendBytesAsync(
            [.. RawBytes.Frame("whatever", frames), .. RawBytes.Frame("logos", "after it"u8.ToArray())]);
        await node.Handler.WaitAsync();

        Assert.That(frames, Has.Length.EqualTo(15_000));
        Assert.That(node.Handler.Texts, Is.EqualTo(new[] { "after it" }));
    }

    [Test]
    [Conformance("W13")]
    public async Task Bytes_after_the_end_of_a_list_are_left_to_the_future()
    {
        await using TestNode node = await TestNode.StartAsync(new P2POptions { Connect = ["0"] });
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        byte[] unknown = RawBytes.Id("unknown"u8.ToArray());

        await client.SendAsync("addrv2", [.. RawBytes.List(RawBytes.AddrV2Entry("9.9.9.9", 8333)), 1, 2, 3]);
        await client.SendAsync("inv", [.. RawBytes.Inventory(unknown), 1]);

        Assert.That((await client.ReadUntilAsync("getdata")).Payload, Is.EqualTo(RawBytes.Inventory(unknown)));
        Assert.That(node.Node.AddressCount, Is.EqualTo(1));
        Assert.That(node.Node.Metrics.Dropped(DropReason.Malformed), Is.Zero);
    }

    private static long Other(TestNode node) => node.Node.Metrics.Traffic.Received(Command.Other).Bytes;
}
