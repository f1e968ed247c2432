using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;

namespace Logos.P2P;

/// <summary>How a connection came about, and what it is for.</summary>
public enum ConnectionKind
{
    /// <summary>The peer dialled us.</summary>
    Inbound,

    /// <summary>We dialled an address that we chose from the address book. Carries messages and addresses.</summary>
    Outbound,

    /// <summary>
    /// We dialled an address that we chose from the address book, for messages only: since no address ever passes on it,
    /// nobody can infer from address gossip that it is there. Bitcoin Core's block-relay-only.
    /// </summary>
    Quiet,

    /// <summary>
    /// We dialled a peer that the operator named (<c>-addnode</c>, <c>-connect</c>). Never discouraged; see
    /// <see cref="DropReason.Overlooked"/>.
    /// </summary>
    Manual,

    /// <summary>We dialled an address only to see whether it answers.</summary>
    Feeler,

    /// <summary>We dialled a peer to ask it for addresses and leave (<c>-seednode</c>).</summary>
    AddrFetch,
}

/// <summary>A peer at one moment.</summary>
public sealed record PeerInfo
{
    /// <summary>The number of the connection: counts up, never used twice while a node runs.</summary>
    public required long Id { get; init; }

    /// <summary>How the connection came about.</summary>
    public required ConnectionKind Kind { get; init; }

    /// <summary>What the operator lets it do that others may not.</summary>
    public required PeerPermissions Permissions { get; init; }

    /// <summary>The other end of the connection. The port of an inbound peer is not the one it listens on.</summary>
    public required NetEndpoint Endpoint { get; init; }

    /// <summary>Our end of the connection.</summary>
    public required NetEndpoint LocalEndpoint { get; init; }

    /// <summary>Whether the handshake is complete.</summary>
    public required bool IsReady { get; init; }

    /// <summary>The protocol version it speaks; 0 before its `version`.</summary>
    public required int ProtocolVersion { get; init; }

    /// <summary>What it offers.</summary>
    public required Services Services { get; init; }

    /// <summary>Its software, safe to print.</summary>
    public required string UserAgent { get; init; }

    /// <summary>How long it has been connected.</summary>
    public required TimeSpan ConnectedFor { get; init; }

    /// <summary>How far its clock was ahead of ours when it introduced itself; below zero when behind.</summary>
    public required TimeSpan ClockOffset { get; init; }

    /// <summary>The latest ping round trip; null before the first.</summary>
    public required TimeSpan? PingTime { get; init; }

    /// <summary>The shortest ping round trip; null before the first.</summary>
    public required TimeSpan? MinPingTime { get; init; }

    /// <summary>How long the answer to a ping has been waited for; null when none is.</summary>
    public required TimeSpan? PingWait { get; init; }

    /// <summary>Our end of the connection as the peer sees it; null before its `version`.</summary>
    public required NetEndpoint? OwnEndpoint { get; init; }

    /// <summary>
    /// How long ago the socket last took something for sending, to within a second (<see cref="NodeDefaults.LongestRest"/>); null
    /// for never.
    /// </summary>
    public required TimeSpan? SinceSent { get; init; }

    /// <summary>How long ago anything was last received; null for never.</summary>
    public required TimeSpan? SinceReceived { get; init; }

    /// <summary>How long ago it last was the first to bring a message that the upper layer accepted; null for never.</summary>
    public required TimeSpan? SinceFirstDelivery { get; init; }

    /// <summary>Whether it is told addresses.</summary>
    public required bool TellsAddresses { get; init; }

    /// <summary>Addresses it told that were looked at.</summary>
    public required long AddressesTaken { get; init; }

    /// <summary>Addresses it told that were not looked at, since they were too many (<see cref="DropReason.AddressRateLimited"/>).</summary>
    public required long AddressesLimited { get; init; }

    /// <summary>Bytes received on the socket.</summary>
    public required long BytesReceived { get; init; }

    /// <summary>Bytes the socket took for sending.</summary>
    public required long BytesSent { get; init; }

    /// <summary>Frames and bytes by command. Goes on counting while the peer is connected.</summary>
    public required TrafficCounters Traffic { get; init; }

    /// <summary>Messages that the upper layer accepted and that this peer was the first to bring.</summary>
    public required long FirstDeliveries { get; init; }

    /// <summary>
    /// Whether it is read from more slowly than it sends, because it sends more than it may
    /// (<see cref="P2POptions.MaxMessageRate"/>).
    /// </summary>
    public required bool IsThrottled { get; init; }

    /// <summary>Bytes waiting to be sent.</summary>
    public required long BytesQueued { get; init; }
}
