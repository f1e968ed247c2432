using Logos.P2P.Wire;

namespace Logos.P2P;

/// <summary>
/// What became of a message of our own: see <see cref="P2PNode.Propagate(ReadOnlySpan{byte}, out PublishReceipt)"/>. It goes on
/// to change for ten seconds, while peers say what they make of the message. Any thread.
/// </summary>
/// <remarks>
/// Most peers that were sent a message and were glad of it say nothing. So what is known here is a lower bound, and in a
/// network of two nodes it stays zero.
/// </remarks>
public sealed class PublishReceipt
{
    /// <summary>Peers that are worth an event: one, and so many that no single one of them can keep the message to itself.</summary>
    private const int Several = 3;

    private const long Never = -1;

    private readonly TimeSpan _sentAt;
    private long _firstEchoTicks = Never;
    private int _knownBy;
    private int _requestedBy;

    internal PublishReceipt(in MessageId id, TimeSpan sentAt) => (Id, _sentAt) = (id, sentAt);

    /// <summary>The message's name.</summary>
    public MessageId Id { get; }

    /// <summary>When, by the node's clock.</summary>
    internal TimeSpan SentAt => _sentAt;

    /// <summary>How many peers it was sent to. Zero if it was propagated or received before, or nobody was there.</summary>
    public int Pushed { get; internal set; }

    /// <summary>How many peers were told of it, or will be in a moment.</summary>
    public int Announced { get; internal set; }

    /// <summary>How many peers have asked for it.</summary>
    public int RequestedBy => Volatile.Read(ref _requestedBy);

    /// <summary>How many peers have it by their own word: they announced it, sent it or began to, or called ours late.</summary>
    public int KnownBy => Volatile.Read(ref _knownBy);

    /// <summary>From sending it until the first of those said so; null before.</summary>
    public TimeSpan? FirstEcho
    {
        get
        {
            long ticks = Interlocked.Read(ref _firstEchoTicks);
            return ticks == Never ? null : new TimeSpan(ticks);
        }
    }

    /// <summary>One more peer has it. Whoever calls guards it against others.</summary>
    /// <returns>What is to be told of that; null mostly.</returns>
    internal MessageSpread? NoteKnown(TimeSpan now)
    {
        TimeSpan elapsed = now - _sentAt;
        if (_knownBy == 0)
            Interlocked.Exchange(ref _firstEchoTicks, elapsed.Ticks);
        int count = Interlocked.Increment(ref _knownBy);
        return count is 1 or Several ? new MessageSpread(Id, count, elapsed) : null;
    }

    /// <summary>One more peer asks for it.</summary>
    internal void NoteRequested() => Interlocked.Increment(ref _requestedBy);
}
