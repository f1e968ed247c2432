namespace Logos.P2P.AddrMan;

/// <summary>What becomes of two addresses that want the same place in the tried table.</summary>
internal enum CollisionVerdict
{
    /// <summary>Nothing yet: who has the place is to be tested.</summary>
    Wait,

    /// <summary>Who has the place keeps it, and the newcomer stops waiting.</summary>
    Keep,

    /// <summary>The newcomer gets the place.</summary>
    Replace,
}

/// <summary>Bitcoin Core's rules of test-before-evict (`addrman.cpp`, ResolveCollisions).</summary>
internal static class CollisionRule
{
    /// <summary>Decides between two addresses.</summary>
    /// <param name="occupant">Who has the place.</param>
    /// <param name="newcomer">Who wants it.</param>
    /// <param name="now">The time, in Unix seconds.</param>
    public static CollisionVerdict Judge(AddressEntry occupant, AddressEntry newcomer, long now)
    {
        // A success that lies ahead is of when our clock was wrong: that is for a test to decide.
        if (now - occupant.LastSuccess < AddrManParameters.ReplacementAge && !OwnClock.WasAhead(occupant.LastSuccess, now))
            return CollisionVerdict.Keep;

        // Tried since then and not succeeded: it failed, unless that attempt is still under way.
        long sinceTry = now - occupant.LastTry;
        if (sinceTry < AddrManParameters.ReplacementAge)
            return sinceTry > AddrManParameters.TestGrace ? CollisionVerdict.Replace : CollisionVerdict.Wait;

        // Nobody got round to testing it.
        return now - newcomer.LastSuccess > AddrManParameters.TestWindow
            ? CollisionVerdict.Replace
            : CollisionVerdict.Wait;
    }
}
