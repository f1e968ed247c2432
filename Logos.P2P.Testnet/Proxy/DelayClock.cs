using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Logos.P2P.Testnet.Proxy;

/// <summary>
/// Completes waits to a fraction of a millisecond, which .NET's timers do not. One thread for all of them; what follows a
/// wait runs on it and must be short.
/// </summary>
internal sealed partial class DelayClock : IDisposable
{
    /// <summary>
    /// The longest sleep while somebody waits: who comes with a shorter wait is late by this at most. 4,000 times a second
    /// cost about 2 % of a processor.
    /// </summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMicroseconds(250);

    private readonly object _gate = new();
    private readonly PriorityQueue<TaskCompletionSource, long> _waits = new();
    private readonly Thread _thread;
    private bool _isStopped;

    public DelayClock()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "delay clock" };
        _thread.Start();
    }

    /// <summary>Waits until a time as <see cref="Stopwatch.GetTimestamp"/> tells it.</summary>
    public Task UntilAsync(long timestamp)
    {
        if (timestamp <= Stopwatch.GetTimestamp())
            return Task.CompletedTask;
        var wait = new TaskCompletionSource();
        lock (_gate)
        {
            _waits.Enqueue(wait, timestamp);
            Monitor.Pulse(_gate);
        }

        return wait.Task;
    }

    /// <summary>Ends the thread. Waits that are not over never will be.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
    }

    private void Run()
    {
        while (true)
        {
            TaskCompletionSource? due = null;
            var left = TimeSpan.Zero;
            lock (_gate)
            {
                while (_waits.Count == 0 && !_isStopped)
                    Monitor.Wait(_gate);
                if (_isStopped)
                    return;
                _waits.TryPeek(out _, out long timestamp);
                left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), timestamp);
                if (left <= TimeSpan.Zero)
                    due = _waits.Dequeue();
            }

            if (due is null)
                Sleep(left < LongestSleep ? left : LongestSleep);
            else
                due.SetResult();
        }
    }

    private static void Sleep(TimeSpan time)
    {
        var request = new TimeSpec(0, time.Ticks * TimeSpan.NanosecondsPerTick);
        // Ended early by a signal it is only called again.
        _ = NanoSleep(in request, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec request, nint remaining);

    private readonly record struct TimeSpec(nint Seconds, long Nanoseconds);
}
