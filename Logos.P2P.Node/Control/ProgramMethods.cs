using System.Collections.Immutable;

namespace Logos.P2P.Node.Control;

/// <summary>Methods about the program itself.</summary>
internal static class ProgramMethods
{
    public const string Group = "Control";

    public static ImmutableArray<RpcMethod> All { get; } =
    [
        new RpcMethod(
            "stop", Group, [], "Stops the node cleanly.", "text",
            (context, _) =>
            {
                context.Stop();
                return "Logos P2P stopping";
            }),
        new RpcMethod(
            "uptime", Group, [], "How long the node has been running.", "seconds",
            (context, _) => (long)(context.TimeProvider.GetUtcNow() - context.StartedAt).TotalSeconds),
    ];
}
