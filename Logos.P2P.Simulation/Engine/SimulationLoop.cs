using System.IO.Pipelines;

namespace Logos.P2P.Simulation.Engine;

/// <summary>
/// The one thread of a simulated world: makes events happen in the order of their times, and runs what they set off before
/// the next one. As the context of all asynchronous work it keeps that on this thread too, so that a run depends on nothing
/// but its seed.
/// </summary>
internal sealed class SimulationLoop : SynchronizationContext
{
    private readonly PriorityQueue<ISimulationEvent, (TimeSpan Time, long Order)> _events = new();
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private readonly Thread _thread = Thread.CurrentThread;
    private long _order;
    private volatile bool _isOver;

    public SimulationLoop()
    {
        Clock = new LoopClock(this);
        Tasks = new NodeTasks(this);
        Pipes = new LoopPipeScheduler(this);
    }

    /// <summary>Virtual time, with its timers.</summary>
    public SimulationClock Clock { get; }

    /// <summary>Where the work of nodes runs: here.</summary>
    public NodeTasks Tasks { get; }

    /// <summary>Where whoever waits for a pipe goes on: here.</summary>
    public PipeScheduler Pipes { get; }

    public TimeSpan Now => Clock.Now;

    /// <summary>How many events have happened.</summary>
    public long EventCount { get; private set; }

    /// <summary>Makes an event happen at a time, or now when that is past. Of two at one time the first planned is first.</summary>
    public void At(TimeSpan time, ISimulationEvent what) => _events.Enqueue(what, (time > Now ? time : Now, _order++));

    /// <summary>Makes something happen after a while.</summary>
    public void After(TimeSpan delay, Action what) => At(Now + delay, new ActionEvent(what));

    /// <summary>Does something now. Whatever touches a node must be done in here or in an event.</summary>
    public void Do(Action what)
    {
        After(TimeSpan.Zero, what);
        RunFor(TimeSpan.Zero);
    }

    /// <summary>Lets time pass.</summary>
    public void RunFor(TimeSpan duration) => RunUntil(() => false, duration);

    /// <summary>Lets time pass until something is the case. It is looked at after each event.</summary>
    /// <returns>False when the time was up first.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan atMost)
    {
        SynchronizationContext? outer = Current;
        SetSynchronizationContext(this);
        try
        {
            TimeSpan end = Now + atMost;
            RunReady();
            while (!condition())
            {
                if (!_events.TryPeek(out _, out (TimeSpan Time, long Order) next) || next.Time > end)
                {
                    Clock.Advance(end - Now);
                    return false;
                }

                Clock.Advance(next.Time - Now);
                _events.Dequeue().Happen();
                EventCount++;
                RunReady();
            }

            return true;
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    /// <summary>Lets time pass until a task is done, and passes its failure on.</summary>
    public void RunUntilDone(Task task, TimeSpan atMost)
    {
        if (!RunUntil(() => task.IsCompleted, atMost))
            throw new TimeoutException($"A task was not done after {atMost} of virtual time.");
        task.GetAwaiter().GetResult();
    }

    /// <summary>Nothing happens any more. What the finalizers of an abandoned world still set off is dropped.</summary>
    public void End() => _isOver = true;

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        if (_isOver)
            return;
        if (Thread.CurrentThread != _thread)
            throw new InvalidOperationException("Work of the simulation has got onto another thread.");
        _ready.Enqueue((d, state));
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("There is one thread: it cannot wait for itself.");

    private void RunReady()
    {
        while (_ready.TryDequeue(out (SendOrPostCallback Callback, object? State) work))
            work.Callback(work.State);
    }

    private sealed class ActionEvent(Action what) : ISimulationEvent
    {
        public void Happen() => what();
    }

    private sealed class LoopPipeScheduler(SimulationLoop loop) : PipeScheduler
    {
        public override void Schedule(Action<object?> action, object? state) =>
            loop.Post(new SendOrPostCallback(action), state);
    }

    private sealed class LoopClock(SimulationLoop loop) : SimulationClock
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new SimulatedTimer(loop, callback, state);
            timer.Change(dueTime, period);
            return timer;
        }
    }
}
