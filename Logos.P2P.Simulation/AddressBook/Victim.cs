using Logos.P2P.Addresses;
using Logos.P2P.AddrMan;
using Logos.P2P.Dialing;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.AddressBook;

/// <summary>
/// A node as far as its address book goes: the real address manager, fed and asked by the node's real rules (how much a
/// peer may tell, what an address must be to be dialled, when one may be dialled again). Only connections are not real:
/// a dial succeeds at once when its target is up.
/// </summary>
internal sealed class Victim
{
    private readonly AttackParameters _parameters;
    private readonly SimulationClock _clock;
    private readonly Func<NetEndpoint, bool> _answers;
    private readonly DialHistory<NetEndpoint> _dials = new(NodeDefaults.DialRetryMax);
    private readonly Dictionary<NetEndpoint, PeerAddresses> _inbound = [];
    private readonly OutboundSlot[] _slots =
        [.. Enumerable.Range(0, NodeDefaults.OutboundConnections).Select(_ => new OutboundSlot())];

    private TimeSpan _nextFeeler = NodeDefaults.FeelerInterval;

    public Victim(
        AttackParameters parameters, AddressManager book, SimulationClock clock, Func<NetEndpoint, bool> answers)
    {
        _parameters = parameters;
        Book = book;
        _clock = clock;
        _answers = answers;
    }

    public AddressManager Book { get; }

    public IReadOnlyList<OutboundSlot> Slots => _slots;

    /// <summary>Everyone who may tell addresses.</summary>
    public IEnumerable<KeyValuePair<NetEndpoint, PeerAddresses>> Peers =>
        [.. _inbound, .. _slots.Where(slot => slot.Peer is not null).Select(slot => KeyValuePair.Create(slot.Endpoint, slot.Peer!))];

    /// <summary>A new outbound connection, whose peer is asked for addresses.</summary>
    public event Action<OutboundSlot>? Connected;

    public void Accept(NetEndpoint peer) => _inbound.Add(peer, NewPeer());

    /// <summary>Takes one address from a peer.</summary>
    /// <returns>False when the peer has told as much as it may.</returns>
    public bool Receive(NetEndpoint from, PeerAddresses peer, in TimedAddress told)
    {
        if (!peer.TryTakeAllowance(_clock.Now))
            return false;
        TimedAddress address = told with { Time = AddressManager.ClampTime(told.Time, _clock.UnixSeconds) };
        Book.Add([address], from.Address, AddressGossip.TimePenalty);
        return true;
    }

    /// <summary>Sees to the connections, as a node does all the time.</summary>
    public void Tick()
    {
        Book.ResolveCollisions(_clock.UnixSeconds);
        foreach (OutboundSlot slot in _slots)
        {
            if (slot.Peer is not null && !_answers(slot.Endpoint))
                Disconnect(slot);
        }

        foreach (OutboundSlot slot in _slots)
        {
            // A dial each half second, until one succeeds or the next tick comes.
            for (int dial = 0; slot.Peer is null && dial < AddressBookAttack.Tick / NodeDefaults.DialInterval; dial++)
                DialOutbound(slot);
        }

        if (_parameters.Feelers && _clock.Now >= _nextFeeler)
        {
            _nextFeeler += NodeDefaults.FeelerInterval;
            DialFeeler();
        }
    }

    private void Disconnect(OutboundSlot slot)
    {
        Book.Connected(slot.Endpoint, _clock.UnixSeconds);
        _dials.Note(slot.Endpoint, wasReady: true, _clock.Now, isAlone: false);
        slot.Peer = null;
    }

    private void DialOutbound(OutboundSlot slot)
    {
        if (Choose() is not { } endpoint || !Dial(endpoint))
            return;
        slot.Endpoint = endpoint;
        slot.Peer = NewPeer();
        slot.Peer.Asked();
        Connected?.Invoke(slot);
    }

    /// <summary>Nobody is told addresses here, so it does not matter by which key what a peer knows is remembered.</summary>
    private PeerAddresses NewPeer() => new(_clock.Now, key: 0);

    private NetEndpoint? Choose()
    {
        HashSet<NetGroup> taken = [.. _slots.Where(slot => slot.Peer is not null).Select(slot => GroupOf(slot.Endpoint))];
        for (int draw = 0; draw < OutboundPolicy.MaxDraws; draw++)
        {
            if (Book.Select() is not { } drawn)
                return null;
            NetEndpoint endpoint = drawn.Address.Endpoint;
            var candidate = new DialCandidate(
                endpoint.Address.IsIP,
                drawn.Address.Services,
                IsOwn: false,
                IsDialled: IsConnected(endpoint),
                IsGroupTaken: _parameters.OnePerGroup && taken.Contains(GroupOf(endpoint)),
                IsDiscouraged: false,
                IsBanned: false,
                IsDue: _dials.IsDue(endpoint, _clock.Now, isAlone: false),
                WasTriedLately: _clock.UnixSeconds - drawn.LastTry < NodeDefaults.DialRetryMax.TotalSeconds,
                HasBadPort: BadPorts.Contains(endpoint.Port),
                draw);
            if (OutboundPolicy.Judge(candidate) == DialDecision.Dial)
                return endpoint;
        }

        return null;
    }

    /// <summary>Those whose place another waits for come first; whoever we are connected to needs no test.</summary>
    private void DialFeeler()
    {
        NetEndpoint? contested = Book.SelectTriedCollision()?.Address.Endpoint;
        if (contested is { } known && IsConnected(known))
        {
            Book.Good(known, _clock.UnixSeconds);
            contested = null;
        }

        if ((contested ?? Book.Select(newOnly: true)?.Address.Endpoint) is { } endpoint && !IsConnected(endpoint))
            Dial(endpoint);
    }

    private bool Dial(NetEndpoint endpoint)
    {
        Book.Attempt(endpoint, countFailure: true, _clock.UnixSeconds);
        bool isUp = _answers(endpoint);
        if (isUp)
            Book.Good(endpoint, _clock.UnixSeconds, _parameters.TestBeforeEvict);
        else
            _dials.Note(endpoint, wasReady: false, _clock.Now, isAlone: false);
        return isUp;
    }

    private bool IsConnected(NetEndpoint endpoint) =>
        Array.Exists(_slots, slot => slot.Peer is not null && slot.Endpoint == endpoint);

    private static NetGroup GroupOf(NetEndpoint endpoint) => PrefixGrouping.Instance.GroupOf(endpoint);
}

/// <summary>One of the eight outbound connections.</summary>
internal sealed class OutboundSlot
{
    public NetEndpoint Endpoint { get; set; }

    /// <summary>Null while there is no connection.</summary>
    public PeerAddresses? Peer { get; set; }

    /// <summary>Chance that no pick for this slot since the attack began was the attacker's.</summary>
    public double Spared { get; set; } = 1;
}
