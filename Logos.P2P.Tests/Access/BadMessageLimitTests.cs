using Logos.P2P.Access;
using NUnit.Framework;

namespace Logos.P2P.Tests.Access;

internal sealed class BadMessageLimitTests
{
    private static readonly TimeSpan Start = TimeSpan.FromHours(1);

    [Test]
    public void The_tenth_within_a_minute_is_one_too_many()
    {
        var limit = new BadMessageLimit(NodeDefaults.MaxBadMessages);
        bool[] answers = [.. Enumerable.Range(0, 10).Select(i => limit.Add(Start + TimeSpan.FromSeconds(i * 6.6)))];

        Assert.That(answers.Take(9), Is.All.False);
        Assert.That(answers[9], Is.True);
    }

    [Test]
    public void Ten_over_a_minute_or_more_are_not()
    {
        var limit = new BadMessageLimit(NodeDefaults.MaxBadMessages);
        for (int i = 0; i < 1000; i++)
            Assert.That(limit.Add(Start + (i * NodeDefaults.BadMessageWindow / 9)), Is.False);
    }

    [Test]
    public void The_window_slides()
    {
        var limit = new BadMessageLimit(NodeDefaults.MaxBadMessages);
        for (int i = 0; i < 9; i++)
            limit.Add(Start);

        Assert.That(limit.Add(Start + NodeDefaults.BadMessageWindow), Is.False, "The nine are a minute old.");
        for (int i = 0; i < 8; i++)
            Assert.That(limit.Add(Start + NodeDefaults.BadMessageWindow), Is.False);
        Assert.That(limit.Add(Start + NodeDefaults.BadMessageWindow), Is.True);
    }
}
