using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;

namespace Logos.P2P;

/// <summary>What the node tells of itself to whoever runs it.</summary>
public sealed partial class P2PNode
{
    /// <summary>What the node has counted since it was made.</summary>
    public P2PMetrics Metrics { get; }

    /// <summary>The same and more, as instruments of .NET, in groups that can be switched.</summary>
    public NodeMeters Meters { get; }

    /// <summary>
    /// Bytes that the sockets of all connections, past and present, gave and took. All frames, and parts of frames: what
    /// <see cref="P2PMetrics.Traffic"/> counts is what of it was understood, or is waiting to be sent.
    /// </summary>
    public (long Received, long Sent) GetSocketBytes() => (_running?.Peers ?? _stopped)?.SocketBytes ?? default;

    /// <summary>How many addresses each bucket of the address book holds; null while the node does not run.</summary>
    public BucketFill? GetBucketFill() => _running?.Book.GetBucketFill();

    /// <summary>
    /// Collects how messages pass through this node: all while there are few, and at most about
    /// <see cref="NodeDefaults.TimedMessages"/> a second. Begins with the next heartbeat.
    /// </summary>
    /// <returns>What collects. Dispose it.</returns>
    public MessageSamples SampleMessages() => Metrics.Timing.Watch();

    /// <summary>The memory of the node by owner; null while it does not run.</summary>
    public MemoryAccount? GetMemory() => _running?.GetMemory();
}
