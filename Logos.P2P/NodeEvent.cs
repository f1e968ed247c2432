using Logos.P2P.Wire;

namespace Logos.P2P;

/// <summary>Something that happened in a node. See <see cref="P2PNode.WatchAsync"/>.</summary>
/// <param name="PeerId">The peer it happened with; see <see cref="PeerInfo.Id"/>.</param>
public abstract record NodeEvent(long PeerId);

/// <summary>A connection was established; the handshake begins.</summary>
/// <param name="PeerId">The peer.</param>
/// <param name="Kind">How the connection came about.</param>
/// <param name="Endpoint">The other end.</param>
public sealed record PeerConnected(long PeerId, ConnectionKind Kind, NetEndpoint Endpoint) : NodeEvent(PeerId);

/// <summary>The handshake with a peer is complete: messages flow.</summary>
/// <param name="PeerId">The peer.</param>
/// <param name="UserAgent">Its software, safe to print.</param>
public sealed record PeerReady(long PeerId, string UserAgent) : NodeEvent(PeerId);

/// <summary>A connection ended.</summary>
/// <param name="PeerId">The peer.</param>
/// <param name="Reason">Why.</param>
public sealed record PeerDisconnected(long PeerId, DisconnectReason Reason) : NodeEvent(PeerId);

/// <summary>A message was seen for the first time and the upper layer gave its verdict.</summary>
/// <param name="PeerId">The peer that delivered it.</param>
/// <param name="Id">The message.</param>
/// <param name="Verdict">What the upper layer decided.</param>
public sealed record MessageReceived(long PeerId, MessageId Id, Verdict Verdict) : NodeEvent(PeerId);

/// <summary>A message, received or our own, was sent on.</summary>
/// <param name="PeerId">The peer that delivered it; 0 for our own.</param>
/// <param name="Id">The message.</param>
/// <param name="PushedTo">How many peers were sent it.</param>
/// <param name="AnnouncedTo">How many slow peers were told of it instead.</param>
public sealed record MessagePropagated(long PeerId, MessageId Id, int PushedTo, int AnnouncedTo) : NodeEvent(PeerId);

/// <summary>A message of our own is on its way: the first peer, or the third one, has said that it has it.</summary>
/// <param name="Id">The message.</param>
/// <param name="Peers">How many have: 1 or 3.</param>
/// <param name="Elapsed">Since it was sent.</param>
public sealed record MessageSpread(MessageId Id, int Peers, TimeSpan Elapsed) : NodeEvent(0);

/// <summary>Something a peer sent was ignored.</summary>
/// <param name="PeerId">The peer.</param>
/// <param name="Command">What it was.</param>
/// <param name="Reason">Why it was ignored.</param>
public sealed record InputDropped(long PeerId, Command Command, DropReason Reason) : NodeEvent(PeerId);
