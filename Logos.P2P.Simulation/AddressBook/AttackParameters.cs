namespace Logos.P2P.Simulation.AddressBook;

/// <summary>One attack on the address book of one node, and the world it happens in.</summary>
public sealed record AttackParameters
{
    /// <summary>What all chance comes from: the same parameters give the same result.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The /16s in which the attacker has addresses, 1 to 10,000.</summary>
    public required int Groups { get; init; }

    /// <summary>Connections that the attacker makes to the victim, each from another of his /16s if he has as many.</summary>
    public required int Peers { get; init; }

    /// <summary>
    /// Addresses in each of the attacker's /16s at which a node of his answers, 1 to 65,536. All of them is more than
    /// anybody could have, and so the worst for the victim.
    /// </summary>
    public int AddressesPerGroup { get; init; } = 1 << 16;

    /// <summary>
    /// Share, 0 to 1, of what honest peers tell the victim that is the attacker's: how well he floods the others, too.
    /// </summary>
    public double PollutedGossip { get; init; }

    /// <summary>How long the victim runs before the attack begins.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromDays(28);

    /// <summary>How long the attack lasts.</summary>
    public TimeSpan Attack { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Honest nodes that accept connections when they are up, at any time 60 % of them.</summary>
    public int HonestNodes { get; init; } = 10_000;

    /// <summary>
    /// Whether an address in the tried table is tested before another takes its place (Heilman et al., countermeasure 3).
    /// </summary>
    public bool TestBeforeEvict { get; init; } = true;

    /// <summary>
    /// Whether the victim tries an address every two minutes only to see whether it answers (countermeasure 4).
    /// </summary>
    public bool Feelers { get; init; } = true;

    /// <summary>Whether no two automatic outbound connections go to the same /16.</summary>
    public bool OnePerGroup { get; init; } = true;
}
