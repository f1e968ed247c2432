namespace Logos.P2P.Simulation.AddressBook;

/// <summary>What came of an attack.</summary>
public sealed record AttackResult
{
    /// <summary>The attack.</summary>
    public required AttackParameters Parameters { get; init; }

    /// <summary>Addresses of the attacker that got past the limit on how many a peer may tell.</summary>
    public required int AddressesTold { get; init; }

    /// <summary>Places taken in the new table, of 65,536.</summary>
    public required SlotShare New { get; init; }

    /// <summary>Places taken in the tried table, of 16,384.</summary>
    public required SlotShare Tried { get; init; }

    /// <summary>Share of the honest addresses in the tried table whose nodes are up at the end.</summary>
    public required double HonestTriedUp { get; init; }

    /// <summary>Outbound connections, of 8, that lead to the attacker at the end of this run.</summary>
    public required int OutboundHeld { get; init; }

    /// <summary>
    /// Chance that all 8 outbound connections lead to the attacker although the victim was never restarted: every one
    /// must have been replaced during the attack, and the attacker been drawn. Too high rather than too low, because it
    /// leaves out that two of them cannot lead to the same /16.
    /// </summary>
    public required double EclipsedBeforeRestart { get; init; }

    /// <summary>Chance that the first outbound connection after a restart leads to the attacker.</summary>
    public required double PickAfterRestart { get; init; }

    /// <summary>
    /// Chance that all 8 do. The book is all the victim has: no anchors, seeds or peers of its operator.
    /// </summary>
    public required double EclipsedAfterRestart { get; init; }
}

/// <summary>How many places of a table are taken.</summary>
/// <param name="Attacker">By the attacker's addresses.</param>
/// <param name="Taken">By anybody's.</param>
public readonly record struct SlotShare(int Attacker, int Taken)
{
    /// <summary>The attacker's part of those taken, 0 to 1.</summary>
    public double Share => Taken == 0 ? 0 : (double)Attacker / Taken;
}
