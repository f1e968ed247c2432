using Logos.P2P.Diagnostics;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Relay;

/// <summary>
/// Asks for messages that were announced and do not come: one peer at a time for each, never the same one twice, those that
/// kept their promises first. The shape is Bitcoin Core's request tracker; the clocks are those of a link and not of a
/// block chain, so that one peer who announces and is silent delays a message by a round trip and not by a minute. Any thread.
/// </summary>
internal sealed class RequestTracker : IDisposable
{
    /// <summary>Bytes a second of a fast line, 40 Mbit/s: what a payload may be behind its announcement by its size.</summary>
    public const double FastBytesPerSecond = 40e6 / 8;

    /// <summary>Bytes a second of the slowest line that is waited for, 5 Mbit/s.</summary>
    private const double SlowBytesPerSecond = 5e6 / 8;

    /// <summary>Bytes a second that a payload which is coming is expected with at least, 20 Mbit/s; see <see cref="Slack"/>.</summary>
    private const double ComingBytesPerSecond = 20e6 / 8;

    private const double Slack = 2.5;

    private static readonly TimeSpan MinComingWait = TimeSpan.FromMilliseconds(60);

    /// <summary>Nobody gets longer to bring what he says is coming: 4 MB at 20 Mbit/s.</summary>
    private static readonly TimeSpan MaxComingWait = TimeSpan.FromSeconds(1.6);

    /// <summary>The longest wait for one peer: Bitcoin Core waits a minute, and one silent peer is enough for that.</summary>
    public static readonly TimeSpan MaxPatience = TimeSpan.FromSeconds(3);

    /// <summary>How long to wait at least where even a question had to wait.</summary>
    private static readonly TimeSpan RetryWait = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// That long again, as a part of the message's age: a peer that reads nothing and announces thousands would have us try each of
    /// them fifty times a second.
    /// </summary>
    private const double RetryWaitOfAge = 0.25;

    /// <summary>An answer may take this part of the round trip, and some milliseconds for the other node's work.</summary>
    private const double RoundTripPart = 1.25;

    private static readonly TimeSpan WorkTime = TimeSpan.FromMilliseconds(15);

    /// <summary>By this much may whoever used to be first be slower than the one we asked without having failed.</summary>
    private static readonly TimeSpan SlowerTolerance = TimeSpan.FromMilliseconds(20);

    private readonly FlightTable _flights;
    private readonly FramePool _frames;
    private readonly NodeClock _clock;
    private readonly TimeSpan _wait;
    private readonly ILogger _logger;
    private readonly FlightTimer _timer;

    /// <param name="flights">What is known of each message.</param>
    /// <param name="frames">Makes frames.</param>
    /// <param name="clock">The time.</param>
    /// <param name="wait">How long an announced message is waited for before it is asked for.</param>
    /// <param name="logger">Is told of what nobody thought of.</param>
    public RequestTracker(FlightTable flights, FramePool frames, NodeClock clock, TimeSpan wait, ILogger logger)
    {
        _flights = flights;
        _frames = frames;
        _clock = clock;
        _wait = wait;
        _logger = logger;
        _timer = new FlightTimer(clock, AskDue);
    }

    /// <summary>Told when a peer has not brought what it used to bring first.</summary>
    public Action<RelayLink>? Failed { get; set; }

    /// <summary>Told when our own messages are known to have come far.</summary>
    public Action<MessageSpread>? Spread { get; set; }

    /// <summary>
    /// Says how long to wait for a message that comes another way already before it is asked for; null for as long as ever. Asked
    /// with locks held.
    /// </summary>
    public Func<ShortId, TimeSpan?>? WaitFor { get; set; }

    /// <summary>A peer has a message.</summary>
    /// <param name="from">The peer.</param>
    /// <param name="name">The message.</param>
    /// <param name="id">Its full name, if the peer told it.</param>
    /// <param name="wasHere">Whether it was here before, perhaps long ago. Nobody is asked for it then.</param>
    /// <returns>False when the peer has announced too many messages that never came.</returns>
    public bool Announce(RelayLink from, ShortId name, MessageId? id = null, bool wasHere = false)
    {
        TimeSpan now = _clock.Now;
        FlightTable.Shard shard = _flights.ShardOf(name);
        MessageSpread? spread;
        long generation = 0;
        TimeSpan? at = null;
        lock (shard)
        {
            if (shard.Find(name) is not { } flight)
            {
                if (wasHere)
                    return true;
                if (!from.TryTakePlace())
                    return false;
                flight = shard.GetOrAdd(name, now);
                flight.Announcer = from;
            }

            flight.Id ??= id;
            spread = flight.NoteKnows(from, now);
            ref Flight.Cell cell = ref flight.CellOf(from);
            if (cell.AnnouncedAt == TimeSpan.Zero)
                cell.AnnouncedAt = now;
            // Whoever announces what he said is coming cannot send it unasked after all. Somebody else who was asked is waited for.
            bool isNotComing = cell.Is(FlightMarks.IsComing) && (flight.Asked is null || flight.Asked == from);
            cell.Marks &= ~FlightMarks.IsComing;
            if (!flight.IsHere && !wasHere && (flight.Due is null || isNotComing))
            {
                // Where all others were asked in vain this one need not wait.
                at = flight.WasAsked || isNotComing ? now : now + (WaitFor?.Invoke(name) ?? _wait);
                (flight.Due, generation) = (at, flight.Generation);
            }
        }

        Conclude(spread, name, generation, at);
        return true;
    }

    /// <summary>A peer is sending a large message.</summary>
    /// <returns>False when somebody else is, or it is here: then the peer should not.</returns>
    /// <remarks>A peer whose promises were worth nothing is not waited for, nor whoever says so of what is small.</remarks>
    public bool ExpectFrom(RelayLink from, ShortId name, uint size)
    {
        if (from.Debt >= RelayLink.UntrustedDebt || size < NodeDefaults.LargeMessage)
            return true;
        TimeSpan now = _clock.Now;
        FlightTable.Shard shard = _flights.ShardOf(name);
        MessageSpread? spread;
        long generation = 0;
        TimeSpan? at = null;
        bool isWelcome = false;
        lock (shard)
        {
            if (shard.Find(name) is not { } flight)
            {
                if (!from.TryTakePlace())
                    return true;
                flight = shard.GetOrAdd(name, now);
                flight.Announcer = from;
            }

            spread = flight.NoteKnows(from, now);
            ref Flight.Cell cell = ref flight.CellOf(from);
            // Whoever says so again is waited for no longer than the first time.
            if (!flight.IsHere && cell.Is(FlightMarks.IsComing))
            {
                isWelcome = true;
            }
            // Whoever was asked and is sending is the one to wait for.
            else if (!flight.IsHere && (now >= flight.ComingUntil || flight.Asked == from))
            {
                isWelcome = true;
                // Not of whoever is told to hold: it owes nothing, and nobody waits for it.
                cell.Marks |= FlightMarks.IsComing;
                flight.ExpectedSize = (int)Math.Min(size, WireLimits.MaxPayload);
                TimeSpan due = now + from.RoundTrip + ComingWait(flight.ExpectedSize);
                // A wait for somebody else is made neither longer nor shorter by this.
                if (flight.Asked is not null && flight.Asked != from && flight.Due is { } theirs)
                    due = theirs;
                flight.ComingUntil = due;
                (at, flight.Due, generation) = (due, due, flight.Generation);
            }
        }

        Conclude(spread, name, generation, at);
        return isWelcome;
    }

    /// <summary>A peer does not have what we asked it for.</summary>
    public void NotFound(RelayLink from, ShortId name)
    {
        FlightTable.Shard shard = _flights.ShardOf(name);
        long generation;
        lock (shard)
        {
            if (shard.Find(name) is not { IsHere: false } flight || flight.Asked != from || flight.Due <= _clock.Now)
                return;
            (flight.Due, generation) = (_clock.Now, flight.Generation);
        }

        _timer.Plan(name, generation, _clock.Now);
    }

    /// <summary>
    /// A message had to be asked for. Looks in a moment whether whoever used to bring such first has it by then; see
    /// <see cref="Failed"/>.
    /// </summary>
    public void Watch(ShortId name, RelayLink suspect)
    {
        FlightTable.Shard shard = _flights.ShardOf(name);
        long generation;
        TimeSpan at = _clock.Now + SlowerTolerance;
        lock (shard)
        {
            if (shard.Find(name) is not { IsHere: true } flight || flight.CellOf(suspect).Is(FlightMarks.Knows))
                return;
            flight.Suspect = suspect;
            (flight.Due, generation) = (at, flight.Generation);
        }

        _timer.Plan(name, generation, at);
    }

    /// <summary>A peer is gone: others are asked for what it was asked for.</summary>
    public void Close(RelayLink link)
    {
        TimeSpan now = _clock.Now;
        foreach (FlightTable.Shard shard in _flights.Shards)
        {
            lock (shard)
            {
                foreach (Flight flight in shard.All)
                {
                    bool wasWaitedFor = flight.Asked == link
                        || (!flight.IsHere && flight.Due is not null && flight.IsComingFrom(link));
                    flight.Forget(link);
                    if (!wasWaitedFor)
                        continue;
                    flight.ComingUntil = TimeSpan.Zero;
                    flight.Due = now;
                    _timer.Plan(flight.Name, flight.Generation, now);
                }
            }
        }
    }

    /// <summary>A message that was here is not: it may come again.</summary>
    /// <param name="from">Who brought it, and is not asked again.</param>
    /// <param name="name">The message.</param>
    public void Abandon(RelayLink from, ShortId name)
    {
        FlightTable.Shard shard = _flights.ShardOf(name);
        long generation;
        lock (shard)
        {
            if (shard.Find(name) is not { IsHere: true } flight || flight.Step.From != from.Slot)
                return;
            flight.CellOf(from).Marks |= FlightMarks.Asked;
            flight.IsHere = false;
            (flight.Due, generation) = (_clock.Now, flight.Generation);
        }

        _timer.Plan(name, generation, _clock.Now);
    }

    public void Dispose() => _timer.Dispose();

    private void AskDue()
    {
        TimeSpan now = _clock.Now;
        while (_timer.TryTake(now, out ShortId name, out long generation))
            TryLookAt(name, generation, now);
    }

    private void TryLookAt(ShortId name, long generation, TimeSpan now)
    {
        try
        {
            LookAt(name, generation, now);
        }
#pragma warning disable CA1031 // On a thread of the pool, where an exception would end the process, and the others are due too.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.HeartbeatFailed(_logger, e);
        }
    }

    private void LookAt(ShortId name, long generation, TimeSpan now)
    {
        FlightTable.Shard shard = _flights.ShardOf(name);
        RelayLink? asked = null, failed = null;
        MessageId? id = null;
        TimeSpan at = now;
        lock (shard)
        {
            if (shard.Find(name, generation) is not { Due: { } due } flight || due > now)
                return;
            flight.Due = null;
            if (flight.IsHere)
            {
                if (flight.Suspect is { } suspect && !flight.CellOf(suspect).Is(FlightMarks.Knows))
                    failed = suspect;
                flight.Suspect = null;
            }
            else
            {
                flight.Asked?.AddDebt();
                flight.StopAsking();
                flight.GiveUpComing();
                asked = flight.Ask();
                if (asked is not null)
                {
                    id = flight.Id;
                    at = now + PatienceWith(asked, flight.ExpectedSize);
                    flight.Due = at;
                }
            }
        }

        if (failed is not null)
            Failed?.Invoke(failed);
        if (asked is null)
            return;
        if (TrySend(asked, name, id))
            _timer.Plan(name, generation, at);
        else if (TakeBack(shard, name, generation, asked, now) is { } again)
            _timer.Plan(name, generation, again);
    }

    private bool TrySend(RelayLink asked, ShortId name, MessageId? id)
    {
        Frame frame = asked.Key is null ? _frames.Create(Command.GetData, [id!.Value]) : _frames.Create(Command.Want, name);
        bool isSent = asked.Peer.TrySend(frame, SendLane.Small);
        frame.Release();
        return isSent;
    }

    /// <summary>
    /// The question did not fit into the peer's queue: it was not asked. Others are asked first then, which is what a debt is for; but
    /// nobody loses our trust because he was not asked.
    /// </summary>
    /// <returns>When to look at it again; null for no more.</returns>
    private static TimeSpan? TakeBack(FlightTable.Shard shard, ShortId name, long generation, RelayLink asked, TimeSpan now)
    {
        if (asked.Debt > RelayLink.DoubtfulDebt)
            asked.TakeBackDebt();
        lock (shard)
        {
            if (shard.Find(name, generation) is not { IsHere: false } flight || flight.Asked != asked)
                return null;
            flight.StopAsking();
            flight.CellOf(asked).Marks &= ~FlightMarks.Asked;
            TimeSpan age = now - flight.CreatedAt, wait = RetryWaitOfAge * age;
            flight.Due = age < FlightTable.GiveUpAfter ? now + (wait > RetryWait ? wait : RetryWait) : null;
            return flight.Due;
        }
    }

    /// <summary>Does, with nothing locked, what a peer's word has led to.</summary>
    private void Conclude(MessageSpread? spread, ShortId name, long generation, TimeSpan? at)
    {
        if (spread is not null)
            Spread?.Invoke(spread);
        if (at is { } due)
            _timer.Plan(name, generation, due);
    }

    /// <summary>How long something takes to come, besides the round trip.</summary>
    private static TimeSpan ComingWait(int size)
    {
        TimeSpan sending = TimeSpan.FromSeconds(Slack * size / ComingBytesPerSecond);
        return TimeSpan.FromTicks(Math.Clamp(sending.Ticks, MinComingWait.Ticks, MaxComingWait.Ticks));
    }

    /// <summary>How long a peer that was asked for so many bytes has before another one is.</summary>
    public static TimeSpan PatienceWith(RelayLink link, long size)
    {
        TimeSpan patience = (RoundTripPart * link.RoundTrip) + WorkTime + SendingTime(size);
        return patience < MaxPatience ? patience : MaxPatience;
    }

    /// <summary>How long the slowest line that is waited for needs.</summary>
    public static TimeSpan SendingTime(long size) => TimeSpan.FromSeconds(size / SlowBytesPerSecond);
}
