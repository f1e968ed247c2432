using Logos.P2P.Bench.Hop;

namespace Logos.P2P.Bench.Bounds;

/// <summary>All that has to be measured to know which of the promises are kept.</summary>
internal sealed record BoundsMeasurements
{
    /// <summary>Nodes and forwarders between a source and a sink.</summary>
    public required IReadOnlyList<HopResult> Hops { get; init; }

    /// <summary>The same with many sinks.</summary>
    public required IReadOnlyList<HopResult> FanOut { get; init; }

    /// <summary>Nodes with few and with many peers that ask for nothing.</summary>
    public required IReadOnlyList<HopResult> Idle { get; init; }

    /// <summary>Nodes at full speed of which one is watched.</summary>
    public required IReadOnlyList<HopResult> Observed { get; init; }

    /// <summary>Microseconds from a call of Propagate until the kernel has the message: the median of each round.</summary>
    public required IReadOnlyList<double> Propagate { get; init; }

    /// <summary>Bytes that a node allocates for each message that it relays: of each round.</summary>
    public required IReadOnlyList<double> Allocated { get; init; }

    /// <summary>A node with <see cref="BoundsTable.SustainedSinks"/> peers at a steady rate.</summary>
    public required HopRound Sustained { get; init; }

    /// <summary>The same, a part of the time each.</summary>
    public required IReadOnlyList<HopRound> SustainedParts { get; init; }
}
