using Logos.P2P.Wire;

namespace Logos.P2P;

/// <summary>What the upper layer decides about a message.</summary>
public enum Verdict
{
    /// <summary>
    /// Good, or good as far as a quick look tells: pass it on to the other peers. What turns out to be bad on a closer look is
    /// reported with <see cref="P2PNode.ReportInvalid"/>.
    /// </summary>
    Propagate,

    /// <summary>Keep it but do not pass it on. Nobody is to blame.</summary>
    Consume,

    /// <summary>
    /// Bad: do not pass it on, and disconnect and discourage whoever delivered it, unless the operator trusts that peer. Every
    /// node must come to the same answer from the bytes alone; otherwise honest peers get punished.
    /// </summary>
    Reject,
}

/// <summary>A message as the upper layer receives it. Valid only during the call.</summary>
public readonly ref struct ReceivedMessage
{
    internal ReceivedMessage(ReadOnlySpan<byte> data, in MessageId id, long peerId, in NetEndpoint peerEndpoint)
    {
        Data = data;
        Id = id;
        PeerId = peerId;
        PeerEndpoint = peerEndpoint;
    }

    /// <summary>The bytes, exactly as they were propagated. Copy what is to be kept.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>The message's name: Blake2b-256 of <see cref="Data"/>.</summary>
    public MessageId Id { get; }

    /// <summary>The peer that delivered it first; see <see cref="PeerInfo.Id"/>.</summary>
    public long PeerId { get; }

    /// <summary>The other end of the connection, which may be gone by now; see <see cref="PeerInfo.Endpoint"/>.</summary>
    public NetEndpoint PeerEndpoint { get; }
}

/// <summary>The upper layer. Implemented by whoever embeds a node.</summary>
public interface IMessageHandler
{
    /// <summary>
    /// Called once for each distinct message. Messages of one peer come one after another in the order in which they
    /// arrived; messages of different peers may come at the same time, so the implementation must be thread-safe.
    /// An exception is logged and counts as <see cref="Verdict.Consume"/>.
    /// </summary>
    /// <param name="message">The message.</param>
    Verdict Receive(in ReceivedMessage message);

    /// <summary>
    /// Called with the first chunk of a message of 128 KiB and more, 16 to 64 KiB, before the rest is here; not for each such message,
    /// since some come in one piece. <see cref="Verdict.Propagate"/> has its chunks passed on as they come, which is several times
    /// faster; so it is for an upper layer that can tell from the beginning what <see cref="Receive"/> will say of the whole, by a
    /// signed header, for instance. <see cref="Verdict.Consume"/>, the default, has nothing passed on before
    /// <see cref="Receive"/> has agreed. <see cref="Verdict.Reject"/> is as there. Under the same rules as <see cref="Receive"/>, which is
    /// called in any case when the whole is here. Also called for what this node itself propagates, on the thread that does, to know
    /// whether others will pass chunks on.
    /// </summary>
    /// <param name="prefix">
    /// The beginning. That it begins the message of this <see cref="ReceivedMessage.Id"/> is only what a peer says.
    /// <see cref="ReceivedMessage.PeerId"/> is who told of the message first; 0 for this node.
    /// </param>
    Verdict ReceivePrefix(in ReceivedMessage prefix) => Verdict.Consume;

    /// <summary>
    /// True when <see cref="Receive"/> returns within microseconds and never blocks. It then runs on the receive path,
    /// which gives the lowest delay. Otherwise it runs on a worker, so that it delays neither other peers nor pings.
    /// Read once, when the node is made.
    /// </summary>
    bool IsQuick => false;

    /// <summary>
    /// Who originated a message, if its bytes tell: any number but 0 that is the same for all messages of one origin, on every
    /// node. It decides on which tree the message travels. Called for every message before <see cref="Receive"/>, on the receive
    /// path, also for what <see cref="Receive"/> will refuse: it must be as quick as reading a field.
    /// </summary>
    /// <param name="message">The bytes.</param>
    /// <returns>The origin's label; 0 for unknown.</returns>
    uint Origin(ReadOnlySpan<byte> message) => 0;

    /// <summary>
    /// Whether a message is worth two copies to each node instead of one, by two ways, so that whoever fails does not delay it: a
    /// vote that all wait for. Called for every message before <see cref="Receive"/>, as <see cref="Origin"/> is and as quick, and
    /// every node must come to the same answer.
    /// </summary>
    /// <param name="message">The bytes.</param>
    bool IsUrgent(ReadOnlySpan<byte> message) => false;

    /// <summary>
    /// Whether a message is to be given to those who come later: to every node that connects within a day, as far as there is
    /// room for it (<see cref="NodeDefaults.MaxImportantMessages"/>, <see cref="NodeDefaults.ImportantMessageBytes"/>). Called
    /// when a message was accepted with <see cref="Verdict.Propagate"/>, and for our own. Every node must come to the same answer.
    /// </summary>
    /// <param name="message">The bytes.</param>
    bool IsImportant(ReadOnlySpan<byte> message) => false;

    /// <summary>
    /// Which important messages a message replaces: of those with the same key only the one that this node accepted last is
    /// given to those who come later. Called for important messages only. Nodes do not know which of two is the newer one: an
    /// upper layer whose messages have versions answers <see cref="Verdict.Consume"/> to what is older than what it has.
    /// </summary>
    /// <param name="message">The bytes.</param>
    /// <returns>The key; 0 for none.</returns>
    ulong ImportantKey(ReadOnlySpan<byte> message) => 0;

    /// <summary>
    /// When a message was made, if its bytes tell. For the metric of how old messages are when they come
    /// (<see cref="Diagnostics.NodeMeters"/>), and for nothing else. Called after <see cref="Receive"/>, and only for the few
    /// messages that are timed.
    /// </summary>
    /// <param name="message">The bytes.</param>
    /// <returns>The time; default for unknown.</returns>
    DateTimeOffset MadeAt(ReadOnlySpan<byte> message) => default;

    /// <summary>
    /// Called for a message that was sent to this node alone (see <see cref="P2PNode.SendDirect"/>). Under the same
    /// rules as <see cref="Receive"/>. Ignored unless overridden.
    /// </summary>
    /// <param name="message">The message.</param>
    void ReceiveDirect(in ReceivedMessage message)
    {
    }
}
