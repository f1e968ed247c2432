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

    private const int MaxDoublings = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Entry> _entries = [];

    /// <summary>Whether an address may be dialled now.</summary>
    public bool IsDue(TKey key, TimeSpan now)
    {
        lock (_gate)
            return !_entries.TryGetValue(key, out Entry entry) || now >= entry.RetryAt;
    }

    /// <summary>Notes how a dial, or the connection that came of it, ended.</summary>
    public void Note(TKey key, bool wasReady, TimeSpan now)
    {
        lock (_gate)
        {
            if (_entries.Count >= PruneAbove)
                Prune(now);
            int failures = wasReady ? 0 : _entries.GetValueOrDefault(key).Failures + 1;
            TimeSpan wait = NodeDefaults.DialRetryMin * (1 << Math.Min(Math.Max(failures - 1, 0), MaxDoublings));
            _entries[key] = new Entry(failures, now + (wait < longestWait ? wait : longestWait));
        }
    }

    private void Prune(TimeSpan now)
    {
        foreach ((TKey key, Entry entry) in _entries)
        {
            if (now >= entry.RetryAt)
                _entries.Remove(key);
        }
    }

    private readonly record struct Entry(int Failures, TimeSpan RetryAt);
}
