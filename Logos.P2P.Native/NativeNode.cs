using Logos.P2P.Wire;

namespace Logos.P2P.Native;

/// <summary>A node and its host: what a handle stands for.</summary>
internal sealed class NativeNode : IDisposable
{
    private readonly P2PNode _node;
    private readonly CallGate _gate = new();
    private readonly HostLog _log;
    private readonly Lock _life = new();
    private volatile Stage _stage;

    /// <param name="handle">Its handle.</param>
    /// <param name="setup">How it is to run.</param>
    /// <param name="host">The functions of the host.</param>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public unsafe NativeNode(nint handle, NodeSetup setup, NativeHost host)
    {
        if (host.Load is null != host.Store is null)
            throw new NativeException(Result.Argument, "Of load and store there must be both or none.");
        Network = setup.Options.Network;
        _log = new HostLog(host, setup.LevelOf(host.LogLevel), _gate);
        Executor = host.Run is null ? null : new HostExecutor(handle, host, _gate, NoteFailure);
        var services = new P2PHost
        {
            Storage = host.Load is null ? null : new HostStorage(host, _gate),
            Executor = Executor,
        };
        _node = new P2PNode(setup.Options, new HostHandler(host, _gate), _log, services);
    }

    private enum Stage
    {
        New,
        Running,
        Stopped,
    }

    /// <summary>Whose network.</summary>
    public P2PNetwork Network { get; }

    /// <summary>The host's threads; null when the node has threads of its own.</summary>
    public HostExecutor? Executor { get; }

    /// <summary>The node while it runs.</summary>
    /// <exception cref="NativeException">It does not.</exception>
    public P2PNode Running => _stage == Stage.Running
        ? _node
        : throw new NativeException(Result.State, _stage == Stage.New ? "The node was not started yet." : "The node was stopped.");

    /// <summary>What it has counted, at any time.</summary>
    public P2PNode Any => _node;

    public void Start()
    {
        RequireOutside();
        lock (_life)
        {
            if (_stage != Stage.New)
                throw new NativeException(Result.State, "A node is started once. Make another one to start again.");
            // Before it has started: a message may come, and with it a call from within its callback, before this thread is awake again.
            _stage = Stage.Running;
            try
            {
                Wait(_node.StartAsync());
            }
            catch
            {
                StopInside();
                throw;
            }
        }
    }

    public void Stop()
    {
        RequireOutside();
        lock (_life)
        {
            _ = Running;
            StopInside();
        }
    }

    /// <summary>Ends it in whatever stage it is.</summary>
    public void Dispose()
    {
        RequireOutside();
        lock (_life)
        {
            if (_stage != Stage.Stopped)
                StopInside();
        }
    }

    /// <summary>Waits for the node, on a thread of the host.</summary>
    /// <exception cref="NativeException">Within a callback, which the node may be waiting for.</exception>
    public T Wait<T>(Task<T> task)
    {
        Wait((Task)task);
        return task.Result;
    }

    /// <exception cref="NativeException">This thread is in a callback of the node.</exception>
    public void RequireOutside()
    {
        if (_gate.IsInside)
            throw new NativeException(Result.InCallback, "This cannot be called from within a callback of the same node.");
    }

    private void StopInside()
    {
        _stage = Stage.Stopped;
        try
        {
            Wait(_node.StopAsync());
        }
        finally
        {
            _gate.Close();
        }
    }

    private void Wait(Task task)
    {
        Executor?.Wait(task);
        task.GetAwaiter().GetResult();
    }

    private void NoteFailure(Exception e) =>
        _log.Write(Microsoft.Extensions.Logging.LogLevel.Error, $"A piece of work failed: {e.Message}");
}
