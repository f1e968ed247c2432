using Logos.P2P.Bench.Bounds;
using Logos.P2P.Bench.Hop;
using Logos.P2P.Tests.Bench.Hop;
using NUnit.Framework;

namespace Logos.P2P.Tests.Bench.Bounds;

internal sealed class BoundsTableTests
{
    private const string Node = nameof(RelayKind.Node);
    private const string Checking = nameof(RelayKind.CheckingForwarder);

    private static readonly int[] Sizes = [256, 4096, 102_400];

    /// <summary>A node that is exactly as good as it has to be at all that may be reached, and a little better at what must not be.</summary>
    private static BoundsMeasurements Barely => new()
    {
        Hops =
        [
            .. Sizes.Select(size => Results.Of(Checking, size, Results.Round(100, 100, 10_000))),
            Results.Of(Node, 256, Results.Round(150, 115, 25_000)),
            Results.Of(Node, 4096, Results.Round(150, 115, 1)),
            Results.Of(Node, 102_400, Results.Round(150, 110, 8_500)),
        ],
        FanOut = [Results.Of(nameof(RelayKind.Forwarder), 256, Results.Round(100)), Results.Of(Node, 256, Results.Round(130))],
        Idle = [Results.Of(BoundsTable.FewName, 256, Results.Round(0, 100)), Results.Of(BoundsTable.ManyName, 256, Results.Round(0, 109))],
        Observed =
        [
            Results.Of(Node, 256, Results.Round(0, perSecond: 1000)), Results.Of(BoundsTable.ObservedName, 256, Results.Round(0, perSecond: 900)),
        ],
        Propagate = [49],
        Allocated = [0.9],
        Sustained = Results.Round(4999),
        SustainedParts = [Results.Round(4000), Results.Round(5000)],
    };

    /// <summary>For each line of the table: what breaks it, and nothing else.</summary>
    private static readonly TestCaseData[] Failures =
    [
        Failure("delay per hop, 256 B", m => m with { Hops = With(m.Hops, 256, round => round with { PerHop = 116 }) }),
        Failure("delay per hop, 4,096 B", m => m with { Hops = With(m.Hops, 4096, round => round with { PerHop = 116 }) }),
        Failure("delay per hop, 102,400 B", m => m with { Hops = With(m.Hops, 102_400, round => round with { PerHop = 111 }) }),
        Failure("p99, 256 B", m => m with { Hops = With(m.Hops, 256, round => round with { P99 = 151 }) }),
        Failure("p99, 4,096 B", m => m with { Hops = With(m.Hops, 4096, round => round with { P99 = 151 }) }),
        Failure("p99, 102,400 B", m => m with { Hops = With(m.Hops, 102_400, round => round with { P99 = 151 }) }),
        Failure("flat out, 256 B", m => m with { Hops = With(m.Hops, 256, round => round with { MessagesPerSecond = 24_999 }) }),
        Failure("flat out, 102,400 B", m => m with { Hops = With(m.Hops, 102_400, round => round with { MessagesPerSecond = 8_499 }) }),
        Failure("Propagate", m => m with { Propagate = [50] }),
        Failure("fan-out", m => m with { FanOut = With(m.FanOut, 256, round => round with { Median = 131 }) }),
        Failure("allocated", m => m with { Allocated = [1] }),
        Failure("msg/s with", m => m with { Observed = [m.Observed[0], Results.Of(BoundsTable.ObservedName, 256, Results.Round(0, perSecond: 899))] }),
        Failure("delay per hop with", m => m with { Idle = [m.Idle[0], Results.Of(BoundsTable.ManyName, 256, Results.Round(0, 111))] }),
        Failure("10,000 msg/s of 256 B to 8 peers: lost", m => m with { Sustained = Results.Round(4999, lost: 1) }),
        Failure("10,000 msg/s of 256 B to 8 peers: p99", m => m with { Sustained = Results.Round(5000) }),
    ];

    [Test]
    public void Each_promise_is_kept_by_a_node_that_is_just_good_enough()
    {
        IReadOnlyList<Bound> bounds = BoundsTable.Of(Barely);

        Assert.That(bounds, Has.Count.EqualTo(Failures.Length));
        Assert.That(bounds.Where(bound => !bound.IsMet), Is.Empty);
    }

    [TestCaseSource(nameof(Failures))]
    public void Each_promise_can_be_broken_alone(string measure, Func<BoundsMeasurements, BoundsMeasurements> spoil)
    {
        Bound broken = BoundsTable.Of(spoil(Barely)).Single(bound => !bound.IsMet);

        Assert.That(broken.Measure, Does.StartWith(measure));
    }

    [Test]
    public void A_million_messages_a_second_are_enough_though_a_forwarder_passes_on_half_a_million()
    {
        BoundsMeasurements fast = Barely with
        {
            Hops =
            [
                .. With(Barely.Hops, 256, round => round with { MessagesPerSecond = 1_000_000 }).Skip(1),
                Results.Of(Checking, 256, Results.Round(100, 100, 500_000)),
            ],
        };

        Bound flat = BoundsTable.Of(fast).Single(bound => bound.Measure.StartsWith("flat out, 256 B", StringComparison.Ordinal));

        Assert.That(flat.IsMet);
        Assert.That(flat.Limit, Is.EqualTo(">= 1,000,000 msg/s"));
    }

    [Test]
    public void What_was_not_measured_keeps_no_promise()
    {
        BoundsMeasurements without = Barely with { Hops = With(Barely.Hops, 4096, round => round with { PerHop = null }) };

        Assert.That(BoundsTable.Of(without).Single(bound => !bound.IsMet).Measure, Does.StartWith("delay per hop, 4,096 B"));
    }

    [Test]
    public void The_table_says_what_was_measured_how_noisy_it_was_and_whether_it_is_enough()
    {
        BoundsMeasurements noisy = Barely with { Propagate = [60, 50, 70] };

        Assert.That(Bound.Table(BoundsTable.Of(noisy)).Rows[8], Is.EqualTo((string[])
            ["Propagate until the kernel has the message, 256 B, median", "< 50.00 us", "60.00 us", "33 %", "NO"]));
    }

    private static TestCaseData Failure(string measure, Func<BoundsMeasurements, BoundsMeasurements> spoil) =>
        new TestCaseData(measure, spoil).SetArgDisplayNames(measure);

    private static IReadOnlyList<HopResult> With(IReadOnlyList<HopResult> results, int size, Func<HopRound, HopRound> change) =>
    [
        .. results.Select(result => result.Name == Node && result.Size == size
            ? result with { Rounds = [.. result.Rounds.Select(change)] }
            : result),
    ];
}
