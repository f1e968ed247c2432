namespace Logos.P2P.Access;

/// <summary>A limit by count and by size: exceeded when either is.</summary>
/// <param name="messagesPerSecond">Messages a second in the long run; 0 for no limit.</param>
/// <param name="bytesPerSecond">Bytes a second in the long run; 0 for no limit.</param>
internal sealed class FlowLimit(double messagesPerSecond, double bytesPerSecond)
{
    private readonly RateLimit? _messages = RateLimit.Create(messagesPerSecond, NodeDefaults.MessageBurst);
    private readonly RateLimit? _bytes = RateLimit.Create(bytesPerSecond, NodeDefaults.MessageBurst);

    public void Charge(long messages, long bytes, TimeSpan now)
    {
        if (messages > 0)
            _messages?.Charge(messages, now);
        if (bytes > 0)
            _bytes?.Charge(bytes, now);
    }

    public bool IsExceeded(TimeSpan now) => _messages?.IsExceeded(now) == true || _bytes?.IsExceeded(now) == true;

    /// <summary>Whether less than half of the burst is in use: the flow has calmed down.</summary>
    public bool IsCalm(TimeSpan now) => IsCalm(_messages, now) && IsCalm(_bytes, now);

    private static bool IsCalm(RateLimit? limit, TimeSpan now) =>
        limit is null || limit.Ahead(now) < NodeDefaults.MessageBurst / 2;
}
