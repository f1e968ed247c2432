namespace Logos.P2P.Peers;

/// <summary>
/// Until when the clock has nothing to ask of something, unless something happens there before. One thread looks and rests, any
/// may rouse: what happens during a look is not slept through.
/// </summary>
/// <remarks>
/// Most peers are quiet at most heartbeats, and to find that out takes a dozen places that are in no cache by then. This is one.
/// </remarks>
internal struct Rest
{
    private const long Roused = 0;
    private const long Looking = -1;

    private long _until;

    /// <summary>A look is due, whatever was planned.</summary>
    public void Rouse() => Volatile.Write(ref _until, Roused);

    /// <summary>Begins a look, unless there is no need for one yet.</summary>
    public bool TryBeginLook(TimeSpan now)
    {
        if (now.Ticks < Volatile.Read(ref _until))
            return false;
        Interlocked.Exchange(ref _until, Looking);
        return true;
    }

    /// <summary>Ends a look that found nothing to be done before any of some times. Without this the next one is due at once.</summary>
    public void Until(params ReadOnlySpan<TimeSpan> times)
    {
        long first = long.MaxValue;
        foreach (TimeSpan time in times)
            first = Math.Min(first, time.Ticks);
        Interlocked.CompareExchange(ref _until, first, Looking);
    }
}
