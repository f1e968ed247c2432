using System.Buffers;
using Logos.P2P.Access;
using Logos.P2P.Wire;

namespace Logos.P2P.Transport;

/// <summary>
/// Sends frames on one connection. The thread that has a frame sends it itself, at once; only what the connection
/// refuses waits. Frames that pile up while one thread is sending leave together in one system call. No timer.
/// </summary>
/// <remarks>
/// At most one thread drains at a time: whoever finds the queue unattended becomes the drainer, everybody else only
/// enqueues. The lock guards the queue and is never held during a system call.
/// </remarks>
/// <param name="connection">Where they go.</param>
/// <param name="maxBulkBytes">See <see cref="SendQueue"/>.</param>
/// <param name="budget">See <see cref="SendQueue"/>.</param>
/// <param name="upload">When bulk has to wait; null for never.</param>
internal sealed class FrameWriter(IConnection connection, int maxBulkBytes, ByteBudget budget, UploadLimit? upload)
{
    private readonly Lock _gate = new();
    private readonly SendQueue _queue = new(maxBulkBytes, budget);
    private bool _isDraining;
    private bool _isClosed;

    /// <summary>The last one that waits to send what is held back here; null for none.</summary>
    private SendBatch? _heldFor;

    /// <summary>The lane of what is held back last.</summary>
    private SendLane _heldLane;

    /// <summary>What is being sent, touched by the drainer only: one frame, or several copied together.</summary>
    private Frame? _frame;
    private byte[]? _batch;
    private int _length;
    private int _sent;
    private long _inFlight;

    /// <summary>Asked, when the turn of a large message comes that had to wait, whether its receiver still has use for it.</summary>
    public Func<Frame, bool>? IsStillNew { get; init; }

    /// <summary>Given what is about to be sent: whole frames, in their order, on the thread that sends.</summary>
    public Action<ReadOnlyMemory<byte>>? Sending { get; init; }

    /// <summary>Called when something has left and there is room for more, on the thread that sends.</summary>
    public Action? Sent { get; init; }

    /// <summary>Whether what is sent may have to wait for the upload limit.</summary>
    public bool IsLimited => upload is not null;

    /// <summary>Bytes that the connection has not taken.</summary>
    public long QueuedBytes
    {
        get
        {
            lock (_gate)
                return _queue.Bytes + Interlocked.Read(ref _inFlight);
        }
    }

    /// <summary>Whether something waits for the upload limit and not for the connection.</summary>
    public bool IsHeldBack
    {
        get
        {
            lock (_gate)
                return !_isDraining && !_queue.IsEmpty;
        }
    }

    /// <summary>How many frames wait, and the bytes of memory that they occupy.</summary>
    public (int Count, long Cost) Queued
    {
        get
        {
            lock (_gate)
                return (_queue.Count, _queue.Cost);
        }
    }

    /// <summary>Whether something waits for a batch to end, and for nothing else. Read under the lock.</summary>
    private bool IsHolding => _heldFor is not null && !_isDraining && !_queue.IsEmpty;

    /// <summary>The frame that may go next; null when none waits, or none but bulk that has to wait.</summary>
    private Frame? Next => _queue.Peek(bulkToo: upload?.IsExceeded != true);

    private ReadOnlyMemory<byte> Unsent =>
        (_batch is null ? _frame!.Memory : _batch.AsMemory(0, _length))[_sent..];

    /// <summary>Sends a frame, now, at the end of the thread's batch, or as soon as the connection takes it.</summary>
    /// <returns>False when it was not taken: the lane is full, or the connection is closed.</returns>
    public bool TrySend(Frame frame, SendLane lane)
    {
        if (SendBatch.Current is { } batch)
            return TryHold(frame, lane, batch);
        // What was held back for the sake of what follows it comes before that, whatever the lanes.
        if (_heldFor is not null && IsOvertaking(lane))
            Resume();
        bool hasWaited;
        lock (_gate)
        {
            // For the upload limit.
            hasWaited = _queue.PeekBulk() is not null;
            if (_isClosed || !_queue.TryEnqueue(frame, lane))
                return false;
            if (_isDraining)
                return true;
            _isDraining = true;
        }

        Drain(hasWaited);
        return true;
    }

    /// <summary>Queues a frame that leaves together with the next one, which is sent right after this call.</summary>
    /// <returns>As <see cref="TrySend"/>.</returns>
    public bool TryQueueForNext(Frame frame, SendLane lane)
    {
        lock (_gate)
            return !_isClosed && _queue.TryEnqueue(frame, lane);
    }

    /// <summary>A batch is over: sends what it held back, unless somebody else is sending it.</summary>
    public void Flush(SendBatch batch)
    {
        lock (_gate)
        {
            if (_heldFor == batch)
                _heldFor = null;
        }

        Resume();
    }

    /// <summary>Sends what waited for the upload limit, as far as it allows now.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            if (_isDraining || _queue.IsEmpty)
                return;
            _isDraining = true;
        }

        Drain(hasWaited: true);
    }

    /// <summary>Drops what waits, but for what waits for a batch alone, and takes nothing more.</summary>
    public void Close()
    {
        bool isHolding;
        lock (_gate)
            isHolding = _heldFor is not null;
        if (isHolding)
            Resume();
        lock (_gate)
        {
            _isClosed = true;
            _queue.Clear();
        }
    }

    /// <summary>
    /// Holds a frame back for a batch. What is held already is sent before if the frame would overtake it, if both together are more
    /// than fits in a system call, or if there is no room for both: nothing but the moment of sending is another.
    /// </summary>
    private bool TryHold(Frame frame, SendLane lane, SendBatch batch)
    {
        if (TryAddToHeld(frame, lane, batch, isAlone: false))
            return true;
        Resume();
        return TryAddToHeld(frame, lane, batch, isAlone: true);
    }

    private bool IsOvertaking(SendLane lane)
    {
        lock (_gate)
            return lane < _heldLane && IsHolding;
    }

    private bool TryAddToHeld(Frame frame, SendLane lane, SendBatch batch, bool isAlone)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;
            if (IsHolding && !isAlone && (lane < _heldLane || _queue.Bytes + frame.Length > NodeDefaults.CoalesceSize))
                return false;
            if (!_queue.TryEnqueue(frame, lane))
                return false;
            // Whoever drains takes it along.
            if (_isDraining)
                return true;
            _heldLane = lane;
            if (_heldFor == batch)
                return true;
            _heldFor = batch;
            batch.Add(this);
            return true;
        }
    }

    /// <param name="hasWaited">Whether what goes first may have waited for longer than a call takes.</param>
    private void Drain(bool hasWaited)
    {
        try
        {
            while (TryTakeNext(hasWaited))
            {
                while (_sent < _length)
                {
                    int sent = connection.TrySend(Unsent.Span);
                    if (sent == 0)
                    {
                        _ = DrainSlowlyAsync();
                        return;
                    }

                    Taken(sent);
                }

                Done();
            }
        }
        catch (IOException)
        {
            Fail();
        }
    }

    /// <summary>The same loop for a connection that takes no more: waits where the fast one sends.</summary>
    private async Task DrainSlowlyAsync()
    {
        try
        {
            do
            {
                while (_sent < _length)
                    Taken(await connection.SendAsync(Unsent));
                Done();
            }
            while (TryTakeNext(hasWaited: true));
        }
        catch (IOException)
        {
            Fail();
        }
    }

    private bool TryTakeNext(bool hasWaited)
    {
        if (hasWaited)
            DropStale();
        lock (_gate)
        {
            if (Next is null)
            {
                _isDraining = false;
                return false;
            }

            _frame = TakeNext();
            _sent = 0;
            _length = _frame.Length;
            if (Next is { } next && IsForBatch(next, hasWaited))
                TakeBatch(hasWaited);
            Interlocked.Exchange(ref _inFlight, _length);
        }

        Sending?.Invoke(Unsent);
        return true;
    }

    /// <summary>Large ones that wait go alone, so that each is asked about when its turn comes.</summary>
    private bool IsForBatch(Frame next, bool hasWaited) =>
        !(hasWaited && IsAskedAbout(next)) && _length + next.Length <= NodeDefaults.CoalesceSize;

    private bool IsAskedAbout(Frame frame) =>
        IsStillNew is not null && frame.Command == Command.Logos && frame.Length >= NodeDefaults.LargeMessage;

    /// <summary>Drops large messages that the receiver got from elsewhere while they waited.</summary>
    private void DropStale()
    {
        if (IsStillNew is null)
            return;
        while (PeekLarge() is { } frame)
        {
            bool isNew = IsStillNew(frame);
            if (!isNew)
            {
                // It is there, unless the writer was closed meanwhile, which emptied the queue.
                lock (_gate)
                    _queue.DropBulk(frame);
            }

            frame.Release();
            if (isNew)
                return;
        }
    }

    /// <summary>The message that goes next if it is a large one. The caller owns a reference.</summary>
    private Frame? PeekLarge()
    {
        lock (_gate)
        {
            if (_queue.PeekBulk() is not { } frame || !IsAskedAbout(frame))
                return null;
            frame.AddReference();
            return frame;
        }
    }

    private Frame TakeNext()
    {
        Frame frame = _queue.Dequeue();
        upload?.Charge(frame.Length);
        return frame;
    }

    /// <summary>Copies waiting frames behind each other, since one system call for all is cheaper than one for each.</summary>
    private void TakeBatch(bool hasWaited)
    {
        _batch = ArrayPool<byte>.Shared.Rent(NodeDefaults.CoalesceSize);
        _frame!.Memory.CopyTo(_batch);
        _frame.Release();
        _frame = null;
        while (Next is { } next && IsForBatch(next, hasWaited))
        {
            TakeNext();
            next.Memory.CopyTo(_batch.AsMemory(_length));
            _length += next.Length;
            next.Release();
        }
    }

    private void Taken(int count)
    {
        _sent += count;
        Interlocked.Add(ref _inFlight, -count);
    }

    private void Done()
    {
        _frame?.Release();
        _frame = null;
        if (_batch is not null)
            ArrayPool<byte>.Shared.Return(_batch);
        _batch = null;
        Sent?.Invoke();
    }

    private void Fail()
    {
        Close();
        Interlocked.Exchange(ref _inFlight, 0);
        Done();
        // The receive loop sees the end of the stream and tells the peer.
        connection.Close();
    }
}
