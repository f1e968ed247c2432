namespace Logos.P2P.Bench.Hop;

/// <summary>
/// What one line did in one round. Times are microseconds from the moment at which the source gave a message to the kernel to the one
/// at which the sink, or with several the last of them, had all of it.
/// </summary>
internal sealed record HopRound
{
    public required double Min { get; init; }

    public required double Median { get; init; }

    public required double P99 { get; init; }

    public required double Max { get; init; }

    /// <summary>When the first sink had it, where there are several.</summary>
    public required double FirstMedian { get; init; }

    /// <summary>When half of the sinks had it.</summary>
    public required double MiddleMedian { get; init; }

    /// <summary>The median without that of a line without relays, for each relay; null where there is none to subtract.</summary>
    public double? PerHop { get; init; }

    /// <summary>Messages that did not come; none in a good run.</summary>
    public required long Lost { get; init; }

    /// <summary>At full speed; null where that was not measured.</summary>
    public double? MessagesPerSecond { get; init; }

    /// <summary>Processor time of the first relay at full speed; null where that was not measured.</summary>
    public double? CpuSecondsPerMillion { get; init; }
}
