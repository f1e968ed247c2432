using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Control;

/// <summary>Methods about the node and its peers.</summary>
internal static class NetworkMethods
{
    public const string Group = "Network";

    public static ImmutableArray<RpcMethod> All { get; } =
    [
        new RpcMethod(
            "getnetworkinfo", Group, [], "About the node.",
            $"version ({NetworkJson.CoreVersion}: the release of Bitcoin Core whose answers these are like), subversion (our own), "
            + "protocolversion, localservices, localservicesnames, localrelay, timeoffset, networkactive, connections, connections_in, "
            + "connections_out, networks (name, limited, reachable, proxy, proxy_randomize_credentials), relayfee, incrementalfee (0), "
            + "localaddresses (address, port, score), warnings",
            (context, _) => NetworkJson.Describe(context.Node, context.Options)),
        new RpcMethod(
            "getpeerinfo", Group, [], "All connections.",
            "a list of: id, addr, addrbind, addrlocal, network, mapped_as, services, servicesnames, relaytxes (whether messages flow), "
            + "lastsend, lastrecv, last_transaction (when it last was the first with a message), last_block (0), bytessent, bytesrecv, "
            + "conntime, timeoffset, pingtime, minping, pingwait, version, subver, inbound, bip152_hb_to, bip152_hb_from (false), "
            + "startingheight, presynced_headers, synced_headers, synced_blocks (-1), inflight (none), addr_relay_enabled, "
            + "addr_processed, addr_rate_limited, permissions, minfeefilter (0), bytessent_per_msg, bytesrecv_per_msg, "
            + "connection_type, transport_protocol_type, session_id (empty); and of our own: ready, throttled, bytesqueued",
            (context, _) => new JsonArray([.. context.Node.GetPeers().Select(peer => PeerJson.Describe(peer, context))])),
        new RpcMethod(
            "getnettotals", Group, [], "How much has been sent and received.",
            "totalbytesrecv, totalbytessent, timemillis (since 1970), uploadtarget (timeframe in seconds, target in bytes, "
            + "target_reached, serve_historical_blocks (whether messages are served that peers ask for), bytes_left_in_cycle, "
            + "time_left_in_cycle)",
            (context, _) => NetworkJson.DescribeTotals(context.Node, context.TimeProvider.GetUtcNow())),
        new RpcMethod(
            "getaddednodeinfo",
            Group,
            [new RpcParameter("node", JsonValueKind.String, "as it was added; all are told without it", IsOptional: true)],
            "The peers to stay connected to.",
            "a list of: addednode, connected, addresses (of those that are: address, connected (inbound or outbound))",
            GetAddedNodeInfo),
        new RpcMethod(
            "setnetworkactive",
            Group,
            [new RpcParameter("state", JsonValueKind.True, "whether there are to be connections")],
            "Ends all connections and has no others, or has them again.",
            "whether there are to be connections",
            (context, arguments) =>
            {
                context.Node.SetNetworkActive(arguments.Switch(0));
                return context.Node.IsNetworkActive;
            }),
        new RpcMethod(
            "getconnectioncount", Group, [], "How many connections there are, in both directions.", "number",
            (context, _) => context.Node.GetPeers().Count),
        new RpcMethod(
            "addnode",
            Group,
            [
                new RpcParameter("node", JsonValueKind.String, "the peer: host, host:port or [v6]:port"),
                new RpcParameter(
                    "command", JsonValueKind.String,
                    "add: stay connected to it; remove: dial it no more; onetry: dial it once, now"),
                new RpcParameter("v2transport", JsonValueKind.True, "false; there is no encrypted transport", IsOptional: true),
            ],
            $"Names a peer to connect to. {NodeDefaults.ManualConnections} may be added.",
            "null",
            AddNode),
        new RpcMethod(
            "disconnectnode",
            Group,
            [
                new RpcParameter("address", JsonValueKind.String, "the peer's addr, host:port", IsOptional: true),
                new RpcParameter("nodeid", JsonValueKind.Number, "or its id", IsOptional: true),
            ],
            "Ends the connection to a peer. By id: leave the address empty.",
            "null",
            DisconnectNode),
        new RpcMethod(
            "ping", Group, [], "Pings all peers soon; getpeerinfo tells the results.", "null",
            (context, _) =>
            {
                context.Node.Ping();
                return null;
            }),
    ];

    private static JsonNode? AddNode(RpcContext context, RpcArguments arguments)
    {
        string peer = arguments.Text(0);
        if (arguments.Switch(2))
            throw new RpcException(RpcErrorCode.InvalidParameter, "Error: v2transport requested but not enabled (there is none)");
        try
        {
            switch (arguments.Text(1))
            {
                case "onetry":
                    context.Node.ConnectOnce(peer);
                    break;
                case "add" when context.Node.AddNode(peer) is var result and not AddNodeResult.Added:
                    throw result == AddNodeResult.AlreadyAdded
                        ? new RpcException(RpcErrorCode.AlreadyThere, "Error: Node already added")
                        : new RpcException(
                            RpcErrorCode.Misc, $"Error: There are {NodeDefaults.ManualConnections} added nodes; remove some");
                case "add":
                    break;
                case "remove" when !context.Node.RemoveNode(peer):
                    throw new RpcException(
                        RpcErrorCode.NodeNotAdded, "Error: Node could not be removed. It has not been added previously.");
                case "remove":
                    break;
                default:
                    throw arguments.Misuse;
            }
        }
        catch (FormatException e)
        {
            throw new RpcException(RpcErrorCode.InvalidParameter, $"Error: {e.Message}");
        }

        return null;
    }

    private static JsonArray GetAddedNodeInfo(RpcContext context, RpcArguments arguments)
    {
        string? wanted = arguments.OptionalText(0);
        AddedNode[] nodes = [.. context.Node.GetAddedNodes().Where(node => wanted is null || node.Name == wanted)];
        if (wanted is not null && nodes.Length == 0)
            throw new RpcException(RpcErrorCode.NodeNotAdded, "Error: Node has not been added.");
        return new JsonArray([.. nodes.Select(NetworkJson.Describe)]);
    }

    private static JsonNode? DisconnectNode(RpcContext context, RpcArguments arguments)
    {
        string address = arguments.OptionalText(0) ?? "";
        long? id = arguments.OptionalNumber(1);
        if ((address.Length == 0) == (id is null))
            throw new RpcException(RpcErrorCode.InvalidParams, "Only one of address and nodeid should be provided.");
        // Whoever names a host without a port means its usual one, as everywhere.
        if (id is null
            && NetEndpoint.TryParse(address, context.Options.Network.DefaultPort(), out NetEndpoint endpoint))
        {
            id = context.Node.GetPeers().FirstOrDefault(peer => peer.Endpoint == endpoint)?.Id;
        }

        if (id is null || !context.Node.Disconnect(id.Value))
            throw new RpcException(RpcErrorCode.NodeNotConnected, "Node not found in connected nodes");
        return null;
    }
}
