using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Logos.P2P.Node.Control;

/// <summary>All methods of the control interface. Dispatch, help and the tests of the documentation read this one table.</summary>
internal static class RpcMethods
{
    private static readonly RpcMethod Help = new(
        "help",
        ProgramMethods.Group,
        [new RpcParameter("command", JsonValueKind.String, "the method; all are listed without it", IsOptional: true)],
        "Tells how methods are called.",
        "text",
        (_, arguments) => arguments.OptionalText(0) is { } name ? HelpOn(name) : List());

    /// <summary>The methods by group and name.</summary>
    public static ImmutableArray<RpcMethod> All { get; } =
    [
        .. from method in (IEnumerable<RpcMethod>)[Help, .. ProgramMethods.All, .. MetricsMethods.All, .. MessageMethods.All,
            .. NetworkMethods.All, .. BanMethods.All, .. AddressMethods.All, .. ChainMethods.All]
           orderby method.Group, method.Name
           select method,
    ];

    private static readonly FrozenDictionary<string, RpcMethod> ByName = All.ToFrozenDictionary(method => method.Name);

    /// <summary>Finds a method.</summary>
    /// <exception cref="RpcException">There is none of that name.</exception>
    public static RpcMethod Find(string name) =>
        ByName.GetValueOrDefault(name) ?? throw new RpcException(RpcErrorCode.MethodNotFound, "Method not found");

    private static JsonNode HelpOn(string name) =>
        ByName.GetValueOrDefault(name) is { } method ? method.Help : $"help: unknown command: {name}";

    private static JsonNode List()
    {
        var list = new StringBuilder();
        foreach (IGrouping<string, RpcMethod> group in All.GroupBy(method => method.Group))
        {
            list.Append(list.Length > 0 ? "\n" : "").Append("== ").Append(group.Key).Append(" ==\n");
            foreach (RpcMethod method in group)
                list.Append(method.Usage).Append('\n');
        }

        return list.ToString().TrimEnd('\n');
    }
}
