using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;
using Logos.P2P.Storage;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Addresses;

/// <summary>
/// Writes the address book behind the node's back: soon when an address proved itself, now and then when there is only
/// hearsay. Writing runs on its own. When it fails, the next time everything is written, so that nothing is lost.
/// </summary>
internal sealed class AddressBookKeeper(
    AddressManager book, IOverlayStore store, NetworkPolicy policy, NodeClock clock, NodeTasks tasks, ILogger logger)
{
    private readonly TimeSpan _hearsayInterval = store.RewritesAddresses ? PeersSnapshot.Interval : policy.AddressFlushInterval;
    private readonly TimeSpan _triedInterval =
        store.RewritesAddresses ? NodeDefaults.TriedRewriteInterval : NodeDefaults.TriedFlushInterval;

    // What could not be written may have been of tried ones.
    private readonly TimeSpan _retryInterval =
        store.RewritesAddresses ? NodeDefaults.TriedRewriteInterval : policy.AddressFlushInterval;
    private readonly Lock _oneWriter = new();
    private TimeSpan _lastWrite;
    private volatile bool _isBehind;

    /// <summary>The latest write that <see cref="Tick"/> began; completed when none is running.</summary>
    public Task Writing { get; private set; } = Task.CompletedTask;

    /// <summary>Starts to write when it is time.</summary>
    public void Tick()
    {
        TimeSpan since = clock.Now - _lastWrite;
        bool isDue = since >= _hearsayInterval
            || (book.HasTriedChanges && since >= _triedInterval)
            || (_isBehind && since >= _retryInterval);
        if (!isDue || !Writing.IsCompleted)
            return;
        _lastWrite = clock.Now;
        Writing = tasks.RunBlocking(Flush);
    }

    /// <summary>Writes what changed. It is on disk on return.</summary>
    public void Flush()
    {
        lock (_oneWriter)
            TryWrite();
    }

    /// <summary>Writes all there is, changed or not.</summary>
    /// <returns>False when it could not be written.</returns>
    public bool WriteAll()
    {
        lock (_oneWriter)
        {
            _isBehind = true;
            return TryWrite();
        }
    }

    /// <summary>Reads what the store has, and takes up what is new in it.</summary>
    /// <returns>False when it has no address book.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public bool Merge()
    {
        lock (_oneWriter)
        {
            // What is there is no longer what was written, or it cannot be read just now: the next write replaces all of it.
            _isBehind = true;
            StoredBook stored = store.LoadAddresses();
            bool isSameGrouping = string.Equals(stored.Grouping, policy.GroupingName, StringComparison.Ordinal);
            book.Merge(stored.Entries, keepBuckets: isSameGrouping);
            return stored.Grouping is not null;
        }
    }

    private bool TryWrite()
    {
        try
        {
            Write();
            return true;
        }
        catch (IOException e)
        {
            Log.AddressBookNotWritten(logger, e);
            return false;
        }
    }

    private void Write()
    {
        AddressChanges changes = book.TakeChanges();
        bool wasBehind = _isBehind;
        if (changes.IsEmpty && !wasBehind)
            return;

        // Until it is done it may fail in any way, and what was taken would be lost.
        _isBehind = true;
        if (wasBehind)
            store.ReplaceAddresses([.. book.Snapshot(), .. Unroutable()], policy.GroupingName);
        else
            store.SaveAddresses(changes, policy.GroupingName);
        _isBehind = false;
        Log.AddressBookWritten(logger, changes.Upserted.Count, changes.Removed.Count);
    }

    /// <summary>What the store has for other options than the present ones, of which the book knows nothing.</summary>
    private IEnumerable<AddressEntry> Unroutable() =>
        store.LoadAddresses().Entries.Where(entry => !policy.IsStorable(entry.Endpoint));
}
