using Logos.P2P.Wire;

namespace Logos.P2P.Transport;

/// <summary>What goes first when several frames wait for one peer.</summary>
internal enum SendLane
{
    /// <summary>Handshake, ping and pong.</summary>
    Control,

    /// <summary>Announcements, requests and addresses.</summary>
    Small,

    /// <summary>
    /// Messages that begin here: nobody else can bring them any sooner. They have their room together with <see cref="Bulk"/>.
    /// </summary>
    Own,

    /// <summary>Messages of others, and what was asked for.</summary>
    Bulk,
}

/// <summary>
/// The frames that wait for one connection, in lanes and bounded in bytes. Plain data: its owner guards it. It owns one
/// reference of each frame in it.
/// </summary>
/// <remarks>
/// Bounded by what the frames cost in memory, not by what they are on the wire: a pong has 32 bytes and occupies a buffer
/// of 512.
/// </remarks>
/// <param name="maxBulkCost">Bytes of memory in the lanes of messages above which nothing more is taken, unless nothing waits.</param>
/// <param name="budget">
/// What the node has; a queue gets less when that runs short, and when it is used up nothing but a little control.
/// </param>
internal sealed class SendQueue(int maxBulkCost, ByteBudget budget)
{
    private readonly Queue<Frame> _control = new();
    private readonly Queue<Frame> _small = new();
    private readonly Queue<Frame> _own = new();
    private readonly Queue<Frame> _bulk = new();
    private long _controlCost;
    private long _smallCost;
    private long _bulkCost;

    /// <summary>Bytes waiting in all lanes, as they will be on the wire.</summary>
    public long Bytes { get; private set; }

    /// <summary>Bytes of memory that the waiting frames occupy.</summary>
    public long Cost => _controlCost + _smallCost + _bulkCost;

    /// <summary>How many frames wait.</summary>
    public int Count => _control.Count + _small.Count + _own.Count + _bulk.Count;

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => Bytes == 0;

    /// <summary>Takes a reference of a frame and queues it.</summary>
    /// <returns>False when the lane is full; nothing was taken then.</returns>
    public bool TryEnqueue(Frame frame, SendLane lane)
    {
        if (!HasRoom(lane, CostOf(frame)))
            return false;

        CostIn(lane) += CostOf(frame);
        Bytes += frame.Length;
        frame.AddReference();
        QueueOf(lane).Enqueue(frame);
        return true;
    }

    /// <summary>The frame that goes next, without taking it out; null when nothing waits.</summary>
    /// <param name="bulkToo">Whether bulk may go.</param>
    public Frame? Peek(bool bulkToo = true) =>
        _control.TryPeek(out Frame? frame) || _small.TryPeek(out frame) ? frame : bulkToo ? PeekBulk() : null;

    /// <summary>Takes the next frame out. The caller owns its reference.</summary>
    public Frame Dequeue() =>
        DequeueFrom(_control.Count > 0 ? SendLane.Control : _small.Count > 0 ? SendLane.Small : BulkLane);

    /// <summary>The message that goes next when nothing else waits; null when none waits.</summary>
    public Frame? PeekBulk() => _own.TryPeek(out Frame? frame) || _bulk.TryPeek(out frame) ? frame : null;

    /// <summary>Drops a message that was the next one a moment ago, as far as it is there. Another may be before it by now.</summary>
    public void DropBulk(Frame frame)
    {
        if (IsNextIn(_own, frame))
            DequeueFrom(SendLane.Own).Release();
        else if (IsNextIn(_bulk, frame))
            DequeueFrom(SendLane.Bulk).Release();
    }

    private SendLane BulkLane => _own.Count > 0 ? SendLane.Own : SendLane.Bulk;

    private static bool IsNextIn(Queue<Frame> queue, Frame frame) => queue.TryPeek(out Frame? next) && next == frame;

    private Frame DequeueFrom(SendLane lane)
    {
        Frame frame = QueueOf(lane).Dequeue();
        CostIn(lane) -= CostOf(frame);
        Bytes -= frame.Length;
        return frame;
    }

    /// <summary>Gives all frames back.</summary>
    public void Clear()
    {
        while (!IsEmpty)
            Dequeue().Release();
    }

    private bool HasRoom(SendLane lane, long cost)
    {
        long waiting = lane is SendLane.Own or SendLane.Bulk ? _bulkCost : _controlCost + _smallCost;
        if (waiting + cost <= MostOf(lane))
            return true;
        // Whoever has used up the memory must not have others taken for dead.
        if (lane == SendLane.Control)
            return _controlCost + cost <= NodeDefaults.MinControlBuffer;
        return CostIn(lane) == 0 && budget.AllowsOneOf(cost);
    }

    /// <summary>Small messages leave a part to control: announcements are the first to be dropped.</summary>
    private long MostOf(SendLane lane) => lane switch
    {
        SendLane.Control => budget.ShareOf(NodeDefaults.MaxControlBuffer),
        SendLane.Small => budget.ShareOf(NodeDefaults.MaxControlBuffer) * 3 / 4,
        _ => budget.ShareOf(maxBulkCost),
    };

    private static long CostOf(Frame frame) => frame.Capacity + NodeDefaults.FrameObjectBytes;

    private ref long CostIn(SendLane lane)
    {
        switch (lane)
        {
            case SendLane.Control:
                return ref _controlCost;
            case SendLane.Small:
                return ref _smallCost;
            default:
                return ref _bulkCost;
        }
    }

    private Queue<Frame> QueueOf(SendLane lane) => lane switch
    {
        SendLane.Control => _control,
        SendLane.Small => _small,
        SendLane.Own => _own,
        _ => _bulk,
    };
}
