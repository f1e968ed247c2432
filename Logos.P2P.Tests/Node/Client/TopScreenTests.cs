using System.Text.Json.Nodes;
using Logos.P2P.Node.Client;
using NUnit.Framework;
using Spectre.Console;

namespace Logos.P2P.Tests.Node.Client;

/// <summary>What <c>logosp2p top</c> draws of two moments.</summary>
internal sealed class TopScreenTests
{
    [Test]
    public void Rates_are_what_has_changed_by_the_time_between()
    {
        string screen = Draw(
            At(1_000_000, received: 100, bytesReceived: 5_000, Peer(1, "192.0.2.1:1", bytesReceived: 1_000, ping: 0.002)),
            At(1_002_000, received: 300, bytesReceived: 45_000, Peer(1, "192.0.2.1:1", bytesReceived: 21_000, ping: 0.002)),
            TopOrder.Traffic);

        Assert.That(screen, Does.Contain("messages/s 100 received"));
        Assert.That(screen, Does.Contain("traffic/s 20 kB in"));
        Assert.That(screen.Split('\n').Single(line => line.Contains("192.0.2.1:1", StringComparison.Ordinal)), Does.Match(@"2\.0 +1m 42s +10 kB "));
    }

    [TestCase(TopOrder.Traffic, "c b a")]
    [TestCase(TopOrder.Ping, "b c a")]
    [TestCase(TopOrder.Id, "a b c")]
    public void Peers_are_in_the_order_asked_for(TopOrder order, string expected)
    {
        JsonObject[] peers =
        [
            Peer(1, "a", bytesReceived: 0, ping: null), Peer(2, "b", bytesReceived: 10, ping: 0.001), Peer(3, "c", bytesReceived: 20, ping: 0.002),
        ];

        string screen = Draw(At(1_000_000, 0, 0), At(1_001_000, 0, 0, peers), order);

        Assert.That(
            string.Join(' ', screen.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(words => words.Length > 2 && words[1] is "a" or "b" or "c").Select(words => words[1])),
            Is.EqualTo(expected));
    }

    [Test]
    public void Peers_that_have_no_room_are_counted()
    {
        JsonObject[] peers = [.. Enumerable.Range(1, 50).Select(id => Peer(id, $"p{id}", bytesReceived: 0, ping: null))];

        string screen = Draw(At(1_000_000, 0, 0), At(1_001_000, 0, 0, peers), TopOrder.Id, height: 24);

        Assert.That(screen, Does.Contain("p15 ").And.Not.Contain("p16 ").And.Contain("and 35 more"));
        Assert.That(screen.TrimEnd('\n').Split('\n'), Has.Length.LessThanOrEqualTo(24));
    }

    [Test]
    public void What_a_stranger_calls_itself_steers_no_terminal()
    {
        JsonObject peer = Peer(1, "a", bytesReceived: 0, ping: null);
        peer["subver"] = "[red]x\u001b[2J";

        Assert.That(Draw(At(1_000_000, 0, 0), At(1_001_000, 0, 0, peer), TopOrder.Id), Does.Contain(@"[red]x\u001b[2J"));
    }

    private static string Draw(NodeStatus before, NodeStatus now, TopOrder order, int height = 30)
    {
        using var written = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(written),
        });
        console.Profile.Width = 130;
        console.Write(new TopScreen(before, now).Draw(order, height));
        return written.ToString();
    }

    private static NodeStatus At(long time, long received, long bytesReceived, params JsonObject[] peers) => new(AsAnswered(new JsonObject
    {
        ["getnetworkinfo"] = new JsonObject
        {
            ["subversion"] = "/x/",
            ["networkactive"] = true,
            ["connections_in"] = 0,
            ["connections_out"] = peers.Length,
        },
        ["getblockchaininfo"] = new JsonObject { ["chain"] = "main" },
        ["getpeerinfo"] = new JsonArray([.. peers]),
        ["getnettotals"] = new JsonObject { ["timemillis"] = time, ["totalbytesrecv"] = bytesReceived, ["totalbytessent"] = 0 },
        ["getaddrmaninfo"] = new JsonObject { ["all_networks"] = new JsonObject { ["new"] = 0, ["tried"] = 0 } },
        ["getrelayinfo"] = new JsonObject { ["mode"] = "tree", ["received"] = received, ["propagated"] = 0, ["rejected"] = 0, ["duplicates"] = 0 },
        ["getmemoryinfo"] = new JsonObject { ["total"] = 0 },
        ["uptime"] = 0,
    }));

    /// <summary>Numbers that were read convert; those that were written have one type.</summary>
    private static JsonObject AsAnswered(JsonObject answers) => JsonNode.Parse(answers.ToJsonString())!.AsObject();

    private static JsonObject Peer(long id, string address, long bytesReceived, double? ping)
    {
        var peer = new JsonObject
        {
            ["id"] = id,
            ["addr"] = address,
            ["connection_type"] = "inbound",
            ["conntime"] = 900,
            ["bytesrecv"] = bytesReceived,
            ["bytessent"] = 0,
            ["bytesqueued"] = 0,
            ["subver"] = "/y/",
        };
        if (ping is { } known)
            peer["pingtime"] = known;
        return peer;
    }
}
