using Logos.P2P.Wire;

namespace Logos.P2P.Discovery;

/// <summary>Looks up host names.</summary>
internal interface INameResolver
{
    /// <summary>Looks up a name.</summary>
    /// <returns>Its addresses, in no order; none when there are none or nobody answers, which the log then says.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    Task<IReadOnlyList<NetAddress>> ResolveAsync(string name, CancellationToken cancellationToken);
}
