using System.Diagnostics;
using Logos.P2P.Bench;
using Logos.P2P.Bench.Hop;
using NUnit.Framework;

namespace Logos.P2P.Tests.Bench.Hop;

/// <summary>The arithmetic between what was measured and what is printed.</summary>
internal sealed class HopResultTests
{
    private const string Forwarder = nameof(RelayKind.CheckingForwarder);

    [Test]
    public void A_result_is_the_medians_of_its_rounds_with_the_least_the_greatest_and_all_that_was_lost()
    {
        HopResult result = Results.Of("Node", 256, Results.Round(10, 4, 100, lost: 1), Results.Round(30, 6, 300), Results.Round(20, 5, 200, lost: 2));

        Assert.Multiple(() =>
        {
            Assert.That(result.Min, Is.EqualTo(10));
            Assert.That(result.Median, Is.EqualTo(20));
            Assert.That(result.P99, Is.EqualTo(20));
            Assert.That(result.Max, Is.EqualTo(30));
            Assert.That(result.PerHop, Is.EqualTo(5));
            Assert.That(result.Noise, Is.EqualTo(1));
            Assert.That(result.Lost, Is.EqualTo(3));
            Assert.That(result.MessagesPerSecond, Is.EqualTo(200));
            Assert.That(result.BytesPerSecond, Is.EqualTo(51_200));
        });
    }

    [Test]
    public void What_was_not_measured_is_no_number()
    {
        HopResult result = Results.Of("Node", 256, Results.Round(10));

        Assert.That(result.PerHop, Is.Null);
        Assert.That(result.BytesPerSecond, Is.Null);
        Assert.That(HopTables.Of([result]).Rows[0], Does.Contain("-"));
    }

    [Test]
    public void A_ratio_is_made_of_rounds_so_what_slows_both_down_does_not_matter()
    {
        HopResult node = Results.Of("Node", 256, Results.Round(20), Results.Round(2000), Results.Round(22));
        HopResult forwarder = Results.Of(Forwarder, 256, Results.Round(10), Results.Round(1000), Results.Round(10));

        Assert.That(Measured.Ratio(node, forwarder, round => round.Median), Is.EqualTo(new Measured(2, 0.1)).Using<Measured>(AreClose));
        Assert.That(Measured.Ratio(node, forwarder, round => round.PerHop), Is.Null);
    }

    [Test]
    public void A_round_in_which_a_relay_took_less_than_no_relay_tells_nothing_and_most_rounds_must_tell_something()
    {
        HopResult forwarder = Results.Of(Forwarder, 256, Results.Round(0, 10), Results.Round(0, -10), Results.Round(0, 10));
        HopResult node = Results.Of("Node", 256, Results.Round(0, 20), Results.Round(0, 20), Results.Round(0, 20));
        HopResult disturbed = Results.Of("Node", 256, Results.Round(0, -1), Results.Round(0, 20), Results.Round(0, 20));

        Assert.That(Measured.Ratio(node, forwarder, round => round.PerHop), Is.EqualTo(new Measured(2, 0)));
        Assert.That(Measured.Ratio(disturbed, forwarder, round => round.PerHop), Is.Null);
    }

    [Test]
    public void A_round_counts_from_sending_to_the_last_sink_and_leaves_out_what_did_not_come()
    {
        long microsecond = Stopwatch.Frequency / 1_000_000;
        HopRound round = HopBench.Sum(
        [
            (Sent(1), [Sent(1) + (30 * microsecond), Sent(1) + (10 * microsecond), Sent(1) + (20 * microsecond)]),
            (Sent(2), [Sent(2) + (40 * microsecond), Sent(2) + (40 * microsecond), 0]),
        ]);

        Assert.Multiple(() =>
        {
            Assert.That(round.FirstMedian, Is.EqualTo(10));
            Assert.That(round.MiddleMedian, Is.EqualTo(20));
            Assert.That(round.Median, Is.EqualTo(30));
            Assert.That(round.Max, Is.EqualTo(30));
            Assert.That(round.Lost, Is.EqualTo(1));
        });

        static long Sent(int second) => second * Stopwatch.Frequency;
    }

    [Test]
    public void The_table_of_ratios_compares_each_relay_with_the_one_of_its_size()
    {
        Table table = HopTables.Against(
            [
                Results.Of("Direct", 256, Results.Round(5)),
                Results.Of(Forwarder, 256, Results.Round(10, 5, 1000)),
                Results.Of("Node", 256, Results.Round(15, 10, 500)),
                Results.Of(Forwarder, 4096, Results.Round(20, 15, 800)),
                Results.Of("Node", 4096, Results.Round(30, 30, 1600)),
            ],
            Forwarder)!;

        Assert.That(table.Rows, Has.Count.EqualTo(2));
        Assert.That(table.Rows[0], Is.EqualTo((string[])
            ["Node", "256", "2.00 x +-0 %", "1.50 x +-0 %", "1.50 x +-0 %", "1.50 x +-0 %", "0.50 x +-0 %", "-"]));
        Assert.That(table.Rows[1], Is.EqualTo((string[])
            ["Node", "4,096", "2.00 x +-0 %", "1.50 x +-0 %", "1.50 x +-0 %", "1.50 x +-0 %", "2.00 x +-0 %", "-"]));
    }

    [Test]
    public void Nothing_is_compared_with_what_was_not_measured() =>
        Assert.That(HopTables.Against([Results.Of("Node", 256, Results.Round(15))], Forwarder), Is.Null);

    [TestCase(0, 256, 0)]
    [TestCase(1000, 256, 3)]
    [TestCase(1000, 4096, 1)]
    [TestCase(10_000_000_000, 256, 400_000)]
    public void A_round_at_full_speed_is_as_many_messages_as_make_up_its_bytes(long bytes, int size, int messages) =>
        Assert.That(new HopLoad { FlatBytes = bytes }.FlatMessages(size), Is.EqualTo(messages));

    private static bool AreClose(Measured one, Measured other) =>
        Math.Abs(one.Value - other.Value) < 1e-9 && Math.Abs(one.Noise - other.Noise) < 1e-9;
}
