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
    private readonly Lock _oneWriter = new();
    private TimeSpan _nextTry;

    /// <summary>The latest write that <see cref="Tick"/> began; completed when none is running.</summary>
    public Task Writing { get; private set; } = Task.CompletedTask;

    /// <summary>Reads the bans of the last run, or again.</summary>
    /// <returns>False when there were none.</returns>
    public bool Load()
    {
        IReadOnlyList<Ban> stored = store.LoadBans(out int unreadable);
        bans.Restore(stored);
        if (unreadable > 0)
            Log.BansUnreadable(logger, unreadable, store.Path);
        return stored.Count > 0;
    }

    /// <summary>Starts to write when something changed.</summary>
    public void Tick()
    {
        bans.Sweep();
        if (clock.Now < _nextTry || !Writing.IsCompleted || !bans.HasChanges)
            return;
        _nextTry = clock.Now + NodeDefaults.BanFlushInterval;
        Writing = tasks.RunBlocking(Flush);
    }

    /// <summary>Writes the bans if they changed. They are on disk on return.</summary>
    public void Flush()
    {
        lock (_oneWriter)
        {
            if (bans.TakeChanges() is { } changed)
                Write(changed);
        }
    }

    /// <summary>Writes the bans, changed or not.</summary>
    /// <returns>False when they could not be written.</returns>
    public bool WriteAll()
    {
        lock (_oneWriter)
            return Write(bans.TakeChanges() ?? bans.Snapshot());
    }

    private bool Write(IReadOnlyList<Ban> changed)
    {
        try
        {
            store.SaveBans(changed);
            return true;
        }
        catch (IOException e)
        {
            bans.ReturnChanges();
            Log.BansNotWritten(logger, e);
            return false;
        }
    }
}
