using System.Text.Json.Nodes;

namespace Logos.P2P.Node.Client;

/// <summary>What a node is and does at one moment, as several of its methods tell.</summary>
/// <param name="Answers">The answers by method.</param>
internal sealed record NodeStatus(JsonObject Answers)
{
    /// <summary>The methods that are asked.</summary>
    public static readonly string[] Methods =
    [
        "getnetworkinfo", "getblockchaininfo", "getpeerinfo", "getnettotals", "getaddrmaninfo", "getrelayinfo", "getmemoryinfo", "uptime",
    ];

    /// <summary>Asks a node.</summary>
    /// <exception cref="ClientException">It does not answer, or says no.</exception>
    public static async Task<NodeStatus> AskAsync(RpcClient client) => new(await client.CallAllAsync(Methods).ConfigureAwait(false));

    public string Software => Text("getnetworkinfo", "subversion");

    public string Network => Text("getblockchaininfo", "chain");

    public bool IsActive => Answers["getnetworkinfo"]!["networkactive"]!.GetValue<bool>();

    public long Inbound => Number("getnetworkinfo", "connections_in");

    public long Outbound => Number("getnetworkinfo", "connections_out");

    public long NewAddresses => Answers["getaddrmaninfo"]!["all_networks"]!["new"]!.GetValue<long>();

    public long TriedAddresses => Answers["getaddrmaninfo"]!["all_networks"]!["tried"]!.GetValue<long>();

    public long BytesReceived => Number("getnettotals", "totalbytesrecv");

    public long BytesSent => Number("getnettotals", "totalbytessent");

    /// <summary>When the node answered, in milliseconds since 1970.</summary>
    public long Time => Number("getnettotals", "timemillis");

    public string RelayMode => Text("getrelayinfo", "mode");

    public long Received => Number("getrelayinfo", "received");

    public long Propagated => Number("getrelayinfo", "propagated");

    public long Rejected => Number("getrelayinfo", "rejected");

    public long Duplicates => Number("getrelayinfo", "duplicates");

    public long Memory => Answers["getmemoryinfo"]!["total"]?.GetValue<long>() ?? 0;

    public long Uptime => Answers["uptime"]!.GetValue<long>();

    public JsonArray Peers => Answers["getpeerinfo"]!.AsArray();

    private long Number(string method, string field) => Answers[method]![field]!.GetValue<long>();

    private string Text(string method, string field) => Answers[method]![field]!.GetValue<string>();
}
