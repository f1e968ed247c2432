namespace Logos.P2P.Simulation.Links;

/// <summary>
/// Five regions of the world: a delay between each two of them, and one that each host has to reach its region.
/// </summary>
/// <param name="Seed">What the hosts' own delays are a function of.</param>
internal sealed record RegionLinks(ulong Seed) : LinkModel
{
    /// <summary>What the regions are called, in the order of their numbers.</summary>
    public static readonly IReadOnlyList<string> Names = ["North America", "Europe", "East Asia", "South America", "Oceania"];

    /// <summary>
    /// Milliseconds one way, of the size of half the round trips that clouds publish between such regions. Round numbers:
    /// what matters is that some ways are ten times as long as others.
    /// </summary>
    private static readonly int[,] Delays =
    {
        { 15, 45, 80, 65, 85 },
        { 45, 10, 105, 95, 135 },
        { 80, 105, 20, 145, 60 },
        { 65, 95, 145, 15, 145 },
        { 85, 135, 60, 145, 10 },
    };

    /// <summary>The longest way of a host to its region: a home line.</summary>
    private static readonly TimeSpan MostLastMile = TimeSpan.FromMilliseconds(10);

    public override TimeSpan Latency(SimulatedHost from, SimulatedHost to) =>
        TimeSpan.FromMilliseconds(Delays[from.Region, to.Region]) + LastMile(from) + LastMile(to);

    private TimeSpan LastMile(SimulatedHost host) =>
        MostLastMile * PairRandom.Uniform(PairRandom.Mix(Seed, (ulong)host.Index, 0));
}
