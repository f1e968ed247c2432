using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>
/// The messages that nodes tell each other about just now, by their short ids. Cut into shards, each guarded by whoever locks
/// it; flights are used again, so that a steady stream of messages allocates nothing.
/// </summary>
internal sealed class FlightTable
{
    /// <summary>
    /// Flights at once: 6 seconds' worth at 10,000 messages a second, longer than any feedback takes. Each has a place for every peer of
    /// any of its lives: with all of them in use 52 MB at 16 peers, 230 MB at 125.
    /// </summary>
    public const int MaxFlights = 65_536;

    /// <summary>After this a peer that has not called a payload late was glad of it: any round trip, and a second.</summary>
    public static readonly TimeSpan SettleAfter = TimeSpan.FromSeconds(2);

    /// <summary>How long a message that was judged is followed: after that nobody has anything to say about it.</summary>
    public static readonly TimeSpan ForgetAfter = TimeSpan.FromSeconds(10);

    /// <summary>How long a message that nobody brings is asked for, and one is followed that waits for a slow upper layer.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(30);

    private const int ShardCount = 16;

    private const int ShardShift = 60;

    /// <summary>What of a name's hash follows the bits that say which shard.</summary>
    private const int HashShift = 28;

    private readonly ulong _spread;
    private readonly Shard[] _shards;

    /// <summary>
    /// When something in each shard is over, side by side: a heartbeat that finds nothing to do reads two lines of memory, and
    /// not what each shard consists of.
    /// </summary>
    private readonly long[] _dueTicks = new long[ShardCount];

    /// <param name="spread">A random number.</param>
    public FlightTable(ulong spread)
    {
        _spread = spread | 1;
        Array.Fill(_dueTicks, long.MaxValue);
        _shards = [.. Enumerable.Range(0, ShardCount).Select(number => new Shard(_spread, _dueTicks.AsMemory(number, 1)))];
    }

    public IReadOnlyList<Shard> Shards => _shards;

    /// <summary>Whether something may be over in a shard: <see cref="Shard.TryTakeSettled"/>, <see cref="Shard.Expire"/>.</summary>
    public bool IsDue(int shard, TimeSpan now) => Volatile.Read(ref _dueTicks[shard]) <= now.Ticks;

    /// <summary>Peers choose names, so which shard has one must be a secret, or they could fill a single one.</summary>
    public Shard ShardOf(ShortId name) => _shards[(name.Value * _spread) >> ShardShift];

    /// <summary>A part of the table. Whoever uses it locks it.</summary>
    /// <param name="spread">What makes hashes of names.</param>
    /// <param name="dueTicks">Is told when something is over here: one number.</param>
    internal sealed class Shard(ulong spread, Memory<long> dueTicks)
    {
        private readonly HashIndex _index = new();

        /// <summary>By number, those that wait for their next use as well.</summary>
        private readonly List<Flight> _flights = [];
        private readonly Queue<(Flight Flight, long Generation)> _unsettled = new();
        private readonly Queue<Flight> _order = new();
        private readonly Stack<Flight> _free = new();

        public int Count => _order.Count;

        /// <summary>What the flights occupy, those that wait for their next use as well.</summary>
        public long Bytes => _order.Sum(flight => (long)flight.Bytes) + _free.Sum(flight => (long)flight.Bytes);

        /// <summary>Oldest first.</summary>
        public IEnumerable<Flight> All => _order;

        public Flight? Find(ShortId name)
        {
            uint hash = HashOf(name);
            int probes = 0;
            while (_index.TryFind(hash, ref probes, out int number))
            {
                if (_flights[number].Name == name)
                    return _flights[number];
            }

            return null;
        }

        /// <summary>A name is about to be looked for. Needs no lock.</summary>
        public void Prefetch(ShortId name) => _index.Prefetch(HashOf(name));

        /// <summary>The flight of that use, if it has not been used again.</summary>
        public Flight? Find(ShortId name, long generation) =>
            Find(name) is { } flight && flight.Generation == generation ? flight : null;

        public Flight GetOrAdd(ShortId name, TimeSpan now)
        {
            if (Find(name) is { } known)
                return known;
            if (Count >= MaxFlights / ShardCount)
                RemoveOldest();
            if (!_free.TryPop(out Flight? flight))
                _flights.Add(flight = new Flight { Number = _flights.Count });
            flight.Start(name, now);
            _index.Add(HashOf(name), flight.Number);
            _order.Enqueue(flight);
            LookAt(now + ForgetAfter);
            return flight;
        }

        /// <summary>The next flight that can teach no more than it has.</summary>
        public bool TryTakeSettled(TimeSpan now, out Flight flight)
        {
            flight = null!;
            while (_unsettled.TryPeek(out (Flight Flight, long Generation) next))
            {
                bool isOver = next.Flight.Generation != next.Generation || next.Flight.SentAt is null;
                if (!isOver && now - next.Flight.SentAt < SettleAfter)
                    return false;
                _unsettled.Dequeue();
                if (isOver)
                    continue;
                flight = next.Flight;
                return true;
            }

            return false;
        }

        /// <summary>A flight has been sent on: what peers say of that, and what they do not, teaches something.</summary>
        public void MarkSent(Flight flight, TimeSpan now)
        {
            flight.SentAt = now;
            _unsettled.Enqueue((flight, flight.Generation));
            LookAt(now + SettleAfter);
        }

        /// <summary>Ends the flights that are over. The next look is due when the next one can be.</summary>
        public void Expire(TimeSpan now)
        {
            EndThoseOver(now);
            Volatile.Write(ref DueTicks, long.MaxValue);
            if (_unsettled.TryPeek(out (Flight Flight, long Generation) unsettled))
                LookAt(unsettled.Flight.SentAt is { } sentAt ? sentAt + SettleAfter : now);
            // One that came late stays longer, but those behind it are looked at when it would have been over.
            if (_order.TryPeek(out Flight? oldest))
                LookAt(oldest.CreatedAt + ForgetAfter > now ? oldest.CreatedAt + ForgetAfter : oldest.FollowedSince + ForgetAfter);
        }

        private ref long DueTicks => ref dueTicks.Span[0];

        private void LookAt(TimeSpan time)
        {
            if (time.Ticks < DueTicks)
                Volatile.Write(ref DueTicks, time.Ticks);
        }

        private void EndThoseOver(TimeSpan now)
        {
            for (int left = Count; left > 0; left--)
            {
                Flight flight = _order.Peek();
                if (now - flight.CreatedAt < AgeAtEnd(flight))
                    return;
                // Somebody can still be asked, or is being asked; or it came long after it was announced. Others need not wait.
                if (flight.Due is not null || now - flight.FollowedSince < AgeAtEnd(flight))
                    _order.Enqueue(_order.Dequeue());
                else
                    RemoveOldest();
            }
        }

        private static TimeSpan AgeAtEnd(Flight flight) => flight.IsJudged ? ForgetAfter : GiveUpAfter;

        /// <summary>The object without its cells.</summary>
        private const int FlightBytes = 256;

        private uint HashOf(ShortId name) => (uint)((name.Value * spread) >> HashShift);

        private void RemoveOldest()
        {
            Flight flight = _order.Dequeue();
            if (_order.TryPeek(out Flight? next))
                Relay.Prefetch.Object(next, FlightBytes);
            _index.Remove(HashOf(flight.Name), flight.Number);
            flight.End();
            flight.SentAt = null;
            _free.Push(flight);
        }
    }
}
