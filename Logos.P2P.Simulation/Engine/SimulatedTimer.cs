namespace Logos.P2P.Simulation.Engine;

/// <summary>A timer of virtual time.</summary>
internal sealed class SimulatedTimer(SimulationLoop loop, TimerCallback callback, object? state) : ITimer
{
    private Due? _next;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        // What was planned stays in the loop's queue, where nothing can be taken out, and does nothing.
        _next = null;
        if (dueTime != Timeout.InfiniteTimeSpan)
            Plan(new Due(this, period), dueTime);
        return true;
    }

    public void Dispose() => _next = null;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Plan(Due due, TimeSpan delay)
    {
        _next = due;
        loop.At(loop.Now + delay, due);
    }

    private sealed class Due(SimulatedTimer timer, TimeSpan period) : ISimulationEvent
    {
        public void Happen()
        {
            if (timer._next != this)
                return;
            if (period > TimeSpan.Zero)
                timer.Plan(this, period);
            else
                timer._next = null;
            timer.Invoke();
        }
    }

    private void Invoke() => callback(state);
}
