using Logos.P2P.Access;
using Logos.P2P.Addresses;
using Logos.P2P.Diagnostics;
using Logos.P2P.Relay;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Peers;

/// <summary>The parts of a node that each of its peers works with. Made once, when the node is made.</summary>
internal sealed record NodeContext
{
    public required NodeSettings Settings { get; init; }

    public required NodeClock Clock { get; init; }

    public required NodeTasks Tasks { get; init; }

    public required RandomSource Random { get; init; }

    public required FramePool Frames { get; init; }

    public required ByteBudget Budget { get; init; }

    /// <summary>What the node takes from all peers together.</summary>
    public required FlowLimit RelayLimit { get; init; }

    /// <summary>What the node sends to all peers together; null for no limit.</summary>
    public required RateLimit? UploadRate { get; init; }

    public required PeerTable Peers { get; init; }

    public required MessageRelay Relay { get; init; }

    public required AddressGossip Gossip { get; init; }

    public required LocalAddresses Local { get; init; }

    public required Discouragement Discouragement { get; init; }

    public required BanList Bans { get; init; }

    public ClockOffsets ClockOffsets { get; } = new();

    public required P2PMetrics Metrics { get; init; }

    public required EventHub Events { get; init; }

    /// <summary>Where messages are written as they come and go; null for nowhere.</summary>
    public required CaptureDirectory? Captures { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Whether the operator wants no connection of this kind to a host.</summary>
    public bool IsBanned(in NetAddress address, ConnectionKind kind) =>
        Bans.Contains(address) && !Settings.Whitelist.Of(address, kind).HasFlag(PeerPermissions.NoBan);
}
