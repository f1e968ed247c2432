using Logos.P2P.Bench.Hop;

namespace Logos.P2P.Tests.Bench.Hop;

/// <summary>Makes results that nobody measured.</summary>
internal static class Results
{
    /// <summary>A round whose times are all the same.</summary>
    public static HopRound Round(double delay, double? perHop = null, double? perSecond = null, long lost = 0) => new()
    {
        Min = delay,
        Median = delay,
        P99 = delay,
        Max = delay,
        FirstMedian = delay,
        MiddleMedian = delay,
        PerHop = perHop,
        MessagesPerSecond = perSecond,
        Lost = lost,
    };

    public static HopResult Of(string name, int size, params IReadOnlyList<HopRound> rounds) => new()
    {
        Name = name,
        Size = size,
        Relays = name == nameof(RelayKind.Direct) ? 0 : 1,
        Sinks = 1,
        Rounds = rounds,
        RelayMemory = 0,
    };
}
