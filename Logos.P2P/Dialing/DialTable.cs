using System.Collections.Concurrent;
using System.Collections.Immutable;
using Logos.P2P.AddrMan;
using Logos.P2P.Peers;
using Logos.P2P.Wire;

namespace Logos.P2P.Dialing;

/// <summary>
/// What is being dialled or connected to by this node, so that nothing is twice. A claim lasts from before the dial to the end
/// of the connection that came of it. Guards itself.
/// </summary>
internal sealed class DialTable
{
    private readonly ConcurrentDictionary<NetEndpoint, ConnectionKind> _claims = new();

    public bool TryClaim(NetEndpoint endpoint, ConnectionKind kind) => _claims.TryAdd(endpoint, kind);

    public void Release(NetEndpoint endpoint) => _claims.TryRemove(endpoint, out _);

    public bool Contains(NetEndpoint endpoint) => _claims.ContainsKey(endpoint);

    public int CountOf(ConnectionKind kind) => _claims.Count(claim => claim.Value == kind);

    /// <summary>The neighbourhoods that have a peer which stays, or may soon.</summary>
    public ImmutableHashSet<NetGroup> GroupsTaken(INetGrouping grouping) =>
    [
        .. from claim in _claims
           where claim.Value.IsAutomatic || claim.Value == ConnectionKind.Manual
           select grouping.GroupOf(claim.Key),
    ];
}
