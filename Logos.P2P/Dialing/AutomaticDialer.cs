using System.Collections.Immutable;
using Logos.P2P.AddrMan;
using Logos.P2P.Peers;
using Logos.P2P.Storage;
using Logos.P2P.Wire;

namespace Logos.P2P.Dialing;

/// <summary>
/// Keeps the automatic slots filled from the address book, and feels now and then whether an address answers.
/// </summary>
internal sealed class AutomaticDialer
{
    private readonly NodeContext _node;
    private readonly AddressManager _book;
    private readonly Connector _connector;
    private readonly ManualDialer _manual;
    private readonly DialTasks<NetEndpoint> _tasks;
    private readonly NetworkId[] _networks;
    private readonly Queue<Anchor> _anchors;
    private readonly DialHistory<NetEndpoint> _history = new(NodeDefaults.DialRetryMax);
    private readonly FailedDials _failed;
    private readonly OutboundRotation _rotation;
    private TimeSpan _nextDial;
    private TimeSpan _nextFeeler;

    /// <param name="node">The parts of the node.</param>
    /// <param name="book">Where addresses come from.</param>
    /// <param name="connector">What makes connections.</param>
    /// <param name="anchors">The quiet peers of the last run: the first to return to.</param>
    /// <param name="manual">Dials the operator's peers, which are not for us.</param>
    /// <param name="tasks">Runs the dials.</param>
    public AutomaticDialer(
        NodeContext node,
        AddressManager book,
        Connector connector,
        IEnumerable<Anchor> anchors,
        ManualDialer manual,
        DialTasks<NetEndpoint> tasks)
    {
        _node = node;
        _book = book;
        _connector = connector;
        _networks = [.. node.Settings.DialedNetworks];
        _anchors = new Queue<Anchor>(anchors);
        _manual = manual;
        _tasks = tasks;
        _failed = new FailedDials(book);
        _rotation = new OutboundRotation(node, book);
        _nextFeeler = NextFeeler();
    }

    /// <summary>Quiet peers of the last run that were not dialled.</summary>
    public IEnumerable<Anchor> AnchorsLeft => _anchors;

    /// <summary>Starts a dial when one is due, and decides on what came of those before.</summary>
    public void Tick(TimeSpan now)
    {
        _book.ResolveCollisions(_node.Clock.UnixSeconds);
        if (_failed.HasOpen)
            _failed.Tick(Witnesses(), now);
        if (now < _nextDial)
            return;
        _rotation.Tick(now);
        _nextDial = now + NodeDefaults.DialInterval;
        OutboundSlots slots = Slots(now);
        foreach (ConnectionKind kind in OutboundPolicy.Wanted(slots))
        {
            bool isNewcomer = kind == ConnectionKind.Outbound && slots.FreeOutbound == 0;
            if (Choose(kind, isNewcomer ? _rotation.WantedNetworks() : _networks, now) is not { } endpoint
                || !TryStart(endpoint, kind))
            {
                if (isNewcomer)
                    _rotation.FoundNobody();
                continue;
            }

            if (kind == ConnectionKind.Feeler)
                _nextFeeler = NextFeeler();
            else if (isNewcomer)
                _rotation.Tried();
            break;
        }
    }

    private bool TryStart(NetEndpoint endpoint, ConnectionKind kind)
    {
        if (!_connector.Table.TryClaim(endpoint, kind))
            return false;
        if (_tasks.TryStart(endpoint, () => DialAsync(endpoint, kind)))
            return true;
        // The last connection to it has ended, and its task is about to.
        _connector.Table.Release(endpoint);
        return false;
    }

    private TimeSpan NextFeeler() => _node.Clock.Now + _node.Random.NextExponential(NodeDefaults.FeelerInterval);

    private OutboundSlots Slots(TimeSpan now)
    {
        NodeSettings settings = _node.Settings;
        bool mayFeel = settings.MaxFeelers > _connector.Table.CountOf(ConnectionKind.Feeler)
            // While our line may be down it would only seem that nobody answers.
            && !_node.Peers.IsAlone;
        return new OutboundSlots(
            settings.MaxOutbound - _connector.Table.CountOf(ConnectionKind.Outbound),
            settings.MaxQuiet - _connector.Table.CountOf(ConnectionKind.Quiet),
            _anchors.Count > 0,
            mayFeel && _rotation.IsDue(now),
            mayFeel && now >= _nextFeeler);
    }

    private NetEndpoint? Choose(ConnectionKind kind, NetworkId[] networks, TimeSpan now)
    {
        ImmutableHashSet<NetGroup> taken = kind.IsAutomatic
            ? _connector.Table.GroupsTaken(_node.Settings.Policy.Grouping)
            : [];
        while (kind == ConnectionKind.Quiet && _anchors.TryDequeue(out Anchor anchor))
        {
            var known = new Candidate(new TimedAddress(anchor.Endpoint, anchor.Services, 0), LastTry: 0);
            if (Judge(known, taken, now, draw: 0) == DialDecision.Dial)
                return anchor.Endpoint;
        }

        if (kind == ConnectionKind.Feeler && ChooseContested(now) is { } contested)
            return contested;

        for (int draw = 0; draw < OutboundPolicy.MaxDraws; draw++)
        {
            if (_book.Select(newOnly: kind == ConnectionKind.Feeler, networks) is not { } drawn)
                return null;
            if (Judge(drawn, taken, now, draw) == DialDecision.Dial)
                return drawn.Address.Endpoint;
        }

        return null;
    }

    /// <summary>
    /// An address in the tried table whose place another one waits for. Those that we are connected to need no dial to show
    /// that they are alive.
    /// </summary>
    private NetEndpoint? ChooseContested(TimeSpan now)
    {
        if (_book.SelectTriedCollision() is not { } occupant)
            return null;
        NetEndpoint endpoint = occupant.Address.Endpoint;
        if (Dialled().Any(peer => peer.Endpoint == endpoint))
        {
            _book.Good(endpoint, _node.Clock.UnixSeconds);
            return null;
        }

        DialDecision decision = Judge(occupant, [], now, draw: OutboundPolicy.MaxDraws);
        return decision == DialDecision.Dial ? endpoint : null;
    }

    private DialDecision Judge(in Candidate drawn, ImmutableHashSet<NetGroup> taken, TimeSpan now, int draw)
    {
        NetEndpoint endpoint = drawn.Address.Endpoint;
        return OutboundPolicy.Judge(new DialCandidate(
            _node.Settings.Dials(endpoint.Address.Network),
            drawn.Address.Services,
            IsOwn: _node.Local.IsOwn(endpoint),
            IsDialled: _connector.Table.Contains(endpoint) || _manual.Names(endpoint),
            IsGroupTaken: taken.Contains(_node.Settings.Policy.Grouping.GroupOf(endpoint)),
            IsDiscouraged: _node.Discouragement.Contains(endpoint.Address),
            IsBanned: _node.Bans.Contains(endpoint.Address),
            IsDue: _history.IsDue(endpoint, now, _node.Peers.IsAlone),
            WasTriedLately: _node.Clock.UnixSeconds - drawn.LastTry < NodeDefaults.DialRetryMax.TotalSeconds,
            BadPorts.Contains(endpoint.Port),
            draw));
    }

    private async Task DialAsync(NetEndpoint endpoint, ConnectionKind kind)
    {
        long startedAt = _node.Clock.UnixSeconds;
        _book.Attempt(endpoint, countFailure: false, startedAt);
        bool wasReady = false;
        try
        {
            wasReady = await _connector.DialAsync(endpoint, kind);
        }
        finally
        {
            _history.Note(endpoint, wasReady, _node.Clock.Now, _node.Peers.IsAlone);
            if (!wasReady)
                NoteFailure(endpoint, startedAt);
        }
    }

    private void NoteFailure(NetEndpoint endpoint, long startedAt)
    {
        _failed.Add(endpoint, _node.Clock.Now, startedAt);
        foreach (Peer peer in Dialled())
            peer.PingSoon();
    }

    private IEnumerable<Peer> Dialled() => _node.Peers.Ready.Where(peer => peer.Kind != ConnectionKind.Inbound);

    private Witness[] Witnesses() =>
    [
        .. from peer in Dialled()
           select new Witness(
               _node.Settings.Policy.Grouping.GroupOf(peer.Endpoint), peer.ConnectedAt, peer.LastReceived),
    ];
}
