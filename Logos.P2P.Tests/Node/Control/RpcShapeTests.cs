using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Logos.P2P.Node.Control;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Control;

/// <summary>
/// The answers next to what Bitcoin Core's help (29.0) says of each method: the same fields in the same order and of the same types,
/// less those listed as missing, and our own after them.
/// </summary>
internal sealed class RpcShapeTests
{
    private const string Count = "new:n tried:n total:n";

    private TestNode _node = null!;
    private TestNode _peer = null!;
    private RpcContext _context = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _peer = await TestNode.StartAsync();
        _node = await TestNode.StartAsync(new P2POptions { AddNodes = [_peer.Address], ExternalIPs = ["192.0.2.1"] });
        _context = ControlRig.ContextOf(_node);
        await _node.WaitForPeersAsync(1);
        await Eventually.IsAsync(() => _node.Node.GetPeers().Single().PingTime is not null);
        _node.Node.Ban(Subnet.Parse("198.51.100.0/24"));
        _node.Node.AddAddress(new NetEndpoint(NetAddress.From(IPAddress.Parse("192.0.2.77")), 1));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _node.DisposeAsync();
        await _peer.DisposeAsync();
    }

    // mapped_as is there with -asmap, pingwait while a ping is unanswered.
    [TestCase(
        "getpeerinfo",
        "id:n addr:s addrbind:s addrlocal:s network:s services:s servicesnames:a relaytxes:b lastsend:n lastrecv:n last_transaction:n "
        + "last_block:n bytessent:n bytesrecv:n conntime:n timeoffset:n pingtime:n minping:n version:n subver:s inbound:b bip152_hb_to:b "
        + "bip152_hb_from:b startingheight:n presynced_headers:n synced_headers:n synced_blocks:n inflight:a addr_relay_enabled:b "
        + "addr_processed:n addr_rate_limited:n permissions:a minfeefilter:n bytessent_per_msg:o bytesrecv_per_msg:o connection_type:s "
        + "transport_protocol_type:s session_id:s",
        "ready:b throttled:b bytesqueued:n")]
    [TestCase(
        "getnetworkinfo",
        "version:n subversion:s protocolversion:n localservices:s localservicesnames:a localrelay:b timeoffset:n networkactive:b "
        + "connections:n connections_in:n connections_out:n networks:a relayfee:n incrementalfee:n localaddresses:a warnings:a", "")]
    [TestCase("getnetworkinfo/networks", "name:s limited:b reachable:b proxy:s proxy_randomize_credentials:b", "")]
    [TestCase("getnetworkinfo/localaddresses", "address:s port:n score:n", "")]
    [TestCase("getnettotals", "totalbytesrecv:n totalbytessent:n timemillis:n uploadtarget:o", "")]
    [TestCase(
        "getnettotals/uploadtarget",
        "timeframe:n target:n target_reached:b serve_historical_blocks:b bytes_left_in_cycle:n time_left_in_cycle:n", "")]
    [TestCase("getaddednodeinfo", "addednode:s connected:b addresses:a", "")]
    [TestCase("getaddednodeinfo/addresses", "address:s connected:s", "")]
    [TestCase("getnodeaddresses", "time:n services:n address:s port:n network:s", "")]
    [TestCase("getaddrmaninfo", "ipv4:o ipv6:o onion:o i2p:o cjdns:o all_networks:o", "")]
    [TestCase("getaddrmaninfo/ipv4", Count, "")]
    [TestCase("getaddrmaninfo/all_networks", Count, "")]
    [TestCase("getrawaddrman", "new:o tried:o", "")]
    // With -asmap also mapped_as and source_mapped_as.
    [TestCase("getrawaddrman/new/*", "address:s port:n network:s services:n time:n source:s source_network:s", "")]
    [TestCase("listbanned", "address:s ban_created:n banned_until:n ban_duration:n time_remaining:n", "")]
    [TestCase("getmemoryinfo", "locked:o", "owners:o total:n managed:n")]
    [TestCase("getmemoryinfo/locked", "used:n free:n total:n locked:n chunks_used:n chunks_free:n", "")]
    [TestCase("getrpcinfo", "active_commands:a logpath:s", "")]
    [TestCase("getrpcinfo/active_commands", "method:s duration:n", "")]
    // Of its fields bits and target are missing, and those of pruning.
    [TestCase(
        "getblockchaininfo",
        "chain:s blocks:n headers:n bestblockhash:s difficulty:n time:n mediantime:n verificationprogress:n initialblockdownload:b "
        + "chainwork:s size_on_disk:n pruned:b warnings:a", "")]
    [TestCase("logging", "", "net:b addrman:b relay:b rpc:b")]
    [TestCase(
        "getrelayinfo", "",
        "mode:s received:n propagated:n rejected:n duplicates:n handlerfailures:n seen:n stored:o important:o queued:n dropped:o")]
    public void An_answer_has_the_fields_of_Bitcoin_Core_and_then_ours(string where, string core, string ours)
    {
        string[] path = where.Split('/');
        JsonNode answer = Call(path[0])!;
        foreach (string name in path[1..])
            answer = name == "*" ? answer.AsObject().First().Value! : First(answer)[name]!;

        Assert.That(
            string.Join(' ', First(answer).Select(field => $"{field.Key}:{TypeOf(field.Value!)}")), Is.EqualTo($"{core} {ours}".Trim()));
    }

    [TestCase("getconnectioncount", 'n')]
    [TestCase("uptime", 'n')]
    [TestCase("help", 's')]
    public void An_answer_of_one_value_is_of_Bitcoin_Core_s_type(string method, char type) =>
        Assert.That(TypeOf(Call(method)!), Is.EqualTo(type));

    [Test]
    public void The_two_tables_hold_what_was_added()
    {
        JsonNode place = Call("getrawaddrman")!["new"]!.AsObject().Select(slot => slot.Value!)
            .Single(entry => entry["address"]!.GetValue<string>() == "192.0.2.77");

        Assert.That(place["source"]!.GetValue<string>(), Is.EqualTo("192.0.2.77"));
        Assert.That(Call("getrawaddrman")!["new"]!.AsObject().Select(slot => slot.Key), Has.All.Match("^[0-9]{1,4}/[0-9]{1,2}$"));
    }

    /// <summary>Arrays stand for their first element.</summary>
    private static JsonObject First(JsonNode node) => (node is JsonArray array ? array[0]! : node).AsObject();

    private static char TypeOf(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Number => 'n',
        JsonValueKind.String => 's',
        JsonValueKind.True or JsonValueKind.False => 'b',
        JsonValueKind.Array => 'a',
        var kind => kind == JsonValueKind.Object ? 'o' : '-',
    };

    private JsonNode? Call(string method)
    {
        JsonNode request = JsonNode.Parse($$"""{"method":"{{method}}"}""")!;
        return new RpcDispatcher(_context, NullLogger.Instance).Handle(request).Body!["result"];
    }
}
