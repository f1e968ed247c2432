using Logos.P2P.Storage;

namespace Logos.P2P;

/// <summary>
/// What the program around a node gives it to use instead of what the node would make for itself. All of it outlives the node.
/// </summary>
public sealed record P2PHost
{
    /// <summary>
    /// Where the node keeps what it must not forget, instead of in <see cref="P2POptions.DataDirectory"/>, which is not used then.
    /// </summary>
    public IKeyValueStorage? Storage { get; init; }

    /// <summary>
    /// Where the node's work runs, calls of the handler included, instead of on .NET's thread pool and threads of its own. It may
    /// run several pieces at once, and each must be run: what is never run, the node waits for when it stops.
    /// </summary>
    public SynchronizationContext? Executor { get; init; }
}
