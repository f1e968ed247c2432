using Logos.P2P.Simulation.Engine;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Engine;

/// <summary>Events in the order of their times, on one thread.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SimulationLoopTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly SimulationLoop _loop = new();
    private readonly List<string> _happened = [];

    [Test]
    public void Events_happen_in_the_order_of_their_times_and_those_of_one_time_in_that_of_planning()
    {
        Plan(3, "d");
        Plan(1, "a");
        Plan(2, "b");
        Plan(2, "c");

        _loop.RunFor(10 * Second);

        Assert.That(_happened, Is.EqualTo(new[] { "1 a", "2 b", "2 c", "3 d" }));
        Assert.That(_loop.EventCount, Is.EqualTo(4));
        Assert.That(_loop.Now, Is.EqualTo(10 * Second));
    }

    [Test]
    public void What_an_event_plans_for_the_past_happens_now_and_what_is_later_than_the_end_does_not()
    {
        _loop.After(5 * Second, () => _loop.At(Second, new Event(() => Note("late"))));
        Plan(6, "too late");

        _loop.RunFor(5 * Second);

        Assert.That(_happened, Is.EqualTo(new[] { "5 late" }));
    }

    [Test]
    public void What_an_event_sets_off_runs_before_the_next_one_of_the_same_time()
    {
        _loop.After(Second, () => _loop.Tasks.Run(() =>
        {
            Note("set off");
            return Task.CompletedTask;
        }));
        Plan(1, "next");

        _loop.RunFor(Second);

        Assert.That(_happened, Is.EqualTo(new[] { "1 set off", "1 next" }));
    }

    [Test]
    public void A_run_ends_after_the_event_that_makes_its_condition_true()
    {
        Plan(1, "a");
        Plan(2, "b");

        Assert.That(_loop.RunUntil(() => _happened.Count > 0, 10 * Second), Is.True);
        Assert.That(_loop.Now, Is.EqualTo(Second));
        Assert.That(_loop.RunUntil(() => _happened.Count > 5, 10 * Second), Is.False);
        Assert.That(_loop.Now, Is.EqualTo(11 * Second));
    }

    [Test]
    public void Asynchronous_work_stays_on_the_thread_and_in_virtual_time()
    {
        var threads = new HashSet<Thread>();
        async Task WorkAsync()
        {
            for (int i = 0; i < 3; i++)
            {
                await Task.Delay(Second, _loop.Clock);
                threads.Add(Thread.CurrentThread);
                await Task.Yield();
                threads.Add(Thread.CurrentThread);
                await _loop.Tasks.RunBlocking(() => threads.Add(Thread.CurrentThread));
            }
        }

        _loop.RunUntilDone(_loop.Tasks.Run(WorkAsync), 10 * Second);

        Assert.That(threads, Is.EqualTo(new[] { Thread.CurrentThread }));
        Assert.That(_loop.Now, Is.EqualTo(3 * Second));
    }

    [Test]
    public void Work_that_comes_from_another_thread_is_an_error()
    {
        Exception? error = null;
        var other = new Thread(() => error = Assert.Catch(() => _loop.Post(_ => { }, null)));
        other.Start();
        other.Join();

        Assert.That(error, Is.InstanceOf<InvalidOperationException>());
    }

    [Test]
    public void What_comes_after_the_end_is_dropped_whoever_it_comes_from()
    {
        _loop.End();
        var other = new Thread(() => _loop.Post(_ => Note("finalizer"), null));
        other.Start();
        other.Join();

        _loop.RunFor(Second);

        Assert.That(_happened, Is.Empty);
    }

    [Test]
    public void What_work_fails_with_is_passed_on_and_work_without_end_is_given_up()
    {
        Task failing = _loop.Tasks.Run(() => throw new IOException("broken"));

        Assert.That(() => _loop.RunUntilDone(failing, Second), Throws.InstanceOf<IOException>());
        Assert.That(
            () => _loop.RunUntilDone(new TaskCompletionSource().Task, Second), Throws.InstanceOf<TimeoutException>());
    }

    [TestCase(1.0, 0.0, "1")]
    [TestCase(0.0, 0.0, "0")]
    [TestCase(1.0, 2.0, "1 3 5 7 9")]
    [TestCase(-1.0, 1.0, "")]
    public void A_timer_fires_when_it_is_due_and_once_a_period(double due, double period, string times)
    {
        TimeSpan dueTime = due < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(due);
        using ITimer timer = Timer(dueTime, TimeSpan.FromSeconds(period));

        _loop.RunFor(10 * Second);

        Assert.That(string.Join(' ', _happened), Is.EqualTo(times));
    }

    [Test]
    public void A_timer_that_is_changed_keeps_nothing_of_what_was_planned()
    {
        using ITimer timer = Timer(2 * Second, Second);

        _loop.RunFor(3.5 * Second);
        timer.Change(4 * Second, Timeout.InfiniteTimeSpan);
        _loop.RunFor(10 * Second);
        timer.Change(Second, Second);
        timer.Change(Timeout.InfiniteTimeSpan, Second);
        _loop.RunFor(10 * Second);

        Assert.That(string.Join(' ', _happened), Is.EqualTo("2 3 7.5"));
    }

    [Test]
    public void A_timer_that_is_disposed_even_in_its_own_call_fires_no_more()
    {
        ITimer? timer = null;
        timer = _loop.Clock.CreateTimer(
            _ =>
            {
                _happened.Add($"{_loop.Now.TotalSeconds}");
                timer!.Dispose();
            },
            null, Second, Second);

        _loop.RunFor(5 * Second);

        Assert.That(_happened, Is.EqualTo(new[] { "1" }));
    }

    [Test]
    public void A_trace_tells_apart_what_arrived_when_and_where()
    {
        string HashOf(double seconds, int from, int to, int length)
        {
            var trace = new Trace();
            trace.Add(TimeSpan.FromSeconds(seconds), from, to, length);
            return trace.Hash;
        }

        string[] hashes = [HashOf(1, 2, 3, 4), HashOf(2, 2, 3, 4), HashOf(1, 3, 2, 4), HashOf(1, 2, 3, 5), new Trace().Hash];

        Assert.That(hashes, Is.Unique);
        Assert.That(HashOf(1, 2, 3, 4), Is.EqualTo(hashes[0]));
    }

    private void Plan(int seconds, string what) => _loop.After(seconds * Second, () => Note(what));

    private void Note(string what) => _happened.Add($"{_loop.Now.TotalSeconds} {what}");

    private ITimer Timer(TimeSpan due, TimeSpan period) =>
        _loop.Clock.CreateTimer(_ => _happened.Add($"{_loop.Now.TotalSeconds}"), null, due, period);

    private sealed class Event(Action what) : ISimulationEvent
    {
        public void Happen() => what();
    }
}
