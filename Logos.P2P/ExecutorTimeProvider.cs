namespace Logos.P2P;

/// <summary>The system's clock, whose timers ring where the host runs work.</summary>
/// <param name="executor">Where that is.</param>
internal sealed class ExecutorTimeProvider(SynchronizationContext executor) : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(_ => executor.Post(_ => callback(state), null), null, dueTime, period);
}
