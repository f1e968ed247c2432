namespace Logos.P2P.Bench.Hop;

/// <summary>
/// What one kind of relay did with messages of one size: medians of the rounds. Times are microseconds from the moment at which the
/// source gave a message to the kernel to the one at which the sink, or with several the last of them, had all of it.
/// </summary>
internal sealed record HopResult
{
    public required string Kind { get; init; }

    public required int Size { get; init; }

    public required int Relays { get; init; }

    public required int Fanout { get; init; }

    /// <summary>Messages that did not come; none in a good run.</summary>
    public required long Lost { get; init; }

    public required double Min { get; init; }

    public required double Median { get; init; }

    public required double P99 { get; init; }

    public required double Max { get; init; }

    /// <summary>When the first sink had it, where there are several.</summary>
    public required double FirstMedian { get; init; }

    /// <summary>When half of the sinks had it.</summary>
    public required double MiddleMedian { get; init; }

    /// <summary>The median without relays subtracted, for each relay.</summary>
    public double PerHop { get; init; }

    /// <summary>By how much the medians of the rounds differ, at most, as a part of their median.</summary>
    public required double Noise { get; init; }

    public double MessagesPerSecond { get; init; }

    public double BytesPerSecond { get; init; }

    /// <summary>Processor time of the first relay at full speed.</summary>
    public double CpuSecondsPerMillion { get; init; }

    public long RelayMemory { get; init; }
}
