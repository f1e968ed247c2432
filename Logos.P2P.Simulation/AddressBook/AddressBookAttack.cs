using Logos.P2P.Addresses;
using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.AddressBook;

/// <summary>
/// What a flood of addresses does to a node: the real address manager under virtual time, first for weeks among honest
/// nodes, then under attack, then after a restart. The question and the attack are those of Heilman et al., "Eclipse Attacks
/// on Bitcoin's Peer-to-Peer Network" (2015).
/// </summary>
public sealed class AddressBookAttack
{
    /// <summary>The steps of virtual time.</summary>
    internal static readonly TimeSpan Tick = TimeSpan.FromMinutes(1);

    /// <summary>Addresses that the victim's first contact, a seed, told it.</summary>
    private const int Seeds = 256;

    /// <summary>
    /// News an honest peer tells each hour: every address that is up is told about once a day and reaches a node by two of
    /// its peers, so that eight peers share some 12,000 a day.
    /// </summary>
    private const int NewsPerHour = 60;

    private readonly AttackParameters _parameters;
    private readonly SimulationClock _clock = new();
    private readonly Random _random;
    private readonly byte[] _key;
    private readonly Random _restartRandom;
    private readonly HonestNetwork _honest;
    private readonly Attacker _attacker;
    private readonly Victim _victim;
    private bool _isUnderAttack;
    private int _told;

    private AddressBookAttack(AttackParameters parameters)
    {
        _parameters = parameters;
        var source = new RandomSource(parameters.Seed);
        _key = source.NextBytes(AddrManParameters.KeySize);
        _random = source.Fork();
        _restartRandom = source.Fork();
        _honest = new HonestNetwork(parameters.HonestNodes, _clock, source.Fork());
        _attacker = new Attacker(parameters, _clock, source.Fork());
        _victim = new Victim(parameters, NewBook(source.Fork()), _clock, Answers);
        _victim.Connected += OnConnected;
    }

    /// <summary>Runs one attack to its end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is not in its range.</exception>
    public static AttackResult Run(AttackParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ThrowIfNotIn(parameters.Groups, 1, SimulatedAddresses.MaxAttackerGroups);
        ThrowIfNotIn(parameters.AddressesPerGroup, 1, 1 << 16);
        ThrowIfNotIn(parameters.Peers, 1, parameters.Groups * parameters.AddressesPerGroup);
        ThrowIfNotIn(parameters.PollutedGossip, 0, 1);
        ThrowIfNotIn(parameters.HonestNodes, 1, 1_000_000);

        var run = new AddressBookAttack(parameters);
        run.WarmUp();
        run.Attack();
        return run.Measure();
    }

    private static void ThrowIfNotIn<T>(T value, T min, T max)
        where T : IComparable<T>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max);
    }

    private AddressManager NewBook(Random random) =>
        new(new AddressManagerOptions { Key = _key, Random = random, Clock = _clock });

    private bool Answers(NetEndpoint endpoint) => SimulatedAddresses.IsAttacker(endpoint) || _honest.IsUp(endpoint);

    private void WarmUp()
    {
        _victim.Book.Add(_honest.DrawAnswer(Seeds), NetAddress.FromInternalName("seed"), AddressGossip.TimePenalty);
        RunFor(_parameters.WarmUp);
    }

    private void Attack()
    {
        _isUnderAttack = true;
        foreach (NetEndpoint peer in _attacker.Peers)
            _victim.Accept(peer);
        RunFor(_parameters.Attack);
    }

    private void RunFor(TimeSpan time)
    {
        for (TimeSpan end = _clock.Now + time; _clock.Now < end; _clock.Advance(Tick))
        {
            _honest.Tick();
            foreach ((NetEndpoint endpoint, PeerAddresses peer) in _victim.Peers)
            {
                if (SimulatedAddresses.IsAttacker(endpoint))
                    Flood(endpoint, peer);
                else
                    TellNews(endpoint, peer);
            }

            _victim.Tick();
        }
    }

    /// <summary>Tells as much as the victim takes.</summary>
    private void Flood(NetEndpoint endpoint, PeerAddresses peer)
    {
        while (_victim.Receive(endpoint, peer, _attacker.Draw()))
            _told++;
    }

    private void TellNews(NetEndpoint endpoint, PeerAddresses peer)
    {
        int count = (int)(NewsPerHour * (Tick / TimeSpan.FromHours(1)));
        for (int i = 0; i < count; i++)
            _victim.Receive(endpoint, peer, Pollute(_honest.DrawNews()));
    }

    private TimedAddress Pollute(TimedAddress honest) =>
        _isUnderAttack && _random.NextDouble() < _parameters.PollutedGossip ? _attacker.Draw() : honest;

    private void OnConnected(OutboundSlot slot)
    {
        if (_isUnderAttack)
            slot.Spared *= 1 - EclipseOdds.Of(_victim.Book, _honest).OnePick;
        // The attacker answers with the flood, as far as the answer may be long.
        if (SimulatedAddresses.IsAttacker(slot.Endpoint))
            return;
        foreach (TimedAddress known in _honest.DrawAnswer(WireLimits.MaxAddresses))
            _victim.Receive(slot.Endpoint, slot.Peer!, Pollute(known));
    }

    private AttackResult Measure()
    {
        AddressManager restarted = Restart();
        EclipseOdds odds = EclipseOdds.Of(restarted, _honest);
        IReadOnlyList<AddressEntry> entries = _victim.Book.Snapshot();
        AddressEntry[] tried = [.. entries.Where(entry => entry.InTried)];
        AddressEntry[] honestTried = [.. tried.Where(entry => !IsAttacker(entry))];
        bool mayHoldAll = !_parameters.OnePerGroup || _parameters.Groups >= NodeDefaults.OutboundConnections;
        return new AttackResult
        {
            Parameters = _parameters,
            AddressesTold = _told,
            New = new SlotShare(
                entries.Where(IsAttacker).Sum(entry => entry.NewBuckets.Count),
                entries.Sum(entry => entry.NewBuckets.Count)),
            Tried = new SlotShare(tried.Length - honestTried.Length, tried.Length),
            HonestTriedUp = (double)honestTried.Count(entry => _honest.IsUp(entry.Endpoint)) / Math.Max(1, honestTried.Length),
            OutboundHeld = _victim.Slots.Count(
                slot => slot.Peer is not null && SimulatedAddresses.IsAttacker(slot.Endpoint)),
            EclipsedBeforeRestart = mayHoldAll
                ? _victim.Slots.Aggregate(1.0, (product, slot) => product * (1 - slot.Spared))
                : 0,
            PickAfterRestart = odds.OnePick,
            EclipsedAfterRestart = odds.AllPicks(
                NodeDefaults.OutboundConnections, _parameters.OnePerGroup, _restartRandom),
        };
    }

    /// <summary>The book as a new process has it: written, read and placed again.</summary>
    private AddressManager Restart()
    {
        var image = new PeersImage { Key = _key, Grouping = "prefix", Entries = _victim.Book.Snapshot() };
        byte[] bytes = PeersFile.Write(image, P2PNetwork.Main);
        if (!PeersFile.TryRead(bytes, P2PNetwork.Main, out PeersImage? read, out PeersFileError error))
            throw new InvalidOperationException(error.Message);
        AddressManager restarted = NewBook(_restartRandom);
        restarted.Restore(read.Entries);
        return restarted;
    }

    private static bool IsAttacker(AddressEntry entry) => SimulatedAddresses.IsAttacker(entry.Endpoint);
}
