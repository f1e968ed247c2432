using System.Text.Json.Nodes;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Control;

/// <summary>The node as JSON, under Bitcoin Core's names where it has the notion.</summary>
internal static class NetworkJson
{
    /// <summary>
    /// The release of Bitcoin Core whose answers ours are like, 29.0, as its `version` writes that. Its tools ask for it to know what
    /// they can ask: bitcoin-cli's -netinfo wants 209900 or more. Ours is in `subversion`.
    /// </summary>
    public const int CoreVersion = 290_000;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private static readonly NetworkId[] Networks = [NetworkId.IPv4, NetworkId.IPv6];

    /// <summary>A node.</summary>
    public static JsonObject Describe(P2PNode node, P2POptions options)
    {
        IReadOnlyList<PeerInfo> peers = node.GetPeers();
        int inbound = peers.Count(peer => peer.Kind == ConnectionKind.Inbound);
        return new JsonObject
        {
            ["version"] = CoreVersion,
            ["subversion"] = P2PNode.UserAgent,
            ["protocolversion"] = ProtocolVersion.Current,
            ["localservices"] = Hex(Services.Logos),
            ["localservicesnames"] = Names(Services.Logos),
            ["localrelay"] = true,
            ["timeoffset"] = MedianOffset(peers),
            ["networkactive"] = node.IsNetworkActive,
            ["connections"] = peers.Count,
            ["connections_in"] = inbound,
            ["connections_out"] = peers.Count - inbound,
            ["networks"] = new JsonArray([.. Networks.Select(network => Describe(network, options))]),
            ["relayfee"] = 0,
            ["incrementalfee"] = 0,
            ["localaddresses"] = new JsonArray(
            [
                .. node.GetOwnAddresses().Select(own => new JsonObject
                {
                    ["address"] = own.Endpoint.Address.ToString(),
                    ["port"] = own.Endpoint.Port,
                    ["score"] = own.Score,
                }),
            ]),
            ["warnings"] = new JsonArray(),
        };
    }

    /// <summary>What a node has sent and received.</summary>
    public static JsonObject DescribeTotals(P2PNode node, DateTimeOffset now)
    {
        UploadTargetInfo target = node.GetUploadTarget();
        return new JsonObject
        {
            ["totalbytesrecv"] = node.Metrics.Traffic.TotalBytesReceived,
            ["totalbytessent"] = node.Metrics.Traffic.TotalBytesSent,
            ["timemillis"] = now.ToUnixTimeMilliseconds(),
            ["uploadtarget"] = new JsonObject
            {
                ["timeframe"] = (long)Day.TotalSeconds,
                ["target"] = target.Target,
                ["target_reached"] = target.IsReached,
                ["serve_historical_blocks"] = !target.IsReached,
                ["bytes_left_in_cycle"] = target.BytesLeft,
                ["time_left_in_cycle"] = (long)target.TimeLeft.TotalSeconds,
            },
        };
    }

    /// <summary>A peer to stay connected to.</summary>
    public static JsonObject Describe(AddedNode node) => new()
    {
        ["addednode"] = node.Name,
        ["connected"] = node.Endpoint is not null,
        ["addresses"] = node.Endpoint is { } endpoint
            ? new JsonArray(new JsonObject
            {
                ["address"] = endpoint.ToString(),
                ["connected"] = node.IsInbound ? "inbound" : "outbound",
            })
            : new JsonArray(),
    };

    /// <summary>Services in 16 digits: numbers above 2^53 do not survive every reader of JSON.</summary>
    public static string Hex(Services services) => $"{(ulong)services:x16}";

    /// <summary>The names of services.</summary>
    public static JsonArray Names(Services services) => services.HasFlag(Services.Logos) ? ["LOGOS"] : [];

    private static JsonObject Describe(NetworkId network, P2POptions options)
    {
        string name = NetworkNames.Of(network);
        bool isDialled = options.OnlyNets.Count == 0 || options.OnlyNets.Contains(name, StringComparer.OrdinalIgnoreCase);
        return new JsonObject
        {
            ["name"] = name,
            ["limited"] = !isDialled,
            ["reachable"] = isDialled,
            ["proxy"] = "",
            ["proxy_randomize_credentials"] = false,
        };
    }

    /// <summary>How far the clocks of the peers that we dialled are from ours, in seconds.</summary>
    private static long MedianOffset(IEnumerable<PeerInfo> peers)
    {
        long[] offsets =
        [
            .. from peer in peers
               where peer.IsReady && peer.Kind != ConnectionKind.Inbound
               let seconds = (long)peer.ClockOffset.TotalSeconds
               orderby seconds
               select seconds,
        ];
        return offsets.Length == 0 ? 0 : offsets[offsets.Length / 2];
    }
}
