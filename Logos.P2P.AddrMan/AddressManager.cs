using System.Diagnostics.CodeAnalysis;
using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// Bitcoin's address manager: knows where other nodes listen, forgets what is no use, and chooses whom to dial so that
/// someone who feeds it any number of addresses from few places gains little (Heilman et al., "Eclipse Attacks on
/// Bitcoin's Peer-to-Peer Network", 2015).
/// </summary>
/// <remarks>
/// An address first enters the new table, at a place decided by a secret key, the address and who told it; once it has
/// accepted a connection it moves to the tried table. Both have a fixed size. Safe for any number of threads; what
/// happens to one address or draws one takes the same short time however many are known. All times are Unix seconds.
/// </remarks>
public sealed partial class AddressManager
{
    // Any success is later than this, so failures count before the first one too.
    private const long BeforeAnySuccess = 1;

    private readonly Lock _lock = new();
    private readonly AddressTables _tables;
    private readonly Random _random;
    private readonly TimeProvider _clock;
    private readonly Predicate<NetEndpoint> _isRoutable;
    private long _lastGood = BeforeAnySuccess;

    /// <summary>Makes an empty manager.</summary>
    /// <exception cref="ArgumentException">The key has not the right length.</exception>
    public AddressManager(AddressManagerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _tables = new AddressTables(new BucketMapper(options.Key.Span, options.Hash), options.Grouping);
        _random = options.Random;
        _clock = options.Clock;
        _isRoutable = options.IsRoutable;
    }

    /// <summary>The addresses known, 0 to <see cref="AddrManParameters.Capacity"/>.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _tables.Count;
        }
    }

    /// <summary>The addresses only heard of.</summary>
    public int NewCount
    {
        get
        {
            lock (_lock)
                return _tables.NewCount;
        }
    }

    /// <summary>The addresses that once answered.</summary>
    public int TriedCount
    {
        get
        {
            lock (_lock)
                return _tables.TriedCount;
        }
    }

    /// <summary>Addresses that were forgotten since the manager was made.</summary>
    public long EvictedCount
    {
        get
        {
            lock (_lock)
                return _tables.EvictedCount;
        }
    }

    /// <summary>How many addresses each bucket holds, for whoever wants to see whether somebody fills the tables.</summary>
    public BucketFill GetBucketFill()
    {
        lock (_lock)
            return _tables.GetFill();
    }

    /// <summary>The addresses of one network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No address can be on that network.</exception>
    public NetworkCount CountOf(NetworkId network)
    {
        lock (_lock)
            return _tables.CountOf(network);
    }

    /// <summary>True when an address is known.</summary>
    public bool Contains(NetEndpoint endpoint) => TryGet(endpoint, out _);

    /// <summary>Says what is known of an address.</summary>
    public bool TryGet(NetEndpoint endpoint, [NotNullWhen(true)] out AddressEntry? entry)
    {
        lock (_lock)
            entry = _tables.Find(endpoint)?.Entry;
        return entry is not null;
    }

    /// <summary>Takes note of addresses that somebody told.</summary>
    /// <param name="addresses">The addresses. Those that are not routable are passed over.</param>
    /// <param name="source">Who told them: the peer, or an internal name for a seed.</param>
    /// <param name="timePenalty">
    /// By how much their times are put back (Bitcoin: 2 hours for gossip), because what travelled is older than it
    /// says. Not applied to an address that its own host tells.
    /// </param>
    /// <returns>How many got a place in the new table that they did not have.</returns>
    public int Add(ReadOnlySpan<TimedAddress> addresses, NetAddress source, TimeSpan timePenalty = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timePenalty, TimeSpan.Zero);
        long now = Now();
        NetGroup sourceGroup = _tables.GroupOf(source);
        int added = 0;
        foreach (ref readonly TimedAddress heard in addresses)
        {
            if (!IsStorable(heard.Endpoint))
                continue;

            long penalty = heard.Endpoint.Address == source ? 0 : (long)timePenalty.TotalSeconds;
            // One address at a time: a peer that sends a thousand keeps nobody else waiting.
            lock (_lock)
                added += TryAdd(heard, source, sourceGroup, penalty, now) ? 1 : 0;
        }

        return added;
    }

    /// <summary>Takes note that a connection is being tried.</summary>
    /// <param name="endpoint">To whom.</param>
    /// <param name="countFailure">
    /// True to count it as failed until <see cref="Good"/> says otherwise; false when we may be the ones without a
    /// network. Even so, a failure counts only once between two successes with anybody, so that an outage of our own
    /// does not condemn everyone we know.
    /// </param>
    /// <param name="at">When, in Unix seconds.</param>
    public void Attempt(NetEndpoint endpoint, bool countFailure, long at)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(at);
        lock (_lock)
        {
            if (_tables.Find(endpoint) is not { } address)
                return;

            // Whether a dial failed may become clear only after the next one. But a time that lies ahead is of when our clock was wrong: that
            // success keeps no place in the tried table from anybody.
            AddressEntry known = address.Entry;
            AddressEntry entry = known with
            {
                LastTry = OwnClock.WasAhead(known.LastTry, at) ? at : Math.Max(at, known.LastTry),
                LastSuccess = OwnClock.WasAhead(known.LastSuccess, at) ? at - AddrManParameters.ReplacementAge : known.LastSuccess,
            };
            if (countFailure && at >= entry.LastSuccess && address.LastCountedAttempt < _lastGood)
            {
                address.LastCountedAttempt = at;
                entry = entry with { Attempts = entry.Attempts + 1 };
            }

            _tables.Update(address, entry);
        }
    }

    /// <summary>
    /// Takes note that we were connected until now. To be called when a connection ends, not while it lasts, and it
    /// moves the time only if that is 20 minutes old: both so that our answers to `getaddr` do not give our peers away.
    /// </summary>
    /// <param name="endpoint">With whom.</param>
    /// <param name="at">When, in Unix seconds.</param>
    public void Connected(NetEndpoint endpoint, long at)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(at);
        lock (_lock)
        {
            if (_tables.Find(endpoint) is not { } address)
                return;
            long time = address.Entry.Address.Time;
            if (at - time > AddrManParameters.ConnectedUpdateInterval || OwnClock.WasAhead(time, at))
                _tables.Update(address, WithTime(address.Entry, at));
        }
    }

    /// <summary>Replaces the services of an address, as the node itself told them in its `version`.</summary>
    public void SetServices(NetEndpoint endpoint, Services services)
    {
        lock (_lock)
        {
            if (_tables.Find(endpoint) is { } address && address.Entry.Address.Services != services)
                _tables.Update(address, WithServices(address.Entry, services));
        }
    }

    /// <summary>The time of an address that somebody told, or one of five days ago where theirs cannot be true.</summary>
    /// <param name="time">The time told, in Unix seconds.</param>
    /// <param name="now">The time, in Unix seconds.</param>
    public static uint ClampTime(uint time, long now) =>
        time <= AddrManParameters.EarliestTime || time > now + AddrManParameters.MaxFuture
            ? (uint)Math.Max(0, now - AddrManParameters.UnknownAge)
            : time;

    private static AddressEntry WithTime(AddressEntry entry, long time) =>
        entry with { Address = entry.Address with { Time = (uint)Math.Clamp(time, 0, uint.MaxValue) } };

    private static AddressEntry WithServices(AddressEntry entry, Services services) =>
        entry with { Address = entry.Address with { Services = services } };

    private long Now() => _clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>
    /// An address that someone could dial. What nobody ever could has no place, whatever the predicate says.
    /// </summary>
    private bool IsStorable(in NetEndpoint endpoint) =>
        NetAddress.IsKnown(endpoint.Address.Network) && _isRoutable(endpoint);

    private bool TryAdd(
        in TimedAddress heard, in NetAddress source, in NetGroup sourceGroup, long penalty, long now)
    {
        KnownAddress? known = _tables.Find(heard.Endpoint);
        if (known is not null)
        {
            Refresh(known, heard, penalty, now);
            if (!MayGetAnotherPlace(known.Entry, heard))
                return false;
        }

        BucketSlot slot = _tables.NewSlot(heard.Endpoint, sourceGroup);
        if (_tables.InNew(slot) is { } occupant)
        {
            bool givesWay = occupant != known && GivesWay(occupant.Entry, toUnknown: known is null, now);
            if (!givesWay)
                return false;
            _tables.Vacate(slot);
        }

        if (known is not null)
        {
            _tables.AddPlace(known, slot);
            return true;
        }

        var entry = new AddressEntry { Address = heard, Source = source };
        _tables.AddNew(WithTime(entry, heard.Time - penalty), slot);
        return true;
    }

    /// <summary>Learns what is new of a known address: services are added, the time moves in large steps.</summary>
    private void Refresh(KnownAddress known, in TimedAddress heard, long penalty, long now)
    {
        AddressEntry entry = known.Entry;
        bool online = now - heard.Time < AddrManParameters.OnlineWindow;
        long interval = online ? AddrManParameters.OnlineUpdateInterval : AddrManParameters.OfflineUpdateInterval;
        if (entry.Address.Time < heard.Time - interval - penalty)
            entry = WithTime(entry, heard.Time - penalty);

        Services services = entry.Address.Services | heard.Services;
        if (services != entry.Address.Services)
            entry = WithServices(entry, services);
        if (!ReferenceEquals(entry, known.Entry))
            _tables.Update(known, entry);
    }

    /// <summary>
    /// Only news of an address in the new table gives it another place, and each place it has makes the next one half
    /// as likely: repeating a claim must not be worth much.
    /// </summary>
    private bool MayGetAnotherPlace(AddressEntry known, in TimedAddress heard) =>
        heard.Time > known.Address.Time
        && !known.InTried
        && known.NewBuckets.Count < AddrManParameters.NewBucketsPerAddress
        && _random.Next(1 << known.NewBuckets.Count) == 0;

    /// <summary>
    /// A terrible address loses its place to any other; one with several places loses one to an unknown.
    /// </summary>
    private static bool GivesWay(AddressEntry occupant, bool toUnknown, long now) =>
        occupant.IsTerrible(now) || (toUnknown && occupant.NewBuckets.Count > 1);
}
