namespace Logos.P2P.Access;

/// <summary>When a peer that was slowed down for sending too much is cut.</summary>
internal static class FloodPolicy
{
    /// <summary>
    /// A flooder goes on for long, and stands out. When half of the others are slowed down as well, the network is busy:
    /// whoever carries its load must not be cut for that. The others are those that we dialled, which no attacker brings in
    /// numbers; with none of them, all.
    /// </summary>
    /// <param name="throttledFor">How long it has been slowed down without calming down.</param>
    /// <param name="throttledOthers">How many other peers are slowed down.</param>
    /// <param name="others">How many other peers there are.</param>
    public static bool IsFlooder(TimeSpan throttledFor, int throttledOthers, int others) =>
        throttledFor >= NodeDefaults.FloodPatience && 2 * throttledOthers < others;
}
