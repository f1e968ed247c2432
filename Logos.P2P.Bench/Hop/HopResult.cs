namespace Logos.P2P.Bench.Hop;

/// <summary>What one line did with messages of one size: medians of the rounds. Times are those of <see cref="HopRound"/>.</summary>
internal sealed record HopResult
{
    public required string Name { get; init; }

    public required int Size { get; init; }

    public required int Relays { get; init; }

    public required int Sinks { get; init; }

    public required IReadOnlyList<HopRound> Rounds { get; init; }

    /// <summary>Memory of the first relay afterwards; 0 where there is none.</summary>
    public required long RelayMemory { get; init; }

    public long Lost => Rounds.Sum(round => round.Lost);

    public double Min => Rounds.Min(round => round.Min);

    public double Median => MedianOf(round => round.Median)!.Value;

    public double P99 => MedianOf(round => round.P99)!.Value;

    public double Max => Rounds.Max(round => round.Max);

    public double FirstMedian => MedianOf(round => round.FirstMedian)!.Value;

    public double MiddleMedian => MedianOf(round => round.MiddleMedian)!.Value;

    public double? PerHop => MedianOf(round => round.PerHop);

    /// <summary>By how much the medians of the rounds differ, at most, as a part of their median.</summary>
    public double Noise => Statistics.Spread([.. Rounds.Select(round => round.Median)]);

    public double? MessagesPerSecond => MedianOf(round => round.MessagesPerSecond);

    public double? BytesPerSecond => MessagesPerSecond * Size;

    public double? CpuSecondsPerMillion => MedianOf(round => round.CpuSecondsPerMillion);

    private double? MedianOf(Func<HopRound, double?> of)
    {
        double?[] values = [.. Rounds.Select(of)];
        return values.Contains(null) ? null : Statistics.Median(values.Select(value => value!.Value));
    }
}
