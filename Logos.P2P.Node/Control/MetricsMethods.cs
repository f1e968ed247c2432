using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Logos.P2P.Diagnostics;
using Logos.P2P.Node.Views;

namespace Logos.P2P.Node.Control;

/// <summary>Methods about what is measured. Bitcoin has none of these.</summary>
internal static class MetricsMethods
{
    public static ImmutableArray<RpcMethod> All { get; } =
    [
        new RpcMethod(
            "metrics",
            ProgramMethods.Group,
            [
                new RpcParameter("group", JsonValueKind.String, $"one of {MetricGroups.Names}", IsOptional: true),
                new RpcParameter("on", JsonValueKind.True, "whether it is to be on; off when left out", IsOptional: true),
            ],
            "Switches a group of metrics on or off, and tells which are on.",
            "for each group whether it is on",
            Switch),
    ];

    private static JsonObject Switch(RpcContext context, RpcArguments arguments)
    {
        NodeMeters meters = context.Node.Meters;
        if (arguments.OptionalText(0) is { } name)
        {
            MetricGroup group = MetricGroups.Find(name)
                ?? throw new RpcException(RpcErrorCode.InvalidParameter, $"There is no group {name}; there are {MetricGroups.Names}");
            meters.Switch(group, arguments.Switch(1));
        }

        var groups = new JsonObject();
        foreach ((string its, MetricGroup group) in MetricGroups.All)
            groups[its] = meters.IsOn(group);
        return groups;
    }
}
