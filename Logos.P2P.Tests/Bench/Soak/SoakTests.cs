using Logos.P2P.Bench.Soak;
using NUnit.Framework;

namespace Logos.P2P.Tests.Bench.Soak;

/// <summary>Whether a node grows.</summary>
internal sealed class SoakTests
{
    private static readonly SoakSample Full = new(Heap: 100, Resident: 200, Handles: 50, Threads: 20);

    /// <summary>Too short for anything to grow; that nothing is lost and nothing left open shows at once.</summary>
    [Test]
    public void A_node_whose_peers_come_and_go_loses_nothing_and_leaves_nothing_open()
    {
        var parameters = new SoakParameters { Fill = 20_000, Cycles = 2, Cycle = TimeSpan.FromSeconds(4), Rate = 500 };

        SoakResult soaked = new SoakBench(parameters, TestContext.Out.WriteLine).Run();

        Assert.That(soaked.Messages, Is.EqualTo(2 * 4 * 500));
        Assert.That(soaked.Lost, Is.Zero);
        Assert.That(soaked.Visits, Is.GreaterThanOrEqualTo(2 * parameters.Visitors));
        Assert.That(soaked.Samples, Has.Count.EqualTo(2));
        Assert.That(soaked.Samples.Select(sample => sample.Heap), Is.All.GreaterThan(1_000_000));
        Assert.That(soaked.Samples[1].Handles, Is.LessThanOrEqualTo(soaked.Samples[0].Handles + SoakResult.HandleSlack));
    }

    [Test]
    public void It_grows_by_what_it_has_more_at_the_end_than_when_all_was_full()
    {
        // Of twelve cycles the second is when all is full: what came before does not matter.
        SoakResult soaked = Of(Full with { Heap = 10 }, Full, Full with { Heap = 104, Resident = 209 });

        Assert.That(soaked.HeapGrowth, Is.EqualTo(4.0 / 100).Within(1e-9));
        Assert.That(soaked.ResidentGrowth, Is.EqualTo(9.0 / 200).Within(1e-9));
        Assert.That(soaked.Failures, Is.Empty);
    }

    [TestCase(106, 200, 50, 20, "The heap has grown by 6 %.")]
    [TestCase(100, 214, 50, 20, "Resident memory has grown by 7 %.")]
    [TestCase(100, 200, 50 + SoakResult.HandleSlack + 1, 20, "descriptors are open")]
    [TestCase(100, 200, 50, 20 + SoakResult.ThreadSlack + 1, "threads, and there were 20")]
    public void What_grows_is_said(long heap, long resident, long handles, long threads, string failure) =>
        Assert.That(Of(Full, Full, new SoakSample(heap, resident, handles, threads)).Failures, Has.One.Contains(failure));

    [Test]
    public void What_is_lost_is_said() => Assert.That((Of(Full, Full, Full) with { Lost = 1 }).Failures, Has.One.Contains("1 messages"));

    [Test]
    public void A_machine_that_is_too_slow_for_the_rate_shows_nothing_and_that_is_said() => Assert.That(
        (Of(Full, Full, Full) with { MessagesPerSecond = 1800 }).Failures, Has.One.Contains("1,800 messages a second instead of 2000"));

    private static SoakResult Of(SoakSample first, SoakSample full, SoakSample last) => new(
        new SoakParameters { Cycles = 12 }, [first, full, .. Enumerable.Repeat(full, 9), last], Messages: 10, Lost: 0, Visits: 3, MessagesPerSecond: 2000);
}
