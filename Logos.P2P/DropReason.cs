namespace Logos.P2P;

/// <summary>Why something that a peer sent, or that was meant for a peer, was not used. Each has a counter.</summary>
public enum DropReason
{
    /// <summary>The checksum did not fit the payload.</summary>
    BadChecksum,

    /// <summary>The command was not printable ASCII padded with NULs.</summary>
    BadCommand,

    /// <summary>The payload could not be read.</summary>
    Malformed,

    /// <summary>A command we do not know, left to future versions, or that this peer has no business with.</summary>
    UnknownCommand,

    /// <summary>A message that has no business before the handshake is complete.</summary>
    BeforeHandshake,

    /// <summary>A second `version` or `verack`.</summary>
    RedundantHandshake,

    /// <summary>A `logos` message that was seen before.</summary>
    Duplicate,

    /// <summary>A `pong` that answers no `ping` of ours.</summary>
    UnexpectedPong,

    /// <summary>A second `getaddr`, or one from a peer that we dialled.</summary>
    GetAddrRefused,

    /// <summary>An address above the rate at which a peer may send them.</summary>
    AddressRateLimited,

    /// <summary>Addresses from a peer that we dialled for messages only.</summary>
    UnwantedAddresses,

    /// <summary>
    /// An offence of a peer that is not punished: one of the operator's, or one with <see cref="PeerPermissions.NoBan"/>.
    /// </summary>
    Overlooked,

    /// <summary>The peer's queue was full.</summary>
    SendQueueFull,

    /// <summary>
    /// A message that was asked for when as much had been sent as the operator wants in a day
    /// (<see cref="P2POptions.MaxUploadTarget"/>).
    /// </summary>
    UploadTargetReached,

    /// <summary>An announcement of a peer that has announced too many messages that never came.</summary>
    TooManyAnnouncements,

    /// <summary>
    /// A `wantshort` of a peer that asks too often, or at a time when too many different keys are asked with: to answer it costs
    /// a pass over all kept messages.
    /// </summary>
    TooManyLookups,

    /// <summary>
    /// A message that waited for the upper layer behind one that it rejected, or when the node stopped. It counts as not seen.
    /// </summary>
    Unhandled,

    /// <summary>A chunk of no message that is being put together, or a word about chunks of a list that is not known.</summary>
    UnknownChunk,

    /// <summary>
    /// A list of chunks of a peer that has brought too many for messages that never came, or a chunk for which there is no memory.
    /// </summary>
    TooManyChunks,

    /// <summary>
    /// A list whose chunks are not the message, from a peer that did not say that it had checked that.
    /// </summary>
    WrongChunkList,
}
