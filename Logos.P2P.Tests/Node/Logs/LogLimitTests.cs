using Logos.P2P.Node.Logs;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Logs;

/// <summary>What keeps strangers from filling a disk with what they make a node log.</summary>
internal sealed class LogLimitTests
{
    private readonly ManualTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(60));

    [Test]
    public void A_kind_has_a_mebibyte_an_hour_and_the_others_theirs()
    {
        var limit = new LogLimit<int>(_clock);
        int half = LogLimit<int>.BytesPerWindow / 2;

        Assert.That(limit.Judge(1, half, out _), Is.EqualTo(LogDecision.Write));
        Assert.That(limit.Judge(1, half, out _), Is.EqualTo(LogDecision.WriteLast));
        Assert.That(limit.Judge(1, 1, out _), Is.EqualTo(LogDecision.LeaveOut));
        Assert.That(limit.Judge(2, 1, out _), Is.EqualTo(LogDecision.Write));
    }

    [Test]
    public void When_the_hour_is_over_it_is_told_how_many_were_left_out()
    {
        var limit = new LogLimit<int>(_clock);
        limit.Judge(1, LogLimit<int>.BytesPerWindow, out _);
        for (int i = 0; i < 7; i++)
            limit.Judge(1, 1, out _);
        _clock.Advance(LogLimit<int>.Window);

        Assert.That(limit.Judge(1, 1, out long missed), Is.EqualTo(LogDecision.Write));
        Assert.That(missed, Is.EqualTo(7));
        limit.Judge(1, 1, out missed);
        Assert.That(missed, Is.Zero);
    }

    [Test]
    public void A_clock_that_is_set_back_begins_another_hour()
    {
        var limit = new LogLimit<int>(_clock);
        limit.Judge(1, LogLimit<int>.BytesPerWindow, out _);
        _clock.Now -= TimeSpan.FromDays(1);

        Assert.That(limit.Judge(1, 1, out _), Is.EqualTo(LogDecision.Write));
    }
}
