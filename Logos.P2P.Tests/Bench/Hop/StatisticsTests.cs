using Logos.P2P.Bench.Hop;
using NUnit.Framework;

namespace Logos.P2P.Tests.Bench.Hop;

internal sealed class StatisticsTests
{
    private static readonly double[] OneToTwoHundred = [.. Enumerable.Range(1, 200).Select(i => (double)i)];

    [TestCase(0, 1)]
    [TestCase(0.5, 100)]
    [TestCase(0.99, 198)]
    [TestCase(0.995, 199)]
    [TestCase(1, 200)]
    public void A_percentile_is_the_value_of_the_nearest_rank(double part, double expected) =>
        Assert.That(Statistics.Percentile(OneToTwoHundred, part), Is.EqualTo(expected));

    [Test]
    public void A_percentile_is_one_of_the_values_and_never_between_two() =>
        Assert.That(Statistics.Percentile([1, 100], 0.5), Is.EqualTo(1));

    [Test]
    public void A_percentile_of_nothing_is_zero() => Assert.That(Statistics.Percentile([], 0.99), Is.Zero);

    [Test]
    public void The_median_does_not_ask_for_any_order() => Assert.That(Statistics.Median([9, 1, 5]), Is.EqualTo(5));

    [Test]
    public void The_spread_is_the_largest_difference_as_a_part_of_the_median() =>
        Assert.That(Statistics.Spread([12, 8, 10]), Is.EqualTo(0.4).Within(1e-12));

    [Test]
    public void The_spread_is_never_negative_though_the_median_may_be() =>
        Assert.That(Statistics.Spread([-12, -8, -10]), Is.EqualTo(0.4).Within(1e-12));

    [Test]
    public void Values_around_zero_have_no_spread() => Assert.That(Statistics.Spread([-1, 0, 1]), Is.Zero);
}
