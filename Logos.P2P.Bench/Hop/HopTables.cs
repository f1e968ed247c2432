namespace Logos.P2P.Bench.Hop;

/// <summary>Results as tables.</summary>
internal static class HopTables
{
    /// <summary>Everything that was measured, in microseconds.</summary>
    public static Table Of(IEnumerable<HopResult> results) => new(
        ["relay", "bytes", "min", "median", "p99", "max", "first", "middle", "per hop", "noise", "lost", "msg/s", "MB/s", "cpu s/M", "memory MB"],
        [
            .. results.Select(r => (string[])
            [
                r.Name, Table.Whole(r.Size), Table.Tenths(r.Min), Table.Tenths(r.Median), Table.Tenths(r.P99), Table.Tenths(r.Max),
                Table.Tenths(r.FirstMedian), Table.Tenths(r.MiddleMedian), Table.Tenths(r.PerHop), Table.Percent(r.Noise), Table.Whole(r.Lost),
                Table.Whole(r.MessagesPerSecond), Table.Tenths(r.BytesPerSecond / 1e6), Table.Tenths(r.CpuSecondsPerMillion),
                r.RelayMemory == 0 ? "-" : Table.Tenths(r.RelayMemory / 1e6),
            ]),
        ]);

    /// <summary>The same as multiples of what one of them did, each with its noise; null when that one is not there.</summary>
    /// <param name="results">What was measured.</param>
    /// <param name="baseline">The name of the one.</param>
    public static Table? Against(IReadOnlyList<HopResult> results, string baseline)
    {
        var rows = new List<string[]>();
        foreach (HopResult one in results.Where(result => result.Name == baseline))
        {
            rows.AddRange(results.Where(result => result.Size == one.Size && result.Relays > 0 && result != one).Select(result => (string[])
            [
                result.Name, Table.Whole(result.Size),
                Multiple(result, one, round => round.PerHop),
                Multiple(result, one, round => round.FirstMedian),
                Multiple(result, one, round => round.Median),
                Multiple(result, one, round => round.P99),
                Multiple(result, one, round => round.MessagesPerSecond),
                Multiple(result, one, round => round.CpuSecondsPerMillion),
            ]));
        }

        return rows.Count == 0 ? null : new Table([$"against {baseline}", "bytes", "per hop", "first", "median", "p99", "msg/s and bytes/s", "cpu"], rows);
    }

    private static string Multiple(HopResult result, HopResult baseline, Func<HopRound, double?> of) =>
        Measured.Ratio(result, baseline, of) is { } ratio ? $"{Table.Hundredths(ratio.Value)} x +-{Table.Percent(ratio.Noise)}" : "-";
}
