using Logos.P2P.Access;
using NUnit.Framework;

namespace Logos.P2P.Tests.Access;

internal sealed class RateLimitTests
{
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(5);

    [Test]
    public void A_burst_may_come_at_once_and_one_more_is_too_much()
    {
        var limit = new RateLimit(10, Burst);

        for (int i = 0; i < 50; i++)
        {
            limit.Charge(1, Start);
            Assert.That(limit.IsExceeded(Start), Is.False, $"{i}");
        }

        limit.Charge(1, Start);
        Assert.That(limit.IsExceeded(Start), Is.True);
        Assert.That(limit.IsExceeded(Start + TimeSpan.FromSeconds(0.2)), Is.False);
    }

    [TestCase(10, 1)]
    [TestCase(50_000_000, 4_000_000)]
    [TestCase(1_000_000_000, 1)]
    public void In_the_long_run_the_rate_is_what_passes(double rate, double unit)
    {
        var limit = new RateLimit(rate, TimeSpan.FromMilliseconds(1));
        TimeSpan now = Start;
        double passed = 0;
        for (int i = 0; i < 1000; i++)
        {
            for (int j = 0; j < 1000 && !limit.IsExceeded(now); j++)
            {
                limit.Charge(unit, now);
                passed += unit;
            }

            now += TimeSpan.FromTicks(Math.Max(10, (long)(TimeSpan.TicksPerSecond * unit / rate / 2)));
        }

        Assert.That(passed / (now - Start).TotalSeconds, Is.EqualTo(rate).Within(2).Percent);
    }

    [Test]
    public void What_is_used_in_advance_is_waited_for_and_a_pause_saves_up_no_more_than_the_burst()
    {
        var limit = new RateLimit(1000, Burst);

        limit.Charge(60_000, Start);

        Assert.That(limit.Ahead(Start), Is.EqualTo(TimeSpan.FromMinutes(1)));
        Assert.That(limit.IsExceeded(Start + TimeSpan.FromSeconds(54.9)), Is.True);
        Assert.That(limit.IsExceeded(Start + TimeSpan.FromSeconds(55.1)), Is.False);
        TimeSpan later = Start + TimeSpan.FromDays(1000);
        Assert.That(limit.Ahead(later), Is.EqualTo(TimeSpan.Zero));
        limit.Charge(5001, later);
        Assert.That(limit.IsExceeded(later), Is.True);
    }

    [Test]
    public void Threads_that_charge_at_once_lose_nothing()
    {
        var limit = new RateLimit(1000, Burst);

        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < 10_000; i++)
                limit.Charge(1, Start);
        });

        Assert.That(limit.Ahead(Start).TotalSeconds, Is.EqualTo(80).Within(0.001));
    }

    [Test]
    public void However_much_is_charged_it_stays_too_much()
    {
        var limit = new RateLimit(1, Burst);

        for (int i = 0; i < 100; i++)
            limit.Charge(200.0 * 4_000_000, Start);

        Assert.That(limit.Ahead(Start), Is.EqualTo(TimeSpan.FromDays(365)));
        Assert.That(limit.IsExceeded(Start + TimeSpan.FromDays(364)), Is.True);
    }

    [TestCase(0, false)]
    [TestCase(0.1, true)]
    public void A_rate_of_zero_is_no_limit(double rate, bool isLimit) =>
        Assert.That(RateLimit.Create(rate, Burst), isLimit ? Is.Not.Null : Is.Null);
}
