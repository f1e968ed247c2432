using Logos.P2P.Access;
using Logos.P2P.Peers;
using Logos.P2P.Relay.Chunks;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>
/// What the relay knows of one peer while messages flow to it: its place in rows, what we offered to it, and whether it keeps
/// its promises. Any thread.
/// </summary>
/// <param name="peer">The peer.</param>
/// <param name="slot">Its place in rows: no two links have the same at one time.</param>
internal sealed class RelayLink(Peer peer, int slot)
{
    /// <summary>
    /// Offers remembered: what a peer asks for it asks for within a second or two, and at 10,000 messages a second this is
    /// that. A megabyte for a peer who is offered so much.
    /// </summary>
    public const int MaxOffers = 16_384;

    /// <summary>
    /// Messages that a peer was the first to announce and that are not here: Bitcoin Core's MAX_PEER_TX_ANNOUNCEMENTS.
    /// </summary>
    public const int MaxAnnounced = 5_000;

    /// <summary>Messages asked for and not received: Bitcoin Core's MAX_PEER_TX_REQUEST_IN_FLIGHT.</summary>
    public const int MaxAsked = 100;

    /// <summary>A peer that owes us this many payloads is asked last.</summary>
    public const int DoubtfulDebt = 2;

    /// <summary>A peer that owes us this many payloads is not invited to send unasked.</summary>
    public const int UntrustedDebt = 3;

    /// <summary>
    /// Announcements that wait to be sent: as many as fit in one frame. More wait only at a peer who reads nothing.
    /// </summary>
    public const int MaxUnsent = ShortIdCodec.MaxCount;

    /// <summary>
    /// Questions by short ids under keys of the upper layer that a peer may ask in a second: whoever gets a list asks once or
    /// twice, and again when it was not answered in time.
    /// </summary>
    private const double LookupsPerSecond = 5;

    private const double LookupBurst = 20;

    /// <summary>A round trip before one was measured: a long one, so that we rather wait than ask twice.</summary>
    private static readonly TimeSpan UnknownRoundTrip = TimeSpan.FromMilliseconds(200);

    /// <summary>A peer answers pings as late as it likes. We wait no longer for it than for the far side of the world.</summary>
    private static readonly TimeSpan LongestRoundTrip = TimeSpan.FromMilliseconds(500);

    /// <summary>What an offer occupies, with its place in the order.</summary>
    private const int OfferBytes = 72;

    /// <summary>What an announcement occupies that waits.</summary>
    private const int UnsentBytes = MessageId.Size + sizeof(long);

    /// <summary>Bytes of one link at most.</summary>
    public const long MaxBytes = (2L * MaxOffers * OfferBytes) + (2L * MaxUnsent * UnsentBytes);

    private readonly Lock _gate = new();
    private readonly Dictionary<ShortId, MessageId> _offers = [];
    private readonly Queue<ShortId> _offerOrder = new();
    private readonly Queue<Unsent> _unsent = new();
    private readonly BadMessageLimit _wrongLists = new(ChunkCredit.MaxWrongLists);
    private TokenBucket _lookups = new(LookupsPerSecond, LookupBurst, LookupBurst, TimeSpan.Zero);
    private long _nextUnsentTicks = long.MaxValue;
    private int _debt;
    private int _asked;
    private int _announced;

    public Peer Peer => peer;

    public int Slot => slot;

    /// <summary>When messages began to flow to it.</summary>
    public TimeSpan OpenedAt { get; set; }

    /// <summary>What is remembered of it occupies so much.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
                return ((long)_offers.Capacity * OfferBytes) + ((long)_unsent.Capacity * UnsentBytes);
        }
    }

    /// <summary>Whether the peer is gone. Its slot may be another's then.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Under which key messages are named to the peer; null when it takes full ids only.</summary>
    public ShortIdKey? Key => peer.RelayKey;

    /// <summary>Whether large messages go to it in chunks.</summary>
    public bool TakesChunks => peer.TakesChunks;

    /// <summary>Whether chunks of messages whose lists it brought first are not passed on before all are here: one was wrong.</summary>
    public bool BringsWrongLists { get; set; }

    /// <summary>How fast it brings chunks.</summary>
    public ChunkPace ChunkPace { get; } = new();

    /// <summary>The round trip to the peer, as far as it is believed.</summary>
    public TimeSpan RoundTrip
    {
        get
        {
            TimeSpan measured = peer.MinRoundTrip ?? UnknownRoundTrip;
            return measured < LongestRoundTrip ? measured : LongestRoundTrip;
        }
    }

    /// <summary>Up to which number it was told of the important messages that were here before it came.</summary>
    public long ImportantTold { get; set; }

    /// <summary>The number of the last one of those.</summary>
    public long ImportantLast { get; set; }

    /// <summary>Payloads that it promised and did not bring, since it last brought any.</summary>
    public int Debt => Volatile.Read(ref _debt);

    /// <summary>Whether as much is asked of it as may be.</summary>
    public bool IsBusy => Volatile.Read(ref _asked) >= MaxAsked;

    /// <summary>How much is to be said against asking it: 0 for nothing.</summary>
    public int Doubt => Debt >= DoubtfulDebt ? 2 : IsBusy ? 1 : 0;

    /// <summary>It promised a payload, or did not keep that promise in time.</summary>
    public void AddDebt() => Interlocked.Increment(ref _debt);

    /// <summary>It owes one less than was thought. What it brought meanwhile has cleared all of it.</summary>
    public void TakeBackDebt()
    {
        int debt = Debt, seen;
        while (debt > 0 && (seen = Interlocked.CompareExchange(ref _debt, debt - 1, debt)) != debt)
            debt = seen;
    }

    /// <summary>It brought a payload.</summary>
    public void ClearDebt() => Volatile.Write(ref _debt, 0);

    /// <summary>Takes a place for a message that it is the first to announce.</summary>
    /// <returns>False when it has announced too many that never came.</returns>
    public bool TryTakePlace()
    {
        if (Interlocked.Increment(ref _announced) <= MaxAnnounced)
            return true;
        Interlocked.Decrement(ref _announced);
        return false;
    }

    /// <summary>A message that it was the first to announce is here, or given up.</summary>
    public void FreePlace() => Interlocked.Decrement(ref _announced);

    public void NoteAsked() => Interlocked.Increment(ref _asked);

    public void NoteAnswered() => Interlocked.Decrement(ref _asked);

    /// <summary>Whether the peer may ask by short ids under a key of the upper layer.</summary>
    public bool TryTakeLookup(TimeSpan now)
    {
        lock (_gate)
            return _lookups.TryTake(now);
    }

    /// <summary>A list of chunks that it was the first to bring is wrong.</summary>
    /// <returns>True when it is one too many.</returns>
    public bool NoteWrongList(TimeSpan now)
    {
        lock (_gate)
            return _wrongLists.Add(now);
    }

    /// <summary>The peer is gone.</summary>
    public void Close() => IsClosed = true;

    /// <summary>Has a message announced to the peer later, with others.</summary>
    public void AnnounceLater(in MessageId id, TimeSpan at)
    {
        lock (_gate)
        {
            if (_unsent.Count == MaxUnsent)
                return;
            _unsent.Enqueue(new Unsent(id, at));
            NoteNextUnsent();
        }
    }

    /// <summary>Whether an announcement is to be sent by now. Takes no lock: every heartbeat asks this of every peer.</summary>
    public bool HasUnsent(TimeSpan now) => now.Ticks >= Volatile.Read(ref _nextUnsentTicks);

    /// <summary>Takes an announcement that is to be sent by now.</summary>
    public bool TryTakeUnsent(TimeSpan now, out MessageId id)
    {
        lock (_gate)
        {
            id = default;
            if (!_unsent.TryPeek(out Unsent next) || next.At > now)
                return false;
            id = _unsent.Dequeue().Id;
            NoteNextUnsent();
            return true;
        }
    }

    /// <summary>Remembers what a message is called in what we tell the peer, so that it may ask for it.</summary>
    public void Offer(ShortId name, in MessageId id)
    {
        lock (_gate)
        {
            if (!_offers.TryAdd(name, id))
                return;
            _offerOrder.Enqueue(name);
            if (_offerOrder.Count > MaxOffers)
                _offers.Remove(_offerOrder.Dequeue());
        }
    }

    /// <summary>Which message a name that the peer asks for stands for.</summary>
    public bool TryFindOffer(ShortId name, out MessageId id)
    {
        lock (_gate)
            return _offers.TryGetValue(name, out id);
    }

    private void NoteNextUnsent() =>
        Volatile.Write(ref _nextUnsentTicks, _unsent.TryPeek(out Unsent next) ? next.At.Ticks : long.MaxValue);

    private readonly record struct Unsent(MessageId Id, TimeSpan At);
}
