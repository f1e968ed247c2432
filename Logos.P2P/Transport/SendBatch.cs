namespace Logos.P2P.Transport;

/// <summary>
/// While a thread works through frames that have all been received, what it sends on is put together: one system call for
/// many messages, which costs as much as one for each of them. What it holds back leaves as soon as no complete frame is at
/// hand, so a message that comes alone leaves at once. No timer.
/// </summary>
/// <remarks>
/// Known by its thread, as the kernel's plugged block queues are: what is sent while a frame is handled comes from everywhere
/// between the receive loop and the writers, the upper layer included.
/// </remarks>
/// <param name="clock">The time.</param>
internal sealed class SendBatch(NodeClock clock)
{
    /// <summary>
    /// How long anything is held back, as long as each frame is handled within this time: ten system calls, so that most of them
    /// are saved, and half of what a hop costs.
    /// </summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromMicroseconds(100);

    [ThreadStatic]
    private static SendBatch? _current;

    private readonly List<FrameWriter> _writers = [];
    private SendBatch? _outer;
    private TimeSpan _since;

    /// <summary>That of this thread; null while nothing is to be held back.</summary>
    public static SendBatch? Current => _current is { IsHolding: true } batch ? batch : null;

    /// <summary>
    /// Whether more will come of what is at hand. What is sent for the last frame of a batch, which is as a rule the only one,
    /// leaves when it is sent, together with what was held back, and not when all has been done that there is to do about it.
    /// </summary>
    public bool IsHolding { get; set; }

    /// <summary>What this thread sends is held back from now on, if more will come of it. One thread at a time.</summary>
    public void Begin()
    {
        _outer = _current;
        _current = this;
    }

    /// <summary>A writer holds something back.</summary>
    public void Add(FrameWriter writer)
    {
        if (_writers.Count == 0)
            _since = clock.Now;
        _writers.Add(writer);
    }

    /// <summary>Sends what was held back if that was long ago, or if nothing is at hand that more would come of.</summary>
    public void Flush(bool hasMore)
    {
        if (_writers.Count == 0 || (hasMore && clock.Now - _since < MaxAge))
            return;
        // Sending may lead to more being sent.
        for (int i = 0; i < _writers.Count; i++)
            _writers[i].Flush(this);
        _writers.Clear();
    }

    /// <summary>Sends what was held back, and holds nothing back any more.</summary>
    public void End()
    {
        IsHolding = false;
        _current = _outer;
        _outer = null;
        Flush(hasMore: false);
    }
}
