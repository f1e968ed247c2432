using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>
/// Wakes the relay when a flight is due. The heartbeat comes ten times a second, which is too rarely for waits of a few
/// milliseconds. Guards itself.
/// </summary>
internal sealed class FlightTimer : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<(ShortId Name, long Generation), TimeSpan> _due = new();
    private readonly NodeClock _clock;
    private readonly ITimer _timer;
    private TimeSpan _wakesAt = TimeSpan.MaxValue;

    /// <param name="clock">The time.</param>
    /// <param name="wake">Called when something is due.</param>
    public FlightTimer(NodeClock clock, Action wake)
    {
        _clock = clock;
        _timer = clock.TimeProvider.CreateTimer(
            _ => wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Wakes the relay at a time, because of a flight.</summary>
    public void Plan(ShortId name, long generation, TimeSpan at)
    {
        lock (_gate)
        {
            _due.Enqueue((name, generation), at);
            SetTimer();
        }
    }

    /// <summary>The next flight that is due, if any is.</summary>
    public bool TryTake(TimeSpan now, out ShortId name, out long generation)
    {
        lock (_gate)
        {
            (name, generation) = (default, 0);
            if (_due.TryPeek(out (ShortId Name, long Generation) next, out TimeSpan at) && at <= now)
            {
                _due.Dequeue();
                (name, generation) = next;
                return true;
            }

            _wakesAt = TimeSpan.MaxValue;
            SetTimer();
            return false;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void SetTimer()
    {
        if (!_due.TryPeek(out _, out TimeSpan at) || at >= _wakesAt)
            return;
        _wakesAt = at;
        TimeSpan wait = at - _clock.Now;
        // Up to the next millisecond, or it would wake too early, find nothing and be set again.
        _timer.Change(
            wait > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : TimeSpan.Zero,
            Timeout.InfiniteTimeSpan);
    }
}
