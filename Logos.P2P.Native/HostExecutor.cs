using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Logos.P2P.Native;

/// <summary>
/// The host's threads as the place where the node's work runs. Work waits here; the host is asked for a turn for each piece, and in a
/// turn one piece is run, whichever is next. A thread of the host that waits for the node runs pieces itself meanwhile, so that it may
/// be the only one there is. Turns that come when nothing waits, or when the node is gone, do nothing.
/// </summary>
/// <param name="handle">The node.</param>
/// <param name="host">Its functions; <see cref="NativeHost.Run"/> is there.</param>
/// <param name="gate">What it is called through.</param>
/// <param name="fail">Told of pieces that failed, which no host can do anything about.</param>
internal sealed unsafe class HostExecutor(nint handle, NativeHost host, CallGate gate, Action<Exception> fail) : SynchronizationContext
{
    private readonly ConcurrentQueue<(SendOrPostCallback Work, object? State)> _work = new();

    // Not a Lock: those cannot be waited on. Guards nothing but the waiting.
    private readonly object _news = new();

    public override void Post(SendOrPostCallback d, object? state)
    {
        _work.Enqueue((d, state));
        TellWaiting();
        if (gate.TryEnter())
        {
            host.Run(host.Context, &TakeTurn, (void*)handle);
            gate.Leave();
        }
        else
        {
            // The host has its threads back. What still comes ends tasks that nobody waits for.
            ThreadPool.UnsafeQueueUserWorkItem(static executor => executor.RunOne(), this, preferLocal: false);
        }
    }

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Waits for a task of the node, on a thread of the host, and works meanwhile.</summary>
    public void Wait(Task task)
    {
        task.ContinueWith(
            _ => TellWaiting(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        while (!task.IsCompleted)
        {
            if (RunOne())
                continue;
            lock (_news)
            {
                if (_work.IsEmpty && !task.IsCompleted)
                    Monitor.Wait(_news);
            }
        }
    }

    private void TellWaiting()
    {
        lock (_news)
            Monitor.PulseAll(_news);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void TakeTurn(void* handle) => NodeTable.Find((nint)handle)?.Executor?.RunInTurn();

    private void RunInTurn()
    {
        bool isOpen = gate.TryEnter();
        RunOne();
        if (isOpen)
            gate.Leave();
    }

    private bool RunOne()
    {
        if (!_work.TryDequeue(out (SendOrPostCallback Work, object? State) piece))
            return false;
        SynchronizationContext? outer = Current;
        SetSynchronizationContext(this);
        try
        {
            piece.Work(piece.State);
        }
#pragma warning disable CA1031 // It would go into a thread of the host's.
        catch (Exception e)
#pragma warning restore CA1031
        {
            fail(e);
        }
        finally
        {
            SetSynchronizationContext(outer);
        }

        return true;
    }
}
