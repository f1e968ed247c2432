namespace Logos.P2P;

/// <summary>
/// Why a connection ended. Every end has one of these; `docs/connections.md` says for each who decides, what follows
/// and what an operator can do.
/// </summary>
public enum DisconnectReason
{
    /// <summary>Still connected.</summary>
    None,

    /// <summary>This node is stopping.</summary>
    Shutdown,

    /// <summary>The peer closed the connection.</summary>
    RemoteClosed,

    /// <summary>The network broke the connection: reset, unreachable, timed out below us.</summary>
    NetworkError,

    /// <summary>A fault of this program while it worked for the peer; the log has it. Please report it.</summary>
    InternalError,

    /// <summary>The program that embeds this node asked for it.</summary>
    Requested,

    /// <summary>The operator banned the peer's host.</summary>
    Banned,

    /// <summary>The handshake was not complete in time.</summary>
    HandshakeTimeout,

    /// <summary>The peer is this node.</summary>
    SelfConnection,

    /// <summary>The peer speaks a protocol version below <see cref="Wire.ProtocolVersion.Minimum"/>.</summary>
    ObsoleteVersion,

    /// <summary>We dialled a peer that does not relay `logos` messages.</summary>
    MissingServices,

    /// <summary>
    /// The first message had a foreign checksum: a Bitcoin node, most likely. Its address is not stored.
    /// </summary>
    ForeignNetwork,

    /// <summary>Of all outbound peers this one was longest ago the first to bring a message, and another took its place.</summary>
    Replaced,

    /// <summary>All inbound slots were taken, and another peer took the place of this one.</summary>
    Evicted,

    /// <summary>A feeler has done its work: the address answers.</summary>
    FeelerDone,

    /// <summary>A peer that was dialled to be asked for addresses has told some.</summary>
    AddrFetchDone,

    /// <summary>A peer that was dialled to be asked for addresses told none within five minutes.</summary>
    AddrFetchTimeout,

    /// <summary>The bytes did not start with our network's magic. The address is discouraged.</summary>
    WrongMagic,

    /// <summary>A payload was larger than its command allows. The address is discouraged.</summary>
    Oversize,

    /// <summary>
    /// A handshake message was malformed, or came after the handshake was complete. The address is discouraged.
    /// </summary>
    HandshakeViolation,

    /// <summary>An address message had more than 1,000 entries. The address is discouraged.</summary>
    TooManyAddresses,

    /// <summary>An inventory message had more than 50,000 entries. The address is discouraged.</summary>
    TooMuchInventory,

    /// <summary>
    /// Ten messages within a minute were damaged: bad checksum, bad command bytes or unreadable payload; or a hundred lists of
    /// chunks were wrong.
    /// </summary>
    TooManyBadMessages,

    /// <summary>The upper layer rejected a message that this peer delivered. The address is discouraged.</summary>
    RejectedMessage,

    /// <summary>
    /// The peer said that it had a message in chunks, and the chunks of its list are not that message. The address is discouraged.
    /// </summary>
    WrongChunkList,

    /// <summary>
    /// The peer sent more than it may (<see cref="P2POptions.MaxMessageRate"/>, <see cref="P2POptions.MaxMessageBytes"/>) for
    /// ten seconds although it was slowed down, and others did not.
    /// </summary>
    Flooding,

    /// <summary>Memory was short, and a message of this peer was incomplete for long and did not go on.</summary>
    IncompleteMessage,

    /// <summary>A ping was not answered, and nothing else was received either.</summary>
    PingTimeout,

    /// <summary>The peer took less than 64 KiB, and not all, of what was queued for it in 30 seconds.</summary>
    SendTimeout,
}
