using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Links;

/// <summary>
/// One end of a connection between two hosts. Like TCP's it takes no more than it has room for, keeps the order, does not
/// flood a receiver who does not read, and sits out a cut line.
/// </summary>
internal sealed class SimulatedConnection : IConnection
{
    /// <summary>Bytes that wait for the uplink at most: what a kernel takes with the node's TCP_NOTSENT_LOWAT.</summary>
    private const int SendBuffer = NodeDefaults.KernelSendBacklog;

    /// <summary>Bytes on their way and not read at most: what Linux lets a receive window grow to, about.</summary>
    private const int Window = 4 * 1024 * 1024;

    private const int UnreadPause = 64 * 1024;

    private readonly SimulatedInternet _internet;
    private readonly Pipe _input;
    private readonly Queue<Segment> _unsent = new();
    private readonly Queue<Segment> _held = new();
    private Task<FlushResult> _reading = Task.FromResult(default(FlushResult));
    private TaskCompletionSource? _room;
    private int _unsentBytes;
    private int _underWay;
    private TimeSpan _lastArrival;
    private bool _isClosed;
    private bool _isBroken;

    public SimulatedConnection(SimulatedInternet internet, SimulatedHost here, NetEndpoint local, NetEndpoint remote)
    {
        _internet = internet;
        Here = here;
        LocalEndpoint = local;
        RemoteEndpoint = remote;
        _input = new Pipe(new PipeOptions(
            readerScheduler: internet.Loop.Pipes,
            writerScheduler: internet.Loop.Pipes,
            pauseWriterThreshold: UnreadPause,
            resumeWriterThreshold: UnreadPause / 2,
            useSynchronizationContext: false));
    }

    public SimulatedHost Here { get; }

    /// <summary>The other end.</summary>
    public SimulatedConnection Other { get; set; } = null!;

    public NetEndpoint RemoteEndpoint { get; }

    public NetEndpoint LocalEndpoint { get; }

    public PipeReader Input => _input.Reader;

    public long BytesSent { get; private set; }

    /// <summary>Whether it is in its uplink's queue.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Whether it could send at once if it had its turn.</summary>
    public bool IsWaitingToSend => _unsent.Count > 0 && _underWay < Window;

    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        if (_isClosed || _isBroken)
            throw new IOException("The connection is closed.");
        int taken = Math.Min(bytes.Length, SendBuffer - _unsentBytes);
        for (ReadOnlySpan<byte> rest = bytes[..taken]; rest.Length > 0; rest = rest[Math.Min(Uplink.Quantum, rest.Length)..])
            _unsent.Enqueue(_internet.Segments.Rent(Other, rest[..Math.Min(Uplink.Quantum, rest.Length)]));
        _unsentBytes += taken;
        BytesSent += taken;
        _internet.Watcher?.Sent(this, bytes[..taken]);
        AskForTurn();
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
        if (_isClosed)
            return;
        End(null);
        // Behind what waits, so that it still arrives.
        _unsent.Enqueue(_internet.Segments.Rent(Other, []));
        AskForTurn();
    }

    /// <summary>The connection is gone at this end, without a word to the other: as when a process dies.</summary>
    public void Vanish()
    {
        if (_isClosed)
            return;
        End(null);
        while (_unsent.TryDequeue(out Segment? segment))
            segment.Release();
    }

    /// <summary>The other side, or somebody between, says that there is no such connection.</summary>
    public void Reset()
    {
        _isBroken = true;
        if (!_isClosed)
            _input.Writer.Complete(new IOException("Connection reset by peer."));
        MakeRoom();
    }

    /// <summary>The uplink takes what goes next.</summary>
    public bool TryTake([NotNullWhen(true)] out Segment? segment)
    {
        segment = null;
        if (!IsWaitingToSend)
            return false;
        segment = _unsent.Dequeue();
        _unsentBytes -= segment.Length;
        _underWay += segment.Length;
        if (_unsentBytes <= SendBuffer / 2)
            MakeRoom();
        return true;
    }

    /// <summary>A segment has left the uplink.</summary>
    public void Depart(Segment segment, TimeSpan at)
    {
        if (Here.IsMute)
        {
            segment.Release();
            return;
        }

        TimeSpan arrival = at + _internet.DrawDelay(Here, Other.Here);
        _lastArrival = arrival > _lastArrival ? arrival : _lastArrival;
        _internet.Loop.At(_lastArrival, segment);
    }

    /// <summary>A segment has come.</summary>
    public void Arrive(Segment segment)
    {
        if (_internet.IsCut(Here, Other.Here) || !_reading.IsCompleted || _held.Count > 0)
            _held.Enqueue(segment);
        else
            Take(segment);
    }

    /// <summary>Goes on with what was held up.</summary>
    public void Resume()
    {
        while (_held.Count > 0 && _reading.IsCompleted && !_internet.IsCut(Here, Other.Here))
            Take(_held.Dequeue());
    }

    private void Take(Segment segment)
    {
        _internet.NoteArrival(Other.Here, Here, segment);
        if (_isClosed || _isBroken)
        {
            Acknowledge(segment);
            return;
        }

        if (segment.Length == 0)
        {
            _isBroken = true;
            _input.Writer.Complete();
            Acknowledge(segment);
            return;
        }

        segment.Bytes.CopyTo(_input.Writer.GetSpan(segment.Length));
        _input.Writer.Advance(segment.Length);
        ValueTask<FlushResult> reading = _input.Writer.FlushAsync();
        if (reading.IsCompleted)
        {
            Acknowledge(segment);
            return;
        }

        _reading = reading.AsTask();
        _ = AcknowledgeLaterAsync(segment);
    }

    private async Task AcknowledgeLaterAsync(Segment segment)
    {
        await _reading;
        Acknowledge(segment);
        Resume();
    }

    private void Acknowledge(Segment segment)
    {
        Other._underWay -= segment.Length;
        segment.Release();
        Other.AskForTurn();
    }

    private void AskForTurn()
    {
        if (IsQueued || !IsWaitingToSend)
            return;
        IsQueued = true;
        Here.Uplink.Add(this);
    }

    private void End(Exception? error)
    {
        _isClosed = true;
        _input.Writer.Complete(error);
        _input.Reader.CancelPendingRead();
        Here.Remove(this);
        MakeRoom();
    }

    private void MakeRoom()
    {
        TaskCompletionSource? room = _room;
        _room = null;
        room?.TrySetResult();
    }
}
