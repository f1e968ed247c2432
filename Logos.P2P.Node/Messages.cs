using Logos.P2P.Wire;

namespace Logos.P2P.Node;

/// <summary>What is remembered of a message.</summary>
/// <param name="Time">When it was sent, or the upper layer got it, in microseconds since 1970.</param>
/// <param name="From">Who delivered it; null for our own.</param>
/// <param name="Verdict">What was decided about it; null for our own.</param>
internal sealed record MessageRecord(long Time, (long PeerId, NetEndpoint Endpoint)? From, Verdict? Verdict);

/// <summary>
/// The program's messages: sends them, and remembers of the latest ones when each was here first. Guards itself.
/// </summary>
internal sealed class Messages(TimeProvider timeProvider)
{
    /// <summary>Messages remembered: about 2 MB of them.</summary>
    public const int Remembered = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<MessageId, MessageRecord> _records = new(Remembered);
    private readonly Queue<MessageId> _order = new(Remembered);

    /// <summary>Sends a message to every node.</summary>
    /// <returns>False when no peer is connected. Then it was not sent.</returns>
    public bool Propagate(P2PNode node, ReadOnlySpan<byte> message, out MessageId id)
    {
        id = MessageId.Compute(message);
        long now = Now();
        bool isSent = node.Propagate(message);
        if (isSent)
            Add(id, new MessageRecord(now, null, null));
        return isSent;
    }

    /// <summary>Takes note of a message from a peer.</summary>
    public void NoteReceived(in ReceivedMessage message, Verdict verdict) =>
        Add(message.Id, new MessageRecord(Now(), (message.PeerId, message.PeerEndpoint), verdict));

    /// <summary>What is known of a message; null when it was not here, or too long ago.</summary>
    public MessageRecord? Find(MessageId id)
    {
        lock (_gate)
            return _records.GetValueOrDefault(id);
    }

    private void Add(MessageId id, MessageRecord record)
    {
        lock (_gate)
        {
            if (_records.Count >= Remembered && !_records.ContainsKey(id))
                _records.Remove(_order.Dequeue());
            if (_records.TryAdd(id, record))
                _order.Enqueue(id);
        }
    }

    private long Now() => (timeProvider.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
