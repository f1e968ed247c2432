using System.Collections.Immutable;
using Logos.P2P.Peers;
using Logos.P2P.Wire;

namespace Logos.P2P.Addresses;

/// <summary>
/// The addresses of this node: what it tells others, and what it must not dial. Bitcoin Core's rules (`net.cpp`,
/// GetLocalAddrForPeer). Guards itself.
/// </summary>
/// <param name="policy">What is worth telling.</param>
/// <param name="external">
/// Addresses the operator says we are reached at. When there are any nothing else is told: he knows better.
/// </param>
/// <param name="random">The source of chance.</param>
internal sealed class LocalAddresses(NetworkPolicy policy, ImmutableArray<NetEndpoint> external, RandomSource random)
{
    /// <summary>
    /// Endpoints remembered as our own. A machine has a few; whoever makes us dial ourselves by ever new names must not
    /// fill the memory.
    /// </summary>
    private const int MaxOwn = 1000;

    /// <summary>
    /// Addresses that could be told. A machine has a few; one that a whole prefix leads to must not learn them all from
    /// whoever connects to each.
    /// </summary>
    private const int MaxCandidates = 64;

    // How sure we are of an address, by where it is from. Each peer that dialled us there adds one. Bitcoin Core's LOCAL_
    // numbers; 3 is for port mapping, which we do not do.
    private const long FromInterface = 1;
    private const long FromBind = 2;
    private const long FromOperator = 4;

    /// <summary>Every which time a peer's view of our address is preferred to ours, as long as few confirmed ours...</summary>
    private const ulong DoubtOfUnconfirmed = 2;

    /// <summary>...and when its score is above what the operator's word alone would have.</summary>
    private const ulong DoubtOfConfirmed = 8;

    private readonly Lock _gate = new();
    private readonly List<Candidate> _candidates =
        [.. external.Take(MaxCandidates).Select(endpoint => new Candidate(endpoint, FromOperator))];

    private readonly HashSet<NetworkId> _listensOnAll = [];
    private ImmutableHashSet<NetEndpoint> _own = [.. external];
    private volatile ushort _listenPort;

    /// <summary>Tells where we listen.</summary>
    public void Listening(NetEndpoint endpoint)
    {
        if (_listenPort == 0)
            _listenPort = endpoint.Port;
        AddOwn(endpoint);
        lock (_gate)
        {
            if (IsUnspecified(endpoint.Address))
                _listensOnAll.Add(endpoint.Address.Network == NetworkId.IPv4 ? NetworkId.IPv4 : NetworkId.IPv6);
            else
                AddCandidate(endpoint, FromBind);
        }
    }

    /// <summary>Notes an endpoint that leads to ourselves.</summary>
    public void AddOwn(NetEndpoint endpoint) => ImmutableInterlocked.Update(
        ref _own, (own, one) => own.Count < MaxOwn ? own.Add(one) : own, endpoint);

    /// <summary>Whether an endpoint leads to ourselves.</summary>
    public bool IsOwn(NetEndpoint endpoint) => _own.Contains(endpoint);

    /// <summary>The addresses that could be told, and how sure we are of each.</summary>
    public IReadOnlyList<OwnAddress> List()
    {
        lock (_gate)
            return [.. _candidates.Select(candidate => new OwnAddress(candidate.Endpoint, candidate.Score))];
    }

    /// <summary>
    /// Learns from a peer whose handshake is complete: our end of the connection is an address of this machine, and a peer
    /// that dialled us confirms the address that it dialled. One that we dialled confirms nothing: it may see a router's.
    /// </summary>
    public void Met(Peer peer)
    {
        NetAddress ours = peer.LocalEndpoint.Address;
        lock (_gate)
        {
            if (_listensOnAll.Contains(ours.Network))
                AddCandidate(new NetEndpoint(ours, _listenPort), FromInterface);
            if (peer.Kind == ConnectionKind.Inbound && IndexOf(SeenBy(peer).Address) is var confirmed and >= 0)
                _candidates[confirmed] = _candidates[confirmed] with { Score = _candidates[confirmed].Score + 1 };
        }
    }

    /// <summary>
    /// The address to tell a peer: of ours the one that it reaches best, then the one we are surest of, then the latest;
    /// when there is none, and now and then instead of it, what the peer itself sees.
    /// </summary>
    /// <returns>Null when nobody can reach us, or the peer must not know where.</returns>
    public NetEndpoint? ToTell(Peer peer)
    {
        if (_listenPort == 0)
            return null;

        NetAddress theirs = peer.Endpoint.Address;
        Candidate? best = BestFor(theirs);
        NetEndpoint seen = SeenBy(peer);
        // On the loopback nothing is between us that could show another address than ours.
        bool isSeenUsable = external.IsEmpty
            && policy.IsRoutable(theirs)
            && !seen.Address.IsLocal
            && ReachabilityOf(seen.Address, theirs) != Reachability.None;
        ulong doubt = best?.Score > FromOperator ? DoubtOfConfirmed : DoubtOfUnconfirmed;
        if (!isSeenUsable || (best is not null && random.NextUInt64() % doubt != 0))
            return best?.Endpoint;

        // Who dialled us knows the port as well; of a connection that we made, it knows only the one we called from.
        return peer.Kind == ConnectionKind.Inbound && seen.Port != 0
            ? seen
            : new NetEndpoint(seen.Address, best?.Endpoint.Port ?? _listenPort);
    }

    private static NetEndpoint SeenBy(Peer peer) => peer.Version?.Receiver ?? NetEndpoint.None;

    private static bool IsUnspecified(NetAddress address) =>
        address == NetAddress.None || !address.Bytes.ContainsAnyExcept((byte)0);

    private Candidate? BestFor(NetAddress peer)
    {
        lock (_gate)
        {
            return _candidates
                .Where(candidate => ReachabilityOf(candidate.Endpoint.Address, peer) != Reachability.None)
                .OrderBy(candidate => ReachabilityOf(candidate.Endpoint.Address, peer))
                .ThenBy(candidate => candidate.Score)
                .LastOrDefault();
        }
    }

    private Reachability ReachabilityOf(NetAddress own, NetAddress peer) =>
        policy.MayTell(own, peer) ? ReachabilityRule.Judge(own, peer) : Reachability.None;

    private void AddCandidate(NetEndpoint endpoint, long score)
    {
        bool isWanted = external.IsEmpty && policy.IsRoutable(endpoint.Address) && _candidates.Count < MaxCandidates;
        if (!isWanted || IndexOf(endpoint.Address) >= 0)
            return;
        _candidates.Add(new Candidate(endpoint, score));
        AddOwn(endpoint);
    }

    private int IndexOf(NetAddress address) =>
        _candidates.FindIndex(candidate => candidate.Endpoint.Address == address);

    private sealed record Candidate(NetEndpoint Endpoint, long Score);
}
