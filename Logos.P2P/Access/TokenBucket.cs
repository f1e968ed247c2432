namespace Logos.P2P.Access;

/// <summary>Allows so many things a second on average and a burst at once. Its owner guards it.</summary>
/// <param name="ratePerSecond">Tokens that come back each second.</param>
/// <param name="capacity">Most tokens at once.</param>
/// <param name="initial">Tokens at the start.</param>
/// <param name="start">When the start is.</param>
internal struct TokenBucket(double ratePerSecond, double capacity, double initial, TimeSpan start)
{
    private double _tokens = initial;
    private TimeSpan _lastRefill = start;

    /// <summary>Takes one token if there is one.</summary>
    public bool TryTake(TimeSpan now)
    {
        if (now > _lastRefill)
        {
            double elapsed = now.TotalSeconds - _lastRefill.TotalSeconds;
            _lastRefill = now;
            if (_tokens < capacity)
                _tokens = Math.Min(capacity, _tokens + (elapsed * ratePerSecond));
        }

        if (_tokens < 1)
            return false;
        _tokens--;
        return true;
    }

    /// <summary>Adds tokens above the capacity, for something that we asked for.</summary>
    public void Grant(double tokens) => _tokens += tokens;
}
