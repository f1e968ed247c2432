using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Logos.P2P.Simulation.Engine;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.World;

/// <summary>A message that the node sent.</summary>
internal readonly record struct Told(Command Command, byte[] Payload);

/// <summary>
/// One connection of a node in memory: the node's end, and what the other end says and hears. Everything takes no time, and
/// whoever speaks for the other end decides when it reads.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Closing it disposes the reader.")]
internal sealed class PeerInMemory : IConnection
{
    /// <summary>What the other end takes while it does not read: as much as a socket's buffers, about.</summary>
    private const int Window = 256 * 1024;

    private readonly Pipe _input;
    private readonly FrameReader _reader;
    private readonly List<Told> _told = [];
    private TaskCompletionSource? _room;
    private int _unread;
    private bool _isStalled;
    private bool _isLeft;

    public PeerInMemory(SimulationLoop loop, FramePool frames, NetEndpoint local, NetEndpoint remote)
    {
        OpenedAt = loop.Now;
        LocalEndpoint = local;
        RemoteEndpoint = remote;
        _reader = new FrameReader(frames) { IsHandshakeComplete = true };
        _input = new Pipe(new PipeOptions(
            readerScheduler: loop.Pipes, writerScheduler: loop.Pipes, pauseWriterThreshold: 0, useSynchronizationContext: false));
    }

    /// <summary>When it was made, in virtual time.</summary>
    public TimeSpan OpenedAt { get; }

    public NetEndpoint RemoteEndpoint { get; }

    public NetEndpoint LocalEndpoint { get; }

    public PipeReader Input => _input.Reader;

    public long BytesSent { get; private set; }

    /// <summary>Whether the node has closed the connection.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Whether anybody has.</summary>
    public bool IsOver => IsClosed || _isLeft;

    /// <summary>Under which key the node wants messages named to it; null while it has not said so.</summary>
    public ShortIdKey? NodeKey { get; private set; }

    /// <summary>The nonces of the node's pings that were not answered yet.</summary>
    public Queue<ulong> Pings { get; } = new();

    /// <summary>Whether the other end reads.</summary>
    public bool IsStalled
    {
        get => _isStalled;
        set
        {
            _isStalled = value;
            if (!value)
                MakeRoom();
        }
    }

    /// <summary>The other end says something. The node hears it when the loop goes on.</summary>
    public void Say(ReadOnlySpan<byte> bytes)
    {
        if (IsOver || bytes.IsEmpty)
            return;
        _input.Writer.Write(bytes);
        ValueTask<FlushResult> flush = _input.Writer.FlushAsync();
        if (!flush.IsCompletedSuccessfully)
            throw new InvalidOperationException("There is a bound, and there should be none.");
    }

    /// <summary>The other end says something that is a whole frame, and gives its reference up.</summary>
    public void Say(Frame frame)
    {
        Say(frame.Memory.Span);
        frame.Release();
    }

    /// <summary>The other end leaves.</summary>
    public void Leave()
    {
        if (IsOver)
            return;
        _isLeft = true;
        _input.Writer.Complete();
        MakeRoom();
    }

    /// <summary>What the node said since the last call.</summary>
    public IReadOnlyList<Told> TakeTold()
    {
        Told[] told = [.. _told];
        _told.Clear();
        return told;
    }

    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        if (IsOver)
            throw new IOException("The connection is closed.");
        int taken = IsStalled ? Math.Min(bytes.Length, Window - _unread) : bytes.Length;
        if (IsStalled)
            _unread += taken;
        BytesSent += taken;
        Hear(bytes[..taken]);
        return taken;
    }

    public async ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (true)
        {
            int taken = TrySend(bytes.Span);
            if (taken > 0)
                return taken;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _room.Task;
        }
    }

    public void Close()
    {
        if (IsClosed)
            return;
        IsClosed = true;
        _reader.Dispose();
        if (!_isLeft)
            _input.Writer.Complete();
        _input.Reader.CancelPendingRead();
        MakeRoom();
    }

    private void Hear(ReadOnlySpan<byte> bytes)
    {
        var sequence = new ReadOnlySequence<byte>(bytes.ToArray());
        while (true)
        {
            FrameReadResult result = _reader.Read(ref sequence);
            if (result.Status == FrameReadStatus.NeedMore)
                return;
            if (result.Frame is not { } frame)
                throw new InvalidOperationException($"The node says something that is no frame: {result}.");
            Note(frame);
            frame.Release();
        }
    }

    private void Note(Frame frame)
    {
        _told.Add(new Told(frame.Command, frame.Payload.ToArray()));
        if (frame.Command == Command.Ping && PingCodec.TryRead(frame.Payload, out ulong nonce) == DecodeStatus.Ok)
            Pings.Enqueue(nonce);
        if (frame.Command == Command.Feature
            && FeatureMessage.TryRead(frame.Payload, out FeatureMessage feature) == DecodeStatus.Ok
            && feature.Id.Span.SequenceEqual(Features.Relay)
            && ShortIdKey.TryRead(feature.Data.Span, out ShortIdKey key))
        {
            NodeKey = key;
        }
    }

    private void MakeRoom()
    {
        _unread = 0;
        TaskCompletionSource? room = _room;
        _room = null;
        room?.TrySetResult();
    }
}
