using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Control;

/// <summary>Methods about whom the operator wants nothing to do with.</summary>
internal static class BanMethods
{
    public static ImmutableArray<RpcMethod> All { get; } =
    [
        new RpcMethod(
            "setban",
            NetworkMethods.Group,
            [
                new RpcParameter("subnet", JsonValueKind.String, "a host, or a subnet as host/bits"),
                new RpcParameter("command", JsonValueKind.String, "add or remove"),
                new RpcParameter(
                    "bantime", JsonValueKind.Number, "for how many seconds; that of -bantime when 0 or left out", IsOptional: true),
                new RpcParameter(
                    "absolute", JsonValueKind.True, "whether bantime is a time, in seconds since 1970", IsOptional: true),
            ],
            "Bans a host or subnet, or lifts a ban.",
            "null",
            SetBan),
        new RpcMethod(
            "listbanned", NetworkMethods.Group, [], "All bans.",
            "a list of: address, ban_created, banned_until, ban_duration, time_remaining; in seconds, times since 1970",
            (context, _) => BansJson.ToNode(context.Node.GetBans(), context.TimeProvider.GetUtcNow())),
        new RpcMethod(
            "clearbanned", NetworkMethods.Group, [], "Lifts all bans.", "null",
            (context, _) =>
            {
                context.Node.ClearBans();
                return null;
            }),
    ];

    private static JsonNode? SetBan(RpcContext context, RpcArguments arguments)
    {
        string command = arguments.Text(1);
        if (command is not ("add" or "remove"))
            throw arguments.Misuse;
        if (!Subnet.TryParse(arguments.Text(0), out Subnet hosts))
            throw new RpcException(RpcErrorCode.InvalidIPOrSubnet, "Error: Invalid IP/Subnet");
        if (command == "add")
            Add(context, hosts, arguments.OptionalNumber(2) ?? 0, arguments.Switch(3));
        else if (!context.Node.Unban(hosts))
            throw new RpcException(
                RpcErrorCode.InvalidIPOrSubnet,
                "Error: Unban failed. Requested address/subnet was not previously manually banned.");
        return null;
    }

    private static void Add(RpcContext context, Subnet hosts, long seconds, bool isAbsolute)
    {
        DateTimeOffset now = context.TimeProvider.GetUtcNow();
        long longest = DateTimeOffset.MaxValue.ToUnixTimeSeconds() - (isAbsolute ? 0 : now.ToUnixTimeSeconds());
        if (isAbsolute && seconds <= now.ToUnixTimeSeconds())
            throw new RpcException(RpcErrorCode.InvalidParameter, "Error: Absolute timestamp is in the past");
        if (seconds > longest)
            throw new RpcException(RpcErrorCode.InvalidParameter, "Error: bantime is beyond all times");
        BanResult result = isAbsolute
            ? context.Node.Ban(hosts, DateTimeOffset.FromUnixTimeSeconds(seconds))
            : context.Node.Ban(hosts, seconds > 0 ? TimeSpan.FromSeconds(seconds) : null);
        if (result == BanResult.AlreadyBanned)
            throw new RpcException(RpcErrorCode.AlreadyThere, "Error: IP/Subnet already banned");
        if (result == BanResult.ListFull)
            throw new RpcException(RpcErrorCode.Misc, $"Error: There are {NodeDefaults.MaxBans} bans, and no more are kept");
    }
}
