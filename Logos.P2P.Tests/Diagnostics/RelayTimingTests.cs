using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Diagnostics;

/// <summary>Which messages are timed.</summary>
internal sealed class RelayTimingTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Test]
    public void None_is_while_nobody_listens()
    {
        var timing = new RelayTiming();
        timing.Tick(Second, 1);

        Assert.That(timing.IsTurn(0), Is.False);
    }

    [TestCase(10, 1)]
    [TestCase(1000, 1)]
    [TestCase(1001, 2)]
    [TestCase(4000, 4)]
    [TestCase(100_000, 128)]
    public void Every_one_is_when_there_are_few_and_at_most_a_thousand_a_second_when_there_are_many(int perSecond, int every)
    {
        var timing = new RelayTiming();
        using MessageSamples samples = timing.Watch();
        timing.Tick(TimeSpan.Zero, 0);
        timing.Tick(Second, perSecond);

        int timed = Enumerable.Range(1, perSecond).Count(number => timing.IsTurn(number));

        Assert.That(timed, Is.EqualTo(perSecond / every).And.LessThanOrEqualTo(NodeDefaults.TimedMessages));
    }

    [Test]
    public void Of_a_burst_that_nothing_foretold_few_are()
    {
        const int burst = 20_000;
        var timing = new RelayTiming();
        using MessageSamples samples = timing.Watch();
        timing.Tick(Second, 0);
        Frame frame = new FramePool(P2PNetwork.Regtest).Create(Command.Logos, [1]);

        int[] timed = [.. Enumerable.Range(1, burst).Where(number => timing.IsTurn(number))
            .Select(number =>
            {
                timing.Begin(frame, Second);
                return number;
            })];
        frame.Release();

        // Two hundred, and as many again each time that there are twice as many.
        Assert.That(timed, Has.Length.InRange(1100, 1500));
        Assert.That(timed[^1], Is.GreaterThan(burst / 2));
    }

    [Test]
    public void Of_a_steady_flow_that_is_not_too_many_every_one_is_though_heartbeats_are_early_and_late()
    {
        var timing = new RelayTiming();
        using MessageSamples samples = timing.Watch();
        Frame frame = new FramePool(P2PNetwork.Regtest).Create(Command.Logos, [1]);
        timing.Tick(TimeSpan.Zero, 0);
        TimeSpan now = TimeSpan.Zero;
        int number = 0, timed = 0;
        foreach (int milliseconds in (int[])[100, 99, 101, 100, 180, 60, 99, 101])
        {
            now += TimeSpan.FromMilliseconds(milliseconds);
            // 900 a second.
            for (int end = number + (milliseconds * 9 / 10); number < end; number++)
            {
                if (!timing.IsTurn(number))
                    continue;
                timing.Begin(frame, now);
                timed++;
            }

            timing.Tick(now, number);
        }

        frame.Release();
        Assert.That(timed, Is.EqualTo(number));
    }

    [Test]
    public void When_there_are_fewer_again_every_one_is()
    {
        var timing = new RelayTiming();
        using MessageSamples samples = timing.Watch();
        timing.Tick(TimeSpan.Zero, 0);
        timing.Tick(Second, 50_000);
        timing.Tick(2 * Second, 50_010);

        Assert.That(timing.IsTurn(1), Is.True);
    }

    [Test]
    public void Whoever_has_left_gets_no_more_and_costs_nothing()
    {
        var timing = new RelayTiming();
        timing.Watch().Dispose();
        timing.Tick(Second, 1);

        Assert.That(timing.IsTurn(0), Is.False);
    }

    [Test]
    public void Of_samples_that_nobody_took_the_oldest_go()
    {
        using var samples = new MessageSamples(_ => { });
        for (int i = 0; i < MessageSamples.Capacity + 5; i++)
            samples.Add(new MessageSample { PeerId = i });

        MessageSample[] taken = samples.Take();

        Assert.That(taken, Has.Length.EqualTo(MessageSamples.Capacity));
        Assert.That(taken[0].PeerId, Is.EqualTo(5));
        Assert.That(taken[^1].PeerId, Is.EqualTo(MessageSamples.Capacity + 4));
    }
}
