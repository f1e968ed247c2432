using Logos.P2P.Peers;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>
/// The messages of one peer that wait for a handler that is not quick. They are handled one after another, in order, on
/// a thread; different peers have different threads.
/// </summary>
/// <param name="peer">Whose messages.</param>
/// <param name="relay">Where the handler is.</param>
/// <param name="maxBytes">Bytes of buffers that wait, above which the queue is full.</param>
internal sealed class HandlerQueue(Peer peer, MessageRelay relay, long maxBytes)
{
    private readonly Lock _gate = new();
    private readonly Queue<Frame> _frames = new();
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _idle;
    private long _bytes;
    private int _count;
    private bool _isRunning;
    private bool _isClosed;

    /// <summary>Bytes of buffers that wait.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How many messages wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether the peer should not be read from until the handler has caught up.</summary>
    /// <remarks>Asked for each message: takes no lock.</remarks>
    public bool IsFull => Bytes > maxBytes || Volatile.Read(ref _count) > NodeDefaults.MaxHandlerBacklogMessages;

    /// <returns>False when it takes nothing more.</returns>
    public bool Add(Frame frame)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;
            frame.AddReference();
            _frames.Enqueue(frame);
            Change(1, frame.Capacity);
            if (_isRunning)
                return true;
            _isRunning = true;
        }

        relay.HandlerThreads.Run(this);
        return true;
    }

    /// <summary>Completes when the queue is not full.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_gate)
        {
            if (!IsFull || _isClosed)
                return Task.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>Takes nothing more, and completes when what waits has been handled.</summary>
    public Task CompleteAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            _room?.TrySetResult();
            if (!_isRunning)
                return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    /// <summary>Takes nothing more and drops what waits.</summary>
    public void Drop()
    {
        Frame[] dropped;
        lock (_gate)
        {
            _isClosed = true;
            dropped = [.. _frames];
            _frames.Clear();
            Change(-_count, -_bytes);
            _room?.TrySetResult();
        }

        foreach (Frame frame in dropped)
        {
            relay.Abandon(peer, frame);
            frame.Release();
        }
    }

    /// <summary>Handles what waits, on the calling thread.</summary>
    public void Run()
    {
        while (TryTake(out Frame frame))
        {
            try
            {
                relay.Deliver(peer, frame);
            }
#pragma warning disable CA1031 // On a thread of its own, where an exception would end the process.
            catch (Exception e)
#pragma warning restore CA1031
            {
                peer.Fail(e);
            }

            frame.Release();
        }
    }

    private void Change(int count, long bytes)
    {
        Volatile.Write(ref _count, _count + count);
        Interlocked.Add(ref _bytes, bytes);
    }

    private bool TryTake(out Frame frame)
    {
        lock (_gate)
        {
            if (_frames.TryDequeue(out Frame? next))
            {
                frame = next;
                Change(-1, -next.Capacity);
                if (!IsFull)
                {
                    _room?.TrySetResult();
                    _room = null;
                }

                return true;
            }

            frame = null!;
            _isRunning = false;
            _idle?.TrySetResult();
            return false;
        }
    }
}
