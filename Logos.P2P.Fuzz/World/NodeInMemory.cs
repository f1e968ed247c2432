using Logos.P2P.Discovery;
using Logos.P2P.Simulation.Engine;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Fuzz.World;

/// <summary>
/// A real node, alone on one thread under virtual time, with connections that somebody else speaks for. What happens is a
/// function of what is said, so a conversation can be repeated and made smaller.
/// </summary>
internal sealed class NodeInMemory : ITransport, INameResolver, IDisposable
{
    /// <summary>How much virtual time a stop may take: a handler's queue at most.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromMinutes(1);

    private readonly FramePool _peersFrames;
    private readonly List<PeerInMemory> _dialled = [];
    private Listener? _listener;
    private ushort _lastPort = 40_000;

    public NodeInMemory(P2POptions options, ILoggerFactory log)
    {
        _peersFrames = new FramePool(options.Network);
        Node = new P2PNode(options with { RandomSeed = options.RandomSeed ?? 1 }, Upper, log, new NodeEnvironment
        {
            Transport = this,
            TimeProvider = Loop.Clock,
            Tasks = Loop.Tasks,
            Resolver = this,
            Descriptors = null,
        });
        Task starting = Task.CompletedTask;
        Loop.Do(() => starting = Node.StartAsync());
        Loop.RunUntilDone(starting, StopPatience);
    }

    public SimulationLoop Loop { get; } = new();

    public P2PNode Node { get; }

    /// <summary>What the node's upper layer says.</summary>
    public ScriptedLayer Upper { get; } = new();

    /// <summary>Makes frames for those who talk to the node.</summary>
    public FramePool PeersFrames => _peersFrames;

    /// <summary>The connections that the node has made, in their order.</summary>
    public IReadOnlyList<PeerInMemory> Dialled => _dialled;

    /// <summary>Connects to the node. Whether it wants the connection shows when the loop goes on.</summary>
    public PeerInMemory Connect(NetAddress from)
    {
        if (_listener is null)
            throw new InvalidOperationException("The node does not listen.");
        var peer = new PeerInMemory(Loop, _peersFrames, _listener.LocalEndpoint, new NetEndpoint(from, ++_lastPort));
        _listener.Add(peer);
        return peer;
    }

    /// <summary>Stops the node, and requires that nothing of it is left.</summary>
    public void Stop()
    {
        Task stopping = Task.CompletedTask;
        Loop.Do(() => stopping = Node.StopAsync());
        Loop.RunUntilDone(stopping, StopPatience);
        if (Node.Metrics.UsedFrameBytes is > 0 and var left)
            throw new InvalidOperationException($"The node stopped and left {left} bytes of frames in use.");
    }

    /// <summary>Ends its world, in whatever state it is.</summary>
    public void Dispose()
    {
        Loop.End();
        _listener?.Dispose();
    }

    Task<IConnection> ITransport.ConnectAsync(NetEndpoint remote, CancellationToken cancellationToken)
    {
        if (!remote.IsValid)
            throw new IOException("There is no such host.");
        var peer = new PeerInMemory(Loop, _peersFrames, new NetEndpoint(Handshakes.AddressOf("198.51.100.1"), ++_lastPort), remote);
        _dialled.Add(peer);
        return Task.FromResult<IConnection>(peer);
    }

    IConnectionListener ITransport.Listen(NetEndpoint local) => _listener = new Listener(local);

    Task<IReadOnlyList<NetAddress>> INameResolver.ResolveAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<NetAddress>>([]);

    private sealed class Listener(NetEndpoint endpoint) : IConnectionListener
    {
        private readonly Queue<PeerInMemory> _established = new();
        private TaskCompletionSource? _news;
        private bool _isClosed;

        public NetEndpoint LocalEndpoint => endpoint;

        public void SetBacklog(int count)
        {
            // Here nothing is established before it is accepted.
        }

        public void Add(PeerInMemory connection)
        {
            if (_isClosed)
                connection.Close();
            else
                _established.Enqueue(connection);
            _news?.TrySetResult();
        }

        public async Task<IConnection?> AcceptAsync()
        {
            while (!_isClosed)
            {
                if (_established.TryDequeue(out PeerInMemory? connection))
                    return connection;
                _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await _news.Task;
            }

            return null;
        }

        public void Dispose()
        {
            _isClosed = true;
            while (_established.TryDequeue(out PeerInMemory? connection))
                connection.Close();
            _news?.TrySetResult();
        }
    }
}
