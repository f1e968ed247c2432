namespace Logos.P2P.Bench.Hop;

/// <summary>A number that was measured several times.</summary>
/// <param name="Value">The median.</param>
/// <param name="Noise">By how much the measurements differ, at most, as a part of it.</param>
internal readonly record struct Measured(double Value, double Noise)
{
    public static Measured Of(IReadOnlyCollection<double> values) => new(Statistics.Median(values), Statistics.Spread(values));

    /// <summary>
    /// What one line did as a multiple of what another did. Round by round, since what the machine does beside meets both of a round.
    /// A round in which one of the two is not above zero (a relay that took less than no relay; no processor time that the system
    /// saw) tells nothing.
    /// </summary>
    /// <param name="result">The one.</param>
    /// <param name="baseline">The other, measured in the same rounds.</param>
    /// <param name="of">What is compared; null where it was not measured.</param>
    /// <returns>Null unless most of the rounds tell something.</returns>
    public static Measured? Ratio(HopResult result, HopResult baseline, Func<HopRound, double?> of)
    {
        double[] ratios =
        [
            .. result.Rounds.Zip(baseline.Rounds, (one, other) => (One: of(one), Other: of(other)))
                .Where(pair => pair.One > 0 && pair.Other > 0)
                .Select(pair => pair.One!.Value / pair.Other!.Value),
        ];
        return 2 * ratios.Length > result.Rounds.Count ? Of(ratios) : null;
    }
}
