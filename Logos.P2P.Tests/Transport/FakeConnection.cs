using System.IO.Pipelines;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Tests.Transport;

/// <summary>
/// A connection that takes as many bytes as the test allows, writes down every call, and has something to read.
/// </summary>
internal sealed class FakeConnection : IConnection
{
    private readonly Lock _gate = new();
    private readonly Pipe _input = new();
    private readonly MemoryStream _sent = new();
    private readonly List<int> _calls = [];
    private TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _allowance;
    private int _insideTrySend;
    private bool _isClosed;

    /// <param name="allowance">Bytes taken before it says "not now".</param>
    public FakeConnection(long allowance = long.MaxValue)
    {
        _allowance = allowance;
    }

    public NetEndpoint RemoteEndpoint => NetEndpoint.None;

    public NetEndpoint LocalEndpoint => NetEndpoint.None;

    public PipeReader Input => _input.Reader;

    /// <summary>What the node reads.</summary>
    public PipeWriter Incoming => _input.Writer;

    /// <summary>Run at the beginning of each call of <see cref="TrySend"/>, on the thread of the caller.</summary>
    public Action? OnTrySend { get; set; }

    /// <summary>Most bytes taken by one call.</summary>
    public int MostAtOnce { get; init; } = int.MaxValue;

    /// <summary>Whether two threads were ever sending at the same time.</summary>
    public bool WasSentConcurrently { get; private set; }

    /// <summary>The size of each attempt to send, also of those that were refused.</summary>
    public IReadOnlyList<int> Calls
    {
        get
        {
            lock (_gate)
                return [.. _calls];
        }
    }

    public byte[] Sent
    {
        get
        {
            lock (_gate)
                return _sent.ToArray();
        }
    }

    public long BytesSent
    {
        get
        {
            lock (_gate)
                return _sent.Length;
        }
    }

    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _isClosed;
        }
    }

    /// <summary>Lets it take more.</summary>
    public void Allow(long bytes)
    {
        lock (_gate)
        {
            _allowance += bytes;
            _room.TrySetResult();
            _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        if (Interlocked.Increment(ref _insideTrySend) != 1)
            WasSentConcurrently = true;
        try
        {
            OnTrySend?.Invoke();
            lock (_gate)
            {
                if (_isClosed)
                    throw new IOException("Closed.");
                _calls.Add(bytes.Length);
                int taken = (int)Math.Min(Math.Min(bytes.Length, MostAtOnce), _allowance);
                _allowance -= taken;
                _sent.Write(bytes[..taken]);
                return taken;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _insideTrySend);
        }
    }

    public async ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                if (_isClosed)
                    throw new IOException("Closed.");
                room = _room.Task;
                if (_allowance > 0)
                    return TrySend(bytes.Span);
            }

            await room;
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _room.TrySetResult();
        }
    }
}
