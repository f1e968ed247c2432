using Logos.P2P.Relay;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

/// <summary>When the relay is woken.</summary>
internal sealed class FlightTimerTests
{
    private readonly List<(double At, ulong Name)> _taken = [];
    private ManualTimeProvider _time = null!;
    private NodeClock _clock = null!;
    private FlightTimer _timer = null!;
    private int _wakes;

    [SetUp]
    public void SetUp()
    {
        _time = new ManualTimeProvider(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));
        _clock = new NodeClock(_time);
        _timer = new FlightTimer(_clock, Wake);
        _taken.Clear();
        _wakes = 0;
    }

    [TearDown]
    public void TearDown() => _timer.Dispose();

    [Test]
    public void Each_flight_is_due_at_its_time_whatever_the_order_of_planning()
    {
        foreach (int milliseconds in (int[])[30, 10, 20, 10])
            Plan(milliseconds);

        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.That(_taken, Is.EqualTo(new[] { (10.0, 10UL), (10.0, 10UL), (20.0, 20UL), (30.0, 30UL) }));
        Assert.That(_wakes, Is.EqualTo(3), "Nobody is woken for nothing.");
    }

    [Test]
    public void What_is_planned_for_now_is_due_at_once()
    {
        Plan(0);

        _time.Advance(TimeSpan.Zero);

        Assert.That(_taken, Is.EqualTo(new[] { (0.0, 0UL) }));
    }

    [Test]
    public void A_time_between_two_milliseconds_is_waited_for_and_not_asked_for_twice()
    {
        _timer.Plan(new ShortId(1), 1, TimeSpan.FromMilliseconds(10.3));

        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.That(_taken, Is.EqualTo(new[] { (11.0, 1UL) }));
        Assert.That(_wakes, Is.EqualTo(1));
    }

    [Test]
    public void Without_anything_to_wait_for_no_timer_runs()
    {
        Plan(10);
        _time.Advance(TimeSpan.FromMilliseconds(10));

        Assert.That(_time.TimerCount, Is.Zero);
        Plan(10);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.That(_taken, Has.Count.EqualTo(2), "It is woken again.");
    }

    [Test]
    public void Once_stopped_it_wakes_nobody()
    {
        Plan(10);
        _timer.Dispose();

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(_wakes, Is.Zero);
    }

    [Test]
    public async Task On_the_systems_clock_it_wakes_and_may_be_used_after_its_end()
    {
        var woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var clock = new NodeClock(TimeProvider.System);
        using var timer = new FlightTimer(clock, () => woken.TrySetResult());

        timer.Plan(new ShortId(1), 1, clock.Now + TimeSpan.FromMilliseconds(1));
        await woken.Task.WaitAsync(TestNode.Patience);
        timer.Dispose();

        Assert.That(() => timer.Plan(new ShortId(1), 1, clock.Now), Throws.Nothing);
    }

    private void Plan(int milliseconds) => _timer.Plan(
        new ShortId((ulong)milliseconds), milliseconds, _clock.Now + TimeSpan.FromMilliseconds(milliseconds));

    private void Wake()
    {
        _wakes++;
        while (_timer.TryTake(_clock.Now, out ShortId name, out long _))
            _taken.Add((_clock.Now.TotalMilliseconds, name.Value));
    }
}
