using Logos.P2P.Bench.Hop;

namespace Logos.P2P.Bench.Bounds;

/// <summary>A promise of how fast the node is, and what was measured.</summary>
internal sealed record Bound
{
    private Bound()
    {
    }

    /// <summary>What is promised something of.</summary>
    public required string Measure { get; init; }

    /// <summary>What is promised, in words.</summary>
    public required string Limit { get; init; }

    /// <summary>What was measured.</summary>
    public required double Value { get; init; }

    /// <summary>By how much the measurements differ, at most, as a part of the value.</summary>
    public required double Noise { get; init; }

    /// <summary>What the value counts.</summary>
    public required string Unit { get; init; }

    /// <summary>Whether the promise is kept.</summary>
    public required bool IsMet { get; init; }

    public static Bound AtMost(string measure, Measured measured, double limit, string unit) =>
        Create(measure, measured, $"<= {Text(limit, unit)}", unit, measured.Value <= limit);

    public static Bound AtLeast(string measure, Measured measured, double limit, string unit) =>
        Create(measure, measured, $">= {Text(limit, unit)}", unit, measured.Value >= limit);

    public static Bound Below(string measure, Measured measured, double limit, string unit) =>
        Create(measure, measured, $"< {Text(limit, unit)}", unit, measured.Value < limit);

    /// <summary>All as a table.</summary>
    public static Table Table(IEnumerable<Bound> bounds) => new(
        ["measure", "bound", "measured", "noise", "met"],
        [
            .. bounds.Select(bound => (string[])
                [bound.Measure, bound.Limit, Text(bound.Value, bound.Unit), Bench.Table.Percent(bound.Noise), bound.IsMet ? "yes" : "NO"]),
        ]);

    private static Bound Create(string measure, Measured measured, string limit, string unit, bool isMet) => new()
    {
        Measure = measure,
        Limit = limit,
        Value = measured.Value,
        Noise = measured.Noise,
        Unit = unit,
        // What was not measured is no number, and no number keeps a promise.
        IsMet = isMet,
    };

    private static string Text(double value, string unit) =>
        $"{(Math.Abs(value) >= 1000 ? Bench.Table.Whole(value) : Bench.Table.Hundredths(value))} {unit}";
}
