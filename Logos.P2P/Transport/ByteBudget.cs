using Logos.P2P.Wire;

namespace Logos.P2P.Transport;

/// <summary>
/// What all frames of a node may occupy together, wherever they wait, and how much of it one peer may have. The pool
/// counts each frame once, however many queues it is in, so this is memory and not a sum of queues.
/// </summary>
/// <remarks>
/// A peer's share is a fraction of what is left, not of the whole (dynamic thresholds, as in switches that share a
/// buffer): the more peers hoard, the less each of them gets. Shares end at three quarters of the whole. The rest is a
/// reserve that nobody can hoard: it has room for the buffer that each newcomer's first header gets, for the message that
/// goes first while memory is short, and for one frame in each queue where nothing waits.
/// </remarks>
/// <param name="frames">Where the frames come from.</param>
/// <param name="capacity">Bytes that all frames may occupy.</param>
internal sealed class ByteBudget(FramePool frames, long capacity)
{
    /// <summary>The buffer of a message of the largest kind.</summary>
    public const int LargestFrame =
        (WireLimits.HeaderSize + WireLimits.MaxPayload + WireLimits.ReadAhead - 1) / WireLimits.ReadAhead * WireLimits.ReadAhead;

    /// <summary>A peer alone gets an eighth. More, and a few could starve the rest; less, and 4 MB would not fit.</summary>
    private const int Share = 8;

    /// <summary>
    /// What part of the whole a frame may be that any queue takes of the reserve: two such frames (one that is being sent, one
    /// behind it) for each of 256 connections are half of it.
    /// </summary>
    private const int SmallPart = 4096;

    /// <summary>Bytes that all frames may occupy.</summary>
    public long Capacity => capacity;

    /// <summary>Bytes that they occupy.</summary>
    public long Used => frames.UsedBytes;

    /// <summary>Bytes left; zero when there is too much.</summary>
    public long Free => Math.Max(0, capacity - Used);

    /// <summary>Whether a peer with an unfinished message of the largest kind would have to wait.</summary>
    public bool IsShort => Shared < (long)Share * LargestFrame;

    /// <summary>What is left of the part that is shared out.</summary>
    private long Shared => Math.Max(0, SharedOf(capacity) - Used);

    /// <summary>
    /// Whether a queue in which nothing waits may take a frame when its share is used up. Large ones have half of the reserve:
    /// without that bound a few peers that take nothing, with one large message for each, would leave nothing for others.
    /// </summary>
    /// <param name="cost">What the frame occupies, as part of what is used.</param>
    public bool AllowsOneOf(long cost) => Free > (cost <= capacity / SmallPart ? 0 : (capacity - SharedOf(capacity)) / 2);

    /// <summary>How much of a capacity is shared out.</summary>
    public static long SharedOf(long capacity) => capacity / 4 * 3;

    /// <summary>What one peer may have in one direction now.</summary>
    /// <param name="most">What it may have when there is enough.</param>
    public long ShareOf(long most) => Math.Min(most, Shared / Share);
}
