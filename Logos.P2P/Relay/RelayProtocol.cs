using Logos.P2P.Peers;
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

    /// <param name="policy">Who gets payloads, and who announcements.</param>
    /// <param name="server">Sends what is asked for.</param>
    /// <param name="fetcher">Asks for what the upper layer needs.</param>
    /// <param name="frames">Makes frames.</param>
    /// <param name="clock">The time.</param>
    /// <param name="random">Where secrets come from.</param>
    /// <param name="originOf">Who originated a message.</param>
    /// <param name="logger">Is told of what nobody thought of.</param>
    public RelayProtocol(
        IRelayPolicy policy,
        MessageServer server,
        Fetcher fetcher,
        FramePool frames,
        NodeClock clock,
        RandomSource random,
        Func<Frame, uint> originOf,
        ILogger logger)
    {
        _server = server;
        _fetcher = fetcher;
        _key = new ShortIdKey(random.NextUInt64(), random.NextUInt64());
        var flights = new FlightTable(random.NextUInt64());
        _requests = new RequestTracker(flights, frames, clock, policy.AskWait, logger);
        Gossip = new MessageGossip(policy, _requests, flights, frames, clock, _key, originOf);
        _requests.Failed = Gossip.Replace;
    }

    /// <summary>Spreads messages.</summary>
    public MessageGossip Gossip { get; }

    /// <summary>Offers this way of relaying to a peer.</summary>
    public FeatureMessage Feature
    {
        get
        {
            byte[] key = new byte[ShortIdKey.Size];
            _key.Write(key);
            return new FeatureMessage(Features.Relay.ToArray(), key);
        }
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
                && !isSeen(item.Id)
                && !_requests.Announce(from, ShortId.Of(item.Id, _key), item.Id))
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
            if (list[i].Type == InventoryCodec.LogosType)
                ids.Add(list[i].Id);
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
                    if (!_requests.Announce(from, had[i]))
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
    public void Dispose() => _requests.Dispose();
}
