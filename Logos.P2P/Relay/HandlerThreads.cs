namespace Logos.P2P.Relay;

/// <summary>
/// Threads for handlers that are not quick. Not the pool's: it has as many as the machine has cores and adds about one a
/// second, so two blocked handlers would stop the reading of all sockets. Here there are as many as there is work at
/// once, one for each peer at most, and those out of work leave after a while.
/// </summary>
/// <param name="tasks">Where work runs when the host has a place for it: then there are no threads of ours.</param>
internal sealed class HandlerThreads(NodeTasks tasks)
{
    /// <summary>How long a thread waits for more work: long enough that a steady trickle keeps it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Not a Lock: those cannot be waited on.
    private readonly object _gate = new();
    private readonly Queue<HandlerQueue> _work = new();
    private int _idle;
    private bool _isStopped;

    /// <summary>Runs a queue until it is empty, at once.</summary>
    public void Run(HandlerQueue queue)
    {
        if (tasks.TryPost(queue.Run))
            return;
        lock (_gate)
        {
            _work.Enqueue(queue);
            if (_work.Count <= _idle)
            {
                Monitor.Pulse(_gate);
                return;
            }
        }

        NodeTasks.StartThread("Logos.P2P handler", Work, RunWaiting);
    }

    /// <summary>Sends idle threads home; the others follow when they are done.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Work()
    {
        while (Take() is { } queue)
            queue.Run();
    }

    /// <summary>Runs a queue, unless a thread has taken it meanwhile.</summary>
    private void RunWaiting()
    {
        HandlerQueue? queue;
        lock (_gate)
            _work.TryDequeue(out queue);
        queue?.Run();
    }

    private HandlerQueue? Take()
    {
        lock (_gate)
        {
            _idle++;
            while (_work.Count == 0 && !_isStopped && Monitor.Wait(_gate, Patience))
            {
            }

            _idle--;
            return _work.TryDequeue(out HandlerQueue? queue) ? queue : null;
        }
    }
}
