using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>
/// The messages that a peer asked for and that its queue has no room for yet, in the order of its questions. Guards itself.
/// </summary>
/// <remarks>
/// Ids and not frames: a question costs its peer next to nothing, so it must not hold memory of messages. Several threads
/// find that there is room (who received the question, who sends, the heartbeat); one of them serves, and looks again when
/// another one came meanwhile.
/// </remarks>
internal sealed class PendingRequests
{
    private readonly Lock _gate = new();
    private readonly Queue<MessageId> _ids = new();
    private int _count;
    private int _calls;

    /// <summary>How many wait, in memory of what size.</summary>
    public MemoryUse Memory
    {
        get
        {
            lock (_gate)
            {
                return new MemoryUse(
                    _ids.Count, (long)_ids.Capacity * MessageId.Size, (long)NodeDefaults.MaxPendingRequests * MessageId.Size);
            }
        }
    }

    /// <summary>Whether none waits.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <summary>Puts a request behind the others.</summary>
    /// <returns>False when there are too many.</returns>
    public bool TryAdd(in MessageId id)
    {
        lock (_gate)
        {
            if (_ids.Count == NodeDefaults.MaxPendingRequests)
                return false;
            _ids.Enqueue(id);
            Volatile.Write(ref _count, _ids.Count);
            return true;
        }
    }

    /// <summary>Serves one request after the other until one has to wait. Does nothing on a thread that is not needed.</summary>
    /// <param name="serve">Serves a request; false when it has to wait.</param>
    public void Serve(Func<MessageId, bool> serve)
    {
        // Most of the time nobody has asked for anything, and this is on the way of every message.
        if (IsEmpty || Interlocked.Increment(ref _calls) > 1)
            return;
        int seen;
        do
        {
            seen = Volatile.Read(ref _calls);
            while (TryPeek(out MessageId id) && serve(id))
                Remove();
        }
        while (Interlocked.Add(ref _calls, -seen) > 0);
    }

    private bool TryPeek(out MessageId id)
    {
        lock (_gate)
            return _ids.TryPeek(out id);
    }

    private void Remove()
    {
        lock (_gate)
        {
            _ids.Dequeue();
            Volatile.Write(ref _count, _ids.Count);
            if (_ids.Count == 0)
                _ids.TrimExcess();
        }
    }
}
