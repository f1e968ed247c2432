using Logos.P2P.Wire;

namespace Logos.P2P.Transport;

/// <summary>
/// What all frames of a node may occupy together, wherever they wait, and how much of it one peer may have. The pool
/// counts each frame once, however many queues it is in, so this is memory and not a sum of queues.
/// </summary>
/// <remarks>
/// A peer's share is a fraction of what is free, not of the whole (dynamic thresholds, as in switches that share a
/// buffer): the more peers hoard, the less each of them gets, and there is always something left for one that does not.
/// With two hundred of them in both directions a fiftieth is still free.
/// </remarks>
/// <param name="frames">Where the frames come from.</param>
/// <param name="capacity">Bytes that all frames may occupy.</param>
internal sealed class ByteBudget(FramePool frames, long capacity)
{
    /// <summary>A peer alone gets an eighth. More, and a few could starve the rest; less, and 4 MB would not fit.</summary>
    private const int Share = 8;

    /// <summary>Bytes that all frames may occupy.</summary>
    public long Capacity => capacity;

    /// <summary>Bytes that they occupy.</summary>
    public long Used => frames.UsedBytes;

    /// <summary>Bytes left; zero when there is too much.</summary>
    public long Free => Math.Max(0, capacity - Used);

    /// <summary>Whether a peer with an unfinished message of the largest kind would have to wait.</summary>
    public bool IsShort => Free < Share * (long)WireLimits.MaxPayload;

    /// <summary>What one peer may have in one direction now.</summary>
    /// <param name="most">What it may have when there is enough.</param>
    public long ShareOf(long most) => Math.Min(most, Free / Share);
}
