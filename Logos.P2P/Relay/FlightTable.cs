using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>
/// The messages that nodes tell each other about just now, by their short ids. Cut into shards, each guarded by whoever locks
/// it; flights are used again, so that a steady stream of messages allocates nothing.
/// </summary>
/// <param name="spread">A random number.</param>
internal sealed class FlightTable(ulong spread)
{
    /// <summary>
    /// Flights at once: 6 seconds' worth at 10,000 messages a second, longer than any feedback takes. About 25 MB at 16 peers.
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

    private readonly ulong _spread = spread | 1;
    private readonly Shard[] _shards = [.. Enumerable.Range(0, ShardCount).Select(_ => new Shard())];

    public IReadOnlyList<Shard> Shards => _shards;

    /// <summary>Peers choose names, so which shard has one must be a secret, or they could fill a single one.</summary>
    public Shard ShardOf(ShortId name) => _shards[(name.Value * _spread) >> ShardShift];

    /// <summary>A part of the table. Whoever uses it locks it.</summary>
    internal sealed class Shard
    {
        private readonly Dictionary<ShortId, Flight> _flights = [];
        private readonly Queue<(Flight Flight, long Generation)> _unsettled = new();
        private readonly Queue<Flight> _order = new();
        private readonly Stack<Flight> _free = new();

        public int Count => _flights.Count;

        /// <summary>What the flights occupy, those that wait for their next use as well.</summary>
        public long Bytes => _order.Sum(flight => (long)flight.Bytes) + _free.Sum(flight => (long)flight.Bytes);

        public IEnumerable<Flight> All => _flights.Values;

        public Flight? Find(ShortId name) => _flights.GetValueOrDefault(name);

        /// <summary>The flight of that use, if it has not been used again.</summary>
        public Flight? Find(ShortId name, long generation) =>
            Find(name) is { } flight && flight.Generation == generation ? flight : null;

        public Flight GetOrAdd(ShortId name, TimeSpan now)
        {
            if (_flights.TryGetValue(name, out Flight? known))
                return known;
            if (_flights.Count >= MaxFlights / ShardCount)
                RemoveOldest();
            Flight flight = _free.TryPop(out Flight? free) ? free : new Flight();
            flight.Start(name, now);
            _flights.Add(name, flight);
            _order.Enqueue(flight);
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
        }

        /// <summary>Ends the flights that are over.</summary>
        public void Expire(TimeSpan now)
        {
            while (_order.TryPeek(out Flight? flight)
                && now - flight.CreatedAt >= (flight.IsJudged ? ForgetAfter : GiveUpAfter))
            {
                // Somebody can still be asked, or is being asked.
                if (flight.Due is not null)
                {
                    _order.Enqueue(_order.Dequeue());
                    return;
                }

                RemoveOldest();
            }
        }

        private void RemoveOldest()
        {
            Flight flight = _order.Dequeue();
            if (_order.TryPeek(out Flight? next))
                Prefetch.Object(next, Flight.ObjectBytes);
            _flights.Remove(flight.Name);
            flight.End();
            flight.SentAt = null;
            _free.Push(flight);
        }
    }
}
