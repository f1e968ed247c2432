using System.Text.Json.Nodes;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Control;

/// <summary>
/// A peer as JSON: Bitcoin Core's fields in its order, then our own. Those about blocks and transactions that its tools read have the
/// values that stand for none.
/// </summary>
internal static class PeerJson
{
    /// <summary>What Bitcoin Core gives for heights of blocks that are not known.</summary>
    private const int NoHeight = -1;

    /// <summary>Describes a peer.</summary>
    public static JsonObject Describe(PeerInfo peer, RpcContext context)
    {
        DateTimeOffset now = context.TimeProvider.GetUtcNow();
        NetAddress address = peer.Endpoint.Address;
        var json = new JsonObject
        {
            ["id"] = peer.Id,
            ["addr"] = peer.Endpoint.ToString(),
            ["addrbind"] = peer.LocalEndpoint.ToString(),
        };
        if (peer.OwnEndpoint is { } own && own.Address != NetAddress.None)
            json["addrlocal"] = own.ToString();
        // On regtest every address counts as routable.
        json["network"] = address.IsRoutable || context.Options.Network == P2PNetwork.Regtest
            ? NetworkNames.Of(address.Network)
            : "not_publicly_routable";
        if (context.Node.GetAutonomousSystem(address) is > 0 and var system)
            json["mapped_as"] = system;
        json["services"] = NetworkJson.Hex(peer.Services);
        json["servicesnames"] = NetworkJson.Names(peer.Services);
        json["relaytxes"] = peer.IsReady && peer.Kind is not (ConnectionKind.Feeler or ConnectionKind.AddrFetch);
        json["lastsend"] = At(now, peer.SinceSent);
        json["lastrecv"] = At(now, peer.SinceReceived);
        json["last_transaction"] = At(now, peer.SinceFirstDelivery);
        json["last_block"] = 0;
        json["bytessent"] = peer.BytesSent;
        json["bytesrecv"] = peer.BytesReceived;
        json["conntime"] = At(now, peer.ConnectedFor);
        json["timeoffset"] = (long)peer.ClockOffset.TotalSeconds;
        if (peer.PingTime is { } ping)
            json["pingtime"] = ping.TotalSeconds;
        if (peer.MinPingTime is { } shortest)
            json["minping"] = shortest.TotalSeconds;
        if (peer.PingWait is { } wait)
            json["pingwait"] = wait.TotalSeconds;
        AddRest(json, peer);
        return json;
    }

    private static void AddRest(JsonObject json, PeerInfo peer)
    {
        json["version"] = peer.ProtocolVersion;
        json["subver"] = peer.UserAgent;
        json["inbound"] = peer.Kind == ConnectionKind.Inbound;
        json["bip152_hb_to"] = false;
        json["bip152_hb_from"] = false;
        json["startingheight"] = NoHeight;
        json["presynced_headers"] = NoHeight;
        json["synced_headers"] = NoHeight;
        json["synced_blocks"] = NoHeight;
        json["inflight"] = new JsonArray();
        json["addr_relay_enabled"] = peer.TellsAddresses;
        json["addr_processed"] = peer.AddressesTaken;
        json["addr_rate_limited"] = peer.AddressesLimited;
        json["permissions"] = Names(peer.Permissions);
        json["minfeefilter"] = 0;
        json["bytessent_per_msg"] = PerCommand(peer.Traffic.Sent);
        json["bytesrecv_per_msg"] = PerCommand(peer.Traffic.Received);
        json["connection_type"] = NameOf(peer.Kind);
        json["transport_protocol_type"] = "v1";
        json["session_id"] = "";
        json["ready"] = peer.IsReady;
        json["throttled"] = peer.IsThrottled;
        json["bytesqueued"] = peer.BytesQueued;
    }

    private static long At(DateTimeOffset now, TimeSpan? ago) => ago is null ? 0 : (now - ago.Value).ToUnixTimeSeconds();

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
