namespace Logos.P2P.Dialing;

/// <summary>
/// When an address may be dialled again: twice as long after each failure in a row. Guards itself.
/// </summary>
/// <typeparam name="TKey">How addresses are told apart.</typeparam>
/// <param name="longestWait">The longest wait after a failure.</param>
internal sealed class DialHistory<TKey>(TimeSpan longestWait)
    where TKey : notnull
{
    /// <summary>Entries kept before those whose wait is over are forgotten.</summary>
    private const int PruneAbove = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Entry> _entries = [];

    /// <summary>Whether an address may be dialled now.</summary>
    /// <param name="key">The address.</param>
    /// <param name="now">The time.</param>
    /// <param name="isAlone">
    /// Whether no peer that we dialled is left. Then the failures may be our line's, and nobody waits longer than
    /// <see cref="NodeDefaults.DialRetryAlone"/>: when the line is back, so are we.
    /// </param>
    public bool IsDue(TKey key, TimeSpan now, bool isAlone)
    {
        lock (_gate)
        {
            return !_entries.TryGetValue(key, out Entry entry)
                || now - entry.EndedAt >= Shorter(entry.Wait, isAlone ? NodeDefaults.DialRetryAlone : longestWait);
        }
    }

    /// <summary>Notes how a dial, or the connection that came of it, ended.</summary>
    public void Note(TKey key, bool wasReady, TimeSpan now, bool isAlone)
    {
        lock (_gate)
        {
            if (_entries.Count >= PruneAbove)
                Prune(now);
            TimeSpan longest = isAlone ? NodeDefaults.DialRetryAlone : longestWait;
            int failures = wasReady ? 0 : _entries.GetValueOrDefault(key).Failures;
            // Where the wait is at its longest, more failures prove nothing more.
            if (!wasReady && WaitAfter(failures) < longest)
                failures++;
            _entries[key] = new Entry(failures, now, Shorter(WaitAfter(failures), longest));
        }
    }

    private void Prune(TimeSpan now)
    {
        foreach ((TKey key, Entry entry) in _entries)
        {
            if (now - entry.EndedAt >= entry.Wait)
                _entries.Remove(key);
        }
    }

    private static TimeSpan WaitAfter(int failures) => NodeDefaults.DialRetryMin * (1 << Math.Max(failures - 1, 0));

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private readonly record struct Entry(int Failures, TimeSpan EndedAt, TimeSpan Wait);
}
