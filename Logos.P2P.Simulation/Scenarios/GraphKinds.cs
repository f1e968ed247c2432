namespace Logos.P2P.Simulation.Scenarios;

/// <summary>The networks that scenarios run on.</summary>
public static class GraphKinds
{
    /// <summary>Each node dials 8 drawn at random; delays are lognormal with a median of 45 ms and a sigma of 0.6.</summary>
    public const string Random8 = "random8";

    /// <summary>The same links, between hosts in five regions of the world.</summary>
    public const string Regions = "regions";

    /// <summary>Hosts as in <see cref="Random8"/> that find each other: what the dialing policy makes by itself.</summary>
    public const string Grown = "grown";

    /// <summary>Whether a graph is a file: one that `logosp2p testnet graph --json` wrote.</summary>
    public static bool IsFile(string graph) => graph is not null && graph.EndsWith(".json", StringComparison.Ordinal);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Random8, Regions, Grown];
}
