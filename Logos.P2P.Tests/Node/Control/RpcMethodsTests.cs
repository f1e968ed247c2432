using System.Text.Json.Nodes;
using Logos.P2P.Node.Control;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Control;

/// <summary>What each method does to a node, and what it answers.</summary>
internal sealed class RpcMethodsTests
{
    private TestNode _node = null!;
    private RpcContext _context = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _node = await TestNode.StartAsync(new P2POptions { Connect = ["0"] });
        _context = ControlRig.ContextOf(_node);
    }

    [TearDown]
    public async Task StopAsync() => await _node.DisposeAsync();

    [Test]
    public async Task A_node_that_is_added_is_dialled_and_again_when_it_is_lost_until_it_is_removed()
    {
        await using TestNode peer = await TestNode.StartAsync();

        Assert.That(Call("addnode", peer.Address, "add"), Is.Null);
        PeerReady first = await _node.WaitForAsync<PeerReady>();
        Assert.That(_node.Node.GetPeers().Single().Kind, Is.EqualTo(ConnectionKind.Manual));
        Assert.That(CodeOf("addnode", peer.Address, "add"), Is.EqualTo(-23));
        Assert.That(Call("disconnectnode", "", first.PeerId), Is.Null);
        await _node.WaitForAsync<PeerReady>();

        Assert.That(Call("addnode", peer.Address, "remove"), Is.Null);
        Assert.That(CodeOf("addnode", peer.Address, "remove"), Is.EqualTo(-24));
        Assert.That(_node.Node.ConnectionCount, Is.EqualTo(1), "The connection stays.");
    }

    [Test]
    public async Task A_node_may_be_tried_once()
    {
        await using TestNode peer = await TestNode.StartAsync();

        Assert.That(Call("addnode", peer.Address, "onetry"), Is.Null);
        await _node.WaitForAsync<PeerReady>();

        Assert.That(CodeOf("addnode", peer.Address, "remove"), Is.EqualTo(-24), "It was not added.");
    }

    [Test]
    public void Eight_nodes_may_be_added()
    {
        for (int i = 1; i <= 8; i++)
            Call("addnode", $"127.0.0.1:{i}", "add");

        Assert.That(CodeOf("addnode", "127.0.0.1:9", "add"), Is.EqualTo(-1));
        Call("addnode", "127.0.0.1:1", "remove");
        Assert.That(Call("addnode", "127.0.0.1:9", "add"), Is.Null);
    }

    [TestCase(-8, "addnode", "host:0", "add")]
    [TestCase(-1, "addnode", "127.0.0.1:1", "sub")]
    [TestCase(-1, "addnode", "127.0.0.1:1")]
    [TestCase(-1, "uptime", "now")]
    [TestCase(-3, "addnode", 1, "add")]
    [TestCase(-3, "disconnectnode", "", "1")]
    [TestCase(-3, "setban", "192.0.2.1", "add", true)]
    [TestCase(-1, "setban", "192.0.2.1", "add", 1.5)]
    [TestCase(-29, "disconnectnode", "192.0.2.1:1")]
    [TestCase(-29, "disconnectnode", "nobody")]
    [TestCase(-29, "disconnectnode", "", 99)]
    [TestCase(-32602, "disconnectnode", "192.0.2.1:1", 1)]
    [TestCase(-32602, "disconnectnode")]
    [TestCase(-30, "setban", "nobody", "add")]
    [TestCase(-30, "setban", "192.0.2.1", "remove")]
    [TestCase(-8, "setban", "192.0.2.1", "add", 1, true)]
    [TestCase(-8, "setban", "192.0.2.1", "add", 900_000_000_000_000_000)]
    [TestCase(-1, "setban", "192.0.2.1", "ban")]
    [TestCase(-8, "addnode", "127.0.0.1:1", "onetry", true)]
    [TestCase(-24, "getaddednodeinfo", "127.0.0.1:1")]
    [TestCase(-8, "getnodeaddresses", -1)]
    [TestCase(-8, "getnodeaddresses", 1, "tor")]
    [TestCase(-30, "addpeeraddress", "nobody", 1)]
    [TestCase(-30, "addpeeraddress", "192.0.2.1:5", 1)]
    [TestCase(-8, "addpeeraddress", "192.0.2.1", 65536)]
    [TestCase(-1, "setnetworkactive")]
    [TestCase(-3, "setnetworkactive", 1)]
    [TestCase(-8, "getmemoryinfo", "mallocinfo")]
    [TestCase(-8, "getmemoryinfo", "all")]
    [TestCase(-29, "senddirect", 99, "00")]
    [TestCase(-22, "senddirect", 99, "0")]
    [TestCase(-3, "senddirect", "x", "00")]
    [TestCase(-22, "propagate", "abc")]
    [TestCase(-22, "propagate", "zz")]
    [TestCase(-8, "getmessageinfo", "00")]
    [TestCase(-5, "getmessageinfo", "0000000000000000000000000000000000000000000000000000000000000000")]
    public void What_cannot_be_done_has_the_error_of_Bitcoin_Core(int code, string method, params object[] arguments) =>
        Assert.That(CodeOf(method, arguments), Is.EqualTo(code));

    [Test]
    public void Arguments_may_be_named()
    {
        JsonObject Request(string name) => new()
        {
            ["method"] = "setban",
            ["params"] = new JsonObject { ["command"] = "add", [name] = "192.0.2.0/24" },
        };

        Assert.That(Answer(Request("net"))["error"]!["code"]!.GetValue<int>(), Is.EqualTo(-8));
        Assert.That(Answer(Request("subnet"))["error"], Is.Null);
        Assert.That(_node.Node.GetBans().Single().Hosts, Is.EqualTo(Subnet.Parse("192.0.2.0/24")));
    }

    [Test]
    public async Task A_banned_host_is_disconnected_and_listed_until_the_ban_is_lifted()
    {
        await using TestNode peer = await TestNode.StartAsync(addNodes: _node.Address);
        await _node.WaitForPeersAsync(1);

        Call("setban", "127.0.0.1", "add", 1000);

        await _node.WaitForAsync<PeerDisconnected>(end => end.Reason == DisconnectReason.Banned);
        Assert.That(CodeOf("setban", "127.0.0.1", "add"), Is.EqualTo(-23));
        JsonObject ban = Call("listbanned")!.AsArray().Single()!.AsObject();
        Assert.That(
            ban.Select(field => field.Key),
            Is.EqualTo(new[] { "address", "ban_created", "banned_until", "ban_duration", "time_remaining" }));
        Assert.That(ban["ban_duration"]!.GetValue<long>(), Is.EqualTo(1000));
        Call("setban", "127.0.0.1", "remove");
        Call("setban", "192.0.2.0/24", "add", 4_000_000_000, true);
        Assert.That(Call("listbanned")!.AsArray().Single()!["banned_until"]!.GetValue<long>(), Is.EqualTo(4_000_000_000));
        Call("clearbanned");
        Assert.That(_node.Node.GetBans(), Is.Empty);
    }

    [Test]
    public async Task A_peer_is_told_of_with_Bitcoin_Core_s_names_and_can_be_named_by_its_address()
    {
        await using TestNode peer = await TestNode.StartAsync(addNodes: _node.Address);
        await _node.WaitForPeersAsync(1);
        await Eventually.IsAsync(() => _node.Node.GetPeers().Single().PingTime is not null);

        JsonObject info = Call("getpeerinfo")!.AsArray().Single()!.AsObject();

        Assert.That(info["services"]!.GetValue<string>(), Is.EqualTo("0000000001000000"));
        Assert.That(info["addrbind"]!.GetValue<string>(), Is.EqualTo(_node.Address));
        Assert.That(info["connection_type"]!.GetValue<string>(), Is.EqualTo("inbound"));
        Assert.That(info["network"]!.GetValue<string>(), Is.EqualTo("ipv4"));
        Assert.That(info["conntime"]!.GetValue<long>(), Is.EqualTo(DateTimeOffset.UtcNow.ToUnixTimeSeconds()).Within(40));
        Assert.That(info["bytesrecv_per_msg"]!["version"]!.GetValue<long>(), Is.GreaterThan(24));
        Assert.That(Call("getconnectioncount")!.GetValue<int>(), Is.EqualTo(1));
        JsonNode network = Call("getnetworkinfo")!;
        Assert.That(
            (network["connections"]!.GetValue<int>(), network["connections_in"]!.GetValue<int>()), Is.EqualTo((1, 1)));
        Assert.That(network["subversion"]!.GetValue<string>(), Is.EqualTo(P2PNode.UserAgent));

        Call("disconnectnode", info["addr"]!.GetValue<string>());
        await _node.WaitForAsync<PeerDisconnected>(end => end.Reason == DisconnectReason.Requested);
    }

    [Test]
    public async Task A_ping_is_sent_when_asked_for()
    {
        await using TestNode peer = await TestNode.StartAsync(addNodes: _node.Address);
        await _node.WaitForPeersAsync(1);
        TrafficOfPongs(out long before);
        await Eventually.IsAsync(() => TrafficOfPongs(out before) > 0);

        Call("ping");

        await Eventually.IsAsync(() => TrafficOfPongs(out _) > before);
    }

    [Test]
    public async Task A_message_is_sent_only_when_somebody_is_there_and_known_from_then_on()
    {
        Assert.That(Call("propagate", "00ff")!["sent"]!.GetValue<bool>(), Is.False);
        await using TestNode peer = await TestNode.StartAsync(addNodes: _node.Address);
        await _node.WaitForPeersAsync(1);

        JsonNode sent = Call("propagate", "00ff")!;
        await peer.Handler.WaitAsync();

        Assert.That(peer.Handler.Messages.Single(), Is.EqualTo(new byte[] { 0x00, 0xFF }));
        Assert.That(sent["sent"]!.GetValue<bool>(), Is.True);
        string id = sent["id"]!.GetValue<string>();
        Assert.That(id, Is.EqualTo(MessageId.Compute([0x00, 0xFF]).ToString()));
        JsonNode info = Call("getmessageinfo", id)!;
        Assert.That(info["direction"]!.GetValue<string>(), Is.EqualTo("sent"));
        Assert.That(
            info["timemicros"]!.GetValue<long>() / 1e6, Is.EqualTo(DateTimeOffset.UtcNow.ToUnixTimeSeconds()).Within(40));
    }

    [Test]
    public async Task A_message_may_go_to_one_peer_alone_and_its_id_may_be_in_quotes_as_bitcoin_cli_sends_it()
    {
        await using TestNode peer = await TestNode.StartAsync(addNodes: _node.Address);
        await _node.WaitForPeersAsync(1);
        long id = _node.Node.GetPeers().Single().Id;

        Assert.That(Call("senddirect", id, "00ff")!["sent"]!.GetValue<bool>(), Is.True);
        Assert.That(Call("senddirect", $"{id}", "01ff")!["sent"]!.GetValue<bool>(), Is.True);

        await Eventually.IsAsync(() => peer.Node.Metrics.Traffic.Received(Command.Direct).Messages == 2);
    }

    [Test]
    public async Task Added_nodes_are_told_with_whether_they_are_connected()
    {
        await using TestNode peer = await TestNode.StartAsync();
        Call("addnode", peer.Address, "add");
        Call("addnode", "127.0.0.1:1", "add");
        await _node.WaitForPeersAsync(1);

        Assert.That(
            Call("getaddednodeinfo")!.ToJsonString(),
            Is.EqualTo(
                $$"""[{"addednode":"{{peer.Address}}","connected":true,"addresses":[{"address":"{{peer.Address}}","connected":"outbound"}]},"""
                + """{"addednode":"127.0.0.1:1","connected":false,"addresses":[]}]"""));
        Assert.That(Call("getaddednodeinfo", "127.0.0.1:1")!.AsArray(), Has.Count.EqualTo(1));
    }

    [Test]
    public void Addresses_are_counted_drawn_and_added()
    {
        Assert.That(Call("addpeeraddress", "192.0.2.1", 5)!.ToJsonString(), Is.EqualTo("""{"success":true}"""));
        Assert.That(Call("addpeeraddress", "2001:db8::1", 6, true)!.ToJsonString(), Is.EqualTo("""{"success":true}"""));
        Assert.That(
            Call("addpeeraddress", "192.0.2.1", 5)!.ToJsonString(), Is.EqualTo("""{"success":false,"error":"failed-adding-to-new"}"""));

        JsonNode info = Call("getaddrmaninfo")!;
        Assert.That(info["ipv4"]!.ToJsonString(), Is.EqualTo("""{"new":1,"tried":0,"total":1}"""));
        Assert.That(info["all_networks"]!.ToJsonString(), Is.EqualTo("""{"new":1,"tried":1,"total":2}"""));
        Assert.That(Call("getnodeaddresses")!.AsArray(), Has.Count.EqualTo(1));
        Assert.That(Call("getnodeaddresses", 0)!.AsArray(), Has.Count.EqualTo(2));
        Assert.That(Call("getnodeaddresses", 0, "ipv6")!.AsArray().Single()!["address"]!.GetValue<string>(), Is.EqualTo("2001:db8::1"));
        Call("setban", "192.0.2.0/24", "add");
        Assert.That(Call("getnodeaddresses", 0)!.AsArray(), Has.Count.EqualTo(1), "The banned are not told.");
    }

    [Test]
    public void Logging_tells_and_changes_of_what_details_are_logged()
    {
        JsonNode Ask(string parameters) =>
            Answer(JsonNode.Parse($$"""{"method":"logging","params":{{parameters}}}""")!.AsObject());

        Assert.That(Ask("[]")["result"]!.ToJsonString(), Is.EqualTo("""{"net":false,"addrman":false,"relay":false,"rpc":false}"""));
        Assert.That(Ask("""[["all"],["relay"]]""")["result"]!["relay"]!.GetValue<bool>(), Is.False);
        Assert.That(_context.Log.Categories.IsDebugged("net"), Is.True);
        Assert.That(Ask("""[["mempool"]]""")["error"]!["code"]!.GetValue<int>(), Is.EqualTo(-8));
        Assert.That(Ask("""["net"]""")["error"]!["code"]!.GetValue<int>(), Is.EqualTo(-3));
        Assert.That(Ask("""[[1]]""")["error"]!["code"]!.GetValue<int>(), Is.EqualTo(-3));
    }

    [Test]
    public async Task Without_network_nobody_stays_is_dialled_or_let_in_until_there_is_one_again()
    {
        await using TestNode peer = await TestNode.StartAsync(addNodes: _node.Address);
        await using TestNode added = await TestNode.StartAsync();
        Call("addnode", added.Address, "add");
        await _node.WaitForPeersAsync(2);

        Assert.That(Call("setnetworkactive", false)!.GetValue<bool>(), Is.False);

        await Eventually.IsAsync(() => _node.Node.GetPeers().Count == 0);
        await peer.WaitForAsync<PeerDisconnected>();
        Assert.That(Call("getnetworkinfo")!["networkactive"]!.GetValue<bool>(), Is.False);
        // Somebody who connects meanwhile gets nothing but the end.
        await using Raw.RawClient stranger = await Raw.RawClient.ConnectAsync(_node.Endpoint.Port);
        await stranger.ReadToEndAsync();
        Assert.That(_node.Node.GetPeers(), Is.Empty);

        Assert.That(Call("setnetworkactive", true)!.GetValue<bool>(), Is.True);
        await _node.WaitForPeersAsync(2);
    }

    [Test]
    public void Help_lists_every_method_and_explains_each()
    {
        string list = Call("help")!.GetValue<string>();
        foreach (RpcMethod method in RpcMethods.All)
        {
            Assert.That(list.Split('\n'), Does.Contain(method.Usage));
            Assert.That(
                Call("help", method.Name)!.GetValue<string>(), Does.StartWith(method.Usage).And.Contain(method.Description));
        }

        Assert.That(Call("help", "nothing")!.GetValue<string>(), Is.EqualTo("help: unknown command: nothing"));
    }

    private long TrafficOfPongs(out long count) =>
        count = _node.Node.Metrics.Traffic.Received(Command.Pong).Messages;

    private JsonNode? Call(string method, params object[] arguments)
    {
        JsonObject answer = Answer(Request(method, arguments));
        Assert.That(answer["error"], Is.Null);
        return answer["result"];
    }

    private int? CodeOf(string method, params object[] arguments) =>
        Answer(Request(method, arguments))["error"]?["code"]?.GetValue<int>();

    private JsonObject Answer(JsonObject request) =>
        new RpcDispatcher(_context, NullLogger.Instance).Handle(JsonNode.Parse(request.ToJsonString())).Body!.AsObject();

    private static JsonObject Request(string method, object[] arguments) => new()
    {
        ["method"] = method,
        ["params"] = new JsonArray([.. arguments.Select(argument => JsonValue.Create(argument))]),
    };
}
