namespace Logos.P2P.Bench.Hop;

/// <summary>The few numbers that many are summed up in.</summary>
internal static class Statistics
{
    /// <summary>The least of the values that no less than a part of them is not above: by nearest rank.</summary>
    /// <param name="ascending">The values in their order.</param>
    /// <param name="part">0 for the least, 0.5 for the median, 1 for the greatest.</param>
    /// <returns>0 of nothing.</returns>
    public static double Percentile(IReadOnlyList<double> ascending, double part) => ascending.Count == 0
        ? 0
        : ascending[Math.Clamp((int)Math.Ceiling(part * ascending.Count) - 1, 0, ascending.Count - 1)];

    /// <summary>The middle one of values in any order.</summary>
    public static double Median(IEnumerable<double> values) => Percentile([.. values.Order()], 0.5);

    /// <summary>By how much values differ, at most, as a part of their median.</summary>
    public static double Spread(IReadOnlyCollection<double> values) =>
        Median(values) is not 0 and var median ? (values.Max() - values.Min()) / Math.Abs(median) : 0;
}
