using Logos.P2P.Diagnostics;
using Logos.P2P.Storage;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Access;

/// <summary>
/// Keeps the bans over a restart: writes them behind the node's back as soon as they change. When that fails it is tried
/// again.
/// </summary>
internal sealed class BanListKeeper(BanList bans, IOverlayStore store, NodeClock clock, NodeTasks tasks, ILogger logger)
{
    private TimeSpan _nextTry;

    /// <summary>The latest write that <see cref="Tick"/> began; completed when none is running.</summary>
    public Task Writing { get; private set; } = Task.CompletedTask;

    /// <summary>Reads the bans of the last run.</summary>
    public void Load()
    {
        bans.Restore(store.LoadBans(out int unreadable));
        if (unreadable > 0)
            Log.BansUnreadable(logger, unreadable, store.Path);
    }

    /// <summary>Starts to write when something changed.</summary>
    public void Tick()
    {
        bans.Sweep();
        if (clock.Now < _nextTry || !Writing.IsCompleted || bans.TakeChanges() is not { } changed)
            return;
        _nextTry = clock.Now + NodeDefaults.BanFlushInterval;
        Writing = tasks.RunBlocking(() => Write(changed));
    }

    /// <summary>Writes what changed, when <see cref="Writing"/> has ended. It is on disk on return.</summary>
    public void Flush()
    {
        if (bans.TakeChanges() is { } changed)
            Write(changed);
    }

    private void Write(IReadOnlyList<Ban> changed)
    {
        try
        {
            store.SaveBans(changed);
        }
        catch (IOException e)
        {
            bans.ReturnChanges();
            Log.BansNotWritten(logger, e);
        }
    }
}
