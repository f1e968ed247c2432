using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// All that is known of one address. Immutable: the manager replaces the entry of an address when something changes, so
/// an entry once handed out can be read, stored and compared at leisure.
/// </summary>
public sealed record AddressEntry
{
    /// <summary>Where the node listens, what it offers, and when it was last heard of (Unix seconds).</summary>
    public required TimedAddress Address { get; init; }

    /// <summary>Who told us first. It decides the bucket that the address falls back to when it leaves tried.</summary>
    public required NetAddress Source { get; init; }

    /// <summary>When we last tried to connect, in Unix seconds; 0 for never.</summary>
    public long LastTry { get; init; }

    /// <summary>When we last connected, in Unix seconds; 0 for never.</summary>
    public long LastSuccess { get; init; }

    /// <summary>Attempts counted as failed since the last success.</summary>
    public int Attempts { get; init; }

    /// <summary>True for an address in the tried table, false for one in the new table.</summary>
    public bool InTried { get; init; }

    /// <summary>The buckets of the new table it is in: none when tried, else 1 to 8.</summary>
    public BucketSet NewBuckets { get; init; }

    /// <summary>Where the node listens.</summary>
    public NetEndpoint Endpoint => Address.Endpoint;

    /// <summary>
    /// True when the fields agree with each other, as they do in every entry that the manager hands out. Those read
    /// from a disk may not.
    /// </summary>
    internal bool IsConsistent =>
        LastTry >= 0 && LastSuccess >= 0 && Attempts >= 0
        && (InTried ? LastSuccess > 0 && NewBuckets.Count == 0 : NewBuckets.Count > 0);

    /// <summary>
    /// True for an address not worth keeping or telling: unseen for long, from the future, or failing too often. It
    /// gives way to any other that wants its place.
    /// </summary>
    /// <param name="now">The time, in Unix seconds.</param>
    public bool IsTerrible(long now)
    {
        if (LastTry != 0 && now - LastTry <= AddrManParameters.AttemptGrace)
            return false;
        if (OwnClock.WasAhead(Address.Time, now))
            return true;
        if (now - Address.Time > AddrManParameters.Horizon)
            return true;
        if (LastSuccess == 0 && Attempts >= AddrManParameters.Retries)
            return true;
        return now - LastSuccess > AddrManParameters.MinFailureAge && Attempts >= AddrManParameters.MaxFailures;
    }

    /// <summary>
    /// The relative chance, above 0 and at most 1, that this address should be dialled when it is drawn: low just
    /// after an attempt and lower with every failure.
    /// </summary>
    /// <param name="now">The time, in Unix seconds.</param>
    public double GetChance(long now)
    {
        int failures = Math.Min(Attempts, AddrManParameters.MaxChanceFailures);
        double chance = Math.Pow(AddrManParameters.FailureChance, failures);
        long sinceLastTry = Math.Max(now - LastTry, 0);
        return sinceLastTry < AddrManParameters.RecentAttempt
            ? chance * AddrManParameters.RecentAttemptChance
            : chance;
    }
}
