using Logos.P2P.Access;
using NUnit.Framework;

namespace Logos.P2P.Tests.Access;

internal sealed class FlowLimitTests
{
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(100);

    private static readonly double Burst = NodeDefaults.MessageBurst.TotalSeconds;

    [TestCase(11, 1, true, Description = "Too many.")]
    [TestCase(1, 1001, true, Description = "Too large.")]
    [TestCase(10, 1000, false)]
    public void It_is_exceeded_when_there_are_too_many_or_they_are_too_large(int messages, int bytes, bool isExceeded)
    {
        var limit = new FlowLimit(10, 1000);

        limit.Charge((long)(messages * Burst), (long)(bytes * Burst), Start);

        Assert.That(limit.IsExceeded(Start), Is.EqualTo(isExceeded));
    }

    [Test]
    public void Either_limit_may_be_missing()
    {
        var byCount = new FlowLimit(10, 0);
        byCount.Charge((long)(11 * Burst), long.MaxValue, Start);
        Assert.That(byCount.IsExceeded(Start), Is.True);
        Assert.That(byCount.IsCalm(Start), Is.False);

        var bySize = new FlowLimit(0, 10);
        bySize.Charge(long.MaxValue, (long)(11 * Burst), Start);
        Assert.That(bySize.IsExceeded(Start), Is.True);
        Assert.That(bySize.IsCalm(Start), Is.False);

        var none = new FlowLimit(0, 0);
        none.Charge(long.MaxValue, long.MaxValue, Start);
        Assert.That(none.IsExceeded(Start), Is.False);
        Assert.That(none.IsCalm(Start), Is.True);
    }

    [Test]
    public void What_is_not_charged_uses_nothing()
    {
        var limit = new FlowLimit(10, 1000);

        limit.Charge((long)(10 * Burst), 0, Start);
        limit.Charge(0, (long)(1000 * Burst), Start);
        limit.Charge(-1, -1, Start + TimeSpan.FromTicks(1));

        Assert.That(limit.IsExceeded(Start), Is.False);
    }

    [Test]
    public void It_is_calm_when_less_than_half_of_either_burst_is_in_use()
    {
        var limit = new FlowLimit(1000, 1000);
        limit.Charge((long)(1000 * Burst), (long)(1000 * Burst), Start);
        Assert.That(limit.IsExceeded(Start), Is.False);
        Assert.That(limit.IsCalm(Start), Is.False);

        TimeSpan half = Start + (NodeDefaults.MessageBurst / 2);
        Assert.That(limit.IsCalm(half), Is.False, "Just half.");
        Assert.That(limit.IsCalm(half + TimeSpan.FromTicks(1)), Is.True);

        limit.Charge(0, 2, half);
        Assert.That(limit.IsCalm(half + TimeSpan.FromTicks(1)), Is.False, "Calm by count, but not by size.");
    }
}
