namespace Logos.P2P.Diagnostics;

/// <summary>What one owner of memory has.</summary>
/// <param name="Entries">How many things: frames, ids, addresses, connections.</param>
/// <param name="Bytes">What they occupy.</param>
/// <param name="Capacity">Bytes that they may occupy at most.</param>
public readonly record struct MemoryUse(long Entries, long Bytes, long Capacity)
{
    /// <summary>Entries that went since the start: to make room, for their age, or because they were replaced.</summary>
    public long Evicted { get; init; }

    /// <summary>What two owners have together.</summary>
    public static MemoryUse operator +(MemoryUse left, MemoryUse right) => left.Add(right);

    /// <summary>What two owners have together.</summary>
    public MemoryUse Add(MemoryUse other) =>
        new(Entries + other.Entries, Bytes + other.Bytes, Capacity + other.Capacity) { Evicted = Evicted + other.Evicted };
}

/// <summary>
/// The memory of a node by owner, at one moment and without stopping anything, so that owners may be a message apart.
/// Buffers are counted exactly; objects around them by what such an object occupies, which a test measures.
/// </summary>
/// <remarks>
/// A frame is one buffer however many queues it waits in. <see cref="Frames"/> counts it once and is part of the
/// <see cref="Total"/>; the five owners after it say who holds frames, and a frame that several hold is in each of them.
/// </remarks>
public sealed record MemoryAccount
{
    /// <summary>
    /// All frames that somebody holds, each once. The capacity is <see cref="P2POptions.MaxFrameMemory"/>, to which each
    /// peer's share is measured.
    /// </summary>
    public required MemoryUse Frames { get; init; }

    /// <summary>Of the frames: those that wait for peers to take them, for each peer.</summary>
    public required MemoryUse SendQueues { get; init; }

    /// <summary>Of the frames: those of which a part has arrived. The capacity is that of the largest for each peer.</summary>
    public required MemoryUse IncompleteFrames { get; init; }

    /// <summary>Of the frames: those that wait for the handler.</summary>
    public required MemoryUse HandlerQueues { get; init; }

    /// <summary>Of the frames: those kept for peers that ask.</summary>
    public required MemoryUse MessageStore { get; init; }

    /// <summary>Of the frames: those kept for peers that come later; see <see cref="IMessageHandler.IsImportant"/>.</summary>
    public required MemoryUse ImportantMessages { get; init; }

    /// <summary>Buffers of frames that wait for their next use.</summary>
    public required MemoryUse UnusedFrames { get; init; }

    /// <summary>The ids of messages that were seen, in tables that grow up to their bound.</summary>
    public required MemoryUse SeenMessages { get; init; }

    /// <summary>
    /// What is remembered of messages on their way: who has them, who was told of them, who asks; and the names of important ones.
    /// </summary>
    public required MemoryUse Relay { get; init; }

    /// <summary>The address book.</summary>
    public required MemoryUse AddressBook { get; init; }

    /// <summary>The ids of messages that peers asked for and that wait for room in their queues.</summary>
    public required MemoryUse PendingRequests { get; init; }

    /// <summary>Connections: their objects, the buffer that each reads into, and which addresses each knows or waits for.</summary>
    public required MemoryUse Peers { get; init; }

    /// <summary>All owners, by the names that metrics give them.</summary>
    public IReadOnlyList<(string Name, MemoryUse Use)> ByOwner =>
    [
        ("frames", Frames), ("send_queues", SendQueues), ("incomplete_frames", IncompleteFrames), ("handler_queues", HandlerQueues),
        ("message_store", MessageStore), ("important_messages", ImportantMessages), ("unused_frames", UnusedFrames),
        ("seen_messages", SeenMessages), ("relay", Relay), ("address_book", AddressBook), ("pending_requests", PendingRequests),
        ("peers", Peers),
    ];

    /// <summary>All of it, each byte once.</summary>
    public long Total => Frames.Bytes + UnusedFrames.Bytes + SeenMessages.Bytes + Relay.Bytes + AddressBook.Bytes + PendingRequests.Bytes
        + Peers.Bytes;
}
