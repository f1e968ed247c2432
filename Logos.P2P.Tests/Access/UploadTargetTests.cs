using Logos.P2P.Access;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Access;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class UploadTargetTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly ManualTimeProvider _clock = new(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly TrafficCounters _traffic = new();
    private readonly NodeClock _nodeClock;

    public UploadTargetTests() => _nodeClock = new NodeClock(_clock);

    [Test]
    public void It_is_reached_when_so_much_was_sent_since_the_node_began()
    {
        Send(500);
        UploadTarget target = Target(1000);

        Send(999);
        Assert.That(target.IsReached, Is.False);
        Assert.That(target.Info, Is.EqualTo(new UploadTargetInfo(1000, IsReached: false, BytesLeft: 1, Day)));

        Send(1);
        Assert.That(target.IsReached, Is.True);
        Assert.That(target.Info, Is.EqualTo(new UploadTargetInfo(1000, IsReached: true, BytesLeft: 0, Day)));

        Send(1);
        Assert.That(target.Info.BytesLeft, Is.Zero, "Not less than nothing.");
    }

    [Test]
    public void A_day_later_all_is_left_again()
    {
        UploadTarget target = Target(1000);
        Send(2000);
        _clock.Now += Day - TimeSpan.FromTicks(1);
        Assert.That(target.IsReached, Is.True);
        Assert.That(target.Info.TimeLeft, Is.EqualTo(TimeSpan.FromTicks(1)));

        _clock.Now += TimeSpan.FromTicks(1);
        Assert.That(target.IsReached, Is.False);
        Assert.That(target.Info, Is.EqualTo(new UploadTargetInfo(1000, IsReached: false, BytesLeft: 1000, Day)));

        Send(1000);
        Assert.That(target.IsReached, Is.True);
    }

    [Test]
    public void Without_a_target_nothing_is_refused()
    {
        UploadTarget target = Target(0);

        Send(long.MaxValue / 2);

        Assert.That(target.IsReached, Is.False);
        Assert.That(target.Info, Is.EqualTo(default(UploadTargetInfo)));
    }

    private UploadTarget Target(long bytesPerDay) => new(bytesPerDay, _traffic, _nodeClock);

    private void Send(long bytes) => _traffic.CountSent(Command.Logos, bytes);
}
