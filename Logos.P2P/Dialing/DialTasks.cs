using System.Collections.Concurrent;
using Logos.P2P.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Dialing;

/// <summary>
/// Dials that run on their own, one for each key: from the look-up of a name to the end of the connection. Guards itself.
/// </summary>
internal sealed class DialTasks<TKey>(NodeTasks tasks, ILogger logger, CancellationToken stopping)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Task> _running = new();

    public int Count => _running.Count;

    /// <summary>Whether a dial with a key runs, or the connection that came of it.</summary>
    public bool IsRunning(TKey key) => _running.ContainsKey(key);

    /// <summary>Starts a dial.</summary>
    /// <returns>False when one with the same key runs, or the node is stopping.</returns>
    public bool TryStart(TKey key, Func<Task> dial)
    {
        var done = new TaskCompletionSource();
        if (stopping.IsCancellationRequested || !_running.TryAdd(key, done.Task))
            return false;
        _ = tasks.Run(
            async () =>
            {
                try
                {
                    await dial();
                }
                catch (OperationCanceledException) when (stopping.IsCancellationRequested)
                {
                    // The node is stopping.
                }
#pragma warning disable CA1031 // What nobody thought of must not go unseen, and must not end the node either.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    Log.DialBroke(logger, e);
                }
                finally
                {
                    _running.TryRemove(key, out _);
                    done.SetResult();
                }
            });
        return true;
    }

    /// <summary>Completes when none runs. The node must be stopping and its peers be disconnected.</summary>
    public Task WaitAsync() => Task.WhenAll(_running.Values);
}
