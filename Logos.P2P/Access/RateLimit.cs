namespace Logos.P2P.Access;

/// <summary>
/// Measures a flow against a rate: what was used is charged, and while more was used than the rate and the burst allow,
/// the limit is exceeded. Free of locks; charging from any thread costs one atomic operation.
/// </summary>
/// <remarks>
/// Keeps the time up to which the flow is paid for (GCRA, as ATM networks police with). Whoever is charged may go below
/// zero, since a message cannot be used in part; he waits the longer.
/// </remarks>
/// <param name="perSecond">Units a second that are allowed in the long run.</param>
/// <param name="burst">How long the flow may run ahead: so many seconds' worth may come at once.</param>
internal sealed class RateLimit(double perSecond, TimeSpan burst)
{
    /// <summary>Parts of a tick (100 ns), so that single bytes at a gigabyte a second do not round to nothing.</summary>
    private const int Fraction = 256;

    /// <summary>How far ahead a flow is ever said to be: whoever charges without waiting must not bring time to overflow.</summary>
    private const long MostAhead = 365 * TimeSpan.TicksPerDay * Fraction;

    private readonly double _timePerUnit = TimeSpan.TicksPerSecond * Fraction / perSecond;
    private long _paidUntil;

    /// <summary>A limit, or null where there is none.</summary>
    /// <param name="perSecond">Units a second; 0 for no limit.</param>
    /// <param name="burst">How long the flow may run ahead.</param>
    public static RateLimit? Create(double perSecond, TimeSpan burst) => perSecond > 0 ? new RateLimit(perSecond, burst) : null;

    /// <summary>Notes what was used.</summary>
    public void Charge(double units, TimeSpan now)
    {
        long cost = (long)Math.Min(units * _timePerUnit, MostAhead);
        long at = now.Ticks * Fraction;
        long paid = Volatile.Read(ref _paidUntil);
        while (true)
        {
            long next = Math.Min(Math.Max(paid, at) + cost, at + MostAhead);
            long before = Interlocked.CompareExchange(ref _paidUntil, next, paid);
            if (before == paid)
                return;
            paid = before;
        }
    }

    /// <summary>How far the flow is ahead of what it is allowed in the long run.</summary>
    public TimeSpan Ahead(TimeSpan now) =>
        new(Math.Max(0, Volatile.Read(ref _paidUntil) - (now.Ticks * Fraction)) / Fraction);

    /// <summary>Whether more was used than is allowed.</summary>
    public bool IsExceeded(TimeSpan now) => Ahead(now) > burst;
}
