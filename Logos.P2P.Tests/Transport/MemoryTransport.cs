using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Threading.Channels;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Transport;

/// <summary>A network in memory: the same node code as on sockets, without ports, kernels or time.</summary>
internal sealed class MemoryNetwork
{
    private readonly ConcurrentDictionary<NetEndpoint, MemoryListener> _listeners = new();
    private int _lastPort = 40_000;

    /// <summary>The network as one host sees it.</summary>
    public ITransport TransportOf(string host)
    {
        Assert.That(NetAddress.TryParse(host, out NetAddress address));
        return new MemoryTransport(this, address);
    }

    /// <summary>Two ends of a connection that belongs to no node.</summary>
    public static (MemoryConnection Dialler, MemoryConnection Listener) Connect(NetEndpoint from, NetEndpoint to)
    {
        // Small enough that a test fills it, as a socket's buffer is.
        var options = new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024);
        Pipe there = new(options), back = new(options);
        return (new MemoryConnection(from, to, back, there), new MemoryConnection(to, from, there, back));
    }

    private sealed class MemoryTransport(MemoryNetwork network, NetAddress host) : ITransport
    {
        public Task<IConnection> ConnectAsync(NetEndpoint remote, CancellationToken cancellationToken)
        {
            if (!network._listeners.TryGetValue(remote, out MemoryListener? listener))
                throw new IOException("Connection refused.");
            var local = new NetEndpoint(host, (ushort)Interlocked.Increment(ref network._lastPort));
            (MemoryConnection dialler, MemoryConnection accepted) = Connect(local, remote);
            listener.Add(accepted);
            return Task.FromResult<IConnection>(dialler);
        }

        public IConnectionListener Listen(NetEndpoint local)
        {
            var listener = new MemoryListener(network, local);
            if (!network._listeners.TryAdd(local, listener))
                throw new IOException($"Cannot listen on {local}: in use.");
            return listener;
        }
    }

    private sealed class MemoryListener(MemoryNetwork network, NetEndpoint endpoint) : IConnectionListener
    {
        private readonly Channel<IConnection> _accepted = Channel.CreateUnbounded<IConnection>();

        public NetEndpoint LocalEndpoint => endpoint;

        public void SetBacklog(int count)
        {
            // Here nothing is established before it is accepted.
        }

        public void Add(IConnection connection) => _accepted.Writer.TryWrite(connection);

        public async Task<IConnection?> AcceptAsync()
        {
            bool isOpen = await _accepted.Reader.WaitToReadAsync();
            return isOpen && _accepted.Reader.TryRead(out IConnection? connection) ? connection : null;
        }

        public void Dispose()
        {
            network._listeners.TryRemove(endpoint, out _);
            _accepted.Writer.TryComplete();
        }
    }
}

/// <summary>One end of a connection in memory.</summary>
internal sealed class MemoryConnection(NetEndpoint local, NetEndpoint remote, Pipe input, Pipe output) : IConnection
{
    private readonly Lock _gate = new();
    private Task<FlushResult> _flush = Task.FromResult(default(FlushResult));
    private long _bytesSent;
    private bool _isClosed;

    public NetEndpoint RemoteEndpoint => remote;

    public NetEndpoint LocalEndpoint => local;

    public PipeReader Input => input.Reader;

    public long BytesSent => Interlocked.Read(ref _bytesSent);

    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _isClosed;
        }
    }

    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_isClosed || (_flush.IsCompletedSuccessfully && _flush.Result.IsCompleted))
                throw new IOException("The connection is closed.");
            if (!_flush.IsCompleted)
                return 0;
            bytes.CopyTo(output.Writer.GetSpan(bytes.Length));
            output.Writer.Advance(bytes.Length);
            Interlocked.Add(ref _bytesSent, bytes.Length);
            _flush = output.Writer.FlushAsync().AsTask();
            return bytes.Length;
        }
    }

    public async ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (true)
        {
            Task<FlushResult> flush;
            lock (_gate)
                flush = _flush;
            await flush;
            if (TrySend(bytes.Span) is > 0 and int sent)
                return sent;
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            output.Writer.CancelPendingFlush();
            output.Writer.Complete();
        }

        // Ends our own receive loop, and lets the other end's sends fail.
        input.Reader.CancelPendingRead();
    }
}
