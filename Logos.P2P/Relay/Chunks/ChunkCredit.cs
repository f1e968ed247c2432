namespace Logos.P2P.Relay.Chunks;

/// <summary>
/// How many messages go on before all of their chunks are here. A list that is passed on in good faith may be a lie, and then
/// our neighbours count it against us: there must be fewer of those than they forgive. Guards itself.
/// </summary>
internal sealed class ChunkCredit
{
    /// <summary>
    /// Messages at once that may turn out to be lies, and lies in a <see cref="NodeDefaults.BadMessageWindow"/>. A third of
    /// <see cref="MaxWrongLists"/>: those of three windows may come to light at our neighbours in one.
    /// </summary>
    public const int MaxUnproven = 32;

    /// <summary>
    /// Wrong lists in a <see cref="NodeDefaults.BadMessageWindow"/> that end the connection to who brought them. So many cost
    /// us at most the hashing of as many messages of the largest kind, half a second of each minute.
    /// </summary>
    public const int MaxWrongLists = 100;

    private readonly Lock _gate = new();
    private readonly Queue<TimeSpan> _unproven = new(MaxUnproven);

    /// <summary>Takes note that a message is about to go on of which chunks are missing.</summary>
    /// <returns>False when it must not.</returns>
    public bool TryPass(TimeSpan now)
    {
        lock (_gate)
        {
            while (_unproven.TryPeek(out TimeSpan oldest) && now - oldest >= NodeDefaults.BadMessageWindow)
                _unproven.Dequeue();
            if (_unproven.Count == MaxUnproven)
                return false;
            _unproven.Enqueue(now);
            return true;
        }
    }

    /// <summary>One of them was no lie.</summary>
    public void Prove()
    {
        lock (_gate)
            _unproven.TryDequeue(out _);
    }
}
