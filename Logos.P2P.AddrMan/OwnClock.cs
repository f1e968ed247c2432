namespace Logos.P2P.AddrMan;

/// <summary>What our own clock may have got wrong.</summary>
internal static class OwnClock
{
    /// <summary>Whether it is not set yet: by it nothing that is stored can be judged.</summary>
    public static bool IsUnset(long now) => now < AddrManParameters.EarliestNow;

    /// <summary>Whether a time that we noted is of when the clock was ahead.</summary>
    public static bool WasAhead(long time, long now) => !IsUnset(now) && time > now + AddrManParameters.MaxFuture;
}
