using System.Collections.Immutable;
using Logos.P2P.Access;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Peers;

/// <summary>
/// The slots for inbound peers: who gets one, and who has to leave for another. Guards itself.
/// </summary>
/// <remarks>
/// The limit is one of sockets. The system establishes connections on its own and keeps them until they are accepted, so
/// it is told again and again for how many there is room. For each listener it keeps one in any case, and one more may
/// have been accepted and not be decided on: those two places are never given to peers, so that even a full node can look
/// at who knocks. The peers and all that the queues may hold are together never more than the limit.
/// </remarks>
internal sealed class InboundSlots
{
    /// <summary>Connections that a listener may have besides its queue: one that waits, and one that is decided on.</summary>
    private const int AtEachDoor = 2;

    private readonly Lock _gate = new();
    private readonly NodeContext _node;
    private readonly ImmutableArray<IConnectionListener> _listeners;
    private readonly int _maxPeers;
    private readonly InboundAdmission _admission;
    private readonly HashSet<Peer> _peers = [];
    private readonly List<NetAddress> _reserved = [];
    private readonly HashSet<Peer> _evicted = [];
    private readonly ulong _groupKey0;
    private readonly ulong _groupKey1;

    public InboundSlots(NodeContext node, ImmutableArray<IConnectionListener> listeners)
    {
        _node = node;
        _listeners = listeners;
        _maxPeers = node.Settings.MaxInbound - (AtEachDoor * listeners.Length);
        _admission = new InboundAdmission(node.Clock.Now);
        _groupKey0 = node.Random.NextUInt64();
        _groupKey1 = node.Random.NextUInt64();
        ShareRoom();
    }

    /// <summary>Listeners that leave room for a peer.</summary>
    public static int MostListeners(NodeSettings settings) => Math.Max(0, (settings.MaxInbound - 1) / AtEachDoor);

    /// <summary>
    /// Decides on a connection, evicts a peer where that makes room for it, and sets a slot aside until
    /// <see cref="Add"/> or <see cref="Release"/>.
    /// </summary>
    /// <param name="from">Where it comes from.</param>
    /// <returns>False when it is refused.</returns>
    public bool TryReserve(in NetAddress from)
    {
        AdmissionDecision decision;
        Peer? leaver;
        lock (_gate)
        {
            decision = Decide(from, out leaver);
            if (leaver is not null)
                _evicted.Add(leaver);
            if (decision == AdmissionDecision.Admitted)
            {
                _reserved.Add(from);
                ShareRoom();
            }
        }

        // Whoever ends by himself at this moment has not closed his socket for sure.
        if (leaver is not null && !leaver.Disconnect(DisconnectReason.Evicted))
        {
            decision = AdmissionDecision.NoSlot;
            lock (_gate)
                _evicted.Remove(leaver);
            Release(from);
        }

        _node.Metrics.CountAdmission(decision);
        return decision == AdmissionDecision.Admitted;
    }

    /// <summary>Gives back a slot that was set aside and not used.</summary>
    public void Release(in NetAddress from)
    {
        lock (_gate)
        {
            _reserved.Remove(from);
            ShareRoom();
        }
    }

    /// <summary>Gives a peer the slot that was set aside for its connection.</summary>
    public void Add(Peer peer)
    {
        lock (_gate)
        {
            _reserved.Remove(peer.Endpoint.Address);
            _peers.Add(peer);
        }
    }

    /// <summary>Frees the slot of a peer that has left and whose messages are handled: only then it costs nothing more.</summary>
    public void Remove(Peer peer)
    {
        lock (_gate)
        {
            _evicted.Remove(peer);
            if (_peers.Remove(peer))
                ShareRoom();
        }
    }

    /// <summary>Slots that are set aside or have a peer. The sockets of those that were evicted are closed.</summary>
    private int Taken => _reserved.Count + _peers.Count - _evicted.Count;

    /// <summary>Where the peers come from whose handshake is neither complete nor over.</summary>
    private IEnumerable<NetAddress> Pending => _reserved.Concat(
        from peer in _peers
        where !peer.IsReady && peer.Reason == DisconnectReason.None
        select peer.Endpoint.Address);

    /// <param name="from">Where the connection comes from.</param>
    /// <param name="leaver">The peer that has to leave for it; null for none.</param>
    private AdmissionDecision Decide(in NetAddress from, out Peer? leaver)
    {
        leaver = null;
        if (_node.IsBanned(from, ConnectionKind.Inbound))
            return AdmissionDecision.Banned;
        PeerPermissions permissions = _node.Settings.Whitelist.Of(from, ConnectionKind.Inbound);
        bool isExempt = _node.Settings.AdmitLocal && (from.IsLocal || permissions != PeerPermissions.None);
        if (!isExempt)
        {
            AdmissionDecision decision = _admission.Decide(from, _node.Clock.Now, Pending);
            if (decision != AdmissionDecision.Admitted)
                return decision;
        }

        int free = _maxPeers - Taken;
        // The last slots are not for those who broke a rule.
        bool isUnwanted = _node.Discouragement.Contains(from) && !permissions.HasFlag(PeerPermissions.NoBan);
        bool isRefused = free <= 1 && isUnwanted;
        if (!isRefused && free <= 0)
            leaver = ChooseLeaver();
        return !isRefused && (free > 0 || leaver is not null) ? AdmissionDecision.Admitted : AdmissionDecision.NoSlot;
    }

    private Peer? ChooseLeaver()
    {
        if (_evicted.Count >= NodeDefaults.MaxEvictedWaiting)
            return null;
        IEnumerable<EvictionCandidate> candidates =
            _peers.Where(peer => peer.Reason == DisconnectReason.None && !_evicted.Contains(peer)).Select(ToCandidate);
        return EvictionPolicy.Choose(candidates) is { } id ? _peers.First(peer => peer.Id == id) : null;
    }

    private EvictionCandidate ToCandidate(Peer peer) => new()
    {
        Id = peer.Id,
        Kind = peer.Kind,
        ConnectedAt = peer.ConnectedAt,
        MinRoundTrip = peer.MinRoundTrip,
        LastFirstDelivery = peer.LastFirstDelivery,
        KeyedGroup = SipHash.Hash64(
            _groupKey0, _groupKey1, _node.Settings.Policy.Grouping.GroupOf(peer.Endpoint).Bytes),
        Network = peer.Endpoint.Address.Network,
        IsLocal = peer.Endpoint.Address.IsLocal,
        IsNoBan = peer.Permissions.HasFlag(PeerPermissions.NoBan),
        IsDiscouraged = _node.Discouragement.Contains(peer.Endpoint.Address),
    };

    /// <summary>Tells the listeners for how many the system may establish connections, an equal share each.</summary>
    private void ShareRoom()
    {
        foreach (IConnectionListener listener in _listeners)
            listener.SetBacklog(Math.Max(0, _maxPeers - Taken) / _listeners.Length);
    }
}
