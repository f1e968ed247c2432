using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Control;

/// <summary>Methods about the address book.</summary>
internal static class AddressMethods
{
    public static ImmutableArray<RpcMethod> All { get; } =
    [
        new RpcMethod(
            "getnodeaddresses",
            NetworkMethods.Group,
            [
                new RpcParameter("count", JsonValueKind.Number, "how many at most, 1 if left out; 0: all", IsOptional: true),
                new RpcParameter("network", JsonValueKind.String, "on which network: ipv4, ipv6, onion, i2p or cjdns", IsOptional: true),
            ],
            "Addresses of the address book at random, none that seems dead.",
            "a list of: time (when it was last known to be alive, since 1970), services, address, port, network",
            GetNodeAddresses),
        new RpcMethod(
            "getaddrmaninfo", NetworkMethods.Group, [], "How many addresses are known.",
            "for each network and all_networks: new, tried, total",
            GetAddrManInfo),
        new RpcMethod(
            "getrawaddrman", NetworkMethods.Group, [], "The two tables of the address book.",
            "new and tried: for each place, named bucket/position: address, port, network, services, time, source, source_network; and "
            + "with -asmap mapped_as, source_mapped_as",
            GetRawAddrMan),
        new RpcMethod(
            "addpeeraddress",
            NetworkMethods.Group,
            [
                new RpcParameter("address", JsonValueKind.String, "an IP address"),
                new RpcParameter("port", JsonValueKind.Number, "its port"),
                new RpcParameter("tried", JsonValueKind.True, "whether to treat it as one that has answered", IsOptional: true),
            ],
            "Puts an address into the address book. For tests.",
            "success, and if not: error",
            AddPeerAddress),
    ];

    private static JsonArray GetNodeAddresses(RpcContext context, RpcArguments arguments)
    {
        long count = arguments.OptionalNumber(0) ?? 1;
        if (count < 0)
            throw new RpcException(RpcErrorCode.InvalidParameter, "Address count out of range");
        NetworkId? network = arguments.OptionalText(1) is { } name
            ? NetworkNames.Find(name) ?? throw new RpcException(RpcErrorCode.InvalidParameter, $"Network not recognized: {name}")
            : null;
        IReadOnlyList<TimedAddress> addresses =
            context.Node.GetAddresses(count == 0 ? int.MaxValue : (int)Math.Min(count, int.MaxValue), network);
        return new JsonArray(
        [
            .. addresses.Select(address => new JsonObject
            {
                ["time"] = address.Time,
                ["services"] = (ulong)address.Services,
                ["address"] = address.Endpoint.Address.ToString(),
                ["port"] = address.Endpoint.Port,
                ["network"] = NetworkNames.Of(address.Endpoint.Address.Network),
            }),
        ]);
    }

    private static JsonObject GetAddrManInfo(RpcContext context, RpcArguments arguments)
    {
        var info = new JsonObject();
        int inNew = 0, inTried = 0;
        foreach (NetworkId network in NetworkNames.All)
        {
            NetworkCount count = context.Node.CountAddresses(network);
            (inNew, inTried) = (inNew + count.New, inTried + count.Tried);
            info[NetworkNames.Of(network)] = Describe(count);
        }

        info["all_networks"] = Describe(new NetworkCount(inNew, inTried));
        return info;
    }

    private static JsonObject Describe(NetworkCount count) =>
        new() { ["new"] = count.New, ["tried"] = count.Tried, ["total"] = count.Total };

    private static JsonObject GetRawAddrMan(RpcContext context, RpcArguments arguments)
    {
        JsonObject inNew = [], inTried = [];
        foreach (AddressPlace place in context.Node.GetAddressTables())
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{place.Bucket}/{place.Position}");
            (place.IsTried ? inTried : inNew)[name] = Describe(context, place.Entry);
        }

        return new JsonObject { ["new"] = inNew, ["tried"] = inTried };
    }

    private static JsonObject Describe(RpcContext context, AddressEntry entry)
    {
        NetAddress address = entry.Endpoint.Address;
        var json = new JsonObject { ["address"] = address.ToString() };
        if (context.Options.AsmapFile is not null)
            json["mapped_as"] = context.Node.GetAutonomousSystem(address);
        json["port"] = entry.Endpoint.Port;
        json["network"] = NetworkNames.Of(address.Network);
        json["services"] = (ulong)entry.Address.Services;
        json["time"] = entry.Address.Time;
        json["source"] = entry.Source.ToString();
        json["source_network"] = NetworkNames.Of(entry.Source.Network);
        if (context.Options.AsmapFile is not null)
            json["source_mapped_as"] = context.Node.GetAutonomousSystem(entry.Source);
        return json;
    }

    private static JsonObject AddPeerAddress(RpcContext context, RpcArguments arguments)
    {
        if (!NetEndpoint.TryParse(arguments.Text(0), 0, out NetEndpoint endpoint) || endpoint.Port != 0)
            throw new RpcException(RpcErrorCode.InvalidIPOrSubnet, "Invalid IP address");
        if (arguments.OptionalNumber(1) is not (> 0 and <= ushort.MaxValue and var port))
            throw new RpcException(RpcErrorCode.InvalidParameter, "JSON integer out of range");
        bool isTried = arguments.Switch(2);
        if (context.Node.AddAddress(endpoint with { Port = (ushort)port }, isTried))
            return new JsonObject { ["success"] = true };
        // It may have got as far as the new table.
        return new JsonObject { ["success"] = false, ["error"] = isTried ? "failed-adding-to-tried" : "failed-adding-to-new" };
    }
}
