namespace Logos.P2P.Native;

/// <summary>
/// What every call of the host goes through, so that none runs after the node was stopped, and a thread in the midst of one is known.
/// </summary>
internal sealed class CallGate
{
    /// <summary>Taken off the count of calls when the gate is closed: far more than there can be.</summary>
    private const int Closed = int.MinValue / 2;

    /// <summary>The gates through which this thread has gone and not come back; nearly always one at most.</summary>
    [ThreadStatic]
    private static List<CallGate>? _passed;

    private int _calls;

    /// <summary>Whether this thread is in a call of the host.</summary>
    public bool IsInside => _passed?.Contains(this) == true;

    /// <summary>Begins a call. Each is ended by <see cref="Leave"/>.</summary>
    /// <returns>False when the host is not to be called any more.</returns>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _calls) <= 0)
        {
            Interlocked.Decrement(ref _calls);
            return false;
        }

        (_passed ??= []).Add(this);
        return true;
    }

    /// <summary>Ends the call that this thread has begun last.</summary>
    public void Leave()
    {
        _passed!.RemoveAt(_passed.Count - 1);
        Interlocked.Decrement(ref _calls);
    }

    /// <summary>Lets nobody in any more and waits until nobody is inside. Not from within.</summary>
    public void Close()
    {
        if (Volatile.Read(ref _calls) >= 0)
            Interlocked.Add(ref _calls, Closed);
        // Nothing is waiting by now but the last line of a log.
        SpinWait.SpinUntil(() => Volatile.Read(ref _calls) <= Closed);
    }
}
