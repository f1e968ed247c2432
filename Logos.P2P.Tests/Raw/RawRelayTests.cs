using System.Diagnostics;
using System.Text;
using Logos.P2P.Tests.Conformance;
using NUnit.Framework;

namespace Logos.P2P.Tests.Raw;

/// <summary>The commands of `logos.relay` over real sockets, each side by its own code.</summary>
internal sealed class RawRelayTests
{
    private TestNode _node = null!;
    private RawRelayPeer _one = null!;
    private RawRelayPeer _two = null!;

    [SetUp]
    public async Task SetUpAsync()
    {
        var handler = new RecordingHandler { IsQuick = true, Label = message => message[0] };
        _node = await TestNode.StartRelayAsync(RelayMode.Tree, handler);
        _one = await RawRelayPeer.ConnectAsync(_node.Endpoint.Port);
        _two = await RawRelayPeer.ConnectAsync(_node.Endpoint.Port);
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Test]
    public async Task What_is_announced_is_asked_for_no_sooner_than_10_ms_later()
    {
        byte[] message = Message("announced");
        long start = Stopwatch.GetTimestamp();

        await _one.SendAsync("have", _one.NameToNode(message));
        byte[] rest = await _one.ReadAsync("want", _one.NameToNode(message));

        Assert.That(Stopwatch.GetElapsedTime(start), Is.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(10)));
        Assert.That(rest, Is.Empty);
        await _one.SendAsync("logos", message);
        await _node.Handler.WaitAsync();
    }

    [Test]
    public async Task What_comes_right_behind_its_announcement_is_not_asked_for()
    {
        byte[] message = Message("both"), other = Message("another");

        await _one.Client.SendBytesAsync(
        [
            .. RawBytes.Frame("have", _one.NameToNode(message)),
            .. RawBytes.Frame("logos", message),
            .. RawBytes.Frame("have", _one.NameToNode(other)),
        ]);

        await _one.ReadAsync("want", _one.NameToNode(other));
        Assert.That(await _one.HeardAsync(), Is.Empty);
    }

    [Test]
    public async Task An_unasked_payload_that_was_here_is_called_late_by_so_many_milliseconds()
    {
        byte[] message = Message("twice");
        await _one.SendAsync("logos", message);
        await _two.Client.ReadUntilAsync("logos");
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(20))
            await _one.HeardAsync();

        await _two.SendAsync("logos", message);
        byte[] rest = await _two.ReadAsync("late", RawRelayPeer.NameToPeer(message));

        Assert.That(BitConverter.ToUInt16(rest), Is.InRange(20, Stopwatch.GetElapsedTime(start).TotalMilliseconds + 1000));
        Assert.That(_node.Node.Metrics.Dropped(DropReason.Duplicate), Is.EqualTo(1));
    }

    [Test]
    public async Task An_announcement_long_before_the_payload_is_called_early()
    {
        byte[] message = Message("early");
        // Keeps the node from asking for some time.
        await _two.SendAsync("coming", [.. _two.NameToNode(message), .. RawBytes.U32(4_000_000)]);
        await _two.HeardAsync();
        await _one.SendAsync("have", _one.NameToNode(message));
        await _one.HeardAsync();
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(10))
            await _two.HeardAsync();

        await _two.SendAsync("logos", message);
        byte[] rest = await _one.ReadAsync("early", RawRelayPeer.NameToPeer(message));

        Assert.That(BitConverter.ToUInt16(rest), Is.GreaterThanOrEqualTo(10));
    }

    [Test]
    public async Task What_was_announced_is_sent_to_who_asks_and_the_next_payload_unasked()
    {
        await FloodAsync();
        await using RawRelayPeer newcomer = await RawRelayPeer.ConnectAsync(_node.Endpoint.Port);
        byte[] message = Message("second"), next = Message("third");
        await _one.SendAsync("logos", message);
        await newcomer.ReadAsync("have", RawRelayPeer.NameToPeer(message));

        await newcomer.SendAsync("want", RawRelayPeer.NameToPeer(message));
        Assert.That((await newcomer.Client.ReadUntilAsync("logos")).Payload, Is.EqualTo(message));

        await _one.SendAsync("logos", next);
        Assert.That((await newcomer.Client.ReadUntilAsync("logos")).Payload, Is.EqualTo(next));
    }

    [Test]
    [Conformance("R2")]
    public async Task When_the_one_asked_does_not_have_it_the_other_announcer_is_asked()
    {
        byte[] message = Message("wanted");
        await _one.SendAsync("have", _one.NameToNode(message));
        await _one.ReadAsync("want", _one.NameToNode(message));
        await _two.SendAsync("have", _two.NameToNode(message));
        await _two.HeardAsync();

        await _one.SendAsync("notfound", RawBytes.Inventory(RawBytes.Id(message)));

        await _two.ReadAsync("want", _two.NameToNode(message));
    }

    [Test]
    [Conformance("R2")]
    public async Task When_the_one_asked_is_silent_or_leaves_the_other_announcer_is_asked([Values] bool leaves)
    {
        byte[] message = Message("wanted");
        await _one.SendAsync("have", _one.NameToNode(message));
        await _one.ReadAsync("want", _one.NameToNode(message));
        await _two.SendAsync("have", _two.NameToNode(message));
        if (leaves)
            await _one.DisposeAsync();

        await _two.ReadAsync("want", _two.NameToNode(message));
        await _two.SendAsync("logos", message);
        await _node.Handler.WaitAsync();
    }

    [Test]
    public async Task Who_grafts_an_origin_is_sent_its_payloads_again()
    {
        byte[] first = await FloodAsync();
        await _two.SendAsync("late", [.. _two.NameToNode(first), .. RawBytes.U16(5)]);
        await _two.HeardAsync();
        byte[] second = Message("second"), third = Message("third");
        await _one.SendAsync("logos", second);
        await _two.ReadAsync("have", RawRelayPeer.NameToPeer(second));

        await _two.SendAsync("graft", RawBytes.U32(Label));
        await _two.HeardAsync();
        await _one.SendAsync("logos", third);

        Assert.That((await _two.Client.ReadUntilAsync("logos")).Payload, Is.EqualTo(third));
    }

    [Test]
    public async Task Of_two_that_send_a_large_message_the_second_is_held()
    {
        byte[] message = [Label, .. new byte[50_000]];
        await _one.SendAsync("coming", [.. _one.NameToNode(message), .. RawBytes.U32(50_025)]);
        Assert.That(await _one.HeardAsync(), Is.Empty);

        await _two.SendAsync("coming", [.. _two.NameToNode(message), .. RawBytes.U32(50_025)]);
        await _two.ReadAsync("hold", _two.NameToNode(message));

        await _one.SendAsync("logos", message);
        await _node.Handler.WaitAsync();
        Assert.That(await _two.HeardAsync(), Is.Empty, "It has it, or soon will.");
    }

    [Test]
    public async Task A_large_payload_is_told_of_before_it_comes()
    {
        byte[] message = [Label, .. new byte[50_000]];
        await _one.SendAsync("logos", message);

        byte[] rest = await _two.ReadAsync("coming", RawRelayPeer.NameToPeer(message));

        Assert.That(BitConverter.ToUInt32(rest), Is.EqualTo(24 + message.Length));
        Assert.That((await _two.Client.ReadUntilAsync("logos")).Payload, Is.EqualTo(message));
    }

    [Test]
    public async Task Who_has_not_offered_it_is_told_in_full_ids_and_not_listened_to()
    {
        await using RawClient plain = await RawClient.ConnectReadyAsync(_node.Endpoint.Port);
        await plain.PingAsync();
        byte[] message = Message("plain");

        foreach ((string command, byte[] payload) in Commands(new byte[6]))
            await plain.SendAsync(command, payload);
        await _one.SendAsync("logos", message);

        RawMessage inv = await plain.ReadUntilAsync("inv");
        Assert.That(inv.Payload, Is.EqualTo(RawBytes.Inventory(RawBytes.Id(message))));
        await plain.PingAsync();
        Assert.That(_node.Node.Metrics.Dropped(DropReason.UnknownCommand), Is.EqualTo(7));
        await plain.SendAsync("getdata", inv.Payload);
        Assert.That((await plain.ReadUntilAsync("logos")).Payload, Is.EqualTo(message));
    }

    [Test]
    public async Task What_cannot_be_read_is_counted_and_the_tenth_in_a_minute_ends_the_connection()
    {
        (string Command, byte[] Payload)[] malformed =
        [
            ("have", []), ("have", new byte[7]), ("want", []), ("want", new byte[5]), ("late", new byte[7]), ("early", []),
            ("coming", new byte[9]), ("hold", new byte[5]), ("graft", new byte[3]),
        ];
        foreach ((string command, byte[] payload) in malformed)
            await _one.SendAsync(command, payload);
        await _one.HeardAsync();
        Assert.That(_node.Node.Metrics.Dropped(DropReason.Malformed), Is.EqualTo(malformed.Length));

        await _one.SendAsync("graft");
        await _one.Client.ReadToEndAsync();

        Assert.That((await _node.WaitForAsync<PeerDisconnected>()).Reason, Is.EqualTo(DisconnectReason.TooManyBadMessages));
    }

    [Test]
    public async Task What_is_too_long_ends_the_connection([Values("late", "early", "coming", "hold", "graft")] string command)
    {
        await _one.SendAsync(command, new byte[11]);

        await _one.Client.ReadToEndAsync();
    }

    [Test]
    public async Task What_is_said_of_unknown_messages_does_nothing()
    {
        byte[] first = await FloodAsync();

        foreach ((string command, byte[] payload) in Commands(_two.NameToNode(Message("unheard of"))).Where(c => c.Command != "have"))
            await _two.SendAsync(command, payload);

        Assert.That(await _two.HeardAsync(), Is.Empty);
        Assert.That(_node.Node.ConnectionCount, Is.EqualTo(2));
        byte[] second = Message("second");
        await _one.SendAsync("logos", second);
        Assert.That((await _two.Client.ReadUntilAsync("logos")).Payload, Is.EqualTo(second));
        Assert.That(first, Is.Not.EqualTo(second));
    }

    [Test]
    public async Task Through_a_chain_of_nodes_a_message_arrives_and_the_way_back_is_not_used()
    {
        await using TestNode middle = await TestNode.StartRelayAsync(RelayMode.Tree, Quick(), _node.Address);
        await using TestNode end = await TestNode.StartRelayAsync(RelayMode.Tree, Quick(), middle.Address, _node.Address);
        await end.WaitForPeersAsync(2);
        await _node.WaitForPeersAsync(4);

        for (int i = 0; i < 50; i++)
        {
            await _one.SendAsync("logos", Message($"message {i}"));
            await end.Handler.WaitAsync();
            await middle.Handler.WaitAsync();
        }

        long duplicates = end.Node.Metrics.Dropped(DropReason.Duplicate) + middle.Node.Metrics.Dropped(DropReason.Duplicate)
            + _node.Node.Metrics.Dropped(DropReason.Duplicate);
        TestContext.Out.WriteLine($"{duplicates} duplicates in a triangle at 50 messages; everything to everybody: 50 to 100.");
        Assert.That(duplicates, Is.LessThan(25));

        static RecordingHandler Quick() => new() { IsQuick = true, Label = message => message[0] };
    }

    private const byte Label = 7;

    private static byte[] Message(string text) => [Label, .. Encoding.ASCII.GetBytes(text)];

    private static IEnumerable<(string Command, byte[] Payload)> Commands(byte[] name) =>
    [
        ("have", name), ("want", name), ("late", [.. name, 1, 0]), ("early", [.. name, 1, 0]),
        ("coming", [.. name, 0, 64, 0, 0]), ("hold", name), ("graft", [99, 0, 0, 0]),
    ];

    /// <summary>The first message of an origin, which goes to everybody.</summary>
    private async Task<byte[]> FloodAsync()
    {
        byte[] message = Message("first");
        await _one.SendAsync("logos", message);
        Assert.That((await _two.Client.ReadUntilAsync("logos")).Payload, Is.EqualTo(message));
        return message;
    }
}
