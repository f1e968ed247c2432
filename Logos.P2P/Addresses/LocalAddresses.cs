using System.Collections.Immutable;
using Logos.P2P.Peers;
using Logos.P2P.Wire;

namespace Logos.P2P.Addresses;

/// <summary>The addresses of this node: what it tells others, and what it must not dial.</summary>
/// <param name="policy">What is worth telling.</param>
/// <param name="external">Addresses the operator says we are reached at.</param>
internal sealed class LocalAddresses(NetworkPolicy policy, ImmutableArray<NetEndpoint> external)
{
    /// <summary>
    /// Endpoints remembered as our own. A machine has a few; whoever makes us dial ourselves by ever new names must not
    /// fill the memory.
    /// </summary>
    private const int MaxOwn = 1000;

    private ImmutableHashSet<NetEndpoint> _own = [.. external];
    private ushort _listenPort;

    /// <summary>Tells where we listen.</summary>
    public void Listening(NetEndpoint endpoint)
    {
        if (_listenPort == 0)
            _listenPort = endpoint.Port;
        AddOwn(endpoint);
    }

    /// <summary>Notes an endpoint that leads to ourselves.</summary>
    public void AddOwn(NetEndpoint endpoint) => ImmutableInterlocked.Update(
        ref _own, (own, one) => own.Count < MaxOwn ? own.Add(one) : own, endpoint);

    /// <summary>Whether an endpoint leads to ourselves.</summary>
    public bool IsOwn(NetEndpoint endpoint) => _own.Contains(endpoint);

    /// <summary>
    /// The address to tell a peer: what the operator said, else our end of the connection, else what the peer says it
    /// sees of us; the port is the one we listen on.
    /// </summary>
    /// <returns>Null when nobody can reach us there.</returns>
    public NetEndpoint? ToTell(Peer peer)
    {
        if (!external.IsEmpty)
            return external.FirstOrDefault(own => policy.MayTell(own.Address, peer.Endpoint.Address)) is { IsValid: true } e
                ? e
                : null;
        if (_listenPort == 0)
            return null;

        NetAddress seen = peer.Version?.Receiver.Address ?? NetAddress.None;
        NetAddress[] candidates = [peer.LocalEndpoint.Address, seen];
        foreach (NetAddress address in candidates)
        {
            if (policy.MayTell(address, peer.Endpoint.Address))
                return new NetEndpoint(address, _listenPort);
        }

        return null;
    }
}
