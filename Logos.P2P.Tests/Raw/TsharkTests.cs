using System.Globalization;
using System.Text;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Raw;

/// <summary>
/// What stock Wireshark says of our traffic: it takes it for Bitcoin's, on any port, and finds nothing malformed. These
/// tests exist where tshark is installed and may capture (root): elsewhere they are not discovered. CI has it.
/// </summary>
internal sealed class TsharkTests
{
    /// <summary>What stock Wireshark (4.0) can take apart.</summary>
    private static readonly string[] Known =
    [
        "version", "verack", "getaddr", "addr", "ping", "pong", "inv", "getdata", "notfound",
    ];

    /// <summary>What it shows by name, with its length and checksum, and the remark "Unknown command".</summary>
    private static readonly string[] Unknown = ["sendaddrv2", "addrv2", "feature", "logos", "direct", "goodbye"];

    private static IEnumerable<TestCaseData> Networks() => !Tshark.CanCapture
        ? []
        :
        [
            new TestCaseData(P2PNetwork.Regtest, RawBytes.RegtestMagic).SetArgDisplayNames("Regtest"),
            new TestCaseData(P2PNetwork.Test, RawBytes.TestMagic).SetArgDisplayNames("Test"),
            new TestCaseData(P2PNetwork.Main, RawBytes.MainMagic).SetArgDisplayNames("Main"),
        ];

    [TestCaseSource(nameof(Networks))]
    public async Task Wireshark_knows_our_traffic_without_being_told_and_finds_nothing_malformed(
        P2PNetwork network, byte[] magic)
    {
        using var directory = new TemporaryDirectory();
        await using P2PNode node = await StartAsync(network);
        int port = node.ListeningEndpoints[0].Port;
        await using Tshark tshark = await Tshark.CaptureAsync(port, directory.File("session.pcapng"));

        await TalkAsync(node, network, magic);
        byte[] last = Encoding.ASCII.GetBytes("the last packet");
        await using (RawClient client = await RawClient.ConnectReadyAsync(port, magic))
        {
            await client.SendAsync("goodbye", last);
            await client.PingAsync();
        }

        await tshark.StopAfterAsync(last);
        IReadOnlyList<string[]> packets = await tshark.ReadAsync(
            "tcp.len > 0", "tcp.srcport", "bitcoin.command", "bitcoin.command.unknown", "_ws.malformed",
            "tcp.reassembled_in", "bitcoin.version.version", "bitcoin.string.value", "bitcoin.address.address",
            "bitcoin.inv.type", "bitcoin.length", "tcp.analysis.flags", "_ws.col.Info");

        string[] shown = [.. packets.SelectMany(packet => Split(packet[1])).Distinct()];
        Assert.That(shown, Is.EquivalentTo(Known.Concat(Unknown)));
        // Of several commands in one packet it cannot be told which one the remark is about.
        IEnumerable<string> remarked = packets
            .Where(packet => packet[2].Length > 0 && !packet[1].Contains(',', StringComparison.Ordinal))
            .Select(packet => packet[1]);
        Assert.That(remarked, Has.All.AnyOf(Unknown));
        Assert.That(packets.Select(packet => packet[3]), Has.All.Empty, "malformed");
        // A busy machine sends a packet twice now and then; the second one is TCP's affair.
        IEnumerable<string> taken = packets
            .Where(packet => packet[1].Length == 0 && packet[4].Length == 0 && packet[10].Length == 0)
            .Select(packet => packet[11]);
        Assert.That(taken, Is.Empty, "taken for something else");

        string ours = port.ToString(CultureInfo.InvariantCulture);
        string[][] sent = [.. packets.Where(packet => packet[0] == ours)];
        Assert.That(sent.SelectMany(packet => Split(packet[1])), Is.SupersetOf(Known.Except(["getaddr", "inv"])));
        string[] version = sent.First(packet => Split(packet[1]).Contains("version"));
        Assert.That(version[5], Is.EqualTo("70017"));
        Assert.That(version[6], Does.StartWith("/LogosP2P:"));
        Assert.That(version[7], Is.EqualTo("::ffff:127.0.0.1,::"));
        Assert.That(sent.First(packet => Split(packet[1]).Contains("addr"))[7], Is.EqualTo("::ffff:9.9.9.9"));
        Assert.That(packets.First(packet => Split(packet[1]).Contains("inv"))[8], Is.EqualTo("76"));
        Assert.That(sent.SelectMany(packet => Split(packet[9])), Does.Contain("300000"), "a message of many packets");
    }

    private static async Task<P2PNode> StartAsync(P2PNetwork network, params string[] connect)
    {
        var options = new P2POptions
        {
            Network = network,
            Bind = ["127.0.0.1"],
            Port = 0,
            Connect = connect is [] ? ["0"] : connect,
            ExternalIPs = ["9.9.9.9:8333"],
            Relay = RelayMode.Push,
        };
        var node = new P2PNode(options, new RecordingHandler());
        await node.StartAsync();
        return node;
    }

    /// <summary>A session in which each command occurs. Only the node's port is captured.</summary>
    private static async Task TalkAsync(P2PNode node, P2PNetwork network, byte[] magic)
    {
        int port = node.ListeningEndpoints[0].Port;
        await using RawClient client = await RawClient.ConnectAsync(port, magic);
        await client.SendAsync("version", RawBytes.Version());
        await client.SendAsync("feature", [.. RawBytes.VarBytes("logos.test"u8.ToArray()), 0]);
        await client.ReadUntilAsync("verack");
        await client.SendAsync("verack");
        await client.SendAsync("getaddr");
        await client.ReadUntilAsync("addr");

        // Another node: says and asks for addrv2, and asks for addresses.
        await using P2PNode other = await StartAsync(network, node.ListeningEndpoints[0].ToString());
        IAsyncEnumerator<NodeEvent> events = other.WatchAsync().GetAsyncEnumerator();
        while (other.ConnectionCount == 0)
            Assert.That(await events.MoveNextAsync().AsTask().WaitAsync(TestNode.Patience), Is.True);
        long id = other.GetPeers().Single().Id;

        byte[] unknown = RawBytes.Id("unknown"u8.ToArray());
        await client.SendAsync("inv", RawBytes.Inventory(unknown));
        await client.ReadUntilAsync("getdata");
        await client.SendAsync("getdata", RawBytes.Inventory(unknown));
        await client.ReadUntilAsync("notfound");
        Assert.That(other.SendDirect(id, "a direct message"u8), Is.True);
        Assert.That(other.Propagate(new byte[300_000]), Is.True);
        await client.ReadUntilAsync("logos");
        Assert.That(node.SendDirect(node.GetPeers().Max(peer => peer.Id), "an answer"u8), Is.True);
        await events.DisposeAsync();
    }

    private static string[] Split(string values) => values.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
