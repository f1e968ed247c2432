using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Logos.P2P.Simulation.Engine;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Attackers;

/// <summary>
/// An attacker's end of one connection: nothing but frames. Completes the handshake as a node would, and then does what its
/// conduct says.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Its run disposes the reader.")]
internal sealed class RawPeer
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly SimulationLoop _loop;
    private readonly FramePool _frames;
    private readonly IConnection _connection;
    private readonly FrameReader _reader;
    private readonly Conduct _conduct;
    private readonly bool _isDialled;
    private Task _sending = Task.CompletedTask;

    /// <param name="loop">The simulation.</param>
    /// <param name="frames">Where frames come from.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="isDialled">Whether the attacker dialled.</param>
    /// <param name="conduct">What he does on it.</param>
    public RawPeer(SimulationLoop loop, FramePool frames, IConnection connection, bool isDialled, Conduct conduct)
    {
        _loop = loop;
        _frames = frames;
        _connection = connection;
        _reader = new FrameReader(frames);
        _isDialled = isDialled;
        _conduct = conduct;
    }

    public FramePool Frames => _frames;

    /// <summary>The other end: what was dialled, or where the node dialled from.</summary>
    public NetEndpoint Node => _connection.RemoteEndpoint;

    /// <summary>Under which key messages are to be named to the node; null while it has not said so.</summary>
    public ShortIdKey? NodeKey { get; private set; }

    public bool IsReady => _reader.IsHandshakeComplete;

    /// <summary>Whether the connection has ended, as far as somebody can tell who may not read.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Reads until the connection ends, or for ever leaves it alone if that is the conduct.</summary>
    public async Task RunAsync()
    {
        if (_isDialled)
            SendVersion();
        bool goOn = true;
        while (goOn)
        {
            if (IsReady && _conduct.ReadRate == 0)
                return;
            goOn = await ReadAsync(_connection.Input);
        }

        Close();
        _reader.Dispose();
        await _connection.Input.CompleteAsync();
    }

    /// <summary>Sends a frame behind those before it, and gives up our reference of it.</summary>
    public Task SendAsync(Frame frame)
    {
        byte[] bytes = frame.Memory.ToArray();
        frame.Release();
        return SendAsync(bytes);
    }

    /// <summary>Sends bytes as they are, behind those before them.</summary>
    public Task SendAsync(ReadOnlyMemory<byte> bytes) => _sending = SendAfterAsync(_sending, bytes);

    /// <summary>Lets virtual time pass.</summary>
    public Task PauseAsync(TimeSpan duration) => Task.Delay(duration, _loop.Clock);

    /// <summary>Ends the connection.</summary>
    public void Close()
    {
        IsOver = true;
        _connection.Close();
    }

    private async Task<bool> ReadAsync(PipeReader input)
    {
        try
        {
            ReadResult result = await input.ReadAsync();
            bool isSlow = IsReady && _conduct.ReadRate < result.Buffer.Length;
            ReadOnlySequence<byte> taken = isSlow ? result.Buffer.Slice(0, _conduct.ReadRate) : result.Buffer;
            SequencePosition end = taken.End;
            TakeFrames(taken);
            if (IsOver)
                return false;
            input.AdvanceTo(end);
            if (isSlow)
                await PauseAsync(Second);
            return isSlow || !(result.IsCompleted || result.IsCanceled);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void TakeFrames(ReadOnlySequence<byte> bytes)
    {
        while (!IsOver)
        {
            FrameReadResult result = _reader.Read(ref bytes);
            if (result.Status == FrameReadStatus.NeedMore)
                return;
            if (result.Frame is { } frame)
            {
                Receive(frame);
                frame.Release();
            }
        }
    }

    private void Receive(Frame frame)
    {
        switch (frame.Command)
        {
            case Command.Version:
                if (!_isDialled)
                    SendVersion();
                SendAsync(_frames.Create(Command.SendAddrV2));
                if (_conduct.RelayKey is { } key)
                    SendAsync(_frames.Create(FeatureFor(key)));
                SendAsync(_frames.Create(Command.Verack));
                break;
            case Command.Feature when FeatureMessage.TryRead(frame.Payload, out FeatureMessage feature) == DecodeStatus.Ok:
                if (feature.Id.Span.SequenceEqual(Features.Relay) && ShortIdKey.TryRead(feature.Data.Span, out ShortIdKey nodeKey))
                    NodeKey = nodeKey;
                break;
            case Command.Verack:
                _reader.IsHandshakeComplete = true;
                _conduct.Ready(this);
                break;
            case Command.Ping when PingCodec.TryRead(frame.Payload, out ulong nonce) == DecodeStatus.Ok:
                SendAsync(_frames.Create(Command.Pong, nonce));
                break;
            default:
                _conduct.Receive(this, frame);
                break;
        }
    }

    private static FeatureMessage FeatureFor(ShortIdKey key)
    {
        byte[] data = new byte[ShortIdKey.Size];
        key.Write(data);
        return new FeatureMessage(Features.Relay.ToArray(), data);
    }

    private void SendVersion() => SendAsync(_frames.Create(new VersionMessage
    {
        ProtocolVersion = ProtocolVersion.Current,
        Services = Services.Logos,
        Time = _loop.Clock.UnixSeconds,
        Receiver = Node,
        Nonce = 0,
        UserAgent = NodeSettings.UserAgent,
    }));

    private async Task SendAfterAsync(Task before, ReadOnlyMemory<byte> bytes)
    {
        await before;
        try
        {
            while (bytes.Length > 0 && !IsOver)
                bytes = bytes[await _connection.SendAsync(bytes)..];
        }
        catch (IOException)
        {
            IsOver = true;
        }
    }
}
