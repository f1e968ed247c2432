using System.Text.Json.Nodes;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Control;

/// <summary>The node and its peers as JSON, under Bitcoin Core's names where it has the notion.</summary>
internal static class NetworkJson
{
    private static readonly NetworkId[] Networks = [NetworkId.IPv4, NetworkId.IPv6];

    /// <summary>A node.</summary>
    public static JsonObject Describe(P2PNode node, P2POptions options)
    {
        IReadOnlyList<PeerInfo> peers = node.GetPeers();
        int inbound = peers.Count(peer => peer.Kind == ConnectionKind.Inbound);
        Version version = typeof(P2PNode).Assembly.GetName().Version!;
        return new JsonObject
        {
            ["version"] = (10_000 * version.Major) + (100 * version.Minor) + version.Build,
            ["subversion"] = P2PNode.UserAgent,
            ["protocolversion"] = ProtocolVersion.Current,
            ["localservices"] = Hex(Services.Logos),
            ["localservicesnames"] = Names(Services.Logos),
            ["localrelay"] = true,
            ["networkactive"] = true,
            ["connections"] = peers.Count,
            ["connections_in"] = inbound,
            ["connections_out"] = peers.Count - inbound,
            ["networks"] = new JsonArray(
            [
                .. from network in Networks
                   let name = NameOf(network)
                   let isDialled = options.OnlyNets.Count == 0
                       || options.OnlyNets.Contains(name, StringComparer.OrdinalIgnoreCase)
                   select new JsonObject { ["name"] = name, ["limited"] = !isDialled, ["reachable"] = isDialled },
            ]),
            ["warnings"] = new JsonArray(),
        };
    }

    /// <summary>A peer.</summary>
    public static JsonObject Describe(PeerInfo peer, DateTimeOffset now)
    {
        var json = new JsonObject
        {
            ["id"] = peer.Id,
            ["addr"] = peer.Endpoint.ToString(),
            ["addrbind"] = peer.LocalEndpoint.ToString(),
            ["network"] = peer.Endpoint.Address.IsRoutable ? NameOf(peer.Endpoint.Address.Network) : "not_publicly_routable",
            ["services"] = Hex(peer.Services),
            ["servicesnames"] = Names(peer.Services),
            ["bytessent"] = peer.BytesSent,
            ["bytesrecv"] = peer.BytesReceived,
            ["conntime"] = (now - peer.ConnectedFor).ToUnixTimeSeconds(),
            ["timeoffset"] = (long)peer.ClockOffset.TotalSeconds,
        };
        if (peer.PingTime is { } ping)
            json["pingtime"] = ping.TotalSeconds;
        if (peer.MinPingTime is { } shortest)
            json["minping"] = shortest.TotalSeconds;
        json["version"] = peer.ProtocolVersion;
        json["subver"] = peer.UserAgent;
        json["inbound"] = peer.Kind == ConnectionKind.Inbound;
        json["permissions"] = Names(peer.Permissions);
        json["bytessent_per_msg"] = PerCommand(peer.Traffic.Sent);
        json["bytesrecv_per_msg"] = PerCommand(peer.Traffic.Received);
        json["connection_type"] = NameOf(peer.Kind);
        json["transport_protocol_type"] = "v1";
        json["ready"] = peer.IsReady;
        json["throttled"] = peer.IsThrottled;
        json["bytesqueued"] = peer.BytesQueued;
        return json;
    }

    private static string Hex(Services services) => $"{(ulong)services:x16}";

    private static JsonArray Names(Services services) => services.HasFlag(Services.Logos) ? ["LOGOS"] : [];

    private static JsonArray Names(PeerPermissions permissions) => new(
    [
        .. from permission in Enum.GetValues<PeerPermissions>()
           where permission != PeerPermissions.None && permissions.HasFlag(permission)
           select (JsonNode)permission.ToString().ToLowerInvariant(),
    ]);

    private static JsonObject PerCommand(Func<Command, TrafficCount> count) => new(
        from command in Enum.GetValues<Command>()
        let bytes = count(command).Bytes
        where bytes > 0
        select KeyValuePair.Create<string, JsonNode?>(command.Name(), bytes));

    private static string NameOf(NetworkId network) => network switch
    {
        NetworkId.TorV3 => "onion",
        _ => network.ToString().ToLowerInvariant(),
    };

    private static string NameOf(ConnectionKind kind) => kind switch
    {
        ConnectionKind.Inbound => "inbound",
        ConnectionKind.Outbound => "outbound-full-relay",
        ConnectionKind.Quiet => "block-relay-only",
        ConnectionKind.Manual => "manual",
        ConnectionKind.Feeler => "feeler",
        _ => "addr-fetch",
    };
}
