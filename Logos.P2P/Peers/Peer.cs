using Logos.P2P.Access;
using Logos.P2P.Addresses;
using Logos.P2P.Diagnostics;
using Logos.P2P.Relay;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Peers;

/// <summary>
/// One connection and what we know of who is at the other end. Takes what was received, in order, from one loop; sends
/// from any thread; is told the time by the heartbeat.
/// </summary>
internal sealed class Peer : IFrameSink
{
    /// <summary>A century of seconds.</summary>
    private const long MaxClockOffset = 100L * 365 * 24 * 60 * 60;

    private readonly NodeContext _node;
    private readonly IConnection _connection;
    private readonly FrameWriter _writer;
    private readonly Func<MessageId, bool> _serve;
    private readonly MessageCapture? _capture;
    private readonly Handshake _handshake;
    private readonly KeepAlive _keepAlive = new();
    private readonly BadMessageLimit _badMessages = new(NodeDefaults.MaxBadMessages);
    private readonly TaskCompletionSource _ended = new();
    private long _lastReceivedTicks;
    private long _bytesReceived;
    private long _lastFirstDeliveryTicks;
    private long _firstDeliveries;
    private int _reason;

    /// <summary>That of the next ping.</summary>
    private ulong _pingNonce;

    private long _bytesSentBefore;
    private long _lastSentTicks;
    private TimeSpan _lastSendProgress;
    private Rest _rest;

    public Peer(NodeContext node, IConnection connection, ConnectionKind kind, NetEndpoint endpoint)
    {
        _node = node;
        _connection = connection;
        _capture = node.Captures?.Open(endpoint);
        _writer = new FrameWriter(connection, node.Settings.MaxSendBuffer, node.Budget, UploadLimit.Create(node))
        {
            Sending = _capture is null ? null : _capture.Sent,
            Sent = ServeRequests,
            IsStillNew = IsStillNew,
        };
        _serve = id => node.Relay.TryServe(this, id);
        Services required = kind == ConnectionKind.Inbound ? Services.None : Services.Logos;
        _handshake = new Handshake(required, kind == ConnectionKind.Inbound ? node.Peers.IsOwnNonce : _ => false);
        ConnectedAt = node.Clock.Now;
        _lastReceivedTicks = ConnectedAt.Ticks;
        _lastSendProgress = ConnectedAt;
        Id = node.Peers.NextId();
        Kind = kind;
        Endpoint = endpoint;
        Permissions = node.Settings.Whitelist.Of(endpoint.Address, kind);
        Nonce = node.Random.NextUInt64();
        _pingNonce = DrawPingNonce();
        Addresses = new PeerAddresses(ConnectedAt, node.Random.NextUInt64());
        HandlerQueue = new HandlerQueue(this, node.Relay, node.Settings.MaxReceiveBuffer);
        Reader = new FrameReader(node.Frames);
        Intake = new Intake(node, Reader, HandlerQueue, isLimited: !Permissions.HasFlag(PeerPermissions.Relay));
    }

    public long Id { get; }

    public ConnectionKind Kind { get; }

    /// <summary>What we dialled, or where an inbound connection comes from.</summary>
    public NetEndpoint Endpoint { get; }

    /// <summary>What the operator lets the peer do that others may not.</summary>
    public PeerPermissions Permissions { get; }

    /// <summary>Whether it is not punished: the operator wants this peer. Bitcoin Core's rule.</summary>
    public bool IsExempt => Kind == ConnectionKind.Manual || Permissions.HasFlag(PeerPermissions.NoBan);

    public NetEndpoint LocalEndpoint => _connection.LocalEndpoint;

    /// <summary>The nonce of our `version` on this connection.</summary>
    public ulong Nonce { get; }

    /// <summary>When the connection began.</summary>
    public TimeSpan ConnectedAt { get; }

    /// <summary>When anything was last taken from the peer.</summary>
    public TimeSpan LastReceived => new(Volatile.Read(ref _lastReceivedTicks));

    /// <summary>When it last was the first to bring a message that the upper layer accepted; zero for never.</summary>
    public TimeSpan LastFirstDelivery => new(Volatile.Read(ref _lastFirstDeliveryTicks));

    /// <summary>The shortest round trip of a ping; null before the first.</summary>
    public TimeSpan? MinRoundTrip => _keepAlive.MinRoundTrip;

    public bool IsReady => _handshake.IsComplete;

    /// <summary>The peer's `version`; null before it.</summary>
    public VersionMessage? Version => _handshake.PeerVersion;

    /// <summary>How far the peer's clock was ahead of ours when it introduced itself.</summary>
    public TimeSpan ClockOffset { get; private set; }

    public bool WantsAddrV2 => _handshake.WantsAddrV2;

    /// <summary>Under which key it wants messages named to it; null when it takes full ids only.</summary>
    public ShortIdKey? RelayKey => _handshake.RelayKey;

    /// <summary>Whether large messages go to it in chunks. Lists of chunks are named under its key.</summary>
    public bool TakesChunks => _handshake is { TakesChunks: true, RelayKey: not null } && _node.Relay.TakesChunks;

    /// <summary>The relay's part of it; null until messages flow.</summary>
    public RelayLink? Link { get; private set; }

    public PeerAddresses Addresses { get; }

    public HandlerQueue HandlerQueue { get; }

    /// <summary>What it asked for and has not been sent yet.</summary>
    public PendingRequests Requests { get; } = new();

    public TrafficCounters Traffic { get; } = new();

    /// <summary>Why the connection ended or is ending.</summary>
    public DisconnectReason Reason => (DisconnectReason)Volatile.Read(ref _reason);

    public bool IsBacklogged => Intake.IsPaused;

    /// <summary>Completes when nothing of this peer runs any more.</summary>
    public Task Ended => _ended.Task;

    /// <summary>How much is taken from it.</summary>
    public Intake Intake { get; }

    /// <summary>Cuts what is received into frames; the receive loop works it.</summary>
    public FrameReader Reader { get; }

    /// <summary>How many frames wait to be sent, and the bytes of memory that they occupy.</summary>
    public (int Count, long Cost) Queued => _writer.Queued;

    /// <summary>Bytes that the socket gave and took.</summary>
    public (long Received, long Sent) SocketBytes => (Interlocked.Read(ref _bytesReceived), _connection.BytesSent);

    /// <summary>The connection is there: whoever dialled speaks first.</summary>
    public void Start()
    {
        if (Kind != ConnectionKind.Inbound)
            SendVersion();
    }

    /// <summary>Tells that nothing of this peer runs any more.</summary>
    public void MarkEnded() => _ended.TrySetResult();

    /// <summary>Sends a frame and gives up our reference of it.</summary>
    public void Send(Frame frame, SendLane lane)
    {
        TrySend(frame, lane);
        frame.Release();
    }

    /// <summary>Sends a frame together with the next one, which is sent right after this call, and gives up our reference of it.</summary>
    public void SendWithNext(Frame frame, SendLane lane)
    {
        if (_writer.TryQueueForNext(frame, lane))
            CountSent(frame);
        else if (Reason == DisconnectReason.None)
            CountDropped(frame.Command, DropReason.SendQueueFull);
        frame.Release();
    }

    /// <summary>Sends a frame, now or when the peer takes it.</summary>
    /// <returns>False when its queue is full or the connection has ended.</returns>
    public bool TrySend(Frame frame, SendLane lane)
    {
        if (TryQueue(frame, lane))
            return true;
        if (Reason == DisconnectReason.None)
            CountDropped(frame.Command, DropReason.SendQueueFull);
        return false;
    }

    /// <summary>Sends a frame that it asked for.</summary>
    /// <returns>False when its queue is full or the connection has ended. Nothing is lost by that: the request waits.</returns>
    public bool TryServe(Frame frame) => TryQueue(frame, SendLane.Bulk);

    /// <summary>Sends what it asked for, as far as there is room.</summary>
    public void ServeRequests()
    {
        Requests.Serve(_serve);
        // Those that are left wait for memory as well, and nobody says when there is some.
        if (!Requests.IsEmpty)
            _rest.Rouse();
    }

    /// <summary>Work for it failed in a way that nobody thought of: that must not be silent, and must not reach others.</summary>
    public void Fail(Exception e)
    {
        Log.PeerFailed(_node.Logger, e, Id);
        Disconnect(DisconnectReason.InternalError);
    }

    /// <summary>Ends the connection. The first reason given stays.</summary>
    /// <returns>True when it was this call that ended it: then the socket is closed.</returns>
    public bool Disconnect(DisconnectReason reason)
    {
        if (Interlocked.CompareExchange(ref _reason, (int)reason, (int)DisconnectReason.None) != 0)
            return false;
        _node.Metrics.CountDisconnected(reason);
        if (Discouragement.IsDeservedBy(reason) && !IsExempt && !Endpoint.Address.IsLocal)
            _node.Discouragement.Add(Endpoint.Address);
        _writer.Close();
        _connection.Close();
        Intake.End();
        return true;
    }

    /// <summary>
    /// The peer broke a rule in a way that leaves the connection usable: that ends it, except for a peer that is exempt.
    /// </summary>
    /// <param name="command">What it broke the rule with. It was not used.</param>
    /// <param name="reason">How.</param>
    /// <returns>False when it was overlooked.</returns>
    public bool Punish(Command command, DisconnectReason reason)
    {
        if (IsExempt)
        {
            CountDropped(command, DropReason.Overlooked);
            Log.OffenceOverlooked(_node.Logger, Id, reason);
            return false;
        }

        Disconnect(reason);
        return true;
    }

    public void BytesArrived(long count)
    {
        Interlocked.Add(ref _bytesReceived, count);
        TimeSpan now = _node.Clock.Now;
        Volatile.Write(ref _lastReceivedTicks, now.Ticks);
        Intake.BytesArrived(count, now);
    }

    /// <summary>Notes that a message which it brought first was accepted.</summary>
    public void NoteFirstDelivery()
    {
        Volatile.Write(ref _lastFirstDeliveryTicks, Intake.Now.Ticks);
        Interlocked.Increment(ref _firstDeliveries);
    }

    /// <inheritdoc/>
    public void Expect(in FrameReadResult result)
    {
        if (result.Frame is { Command: Command.Logos } message)
            _node.Relay.Prefetch(message);
    }

    /// <inheritdoc/>
    public bool Receive(in FrameReadResult result)
    {
        // It may have been ended while the loop waited with frames in hand.
        if (Reason != DisconnectReason.None)
            return false;
        if (result.Status == FrameReadStatus.Violation)
        {
            Disconnect(result.Error == FrameError.WrongMagic ? DisconnectReason.WrongMagic : DisconnectReason.Oversize);
            return false;
        }

        Intake.FrameArrived();
        // What is taken only now because we held it back is a sign of life all the same.
        Volatile.Write(ref _lastReceivedTicks, Intake.Now.Ticks);
        long length = WireLimits.HeaderSize + result.Header.PayloadLength;
        Command counted = result.Frame?.Command ?? Command.Other;
        Traffic.CountReceivedAlone(counted, length);
        _node.Metrics.Traffic.CountReceived(counted, length);
        if (result.Frame is null)
            ReceiveDropped(result);
        else
            Receive(result.Frame);
        return Reason == DisconnectReason.None;
    }

    public Task WaitForBacklogAsync()
    {
        Task wait = Intake.WaitAsync();
        _rest.Rouse();
        return wait;
    }

    /// <summary>Finds out whether the peer is there, instead of waiting for the next ping to be due.</summary>
    public void PingSoon()
    {
        _keepAlive.PingSoon();
        _rest.Rouse();
    }

    /// <summary>Does what the clock asks for.</summary>
    public void Tick(TimeSpan now)
    {
        if (!_rest.TryBeginLook(now))
            return;
        _writer.Resume();
        // Room may have come in the node's memory, and not in this queue.
        ServeRequests();
        DisconnectReason intake = Intake.Tick(now, canBeCut: !IsExempt);
        if (intake != DisconnectReason.None)
        {
            Disconnect(intake);
        }
        else if (IsSendStalled(now))
        {
            Disconnect(DisconnectReason.SendTimeout);
        }
        else if (!IsReady)
        {
            if (now - ConnectedAt >= _node.Settings.HandshakeTimeout)
                Disconnect(DisconnectReason.HandshakeTimeout);
        }
        else if (Kind == ConnectionKind.AddrFetch && now - ConnectedAt >= NodeDefaults.AddrFetchTimeout)
        {
            Disconnect(DisconnectReason.AddrFetchTimeout);
        }
        else
        {
            KeepAlive(now);
            _node.Gossip.Tick(this);
            RestFrom(now);
        }
    }

    /// <summary>Counts something from or for this peer that was not used.</summary>
    public void CountDropped(Command command, DropReason reason)
    {
        _node.Metrics.CountDropped(reason);
        Log.InputDropped(_node.Logger, Id, command, reason);
        if (_node.Events.HasWatchers)
            _node.Events.Publish(new InputDropped(Id, command, reason));
    }

    public PeerInfo ToInfo() => new()
    {
        Id = Id,
        Kind = Kind,
        Endpoint = Endpoint,
        LocalEndpoint = LocalEndpoint,
        Permissions = Permissions,
        IsReady = IsReady,
        ProtocolVersion = Version?.ProtocolVersion ?? 0,
        Services = Version?.Services ?? Services.None,
        UserAgent = Version?.SanitizedUserAgent ?? "",
        ConnectedFor = _node.Clock.Now - ConnectedAt,
        ClockOffset = ClockOffset,
        PingTime = _keepAlive.RoundTrip,
        MinPingTime = _keepAlive.MinRoundTrip,
        PingWait = _keepAlive.WaitAt(_node.Clock.Now),
        OwnEndpoint = Version?.Receiver,
        SinceSent = Since(new TimeSpan(Interlocked.Read(ref _lastSentTicks))),
        SinceReceived = Interlocked.Read(ref _bytesReceived) > 0 ? Since(LastReceived) : null,
        SinceFirstDelivery = Since(LastFirstDelivery),
        TellsAddresses = Addresses.IsOpen,
        AddressesTaken = Addresses.Counts.Taken,
        AddressesLimited = Addresses.Counts.Limited,
        BytesReceived = Interlocked.Read(ref _bytesReceived),
        BytesSent = _connection.BytesSent,
        Traffic = Traffic,
        FirstDeliveries = Interlocked.Read(ref _firstDeliveries),
        IsThrottled = Intake.IsThrottled,
        BytesQueued = _writer.QueuedBytes,
    };

    /// <summary>How long ago something was; null for never.</summary>
    private TimeSpan? Since(TimeSpan at) => at == TimeSpan.Zero ? null : _node.Clock.Now - at;

    /// <summary>Whether a large message that waited is still of use to it. What is not is not sent.</summary>
    private bool IsStillNew(Frame frame)
    {
        if (Link is not { } link || _node.Relay.IsStillNew(link, frame.Id))
            return true;
        Traffic.TakeBackSent(frame.Command, frame.Length);
        _node.Metrics.Traffic.TakeBackSent(frame.Command, frame.Length);
        return false;
    }

    private bool TryQueue(Frame frame, SendLane lane)
    {
        if (!_writer.TrySend(frame, lane))
            return false;
        CountSent(frame);
        return true;
    }

    private void CountSent(Frame frame)
    {
        if (frame.Timing > 0)
            RelayTiming.NoteSent(frame, _node.Clock.Now);
        Traffic.CountSent(frame.Command, frame.Length);
        _node.Metrics.Traffic.CountSent(frame.Command, frame.Length);
    }

    private void ReceiveDropped(in FrameReadResult result)
    {
        switch (result.Error)
        {
            case FrameError.None:
                CountDropped(Command.Other, DropReason.UnknownCommand);
                break;
            // Whoever starts with another checksum is on another network: Bitcoin's, by the magic.
            case FrameError.BadChecksum when !_handshake.IsStarted:
                Disconnect(DisconnectReason.ForeignNetwork);
                break;
            case FrameError.BadChecksum:
                CountBad(result.Header.Command, DropReason.BadChecksum);
                break;
            default:
                CountBad(result.Header.Command, DropReason.BadCommand);
                break;
        }
    }

    private void Receive(Frame frame)
    {
        _capture?.Received(frame);
        HandshakeStep step = _handshake.Receive(frame.Command, frame.Payload);
        switch (step.Action)
        {
            case HandshakeAction.NotMine:
                Dispatch(frame);
                break;
            case HandshakeAction.Ignore:
                CountDropped(frame.Command, step.Drop);
                break;
            case HandshakeAction.Answer:
                Introduce();
                break;
            case HandshakeAction.Complete:
                BecomeReady();
                break;
            case HandshakeAction.Disconnect:
                NoteSelf(step.Reason);
                if (step.Reason == DisconnectReason.MissingServices)
                    _node.Gossip.NoteServices(this);
                Disconnect(step.Reason);
                break;
        }
    }

    private void Dispatch(Frame frame)
    {
        switch (frame.Command)
        {
            case Command.Logos or Command.Direct:
                if (Kind.CarriesMessages)
                    _node.Relay.Receive(this, frame);
                else
                    CountDropped(frame.Command, DropReason.UnknownCommand);
                break;
            case Command.Ping:
                if (Accept(frame, PingCodec.TryRead(frame.Payload, out ulong nonce)))
                    Send(_node.Frames.Create(Command.Pong, nonce), SendLane.Control);
                break;
            case Command.Pong:
                ReceivePong(frame);
                break;
            case Command.GetAddr:
                if (!_node.Gossip.ReceiveGetAddr(this))
                    CountDropped(Command.GetAddr, DropReason.GetAddrRefused);
                break;
            case Command.Addr:
            case Command.AddrV2:
                bool v2 = frame.Command == Command.AddrV2;
                Accept(frame, _node.Gossip.ReceiveAddresses(this, frame.Payload, v2), DisconnectReason.TooManyAddresses);
                break;
            case Command.Inv:
                if (Link is { } inv)
                    Accept(frame, _node.Relay.ReceiveInventory(inv, frame.Payload), DisconnectReason.TooMuchInventory);
                break;
            case Command.GetData:
                Accept(frame, _node.Relay.ReceiveGetData(this, frame.Payload), DisconnectReason.TooMuchInventory);
                break;
            case Command.NotFound:
                if (Link is { } notFound)
                    Accept(frame, _node.Relay.ReceiveNotFound(notFound, frame.Payload), DisconnectReason.TooMuchInventory);
                break;
            case Command.Have or Command.Want or Command.Late or Command.Early
                or Command.Coming or Command.Hold or Command.Graft
                or Command.WantShort or Command.LackShort:
                if (Link is { Key: not null } link)
                    Accept(frame, _node.Relay.ReceiveGossip(link, frame));
                else
                    CountDropped(frame.Command, DropReason.UnknownCommand);
                break;
            case Command.Chunks or Command.Chunk or Command.HaveChunk or Command.WantChunk:
                if (Link is { TakesChunks: true } inChunks)
                    Accept(frame, _node.Relay.ReceiveChunks(inChunks, frame));
                else
                    CountDropped(frame.Command, DropReason.UnknownCommand);
                break;
        }
    }

    /// <summary>Acts on what the codec said of a payload.</summary>
    /// <returns>True when it could be read.</returns>
    private bool Accept(Frame frame, DecodeStatus status, DisconnectReason tooMany = DisconnectReason.Oversize)
    {
        if (status == DecodeStatus.TooMany)
            Punish(frame.Command, tooMany);
        else if (status == DecodeStatus.Malformed)
            CountBad(frame.Command, DropReason.Malformed);
        return status == DecodeStatus.Ok;
    }

    private void ReceivePong(Frame frame)
    {
        DecodeStatus status = PingCodec.TryRead(frame.Payload, out ulong nonce);
        if (!_keepAlive.ReceivePong(_node.Clock.Now, status == DecodeStatus.Ok ? nonce : null))
            CountDropped(Command.Pong, DropReason.UnexpectedPong);
        Accept(frame, status);
    }

    /// <summary>Counts something that may be an accident: the connection ends when there is much of it.</summary>
    public void CountBad(Command command, DropReason reason)
    {
        CountDropped(command, reason);
        if (_badMessages.Add(_node.Clock.Now))
            Disconnect(DisconnectReason.TooManyBadMessages);
    }

    private void SendVersion()
    {
        var version = new VersionMessage
        {
            ProtocolVersion = ProtocolVersion.Current,
            Services = Services.Logos,
            Time = _node.Clock.UnixSeconds,
            Receiver = Endpoint,
            Nonce = Nonce,
            UserAgent = NodeSettings.UserAgent,
        };
        Send(_node.Frames.Create(version), SendLane.Control);
    }

    private void Introduce()
    {
        // What cannot be a time is as wrong as one from the far end of what can.
        ClockOffset = TimeSpan.FromSeconds(Math.Clamp(Version!.Time - _node.Clock.UnixSeconds, -MaxClockOffset, MaxClockOffset));
        if (Kind == ConnectionKind.Inbound)
            SendVersion();
        Send(_node.Frames.Create(Command.SendAddrV2), SendLane.Control);
        if (Version.ProtocolVersion >= ProtocolVersion.Current)
        {
            foreach (FeatureMessage feature in _node.Relay.Features)
                Send(_node.Frames.Create(feature), SendLane.Control);
        }

        Send(_node.Frames.Create(Command.Verack), SendLane.Control);
    }

    private void BecomeReady()
    {
        if (Kind != ConnectionKind.Inbound && _node.ClockOffsets.Add(Endpoint.Address, ClockOffset))
            Log.ClockIsWrong(_node.Logger, _node.ClockOffsets.Median!.Value);
        Reader.IsHandshakeComplete = true;
        if (Kind == ConnectionKind.Feeler)
        {
            _node.Gossip.NoteReachable(this);
            Disconnect(DisconnectReason.FeelerDone);
            return;
        }

        // The first ping overtakes everything, so its round trip is the network's and not that of our queue.
        KeepAlive(_node.Clock.Now);
        if (Kind.CarriesMessages)
        {
            Link = _node.Relay.PeerReady(this);
            _node.Peers.MarkReady(this);
        }

        _node.Gossip.PeerReady(this);
        Log.PeerReady(_node.Logger, Id, Kind, _node.Settings.Describe(Endpoint), Version!.SanitizedUserAgent);
        if (_node.Events.HasWatchers)
            _node.Events.Publish(new PeerReady(Id, Version.SanitizedUserAgent));
    }

    /// <summary>Rests when nothing is under way, until the clock asks for something again that it knows of now.</summary>
    private void RestFrom(TimeSpan now)
    {
        bool isCalm = Kind != ConnectionKind.AddrFetch
            && !_writer.IsLimited && _writer.QueuedBytes == 0 && Requests.IsEmpty && Intake.IsCalm;
        if (isCalm && _keepAlive.NextPing is { } ping)
            _rest.Until(ping, Addresses.NextDue, now + NodeDefaults.LongestRest);
    }

    private void KeepAlive(TimeSpan now)
    {
        // While we do not read, the silence is ours and not the peer's.
        if (IsBacklogged)
            Volatile.Write(ref _lastReceivedTicks, now.Ticks);
        ulong nonce = _pingNonce;
        switch (_keepAlive.Tick(now, LastReceived, nonce))
        {
            case KeepAliveAction.Ping:
                Send(_node.Frames.Create(Command.Ping, nonce), SendLane.Control);
                _pingNonce = DrawPingNonce();
                break;
            case KeepAliveAction.Dead:
                Disconnect(DisconnectReason.PingTimeout);
                break;
        }
    }

    /// <summary>Zero is the nonce of those who do not know what a nonce is.</summary>
    private ulong DrawPingNonce() => _node.Random.NextUInt64() | 1;

    /// <summary>
    /// We reached ourselves: the end that we dialled knows the address that does that. It ends with this one.
    /// </summary>
    private void NoteSelf(DisconnectReason reason)
    {
        if (reason != DisconnectReason.SelfConnection)
            return;
        ulong nonce = Version!.Nonce;
        foreach (Peer peer in _node.Peers.All)
        {
            if (peer.Kind != ConnectionKind.Inbound && peer.Nonce == nonce)
            {
                _node.Local.AddOwn(peer.Endpoint);
                peer.Disconnect(DisconnectReason.SelfConnection);
            }
        }
    }

    private bool IsSendStalled(TimeSpan now)
    {
        long sent = _connection.BytesSent;
        if (sent != _bytesSentBefore)
            Interlocked.Exchange(ref _lastSentTicks, now.Ticks);
        if (sent != _bytesSentBefore || _writer.QueuedBytes == 0 || _writer.IsHeldBack)
        {
            _bytesSentBefore = sent;
            _lastSendProgress = now;
        }

        return now - _lastSendProgress >= NodeDefaults.SendTimeout;
    }
}
