using Logos.P2P.Transport;
using Logos.P2P.Wire;

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

    /// <summary>An answer may take this part of the round trip, and some milliseconds for the other node's work.</summary>
    private const double RoundTripPart = 1.25;

    private static readonly TimeSpan WorkTime = TimeSpan.FromMilliseconds(15);

    /// <summary>By this much may whoever used to be first be slower than the one we asked without having failed.</summary>
    private static readonly TimeSpan SlowerTolerance = TimeSpan.FromMilliseconds(20);

    private readonly FlightTable _flights;
    private readonly FramePool _frames;
    private readonly NodeClock _clock;
    private readonly TimeSpan _wait;
    private readonly FlightTimer _timer;

    /// <param name="flights">What is known of each message.</param>
    /// <param name="frames">Makes frames.</param>
    /// <param name="clock">The time.</param>
    /// <param name="wait">How long an announced message is waited for before it is asked for.</param>
    public RequestTracker(FlightTable flights, FramePool frames, NodeClock clock, TimeSpan wait)
    {
        _flights = flights;
        _frames = frames;
        _clock = clock;
        _wait = wait;
        _timer = new FlightTimer(clock, AskDue);
    }

    /// <summary>Told when a peer has not brought what it used to bring first.</summary>
    public Action<RelayLink>? Failed { get; set; }

    /// <summary>A peer has a message.</summary>
    /// <param name="from">The peer.</param>
    /// <param name="name">The message.</param>
    /// <param name="id">Its full name, if the peer told it.</param>
    /// <returns>False when the peer has announced too many messages that never came.</returns>
    public bool Announce(RelayLink from, ShortId name, MessageId? id = null)
    {
        TimeSpan now = _clock.Now;
        FlightTable.Shard shard = _flights.ShardOf(name);
        Flight flight;
        long generation;
        TimeSpan at;
        lock (shard)
        {
            if (shard.Find(name) is not { } known)
            {
                if (!from.TryTakePlace())
                    return false;
                known = shard.GetOrAdd(name, now);
                known.Announcer = from;
            }

            flight = known;
            flight.Id ??= id;
            ref Flight.Cell cell = ref flight.CellOf(from);
            cell.Marks |= FlightMarks.Knows;
            if (cell.AnnouncedAt == TimeSpan.Zero)
                cell.AnnouncedAt = now;
            if (flight.IsHere || flight.Due is not null)
                return true;
            // Where all others were asked in vain this one need not wait.
            at = flight.WasAsked ? now : now + _wait;
            (flight.Due, generation) = (at, flight.Generation);
        }

        _timer.Plan(name, generation, at);
        return true;
    }

    /// <summary>A peer is sending a large message.</summary>
    /// <returns>False when somebody else is, or it is here: then the peer should not.</returns>
    public bool ExpectFrom(RelayLink from, ShortId name, uint size)
    {
        TimeSpan now = _clock.Now;
        FlightTable.Shard shard = _flights.ShardOf(name);
        long generation;
        TimeSpan at;
        lock (shard)
        {
            Flight flight = shard.GetOrAdd(name, now);
            bool isExpected = flight.IsHere || now < flight.ComingUntil;
            ref Flight.Cell cell = ref flight.CellOf(from);
            cell.Marks |= FlightMarks.Knows | FlightMarks.IsComing;
            if (isExpected)
                return false;
            flight.ExpectedSize = (int)Math.Min(size, WireLimits.MaxPayload);
            TimeSpan sending = TimeSpan.FromSeconds(Slack * flight.ExpectedSize / ComingBytesPerSecond);
            at = now + (sending > MinComingWait ? sending : MinComingWait);
            flight.ComingUntil = at;
            (flight.Due, generation) = (at, flight.Generation);
        }

        _timer.Plan(name, generation, at);
        return true;
    }

    /// <summary>A peer does not have what we asked it for.</summary>
    public void NotFound(RelayLink from, ShortId name)
    {
        FlightTable.Shard shard = _flights.ShardOf(name);
        long generation;
        lock (shard)
        {
            if (shard.Find(name) is not { IsHere: false } flight || flight.Asked != from)
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
                    flight.Forget(link);
                    if (flight.Asked != link)
                        continue;
                    flight.Due = now;
                    _timer.Plan(flight.Name, flight.Generation, now);
                }
            }
        }
    }

    /// <summary>A message that was here is not: it may come again.</summary>
    public void Abandon(ShortId name)
    {
        FlightTable.Shard shard = _flights.ShardOf(name);
        long generation;
        lock (shard)
        {
            if (shard.Find(name) is not { IsHere: true } flight)
                return;
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
            LookAt(name, generation, now);
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
        _timer.Plan(name, generation, at);
        Frame frame = asked.Key is null ? _frames.Create(Command.GetData, [id!.Value]) : _frames.Create(Command.Want, name);
        asked.Peer.Send(frame, SendLane.Small);
    }

    private static TimeSpan PatienceWith(RelayLink link, int size) =>
        (RoundTripPart * link.RoundTrip) + WorkTime + TimeSpan.FromSeconds(size / SlowBytesPerSecond);
}
