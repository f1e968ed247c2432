using System.Runtime.InteropServices;
using Logos.P2P.Access;
using Logos.P2P.Diagnostics;
using Logos.P2P.Peers;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>Keeps recent messages and sends them to those who ask, now or when there is room.</summary>
internal sealed class MessageServer
{
    private readonly FramePool _frames;
    private readonly NodeClock _clock;
    private readonly UploadTarget _uploadTarget;
    private readonly MessageStore _store;

    /// <param name="frames">Makes frames.</param>
    /// <param name="clock">The time.</param>
    /// <param name="uploadTarget">When no more is sent to those who ask.</param>
    public MessageServer(FramePool frames, NodeClock clock, UploadTarget uploadTarget)
    {
        _frames = frames;
        _clock = clock;
        _uploadTarget = uploadTarget;
        _store = new MessageStore(NodeDefaults.MessageStoreBytes, NodeDefaults.MessageStoreAge);
        ShortIds = new ShortIdLookup(_store, clock);
    }

    /// <summary>Finds kept messages by short ids.</summary>
    public ShortIdLookup ShortIds { get; }

    /// <summary>What the messages kept for others occupy, as part of all frames.</summary>
    public MemoryUse Memory => _store.Memory;

    /// <summary>Keeps a message.</summary>
    public void Keep(Frame frame)
    {
        _store.Add(frame, _clock.Now);
        ShortIds.Note(frame.Id);
    }

    /// <summary>Whether a message is kept.</summary>
    public bool Has(in MessageId id) => _store.Contains(id, _clock.Now);

    /// <summary>Finds what a peer asks for by short ids, and says which ones we do not have.</summary>
    /// <param name="from">Who asks.</param>
    /// <param name="key">The key of the short ids.</param>
    /// <param name="names">The short ids. All messages of an ambiguous one are found: only so the peer sees that it is.</param>
    public List<MessageId> Find(RelayLink from, in ShortIdKey key, ShortIdList names)
    {
        ShortIdTable? table = from.TryTakeLookup(_clock.Now) ? ShortIds.TableOf(key, isForPeer: true) : null;
        if (table is null)
            from.Peer.CountDropped(Command.WantShort, DropReason.TooManyLookups);
        var ids = new List<MessageId>();
        var lacking = new List<ShortId>();
        var found = new List<MessageId>();
        for (int i = 0; i < names.Count; i++)
        {
            if (table is not null)
                ShortIds.Find(table, names[i], found);
            if (found.Count == 0)
                lacking.Add(names[i]);
            ids.AddRange(found);
        }

        if (lacking.Count > 0)
            from.Peer.Send(_frames.Create(Command.LackShort, key, CollectionsMarshal.AsSpan(lacking)), SendLane.Small);
        return ids;
    }

    /// <summary>Sends the messages asked for that we still have, and says which ones we do not.</summary>
    /// <param name="from">Who asks.</param>
    /// <param name="asked">With what.</param>
    /// <param name="ids">For what. One that is named twice is sent once.</param>
    public void Serve(Peer from, Command asked, IEnumerable<MessageId> ids)
    {
        var missing = new List<MessageId>();
        bool isRefused = _uploadTarget.IsReached && !from.Permissions.HasFlag(PeerPermissions.Download);
        foreach (MessageId id in ids.Distinct())
        {
            if (isRefused)
                from.CountDropped(asked, DropReason.UploadTargetReached);
            if (isRefused || !_store.TryGet(id, _clock.Now, out Frame? frame))
            {
                missing.Add(id);
                continue;
            }

            if (!TryKeepRequest(from, asked, id))
                missing.Add(id);
            else if (frame.Length >= NodeDefaults.LargeMessage && from.RelayKey is { } key)
                from.Send(_frames.CreateComing(ShortId.Of(id, key), (uint)frame.Length), SendLane.Small);
            frame.Release();
        }

        from.ServeRequests();
        SayMissing(from, missing);
    }

    /// <summary>Sends a message that was asked for, or says that it is gone by now.</summary>
    /// <returns>False when there is no room for it: the request waits.</returns>
    public bool TryServe(Peer to, MessageId id)
    {
        if (!_store.TryGet(id, _clock.Now, out Frame? frame))
        {
            SayMissing(to, [id]);
            return true;
        }

        bool isSent = to.TryServe(frame);
        frame.Release();
        return isSent;
    }

    /// <summary>Forgets messages that are too old to be asked for.</summary>
    public void Tick()
    {
        _store.Expire(_clock.Now);
        ShortIds.Tick();
    }

    /// <summary>Gives all kept frames back.</summary>
    public void Clear() => _store.Clear();

    private static bool TryKeepRequest(Peer from, Command asked, in MessageId id)
    {
        if (from.Requests.TryAdd(id))
            return true;
        // Not all that was asked for at once has to wait.
        from.ServeRequests();
        if (from.Requests.TryAdd(id))
            return true;
        from.CountDropped(asked, DropReason.SendQueueFull);
        return false;
    }

    private void SayMissing(Peer to, List<MessageId> missing)
    {
        if (missing.Count > 0)
            to.Send(_frames.Create(Command.NotFound, CollectionsMarshal.AsSpan(missing)), SendLane.Small);
    }
}
