namespace Logos.P2P.Node.Control;

/// <summary>What methods work with.</summary>
/// <param name="Node">The node.</param>
/// <param name="Options">How it was told to run.</param>
/// <param name="Messages">The program's messages.</param>
/// <param name="Stop">Stops the program.</param>
/// <param name="TimeProvider">The clock.</param>
internal sealed record RpcContext(
    P2PNode Node, P2POptions Options, Messages Messages, Action Stop, TimeProvider TimeProvider)
{
    /// <summary>When the program began to take requests.</summary>
    public DateTimeOffset StartedAt { get; } = TimeProvider.GetUtcNow();
}
