using Logos.P2P.Wire;

namespace Logos.P2P.Transport;

/// <summary>What goes first when several frames wait for one peer.</summary>
internal enum SendLane
{
    /// <summary>Handshake, ping and pong.</summary>
    Control,

    /// <summary>Announcements, requests and addresses.</summary>
    Small,

    /// <summary>Messages of the upper layer.</summary>
    Bulk,
}

/// <summary>
/// The frames that wait for one connection, in lanes and bounded in bytes. Plain data: its owner guards it. It owns one
/// reference of each frame in it.
/// </summary>
/// <param name="maxBulkBytes">Bytes of bulk above which nothing more is taken, unless nothing waits.</param>
internal sealed class SendQueue(int maxBulkBytes)
{
    private readonly Queue<Frame> _control = new();
    private readonly Queue<Frame> _small = new();
    private readonly Queue<Frame> _bulk = new();
    private long _bulkBytes;
    private long _otherBytes;

    /// <summary>Bytes waiting in all lanes.</summary>
    public long Bytes => _bulkBytes + _otherBytes;

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => Bytes == 0;

    /// <summary>Takes a reference of a frame and queues it.</summary>
    /// <returns>False when the lane is full; nothing was taken then.</returns>
    public bool TryEnqueue(Frame frame, SendLane lane)
    {
        if (lane == SendLane.Bulk)
        {
            if (_bulkBytes > 0 && _bulkBytes + frame.Length > maxBulkBytes)
                return false;
            _bulkBytes += frame.Length;
        }
        else
        {
            if (_otherBytes > 0 && _otherBytes + frame.Length > NodeDefaults.MaxControlBuffer)
                return false;
            _otherBytes += frame.Length;
        }

        frame.AddReference();
        QueueOf(lane).Enqueue(frame);
        return true;
    }

    /// <summary>The frame that goes next, without taking it out; null when nothing waits.</summary>
    public Frame? Peek() =>
        _control.TryPeek(out Frame? frame) || _small.TryPeek(out frame) || _bulk.TryPeek(out frame) ? frame : null;

    /// <summary>Takes the next frame out. The caller owns its reference.</summary>
    public Frame Dequeue()
    {
        if (_control.TryDequeue(out Frame? frame) || _small.TryDequeue(out frame))
        {
            _otherBytes -= frame.Length;
            return frame;
        }

        frame = _bulk.Dequeue();
        _bulkBytes -= frame.Length;
        return frame;
    }

    /// <summary>Gives all frames back.</summary>
    public void Clear()
    {
        while (!IsEmpty)
            Dequeue().Release();
    }

    private Queue<Frame> QueueOf(SendLane lane) => lane switch
    {
        SendLane.Control => _control,
        SendLane.Small => _small,
        _ => _bulk,
    };
}
