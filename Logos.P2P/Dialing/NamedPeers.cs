using Logos.P2P.Discovery;
using Logos.P2P.Wire;

namespace Logos.P2P.Dialing;

/// <summary>Finds the endpoints of peers that people wrote down: addresses, or names to look up.</summary>
internal sealed class NamedPeers(INameResolver resolver, ushort defaultPort, CancellationToken stopping)
{
    /// <summary>The endpoints of a peer; none when its name leads nowhere.</summary>
    /// <exception cref="OperationCanceledException">The node is stopping.</exception>
    public async Task<IReadOnlyList<NetEndpoint>> ResolveAsync(string peer)
    {
        if (NetEndpoint.TryParse(peer, defaultPort, out NetEndpoint endpoint))
            return [endpoint];
        if (!NetEndpoint.TrySplit(peer, defaultPort, out string? name, out ushort port))
            return [];
        IReadOnlyList<NetAddress> addresses = await resolver.ResolveAsync(name, stopping);
        return [.. addresses.Select(address => new NetEndpoint(address, port))];
    }
}
