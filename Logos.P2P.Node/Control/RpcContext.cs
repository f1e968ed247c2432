using Logos.P2P.Node.Logs;

namespace Logos.P2P.Node.Control;

/// <summary>What methods work with.</summary>
/// <param name="Node">The node.</param>
/// <param name="Options">How it was told to run.</param>
/// <param name="Messages">The program's messages.</param>
/// <param name="Log">How it logs.</param>
/// <param name="Stop">Stops the program.</param>
/// <param name="TimeProvider">The clock.</param>
internal sealed record RpcContext(
    P2PNode Node, P2POptions Options, Messages Messages, LogSettings Log, Action Stop, TimeProvider TimeProvider)
{
    /// <summary>The calls that are being answered.</summary>
    public ActiveCommands Active { get; } = new(TimeProvider);

    /// <summary>When the program began to take requests.</summary>
    public DateTimeOffset StartedAt { get; } = TimeProvider.GetUtcNow();
}
