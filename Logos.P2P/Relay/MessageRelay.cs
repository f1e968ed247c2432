using Logos.P2P.Access;
using Logos.P2P.Diagnostics;
using Logos.P2P.Peers;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Relay;

/// <summary>
/// The way of a message: seen before? - the upper layer's verdict - on to all other peers at once. The frame that arrived
/// is the frame that leaves.
/// </summary>
internal sealed class MessageRelay : IDisposable
{
    [ThreadStatic]
    private static MessageRelay? _inHandlerOf;

    private readonly IMessageHandler _handler;
    private readonly PeerTable _peers;
    private readonly FramePool _frames;
    private readonly P2PMetrics _metrics;
    private readonly EventHub _events;
    private readonly ILogger _logger;
    private readonly bool _isQuick;
    private readonly SeenMessages _seen;
    private readonly MessageServer _server;
    private readonly RelayProtocol _protocol;
    private readonly Fetcher _fetcher;
    private readonly Func<MessageId, bool> _isSeen;

    public MessageRelay(
        IMessageHandler handler,
        IRelayPolicy policy,
        PeerTable peers,
        FramePool frames,
        NodeClock clock,
        RandomSource random,
        UploadTarget uploadTarget,
        P2PMetrics metrics,
        EventHub events,
        ILogger logger)
    {
        _handler = handler;
        _peers = peers;
        _frames = frames;
        _metrics = metrics;
        _events = events;
        _logger = logger;
        _isQuick = handler.IsQuick;
        _seen = new SeenMessages(NodeDefaults.SeenMessagesPerGeneration, random.Fork());
        _server = new MessageServer(frames, clock, uploadTarget);
        _fetcher = new Fetcher(_server, peers, frames, clock, logger);
        _protocol = new RelayProtocol(policy, _server, _fetcher, frames, clock, random, OriginOf, logger);
        _isSeen = id => _seen.Contains(id);
    }

    /// <summary>Whether this thread is in a call of this node's upper layer, where the node must not be stopped.</summary>
    public bool IsInHandler => _inHandlerOf == this;

    /// <summary>What the ids of seen messages occupy.</summary>
    public MemoryUse SeenMemory => _seen.Memory;

    /// <summary>
    /// What is remembered of messages on their way and of who was told of them, of kept ones under short ids, and of those that
    /// the upper layer needs.
    /// </summary>
    public MemoryUse GossipMemory
    {
        get
        {
            MemoryUse flights = _protocol.Gossip.Memory, tables = _server.ShortIds.Memory, fetches = _fetcher.Memory;
            return new MemoryUse(
                flights.Entries + tables.Entries + fetches.Entries,
                flights.Bytes + tables.Bytes + fetches.Bytes,
                flights.Capacity + tables.Capacity + fetches.Capacity);
        }
    }

    /// <summary>What the messages kept for others occupy, as part of all frames.</summary>
    public MemoryUse StoreMemory => _server.Memory;

    /// <summary>Asks for what the upper layer needs.</summary>
    public Fetcher Fetcher => _fetcher;

    /// <summary>Offers our way of relaying to a peer.</summary>
    public FeatureMessage Feature => _protocol.Feature;

    /// <summary>Where handlers run that are not quick.</summary>
    public HandlerThreads HandlerThreads { get; } = new();

    /// <summary>Messages flow to a peer from now on.</summary>
    public RelayLink PeerReady(Peer peer) => _protocol.Gossip.Open(peer);

    /// <summary>A peer is gone.</summary>
    public void PeerEnded(Peer peer)
    {
        if (peer.Link is { } link)
        {
            _protocol.Gossip.Close(link);
            _fetcher.Close(link);
        }
    }

    /// <summary>Sends a message of our own to every peer.</summary>
    /// <returns>False when there is no peer; the message may be tried again then.</returns>
    public bool Propagate(ReadOnlySpan<byte> message)
    {
        if (!HasOpenPeer())
            return false;

        Frame frame = _frames.Create(Command.Logos, message);
        if (_seen.TryAdd(frame.Id))
        {
            _protocol.Gossip.Arrive(null, frame, _fetcher.NoteArrival(null, frame.Id));
            Forward(null, frame);
            _fetcher.Arrive(frame.Id);
        }

        frame.Release();
        return true;
    }

    /// <summary>Takes a `logos` or `direct` frame from a peer.</summary>
    public void Receive(Peer from, Frame frame)
    {
        if (frame.Command == Command.Logos)
        {
            if (!_seen.TryAdd(frame.Id))
            {
                from.CountDropped(Command.Logos, DropReason.Duplicate);
                if (from.Link is { } link)
                    _protocol.Gossip.ArriveAgain(link, frame.Id);
                _fetcher.Arrive(frame.Id);
                return;
            }

            _metrics.CountReceived();
            from.Intake.NewMessageArrived(frame.Length);
            _protocol.Gossip.Arrive(from.Link, frame, _fetcher.NoteArrival(from.Link, frame.Id));
        }

        if (_isQuick)
            Deliver(from, frame);
        else if (!from.HandlerQueue.Add(frame))
            Abandon(from, frame);
    }

    /// <summary>Gives a frame to the upper layer and acts on the verdict.</summary>
    public void Deliver(Peer from, Frame frame)
    {
        Verdict? verdict = Ask(from, frame);
        if (frame.Command == Command.Direct)
            return;
        if (_events.HasWatchers)
            _events.Publish(new MessageReceived(from.Id, frame.Id, verdict ?? Verdict.Consume));

        switch (verdict)
        {
            case Verdict.Propagate:
                from.NoteFirstDelivery();
                Forward(from, frame);
                _fetcher.Arrive(frame.Id);
                break;
            case Verdict.Consume:
                from.NoteFirstDelivery();
                _fetcher.Arrive(frame.Id);
                break;
            case Verdict.Reject:
                _metrics.CountRejected();
                // Even when the peer left meanwhile: what came behind it is not judged.
                if (from.Punish(Command.Logos, DisconnectReason.RejectedMessage))
                    from.HandlerQueue.Drop();
                break;
        }
    }

    /// <summary>
    /// Takes note of a frame that will not be handled. It is not seen then, or whoever breaks a rule could keep from us what
    /// others bring.
    /// </summary>
    public void Abandon(Peer from, Frame frame)
    {
        if (frame.Command == Command.Logos)
        {
            _seen.Remove(frame.Id);
            if (from.Link is { } link)
                _protocol.Abandon(link, frame.Id);
        }

        from.CountDropped(frame.Command, DropReason.Unhandled);
    }

    /// <summary>A peer has messages: those that were not here before are asked for, if they do not come by themselves.</summary>
    public DecodeStatus ReceiveInventory(RelayLink from, ReadOnlySpan<byte> payload) =>
        _protocol.ReceiveInventory(from, payload, _isSeen);

    /// <summary>Tells of each short id which kept message it stands for.</summary>
    public ResolvedId[] Resolve(ReadOnlySpan<ShortId> names, in ShortIdKey key) => _server.ShortIds.Resolve(names, key);

    /// <summary>A peer asks for messages.</summary>
    public DecodeStatus ReceiveGetData(Peer from, ReadOnlySpan<byte> payload) => _protocol.ReceiveGetData(from, payload);

    /// <summary>A peer does not have what we asked it for.</summary>
    public DecodeStatus ReceiveNotFound(RelayLink from, ReadOnlySpan<byte> payload) => _protocol.ReceiveNotFound(from, payload);

    /// <summary>Takes a command of `logos.relay`.</summary>
    public DecodeStatus ReceiveGossip(RelayLink from, Frame frame) => _protocol.Receive(from, frame);

    /// <summary>Sends a message that was asked for, or says that it is gone by now.</summary>
    /// <returns>False when there is no room for it: the request waits.</returns>
    public bool TryServe(Peer to, MessageId id) => _server.TryServe(to, id);

    /// <summary>Whether a payload that waits to be sent is still of use to the peer.</summary>
    public bool IsStillNew(RelayLink to, in MessageId id) => _protocol.Gossip.IsStillNew(to, id);

    /// <summary>Forgets what is too old to be asked for, and learns from what nobody said.</summary>
    public void Tick()
    {
        _server.Tick();
        _protocol.Gossip.Tick();
    }

    /// <summary>Gives all kept frames, timers and idle threads back.</summary>
    public void Dispose()
    {
        HandlerThreads.Stop();
        _fetcher.Dispose();
        _protocol.Dispose();
        _server.Clear();
    }

    private void Forward(Peer? from, Frame frame)
    {
        _server.Keep(frame);
        _protocol.Gossip.Relay(from?.Link, frame, out int pushed, out int announced);
        _metrics.CountPropagated();
        if (_events.HasWatchers)
            _events.Publish(new MessagePropagated(from?.Id ?? 0, frame.Id, pushed, announced));
    }

    /// <summary>Who originated a message. A handler that fails to say is not asked to say more.</summary>
    private uint OriginOf(Frame frame)
    {
        try
        {
            return _handler.Origin(frame.Payload);
        }
#pragma warning disable CA1031 // The upper layer's faults must not take the overlay down.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _metrics.CountHandlerFailure();
            Log.HandlerFailed(_logger, e, frame.Id);
            return 0;
        }
    }

    /// <returns>Null when there is no verdict: the message is gone, and its sender has no merit of it.</returns>
    private Verdict? Ask(Peer from, Frame frame)
    {
        MessageRelay? outer = _inHandlerOf;
        try
        {
            _inHandlerOf = this;
            var message = new ReceivedMessage(frame.Payload, frame.Id, from.Id, from.Endpoint);
            if (frame.Command == Command.Logos)
                return _handler.Receive(message);
            _handler.ReceiveDirect(message);
        }
#pragma warning disable CA1031 // The upper layer's faults must not take the overlay down.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _metrics.CountHandlerFailure();
            Log.HandlerFailed(_logger, e, frame.Id);
        }
        finally
        {
            _inHandlerOf = outer;
        }

        return null;
    }

    private bool HasOpenPeer()
    {
        foreach (Peer peer in _peers.Ready)
        {
            if (peer.Reason == DisconnectReason.None)
                return true;
        }

        return false;
    }
}
