using Logos.P2P.Access;
using Logos.P2P.Wire;

namespace Logos.P2P.Diagnostics;

/// <summary>The counters of a node since its start. Any thread may read them at any time.</summary>
public sealed class P2PMetrics
{
    private static readonly int DropReasons = Enum.GetValues<DropReason>().Length;
    private static readonly int AdmissionDecisions = Enum.GetValues<AdmissionDecision>().Length;

    private readonly long[] _dropped = new long[DropReasons];
    private readonly long[] _admissions = new long[AdmissionDecisions];
    private static readonly int DisconnectReasons = Enum.GetValues<DisconnectReason>().Length;
    private readonly long[] _disconnected = new long[DisconnectReasons];
    private readonly FramePool _frames;
    private long _messagesReceived;
    private long _messagesPropagated;
    private long _messagesRejected;
    private long _handlerFailures;
    private long _duplicateBytes;

    internal P2PMetrics(FramePool frames) => _frames = frames;

    /// <summary>Frames and bytes by command, all peers together.</summary>
    public TrafficCounters Traffic { get; } = new();

    /// <summary>Distinct messages received from peers and given to the upper layer.</summary>
    public long MessagesReceived => Interlocked.Read(ref _messagesReceived);

    /// <summary>Distinct messages passed on to peers, received or our own.</summary>
    public long MessagesPropagated => Interlocked.Read(ref _messagesPropagated);

    /// <summary>Distinct messages that the upper layer rejected.</summary>
    public long MessagesRejected => Interlocked.Read(ref _messagesRejected);

    /// <summary>Calls of the upper layer that ended in an exception.</summary>
    public long HandlerFailures => Interlocked.Read(ref _handlerFailures);

    /// <summary>Bytes of payloads that came again: the messages that <see cref="DropReason.Duplicate"/> counts, headers not included.</summary>
    public long DuplicateBytes => Interlocked.Read(ref _duplicateBytes);

    /// <summary>Payloads hashed, received and own. Each message is hashed once.</summary>
    public long PayloadsHashed => _frames.PayloadsHashed;

    /// <summary>
    /// Bytes of buffers in use: messages being received, waiting to be sent or handled, or kept to answer `getdata`. Zero
    /// after the node has stopped.
    /// </summary>
    public long UsedFrameBytes => _frames.UsedBytes;

    /// <summary>How often something was dropped for a reason.</summary>
    public long Dropped(DropReason reason) => Interlocked.Read(ref _dropped[(int)reason]);

    /// <summary>How often something was decided on an inbound connection.</summary>
    public long Admissions(AdmissionDecision decision) => Interlocked.Read(ref _admissions[(int)decision]);

    /// <summary>How many connections have ended, or are ending, for a reason.</summary>
    public long Disconnected(DisconnectReason reason) => Interlocked.Read(ref _disconnected[(int)reason]);

    /// <summary>Times messages, when somebody wants to know.</summary>
    internal RelayTiming Timing { get; } = new();

    internal void CountDisconnected(DisconnectReason reason) => Interlocked.Increment(ref _disconnected[(int)reason]);

    internal void CountDropped(DropReason reason) => Interlocked.Increment(ref _dropped[(int)reason]);

    internal void CountDuplicate(int payloadLength) => Interlocked.Add(ref _duplicateBytes, payloadLength);

    /// <returns>Its number, counted from 1.</returns>
    internal long CountReceived() => Interlocked.Increment(ref _messagesReceived);

    internal void CountPropagated() => Interlocked.Increment(ref _messagesPropagated);

    internal void CountRejected() => Interlocked.Increment(ref _messagesRejected);

    internal void CountAdmission(AdmissionDecision decision) => Interlocked.Increment(ref _admissions[(int)decision]);

    internal void CountHandlerFailure() => Interlocked.Increment(ref _handlerFailures);
}
