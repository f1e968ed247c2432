using System.Runtime.InteropServices;
using Logos.P2P.Access;
using Logos.P2P.Diagnostics;
using Logos.P2P.Peers;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Relay;

/// <summary>
/// The way of a message: seen before? - the upper layer's verdict - on to all other peers at once. The frame that arrived
/// is the frame that leaves.
/// </summary>
internal sealed class MessageRelay(
    IMessageHandler handler,
    PeerTable peers,
    FramePool frames,
    NodeClock clock,
    RandomSource random,
    UploadTarget uploadTarget,
    P2PMetrics metrics,
    EventHub events,
    ILogger logger)
{
    [ThreadStatic]
    private static MessageRelay? _inHandlerOf;

    private readonly bool _isQuick = handler.IsQuick;
    private readonly SeenMessages _seen = new(NodeDefaults.SeenMessagesPerGeneration, random.Fork());
    private readonly MessageStore _store = new(NodeDefaults.MessageStoreBytes, NodeDefaults.MessageStoreAge);

    /// <summary>Whether this thread is in a call of this node's upper layer, where the node must not be stopped.</summary>
    public bool IsInHandler => _inHandlerOf == this;

    /// <summary>What the ids of seen messages occupy.</summary>
    public MemoryUse SeenMemory => _seen.Memory;

    /// <summary>What the messages kept for others occupy, as part of all frames.</summary>
    public MemoryUse StoreMemory => _store.Memory;

    /// <summary>Where handlers run that are not quick.</summary>
    public HandlerThreads HandlerThreads { get; } = new();

    /// <summary>Sends a message of our own to every peer.</summary>
    /// <returns>False when there is no peer; the message may be tried again then.</returns>
    public bool Propagate(ReadOnlySpan<byte> message)
    {
        if (!HasOpenPeer())
            return false;

        Frame frame = frames.Create(Command.Logos, message);
        if (_seen.TryAdd(frame.Id))
            Forward(null, frame);
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
                return;
            }

            metrics.CountReceived();
            from.Intake.NewMessageArrived(frame.Length);
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
        if (events.HasWatchers)
            events.Publish(new MessageReceived(from.Id, frame.Id, verdict ?? Verdict.Consume));

        switch (verdict)
        {
            case Verdict.Propagate:
                from.NoteFirstDelivery();
                Forward(from, frame);
                break;
            case Verdict.Consume:
                from.NoteFirstDelivery();
                break;
            case Verdict.Reject:
                metrics.CountRejected();
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
            _seen.Remove(frame.Id);
        from.CountDropped(frame.Command, DropReason.Unhandled);
    }

    /// <summary>Asks for the announced messages that we have not seen, each once however often it is named.</summary>
    public DecodeStatus ReceiveInventory(Peer from, ReadOnlySpan<byte> payload)
    {
        DecodeStatus status = InventoryCodec.TryRead(payload, out InventoryList list);
        var wanted = new List<MessageId>();
        var named = new HashSet<MessageId>();
        for (int i = 0; i < list.Count; i++)
        {
            InventoryItem item = list[i];
            if (item.Type == InventoryCodec.LogosType && !_seen.Contains(item.Id) && named.Add(item.Id))
                wanted.Add(item.Id);
        }

        SendIds(from, Command.GetData, wanted);
        return status;
    }

    /// <summary>
    /// Sends the messages asked for that we still have, now or when there is room, and says which ones we do not.
    /// </summary>
    public DecodeStatus ReceiveGetData(Peer from, ReadOnlySpan<byte> payload)
    {
        DecodeStatus status = InventoryCodec.TryRead(payload, out InventoryList list);
        var missing = new List<MessageId>();
        var named = new HashSet<MessageId>();
        bool isRefused = uploadTarget.IsReached && !from.Permissions.HasFlag(PeerPermissions.Download);
        for (int i = 0; i < list.Count; i++)
        {
            InventoryItem item = list[i];
            if (item.Type != InventoryCodec.LogosType || !named.Add(item.Id))
                continue;
            if (isRefused)
                from.CountDropped(Command.GetData, DropReason.UploadTargetReached);
            if (isRefused || !_store.Contains(item.Id, clock.Now) || !TryKeepRequest(from, item.Id))
                missing.Add(item.Id);
        }

        from.ServeRequests();
        SendIds(from, Command.NotFound, missing);
        return status;
    }

    /// <summary>Sends a message that was asked for, or says that it is gone by now.</summary>
    /// <returns>False when there is no room for it: the request waits.</returns>
    public bool TryServe(Peer to, MessageId id)
    {
        if (!_store.TryGet(id, clock.Now, out Frame? frame))
        {
            SendIds(to, Command.NotFound, [id]);
            return true;
        }

        bool isSent = to.TryServe(frame);
        frame.Release();
        return isSent;
    }

    /// <summary>Forgets messages that are too old to be asked for.</summary>
    public void Tick() => _store.Expire(clock.Now);

    /// <summary>Gives all kept frames and idle threads back.</summary>
    public void Clear()
    {
        HandlerThreads.Stop();
        _store.Clear();
    }

    private static bool TryKeepRequest(Peer from, in MessageId id)
    {
        if (from.Requests.TryAdd(id))
            return true;
        // Not all that was asked for at once has to wait.
        from.ServeRequests();
        if (from.Requests.TryAdd(id))
            return true;
        from.CountDropped(Command.GetData, DropReason.SendQueueFull);
        return false;
    }

    private void Forward(Peer? from, Frame frame)
    {
        _store.Add(frame, clock.Now);
        int pushed = 0, announced = 0;
        Frame? announcement = null;
        foreach (Peer peer in peers.Ready)
        {
            if (peer == from)
                continue;
            if (peer.TrySend(frame, SendLane.Bulk))
            {
                pushed++;
                continue;
            }

            // It does not keep up: an announcement costs 37 bytes instead of a place in its queue.
            announcement ??= frames.Create(Command.Inv, [frame.Id]);
            if (peer.TrySend(announcement, SendLane.Small))
                announced++;
        }

        announcement?.Release();
        metrics.CountPropagated();
        if (events.HasWatchers)
            events.Publish(new MessagePropagated(from?.Id ?? 0, frame.Id, pushed, announced));
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
                return handler.Receive(message);
            handler.ReceiveDirect(message);
        }
#pragma warning disable CA1031 // The upper layer's faults must not take the overlay down.
        catch (Exception e)
#pragma warning restore CA1031
        {
            metrics.CountHandlerFailure();
            Log.HandlerFailed(logger, e, frame.Id);
        }
        finally
        {
            _inHandlerOf = outer;
        }

        return null;
    }

    private bool HasOpenPeer()
    {
        foreach (Peer peer in peers.Ready)
        {
            if (peer.Reason == DisconnectReason.None)
                return true;
        }

        return false;
    }

    private void SendIds(Peer peer, Command command, List<MessageId> ids)
    {
        if (ids.Count > 0)
            peer.Send(frames.Create(command, CollectionsMarshal.AsSpan(ids)), SendLane.Small);
    }
}
