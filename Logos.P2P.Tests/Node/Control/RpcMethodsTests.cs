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

        Assert.That(info.Select(field => field.Key), Is.EqualTo(new[]
        {
            "id", "addr", "addrbind", "network", "services", "servicesnames", "bytessent", "bytesrecv", "conntime", "timeoffset",
            "pingtime", "minping", "version", "subver", "inbound", "permissions", "bytessent_per_msg", "bytesrecv_per_msg",
            "connection_type", "transport_protocol_type", "ready", "throttled", "bytesqueued",
        }));
        Assert.That(info["services"]!.GetValue<string>(), Is.EqualTo("0000000001000000"));
        Assert.That(info["addrbind"]!.GetValue<string>(), Is.EqualTo(_node.Address));
        Assert.That(info["connection_type"]!.GetValue<string>(), Is.EqualTo("inbound"));
        Assert.That(info["network"]!.GetValue<string>(), Is.EqualTo("not_publicly_routable"));
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
