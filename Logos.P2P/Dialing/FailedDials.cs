using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P.Dialing;

/// <summary>An outbound peer as a witness that our line works.</summary>
/// <param name="Group">Its neighbourhood.</param>
/// <param name="ConnectedAt">When the connection began.</param>
/// <param name="LastHeard">When the last byte came from it.</param>
internal readonly record struct Witness(NetGroup Group, TimeSpan ConnectedAt, TimeSpan LastHeard);

/// <summary>Whose fault a failed dial was.</summary>
internal enum FailureVerdict
{
    /// <summary>Our line worked: the address does not.</summary>
    Address,

    /// <summary>Nobody can say: it is not held against the address.</summary>
    Unknown,

    /// <summary>It may show yet.</summary>
    Open,
}

/// <summary>
/// Holds failed dials against their addresses only when our own line worked at the time, or a pulled cable would condemn
/// everybody we know. It did if outbound peers in two neighbourhoods, connected before and pinged upon the failure, are heard
/// from within seconds. (Bitcoin Core asks for two such peers too, but takes a connection for alive until it times out.) Used
/// by the heartbeat and the dials; guards itself.
/// </summary>
internal sealed class FailedDials(AddressManager book)
{
    /// <summary>Neighbourhoods that have to be heard from. Bitcoin Core's number: one could be the cable's other end.</summary>
    private const int GroupsNeeded = 2;

    /// <summary>Failures remembered at once: many times what two dials a second make of the time that they are.</summary>
    private const int MaxOpen = 100;

    /// <summary>How long a pong may take: as long as a connection.</summary>
    internal static readonly TimeSpan Window = NodeDefaults.ConnectTimeout;

    private readonly Lock _gate = new();
    private readonly List<Failure> _open = [];

    /// <summary>Notes that a dial failed.</summary>
    /// <param name="endpoint">To whom.</param>
    /// <param name="at">When, on the clock of the witnesses.</param>
    /// <param name="unixSeconds">When, for the address book.</param>
    public void Add(NetEndpoint endpoint, TimeSpan at, long unixSeconds)
    {
        lock (_gate)
        {
            if (_open.Count < MaxOpen)
                _open.Add(new Failure(endpoint, at, unixSeconds));
        }
    }

    /// <summary>Whether there is anything to decide.</summary>
    public bool HasOpen
    {
        get
        {
            lock (_gate)
                return _open.Count > 0;
        }
    }

    /// <summary>Decides what can be decided by now.</summary>
    public void Tick(IReadOnlyCollection<Witness> witnesses, TimeSpan now)
    {
        var proven = new List<Failure>();
        lock (_gate)
        {
            _open.RemoveAll(failure =>
            {
                FailureVerdict verdict = Judge(failure.At, witnesses, now);
                if (verdict == FailureVerdict.Address)
                    proven.Add(failure);
                return verdict != FailureVerdict.Open;
            });
        }

        foreach (Failure failure in proven)
            book.Attempt(failure.Endpoint, countFailure: true, failure.UnixSeconds);
    }

    internal static FailureVerdict Judge(TimeSpan failedAt, IReadOnlyCollection<Witness> witnesses, TimeSpan now)
    {
        Witness[] present = [.. witnesses.Where(witness => witness.ConnectedAt < failedAt)];
        if (CountGroups(present) < GroupsNeeded || now - failedAt > Window)
            return FailureVerdict.Unknown;
        return CountGroups(present.Where(witness => witness.LastHeard > failedAt)) < GroupsNeeded
            ? FailureVerdict.Open
            : FailureVerdict.Address;
    }

    private static int CountGroups(IEnumerable<Witness> witnesses) =>
        witnesses.Select(witness => witness.Group).Distinct().Count();

    private readonly record struct Failure(NetEndpoint Endpoint, TimeSpan At, long UnixSeconds);
}
