using Logos.P2P.Diagnostics;
using Logos.P2P.Peers;
using Logos.P2P.Relay.Chunks;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Relay;

/// <summary>What nodes tell each other about messages: reads it and hands it to whoever acts on it.</summary>
internal sealed class RelayProtocol : IDisposable
{
    private readonly MessageServer _server;
    private readonly Fetcher _fetcher;
    private readonly ShortIdKey _key;
    private readonly RequestTracker _requests;
    private readonly ImportantMessages _important;

    /// <param name="policy">Who gets payloads, and who announcements.</param>
    /// <param name="server">Sends what is asked for.</param>
    /// <param name="fetcher">Asks for what the upper layer needs.</param>
    /// <param name="important">What those who come later are told of.</param>
    /// <param name="frames">Makes frames.</param>
    /// <param name="clock">The time.</param>
    /// <param name="key">Under which messages are named to us.</param>
    /// <param name="random">Where secrets come from.</param>
    /// <param name="upper">Says what a message is.</param>
    /// <param name="receiver">Gets what comes in chunks.</param>
    /// <param name="events">Is told how far our own messages have come.</param>
    /// <param name="logger">Is told of what nobody thought of.</param>
    public RelayProtocol(
        IRelayPolicy policy,
        MessageServer server,
        Fetcher fetcher,
        ImportantMessages important,
        FramePool frames,
        NodeClock clock,
        ShortIdKey key,
        RandomSource random,
        UpperLayer upper,
        IChunkReceiver receiver,
        EventHub events,
        ILogger logger)
    {
        _server = server;
        _fetcher = fetcher;
        _important = important;
        _key = key;
        var flights = new FlightTable(random.NextUInt64());
        _requests = new RequestTracker(flights, frames, clock, policy.AskWait, logger);
        var announcer = new Announcer(flights, frames, key, server, important);
        var links = new RelayLinks();
        var fanOut = new FanOut(policy, announcer, links, flights, frames);
        Gossip = new MessageGossip(policy, links, fanOut, announcer, _requests, flights, frames, clock, _key, upper, events);
        _requests.Failed = Gossip.Replace;
        _requests.Spread = events.Publish;

        TakesChunks = policy.Learns;
        Chunks = new ChunkRelay(receiver, Gossip, server, frames, clock, random, _key, logger);
        _requests.WaitFor = Chunks.Gatherer.WaitFor;
    }

    /// <summary>Spreads messages.</summary>
    public MessageGossip Gossip { get; }

    /// <summary>Large messages. Nobody is offered them by a node whose policy is to send or to announce everything whole.</summary>
    public ChunkRelay Chunks { get; }

    /// <summary>Whether large messages travel in chunks.</summary>
    public bool TakesChunks { get; }

    /// <summary>Offers this way of relaying to a peer.</summary>
    public IEnumerable<FeatureMessage> Features
    {
        get
        {
            byte[] key = new byte[ShortIdKey.Size];
            _key.Write(key);
            yield return new FeatureMessage(Wire.Features.Relay.ToArray(), key);
            if (TakesChunks)
                yield return new FeatureMessage(Wire.Features.Chunk.ToArray(), default);
        }
    }

    /// <summary>Messages no longer flow to a peer.</summary>
    public void Close(RelayLink link)
    {
        Gossip.Close(link);
        Chunks.Gatherer.Close(link);
    }

    /// <summary>A peer has messages.</summary>
    /// <param name="from">The peer.</param>
    /// <param name="payload">Which.</param>
    /// <param name="isSeen">Whether one was here before, perhaps long ago.</param>
    public DecodeStatus ReceiveInventory(RelayLink from, ReadOnlySpan<byte> payload, Func<MessageId, bool> isSeen)
    {
        DecodeStatus status = InventoryCodec.TryRead(payload, out InventoryList list);
        for (int i = 0; i < list.Count; i++)
        {
            InventoryItem item = list[i];
            if (item.Type == InventoryCodec.LogosType
                && !_requests.Announce(from, ShortId.Of(item.Id, _key), item.Id, wasHere: isSeen(item.Id)))
            {
                from.Peer.CountDropped(Command.Inv, DropReason.TooManyAnnouncements);
            }
        }

        return status;
    }

    /// <summary>A peer asks for messages.</summary>
    public DecodeStatus ReceiveGetData(Peer from, ReadOnlySpan<byte> payload)
    {
        DecodeStatus status = InventoryCodec.TryRead(payload, out InventoryList list);
        var ids = new List<MessageId>();
        for (int i = 0; i < list.Count; i++)
        {
            if (list[i].Type != InventoryCodec.LogosType)
                continue;
            ids.Add(list[i].Id);
            if (from.Link is { } link)
                Gossip.NoteRequested(link, list[i].Id);
        }

        _server.Serve(from, Command.GetData, ids);
        return status;
    }

    /// <summary>A peer does not have what we asked it for.</summary>
    public DecodeStatus ReceiveNotFound(RelayLink from, ReadOnlySpan<byte> payload)
    {
        DecodeStatus status = InventoryCodec.TryRead(payload, out InventoryList list);
        for (int i = 0; i < list.Count; i++)
            _requests.NotFound(from, ShortId.Of(list[i].Id, _key));
        Chunks.Gatherer.NotFound(from, list);
        _fetcher.NotFound(from, list);
        return status;
    }

    /// <summary>Takes a command of `logos.relay`.</summary>
    public DecodeStatus Receive(RelayLink from, Frame frame)
    {
        ReadOnlySpan<byte> payload = frame.Payload;
        DecodeStatus status;
        switch (frame.Command)
        {
            case Command.Have:
                status = ShortIdCodec.TryRead(payload, out ShortIdList had);
                for (int i = 0; status == DecodeStatus.Ok && i < had.Count; i++)
                {
                    if (!_requests.Announce(from, had[i], wasHere: _important.Knows(had[i])))
                        from.Peer.CountDropped(Command.Have, DropReason.TooManyAnnouncements);
                }

                return status;
            case Command.Want:
                status = ShortIdCodec.TryRead(payload, out ShortIdList wanted);
                if (status == DecodeStatus.Ok)
                    _server.Serve(from.Peer, Command.Want, Gossip.ReceiveWant(from, wanted));
                return status;
            case Command.Late:
                status = ShortIdCodec.TryRead(payload, out ShortId late, out ushort _);
                if (status == DecodeStatus.Ok)
                    Gossip.ReceiveLate(from, late);
                return status;
            case Command.Early:
                status = ShortIdCodec.TryRead(payload, out ShortId early, out ushort _);
                if (status == DecodeStatus.Ok)
                    Gossip.ReceiveEarly(from, early);
                return status;
            case Command.Coming:
                status = ShortIdCodec.TryRead(payload, out ShortId coming, out uint size);
                if (status != DecodeStatus.Ok)
                    return status;
                _fetcher.Expect(from, size);
                if (!_requests.ExpectFrom(from, coming, size))
                    Gossip.SendHold(from, coming);
                return status;
            case Command.Hold:
                status = ShortIdCodec.TryRead(payload, out ShortIdList held);
                if (status == DecodeStatus.Ok)
                    Gossip.ReceiveHold(from, held[0]);
                return status;
            case Command.WantShort:
                status = ShortIdQueryCodec.TryRead(payload, out ShortIdKey key, out ShortIdList needed);
                if (status == DecodeStatus.Ok)
                    ServeShort(from, key, needed);
                return status;
            case Command.LackShort:
                status = ShortIdQueryCodec.TryRead(payload, out ShortIdKey theirs, out ShortIdList lacking);
                if (status == DecodeStatus.Ok)
                    _fetcher.Lacks(from, theirs, lacking);
                return status;
            default:
                status = ShortIdCodec.TryRead(payload, out uint label);
                if (status == DecodeStatus.Ok)
                    Gossip.ReceiveGraft(from, label);
                return status;
        }
    }

    private void ServeShort(RelayLink from, in ShortIdKey key, ShortIdList names)
    {
        List<MessageId> ids = _server.Find(from, key, names);
        ids.RemoveAll(id => !Gossip.TryServe(from, id));
        _server.Serve(from.Peer, Command.WantShort, ids);
    }

    /// <summary>A message that was here is not: it may come again.</summary>
    public void Abandon(RelayLink from, in MessageId id) => _requests.Abandon(from, ShortId.Of(id, _key));

    /// <inheritdoc/>
    public void Dispose()
    {
        _requests.Dispose();
        Chunks.Dispose();
    }
}
