namespace Logos.P2P.Access;

/// <summary>
/// Counts a peer's damaged messages in a sliding window. Its owner guards it.
/// </summary>
/// <param name="most">How many in a <see cref="NodeDefaults.BadMessageWindow"/> are too many.</param>
internal sealed class BadMessageLimit(int most)
{
    private readonly Queue<TimeSpan> _recent = new();

    /// <summary>Notes a damaged message.</summary>
    /// <returns>True when it is one too many.</returns>
    public bool Add(TimeSpan now)
    {
        while (_recent.TryPeek(out TimeSpan oldest) && now - oldest >= NodeDefaults.BadMessageWindow)
            _recent.Dequeue();
        _recent.Enqueue(now);
        return _recent.Count >= most;
    }
}
