using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// The way into the tried table. Who has a place there is not driven out by whoever connects last but tested first: an
/// attacker who makes us connect to many addresses of his would else sweep out nodes that have been there for months.
/// </summary>
public sealed partial class AddressManager
{
    /// <summary>The addresses that wait until who has their place in the tried table has been tested, 0 to 10.</summary>
    public int TriedCollisionCount
    {
        get
        {
            lock (_lock)
                return _tables.Collisions.Waiting.Length;
        }
    }

    /// <summary>
    /// Takes note that an outbound connection succeeded, handshake included, and moves the address to the tried table.
    /// The time the address tells others stays as it is: it would show whom we are connected to.
    /// </summary>
    /// <param name="endpoint">With whom.</param>
    /// <param name="at">When, in Unix seconds; above 0.</param>
    /// <param name="testBeforeEvict">
    /// When another has the place there: true to let the address wait in the new table for
    /// <see cref="ResolveCollisions"/>, if not ten wait already; false to send the other back to the new table.
    /// </param>
    /// <returns>True when the address moved.</returns>
    public bool Good(NetEndpoint endpoint, long at, bool testBeforeEvict = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(at);
        lock (_lock)
        {
            NoteGood(at);
            if (_tables.Find(endpoint) is not { } address)
                return false;

            NoteSuccess(address, at);
            if (address.Entry.InTried)
                return false;

            if (testBeforeEvict && _tables.InTried(endpoint) is not null)
            {
                _tables.Collisions.TryAdd(address);
                return false;
            }

            _tables.MoveToTried(address);
            return true;
        }
    }

    /// <summary>
    /// Decides, where that is possible by now, who gets the places in the tried table that newcomers wait for
    /// (<see cref="CollisionRule"/>). To be called every few seconds.
    /// </summary>
    /// <param name="at">The time, in Unix seconds; above 0.</param>
    /// <returns>How many newcomers got their place.</returns>
    public int ResolveCollisions(long at)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(at);
        int replaced = 0;
        lock (_lock)
        {
            foreach (KnownAddress newcomer in _tables.Collisions.Waiting.ToArray())
            {
                // Whoever was replaced just now may have pushed this one out of the new table, and so out of here.
                if (!_tables.Collisions.Contains(newcomer))
                    continue;
                KnownAddress occupant = _tables.InTried(newcomer.Entry.Endpoint)
                    ?? throw new InvalidOperationException($"{newcomer.Entry.Endpoint} waits for a free place.");
                switch (CollisionRule.Judge(occupant.Entry, newcomer.Entry, at))
                {
                    case CollisionVerdict.Keep:
                        _tables.Collisions.Remove(newcomer);
                        break;
                    case CollisionVerdict.Replace:
                        // As in Bitcoin Core this counts as a success now, so that it is not the next to be replaced.
                        NoteGood(at);
                        NoteSuccess(newcomer, at);
                        _tables.MoveToTried(newcomer);
                        replaced++;
                        break;
                }
            }
        }

        return replaced;
    }

    /// <summary>
    /// Draws one of those that have to be tested because another waits for their place in the tried table: what a feeler
    /// should dial first. Report the dial with <see cref="Attempt"/> and its success with <see cref="Good"/>.
    /// </summary>
    /// <returns>Null when nobody waits.</returns>
    public Candidate? SelectTriedCollision()
    {
        lock (_lock)
        {
            ReadOnlySpan<KnownAddress> waiting = _tables.Collisions.Waiting;
            if (waiting.Length == 0)
                return null;
            KnownAddress newcomer = waiting[_random.Next(waiting.Length)];
            return _tables.InTried(newcomer.Entry.Endpoint) is { } occupant
                ? new Candidate(occupant.Entry.Address, occupant.Entry.LastTry)
                : null;
        }
    }

    private void NoteGood(long at) => _lastGood = at;

    private void NoteSuccess(KnownAddress address, long at)
    {
        _tables.Update(address, address.Entry with { LastTry = at, LastSuccess = at, Attempts = 0 });
        _tables.Changes.TriedChanged = true;
    }
}
