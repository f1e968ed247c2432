using System.Text;
using Logos.P2P.Diagnostics;
using Logos.P2P.Tests.Raw;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Diagnostics;

/// <summary>What a node's instruments say is so.</summary>
internal sealed class NodeMetersTests
{
    private static readonly string[] Histograms =
    [
        "logos.p2p.message.wait.duration", "logos.p2p.message.handler.duration", "logos.p2p.message.relay.duration",
        "logos.p2p.message.publish.duration", "logos.p2p.message.age",
    ];

    [Test]
    public async Task Counters_equal_what_the_sockets_carried_byte_for_byte()
    {
        await using TestNode node = await TestNode.StartAsync(new P2POptions { Connect = ["0"] });
        await using var proxy = new CountingProxy(node.Endpoint.Port);
        using var measured = new Measured(node.Node);
        await using (TestNode other = await TestNode.StartAsync(new P2POptions { Connect = [$"127.0.0.1:{proxy.Port}"] }))
        {
            await other.WaitForPeersAsync(1);
            await node.WaitForPeersAsync(1);
            for (int i = 0; i < 20; i++)
                Assert.That(other.Node.Propagate(new byte[i * 1000]), Is.True);
            await node.Handler.WaitAsync(20);
            Assert.That(node.Node.Propagate(new byte[300_000]), Is.True);
            Assert.That(node.Node.SendDirect(node.Node.GetPeers()[0].Id, "for you"u8), Is.True);
            await other.Handler.WaitAsync(2);
            other.Node.Ping();
            await Eventually.IsAsync(() => node.Node.Metrics.Traffic.Sent(Command.Pong).Messages > 1);
        }

        // A stranger: what is not known, what is wrong, what was here before, and half a frame.
        await using (RawClient client = await RawClient.ConnectReadyAsync(proxy.Port))
        {
            await client.SendAsync("whatever", 1, 2, 3);
            await client.SendBytesAsync(RawBytes.Frame("logos", [1, 2, 3], checksum: [0, 0, 0, 0]));
            await client.SendAsync("logos", new byte[1000]);
            await client.PingAsync();
            await client.SendBytesAsync(RawBytes.Frame("logos", new byte[5000])[..2000]);
            client.EndSending();
            await client.ReadToEndAsync();
        }

        await Eventually.IsAsync(() => node.Node.GetPeers().Count == 0);
        Dictionary<string, long> told = measured.Observe();

        Assert.That(told["logos.p2p.socket.io{receive}"], Is.EqualTo(proxy.There.Total));
        Assert.That(told["logos.p2p.socket.io{transmit}"], Is.EqualTo(proxy.Back.Total));
        AssertFrames(told, "receive", proxy.There, unknown: ["whatever"], half: 2000, dropped: RawBytes.HeaderSize + 3);
        AssertFrames(told, "transmit", proxy.Back, unknown: [], half: 0, dropped: 0);
        Assert.That(told["logos.p2p.purpose.io{duplicate,receive}"], Is.EqualTo(1000));
        Assert.That(
            told["logos.p2p.purpose.io{payload,receive}"], Is.EqualTo(Enumerable.Range(0, 20).Sum(i => i * 1000)), "each message once");
        Assert.That(told["logos.p2p.purpose.io{payload,transmit}"], Is.EqualTo(300_000 + "for you".Length));
        Assert.That(told["logos.p2p.gossip.messages{duplicate}"], Is.EqualTo(1));
        Assert.That(told["logos.p2p.gossip.messages{received}"], Is.EqualTo(20));
        Assert.That(told["logos.p2p.gossip.messages{propagated}"], Is.EqualTo(21));
        Assert.That(told["logos.p2p.drops{bad_checksum}"], Is.EqualTo(1));
        Assert.That(told["logos.p2p.drops{unknown_command}"], Is.EqualTo(1));
        Assert.That(told["logos.p2p.disconnects{remote_closed}"], Is.EqualTo(2));
        Assert.That(told["logos.p2p.connections{inbound}"], Is.Zero);
        Assert.That(told["logos.p2p.queue.size"], Is.Zero);
    }

    [Test]
    public async Task A_group_that_is_off_tells_nothing_and_goes_on_counting()
    {
        await using TestNode node = await TestNode.StartAsync(new P2POptions { Connect = ["0"] });
        using var measured = new Measured(node.Node);
        Dictionary<string, long> all = measured.Observe();

        foreach (MetricGroup group in Enum.GetValues<MetricGroup>())
        {
            node.Node.Meters.Switch(group, false);
            Dictionary<string, long> rest = measured.Observe();
            string[] gone = [.. all.Keys.Except(rest.Keys)];
            Assert.That(gone, Is.Not.Empty);
            Assert.That(node.Node.Meters.IsOn(group), Is.False);
            node.Node.Meters.Switch(group, true);
            Assert.That(measured.Observe().Keys, Is.EquivalentTo(all.Keys), $"{group} is on again");
        }

        node.Node.Meters.Switch(MetricGroup.Network, false);
        await using (RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port))
            await client.PingAsync();
        Assert.That(measured.Observe().Keys, Has.None.StartsWith("logos.p2p.frames"));
        node.Node.Meters.Switch(MetricGroup.Network, true);
        Assert.That(measured.Observe()["logos.p2p.frames{ping,receive}"], Is.EqualTo(1), "It was counted meanwhile.");
    }

    [Test]
    public async Task A_message_is_timed_from_its_first_byte_in_to_the_handler_and_to_its_first_byte_out()
    {
        var age = TimeSpan.FromSeconds(7);
        await using var relay = new P2PNode(Options("0"), new SlowHandler(age));
        await relay.StartAsync();
        using var measured = new Measured(relay);
        await using var sink = new P2PNode(Options(relay.ListeningEndpoints[0].ToString()), new RecordingHandler());
        await sink.StartAsync();
        await using RawClient source = await RawClient.ConnectReadyAsync(relay.ListeningEndpoints[0].Port);
        await Eventually.IsAsync(() => relay.ConnectionCount == 2);

        // Whether somebody listens is looked at with each heartbeat.
        for (int i = 0; measured.Recorded("logos.p2p.message.relay.duration").Count < 2; i++)
        {
            await source.SendAsync("logos", Encoding.ASCII.GetBytes($"message {i}"));
            await source.PingAsync();
            await Eventually.IsAsync(() => sink.Metrics.MessagesReceived == i + 1);
        }

        await Eventually.IsAsync(() => Histograms.Except(["logos.p2p.message.publish.duration"]).All(name => measured.Recorded(name).Count >= 2));
        double relayed = measured.Recorded("logos.p2p.message.relay.duration")[0];
        double waited = measured.Recorded("logos.p2p.message.wait.duration")[0];
        double handled = measured.Recorded("logos.p2p.message.handler.duration")[0];
        Assert.That(handled, Is.GreaterThanOrEqualTo(SlowHandler.Time.TotalSeconds));
        Assert.That(relayed, Is.GreaterThanOrEqualTo(waited + handled - 1e-6));
        Assert.That(waited, Is.GreaterThanOrEqualTo(0));
        Assert.That(measured.Recorded("logos.p2p.message.age")[0], Is.EqualTo(age.TotalSeconds).Within(5));

        int before = measured.Recorded("logos.p2p.message.publish.duration").Count;
        Assert.That(relay.Propagate("our own"u8), Is.True);
        Assert.That(measured.Recorded("logos.p2p.message.publish.duration"), Has.Count.EqualTo(before + 1));
    }

    [Test]
    public async Task Counters_do_not_fall_when_what_was_queued_is_not_sent_after_all()
    {
        await using TestNode node = await TestNode.StartAsync(new P2POptions { Connect = ["0"] });
        using var measured = new Measured(node.Node);
        node.Node.Metrics.Traffic.CountSent(Command.Logos, 10_000);
        Dictionary<string, long> before = measured.Observe();
        Assert.That(before.Values, Has.Some.GreaterThanOrEqualTo(9_976));

        node.Node.Metrics.Traffic.TakeBackSent(Command.Logos, 10_000);

        Dictionary<string, long> after = measured.Observe();
        string[] counters =
        [
            .. before.Keys.Where(name => name.StartsWith("logos.p2p.frame", StringComparison.Ordinal)
                || name.StartsWith("logos.p2p.purpose", StringComparison.Ordinal)),
        ];
        Assert.That(counters, Has.Length.GreaterThan(10));
        foreach (string name in counters)
            Assert.That(after[name], Is.GreaterThanOrEqualTo(before[name]), name);
    }

    [Test]
    public async Task Samples_tell_of_each_message_who_brought_it_and_what_became_of_it()
    {
        var handler = new RecordingHandler { Judge = bytes => bytes.Length == 3 ? Verdict.Consume : Verdict.Propagate };
        await using TestNode node = await TestNode.StartAsync(new P2POptions { Connect = ["0"] }, handler);
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await using RawClient sink = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
        await node.WaitForPeersAsync(2);
        using MessageSamples samples = node.Node.SampleMessages();
        await Eventually.IsAsync(() => node.Node.Metrics.Timing.IsTurn(0));

        await client.SendAsync("logos", 1, 2, 3);
        await client.SendAsync("logos", 1, 2, 3, 4);
        await client.PingAsync();
        var taken = new List<MessageSample>();
        await Eventually.IsAsync(() =>
        {
            taken.AddRange(samples.Take());
            return taken.Count == 2;
        });

        Assert.That(taken.Select(sample => sample.Verdict), Is.EqualTo(new[] { Verdict.Consume, Verdict.Propagate }));
        Assert.That(taken.Select(sample => sample.Bytes), Is.EqualTo(new[] { 27, 28 }));
        Assert.That(taken.Select(sample => sample.Relayed is not null), Is.EqualTo(new[] { false, true }));
        Assert.That(taken.Select(sample => sample.PeerId).Distinct().Single(), Is.EqualTo(node.Node.GetPeers().Min(peer => peer.Id)));
        Assert.That(taken[0].Id, Is.EqualTo(MessageId.Compute([1, 2, 3])));
        Assert.That(node.Node.GetPeers().Sum(peer => peer.FirstDeliveries), Is.EqualTo(2));
        Assert.That(samples.Take(), Is.Empty);
    }

    [Test]
    public async Task Every_instrument_is_in_the_documentation_and_none_besides()
    {
        await using TestNode node = await TestNode.StartAsync(new P2POptions { Connect = ["0"] });
        using var measured = new Measured(node.Node);
        string page = await File.ReadAllTextAsync(Repository.Find("docs", "metrics.md"));

        IEnumerable<string> documented = System.Text.RegularExpressions.Regex
            .Matches(page, @"^\| `(logos\.p2p\.[a-z.]+)`", System.Text.RegularExpressions.RegexOptions.Multiline)
            .Select(match => match.Groups[1].Value);

        Assert.That(documented, Is.EquivalentTo(measured.Instruments));
    }

    private static void AssertFrames(
        Dictionary<string, long> told, string direction, CountedBytes counted, string[] unknown, long half, long dropped)
    {
        Dictionary<string, (long Frames, long Bytes)> wire = counted.ByCommand;
        long frames = 0, bytes = 0;
        foreach (Command command in Enum.GetValues<Command>().Skip(1))
        {
            (long itsFrames, long itsBytes) = wire.GetValueOrDefault(command.Name());
            // A frame of which the payload is damaged is nobody's: its command may be damaged, too.
            if (command == Command.Logos && dropped > 0)
                (itsFrames, itsBytes) = (itsFrames - 1, itsBytes - dropped);
            Assert.That(told[$"logos.p2p.frames{{{command.Name()},{direction}}}"], Is.EqualTo(itsFrames), command.Name());
            Assert.That(told[$"logos.p2p.frame.io{{{command.Name()},{direction}}}"], Is.EqualTo(itsBytes), command.Name());
            (frames, bytes) = (frames + itsFrames, bytes + itsBytes);
        }

        long unknownBytes = unknown.Sum(name => wire[name].Bytes);
        Assert.That(told[$"logos.p2p.frame.io{{*other*,{direction}}}"], Is.EqualTo(unknownBytes + dropped));
        Assert.That(bytes + unknownBytes + dropped + half, Is.EqualTo(counted.Total), "nothing is missing");
        Assert.That(
            told.Where(pair => pair.Key.StartsWith("logos.p2p.purpose.io{", StringComparison.Ordinal) && pair.Key.EndsWith($",{direction}}}", StringComparison.Ordinal))
                .Sum(pair => pair.Value),
            Is.EqualTo(counted.Total - half));
        Assert.That(frames, Is.Positive);
    }

    private static P2POptions Options(string connect) => new()
    {
        Network = P2PNetwork.Regtest,
        Bind = ["127.0.0.1"],
        Port = 0,
        Connect = [connect],
        Relay = RelayMode.Push,
    };

    private sealed class SlowHandler(TimeSpan age) : IMessageHandler
    {
        public static readonly TimeSpan Time = TimeSpan.FromMilliseconds(3);

        public Verdict Receive(in ReceivedMessage message)
        {
            Thread.Sleep(Time);
            return Verdict.Propagate;
        }

        public DateTimeOffset MadeAt(ReadOnlySpan<byte> message) => DateTimeOffset.UtcNow - age;
    }
}
