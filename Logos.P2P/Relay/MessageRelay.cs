using Logos.P2P.Access;
using Logos.P2P.Diagnostics;
using Logos.P2P.Peers;
using Logos.P2P.Relay.Chunks;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Relay;

/// <summary>
/// The way of a message: seen before? - the upper layer's verdict - on to all other peers at once. The frame that arrived
/// is the frame that leaves.
/// </summary>
internal sealed class MessageRelay : IChunkReceiver, IDisposable
{
    private readonly UpperLayer _upper;
    private readonly PeerTable _peers;
    private readonly FramePool _frames;
    private readonly NodeClock _clock;
    private readonly P2PMetrics _metrics;
    private readonly EventHub _events;
    private readonly SeenMessages _seen;
    private readonly ImportantMessages _important;
    private readonly MessageServer _server;
    private readonly RelayProtocol _protocol;
    private readonly Fetcher _fetcher;
    private readonly Func<MessageId, bool> _isSeen;
    private readonly ILogger _logger;

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
        _logger = logger;
        _upper = new UpperLayer(handler, metrics, logger);
        _peers = peers;
        _frames = frames;
        _clock = clock;
        _metrics = metrics;
        _events = events;
        _seen = new SeenMessages(NodeDefaults.SeenMessages, random.Fork());
        var key = new ShortIdKey(random.NextUInt64(), random.NextUInt64());
        _important = new ImportantMessages(key);
        _server = new MessageServer(frames, clock, uploadTarget, _important);
        _fetcher = new Fetcher(_server, peers, frames, clock, logger);
        _protocol = new RelayProtocol(
            policy, _server, _fetcher, _important, frames, clock, key, random, _upper, this, events, logger);
        _isSeen = id => _seen.Contains(id) || _important.Contains(id);
    }

    /// <summary>Whether this thread is in a call of this node's upper layer, where the node must not be stopped.</summary>
    public bool IsInHandler => _upper.IsCalled;

    /// <summary>What the ids of seen messages occupy.</summary>
    public MemoryUse SeenMemory => _seen.Memory;

    /// <summary>
    /// What is remembered of messages on their way and of who was told of them, of kept ones under short ids, of important ones,
    /// and of those that the upper layer needs.
    /// </summary>
    public MemoryUse GossipMemory => _protocol.Gossip.Memory + _protocol.Chunks.Memory + _important.IndexMemory
        + _server.ShortIds.Memory + _fetcher.Memory;

    /// <summary>What the important messages occupy, as part of all frames.</summary>
    public MemoryUse ImportantMemory => _important.Memory;

    /// <summary>What the messages kept for others occupy, as part of all frames.</summary>
    public MemoryUse StoreMemory => _server.Memory;

    /// <summary>Asks for what the upper layer needs.</summary>
    public Fetcher Fetcher => _fetcher;

    /// <summary>Offers our way of relaying to a peer.</summary>
    public IEnumerable<FeatureMessage> Features => _protocol.Features;

    /// <summary>Whether large messages travel in chunks.</summary>
    public bool TakesChunks => _protocol.TakesChunks;

    /// <summary>Where handlers run that are not quick.</summary>
    public HandlerThreads HandlerThreads { get; init; } = new(new NodeTasks());

    /// <summary>Messages flow to a peer from now on.</summary>
    public RelayLink PeerReady(Peer peer) => _protocol.Gossip.Open(peer);

    /// <summary>A peer is gone.</summary>
    public void PeerEnded(Peer peer)
    {
        if (peer.Link is { } link)
        {
            _protocol.Close(link);
            _fetcher.Close(link);
        }
    }

    /// <summary>Sends a message of our own to every peer.</summary>
    /// <returns>False when there is no peer; the message may be tried again then.</returns>
    public bool Propagate(ReadOnlySpan<byte> message) => Propagate(message, out _);

    /// <summary>The same, and tells what becomes of it.</summary>
    /// <param name="message">The bytes.</param>
    /// <param name="receipt">What becomes of it.</param>
    /// <returns>False when there is no peer; the message may be tried again then.</returns>
    public bool Propagate(ReadOnlySpan<byte> message, out PublishReceipt receipt)
    {
        Frame frame = _frames.Create(Command.Logos, message);
        receipt = new PublishReceipt(frame.Id, _clock.Now);
        bool hasPeer = HasOpenPeer();
        if (hasPeer && IsNew(frame.Id))
        {
            TimeSpan began = receipt.SentAt;
            if (_metrics.Timing.IsTurn(_metrics.MessagesPropagated))
                _metrics.Timing.Begin(frame, began);
            _protocol.Gossip.Arrive(null, frame, _fetcher.NoteArrival(null, frame.Id), receipt);
            if (TryForward(null, frame, receipt))
                _fetcher.Arrive(frame.Id);
            else
                _metrics.CountRejected();
            if (frame.Timing != 0)
                _metrics.Timing.End(frame, 0, began, began, began, null, null, _clock);
        }

        frame.Release();
        return hasPeer;
    }

    /// <summary>A message is about to be received.</summary>
    public void Prefetch(Frame frame)
    {
        _seen.Prefetch(frame.Id);
        _protocol.Gossip.Prefetch(frame);
        _server.Prefetch(frame.Id);
    }

    /// <summary>Takes a `logos` or `direct` frame from a peer.</summary>
    public void Receive(Peer from, Frame frame)
    {
        if (frame.Command == Command.Logos)
        {
            if (!IsNew(frame.Id))
            {
                from.CountDropped(Command.Logos, DropReason.Duplicate);
                _metrics.CountDuplicate(frame.PayloadLength);
                if (from.Link is { } link && _protocol.Gossip.ArriveAgain(link, frame.Id))
                    _fetcher.Arrive(frame.Id);
                return;
            }

            if (_metrics.Timing.IsTurn(_metrics.CountReceived()))
                _metrics.Timing.Begin(frame, from.Intake.FrameBegan);
            from.Intake.NewMessageArrived(frame.Length);
            _protocol.Gossip.Arrive(from.Link, frame, _fetcher.NoteArrival(from.Link, frame.Id));
        }

        HandOver(from, frame);
    }

    /// <inheritdoc/>
    bool IChunkReceiver.IsSeen(in MessageId id) => _isSeen(id);

    /// <inheritdoc/>
    void IChunkReceiver.ReceiveFirstChunk(Peer from, Frame chunk) => HandOver(from, chunk);

    /// <inheritdoc/>
    bool IChunkReceiver.IsForPassing(Frame message, int firstChunk) =>
        _upper.JudgeBeginning(new ReceivedMessage(message.Payload[..firstChunk], message.Id, 0, NetEndpoint.None)) == Verdict.Propagate;

    /// <inheritdoc/>
    void IChunkReceiver.ReceiveWhole(Peer from, Frame message)
    {
        if (!IsNew(message.Id))
        {
            from.CountDropped(Command.Chunk, DropReason.Duplicate);
            return;
        }

        _metrics.CountReceived();
        from.Intake.NewMessageArrived(message.Length);
        _fetcher.NoteArrival(from.Link, message.Id);
        _protocol.Gossip.ArriveInChunks(from.Link, message);
        HandOver(from, message);
    }

    /// <summary>Gives a frame to the upper layer and acts on the verdict.</summary>
    public void Deliver(Peer from, Frame frame)
    {
        if (frame.Command == Command.Chunk)
        {
            DeliverFirstChunk(from, frame);
            return;
        }

        long timing = frame.Timing;
        TimeSpan givenAt = timing == 0 ? default : _clock.Now;
        Verdict? verdict = _upper.Judge(from, frame);
        TimeSpan answeredAt = timing == 0 ? default : _clock.Now;
        if (frame.Command == Command.Direct)
            return;
        Log.MessageJudged(_logger, frame.Id, frame.Payload.Length, from.Id, NameOf(verdict));
        if (_events.HasWatchers)
            _events.Publish(new MessageReceived(from.Id, frame.Id, verdict ?? Verdict.Consume));

        bool isGood = verdict switch
        {
            Verdict.Propagate => TryForward(from, frame),
            Verdict.Reject => false,
            _ => _protocol.Gossip.TryConsume(frame.Id),
        };
        switch (isGood ? verdict : Verdict.Reject)
        {
            case Verdict.Propagate:
                from.NoteFirstDelivery();
                _fetcher.Arrive(frame.Id);
                break;
            case Verdict.Consume:
                from.NoteFirstDelivery();
                _protocol.Chunks.Spreader.Close(frame.Id);
                _fetcher.Arrive(frame.Id);
                break;
            case null:
                _protocol.Chunks.Spreader.Close(frame.Id);
                _fetcher.Arrive(frame.Id);
                break;
            case Verdict.Reject:
                _protocol.Gossip.Reject(frame.Id);
                _protocol.Chunks.Spreader.Close(frame.Id);
                _metrics.CountRejected();
                // Even when the peer left meanwhile: what came behind it is not judged.
                if (from.Punish(Command.Logos, DisconnectReason.RejectedMessage))
                    from.HandlerQueue.Drop();
                break;
        }

        if (timing != 0)
        {
            _metrics.Timing.End(
                frame, from.Id, new TimeSpan(timing), givenAt, answeredAt, verdict, _upper.MadeAt(frame), _clock);
        }
    }

    /// <summary>
    /// A message that was accepted turned out to be bad: it is neither told of nor sent any more, and not taken again either.
    /// </summary>
    /// <param name="id">The message.</param>
    /// <param name="by">Who brought it first; nobody while it is on its way through the upper layer, which will blame him.</param>
    /// <returns>False when it is not known, or no longer.</returns>
    public bool Withdraw(in MessageId id, out Deliverer by)
    {
        by = default;
        // First of all, so that whoever relays it just now has kept it already, or sees that it is bad.
        if (_protocol.Gossip.Withdraw(id))
            return true;
        if (!_server.Withdraw(id, out by))
            return false;
        // It may have been known by being kept alone.
        _seen.TryAdd(id);
        _metrics.CountRejected();
        _protocol.Chunks.Spreader.Close(id);
        return true;
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
            _protocol.Chunks.Spreader.Close(frame.Id);
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

    /// <summary>Takes a command of `logos.chunk`.</summary>
    public DecodeStatus ReceiveChunks(RelayLink from, Frame frame) => _protocol.Chunks.Receive(from, frame);

    /// <summary>Sends a message that was asked for, or says that it is gone by now.</summary>
    /// <returns>False when there is no room for it: the request waits.</returns>
    public bool TryServe(Peer to, MessageId id) => _server.TryServe(to, id);

    /// <summary>Whether a payload that waits to be sent is still of use to the peer.</summary>
    public bool IsStillNew(RelayLink to, in MessageId id) => _protocol.Gossip.IsStillNew(to, id);

    /// <summary>Forgets what is too old to be asked for, and learns from what nobody said.</summary>
    public void Tick()
    {
        _metrics.Timing.Tick(_clock.Now, _metrics.MessagesReceived);
        _server.Tick();
        _protocol.Gossip.Tick();
        _protocol.Chunks.Spreader.Tick();
    }

    /// <summary>Gives all kept frames, timers and idle threads back.</summary>
    public void Dispose()
    {
        HandlerThreads.Stop();
        _fetcher.Dispose();
        _protocol.Dispose();
        _server.Clear();
    }

    /// <summary>Keeps a message and sends it on.</summary>
    /// <returns>False when it turned out to be bad meanwhile.</returns>
    private bool TryForward(Peer? from, Frame frame, PublishReceipt? receipt = null)
    {
        Deliverer by = from is null ? default : new Deliverer(from.Id, from.Endpoint.Address, from.IsExempt);
        bool isImportant = _upper.IsImportant(frame);
        TimeSpan now = _clock.Now;
        _server.Keep(frame, now, by);
        if (isImportant)
            _server.KeepImportant(frame, _upper.ImportantKeyOf(frame), by);
        int chunked = TakesChunks && frame.PayloadLength >= ChunkList.SmallestMessage
            ? _protocol.Chunks.Spreader.Spread(isOwn: from is null, frame)
            : 0;
        if (!_protocol.Gossip.TryRelay(
            from?.Link, frame, isImportant, isInChunks: chunked > 0, now, out int pushed, out int announced))
        {
            _server.Withdraw(frame.Id, out _);
            _protocol.Chunks.Spreader.Close(frame.Id);
            return false;
        }

        announced += chunked;
        if (receipt is not null)
            (receipt.Pushed, receipt.Announced) = (pushed, announced);
        _metrics.CountPropagated();
        if (_events.HasWatchers)
            _events.Publish(new MessagePropagated(from?.Id ?? 0, frame.Id, pushed, announced));
        return true;
    }

    /// <summary>Notes a message as seen. One that is kept was, even when that was too long ago to be remembered.</summary>
    private bool IsNew(in MessageId id) => _seen.TryAdd(id) && !_important.Contains(id);

    /// <summary>For the log, which may get one for each message: an enumeration's own name costs more than the line.</summary>
    private static string? NameOf(Verdict? verdict) => verdict switch
    {
        Verdict.Propagate => nameof(Verdict.Propagate),
        Verdict.Consume => nameof(Verdict.Consume),
        Verdict.Reject => nameof(Verdict.Reject),
        _ => null,
    };

    private void HandOver(Peer from, Frame frame)
    {
        if (_upper.IsQuick)
            Deliver(from, frame);
        else if (!from.HandlerQueue.Add(frame))
            Abandon(from, frame);
    }

    private void DeliverFirstChunk(Peer from, Frame chunk)
    {
        if (_protocol.Chunks.Gatherer.TakeUnjudged(chunk.Id) is not { } assembly)
            return;
        Peer bringer = assembly.Bringer?.Peer ?? from;
        var beginning = new ReceivedMessage(chunk.Payload, assembly.List.Message, bringer.Id, bringer.Endpoint);
        Verdict? verdict = _upper.JudgeBeginning(beginning);
        if (verdict == Verdict.Reject)
            _metrics.CountRejected();
        if (verdict is not null)
            _protocol.Chunks.Gatherer.Judge(assembly, verdict.Value);
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
