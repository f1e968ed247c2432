using Logos.P2P.Discovery;
using Logos.P2P.Wire;

namespace Logos.P2P.Dialing;

/// <summary>Finds the endpoints of peers that people wrote down: addresses, or names to look up.</summary>
internal sealed class NamedPeers(INameResolver resolver, ushort defaultPort, RandomSource random, CancellationToken stopping)
{
    /// <summary>Whether a peer was written down as an address.</summary>
    public bool IsAddress(string peer) => NetEndpoint.TryParse(peer, defaultPort, out _);

    /// <summary>
    /// The endpoints of a peer, in random order; none when its name leads nowhere, and of very many behind one name a few.
    /// </summary>
    /// <exception cref="OperationCanceledException">The node is stopping.</exception>
    public async Task<IReadOnlyList<NetEndpoint>> ResolveAsync(string peer)
    {
        if (NetEndpoint.TryParse(peer, defaultPort, out NetEndpoint endpoint))
            return [endpoint];
        if (!NetEndpoint.TrySplit(peer, defaultPort, out string? name, out ushort port))
            return [];
        NetAddress[] addresses = [.. await resolver.ResolveAsync(name, stopping)];
        random.Shuffle(addresses.AsSpan());
        return [.. addresses.Take(NodeDefaults.MaxAddressesOfName).Select(address => new NetEndpoint(address, port))];
    }
}
