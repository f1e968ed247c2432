namespace Logos.P2P.Simulation;

/// <summary>Percentiles by the nearest rank: always a value that was measured.</summary>
public static class Percentile
{
    /// <summary>The smallest value that so many in a hundred are not above; null of none.</summary>
    /// <param name="sorted">The values, ascending.</param>
    /// <param name="percent">1 to 100.</param>
    public static T? Of<T>(IReadOnlyList<T> sorted, int percent)
        where T : struct
    {
        ArgumentNullException.ThrowIfNull(sorted);
        return sorted.Count == 0 ? null : sorted[(((sorted.Count * percent) + 99) / 100) - 1];
    }
}
