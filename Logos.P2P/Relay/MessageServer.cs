using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Logos.P2P.Access;
using Logos.P2P.Diagnostics;
using Logos.P2P.Peers;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>Keeps recent and important messages and sends them to those who ask, now or when there is room.</summary>
internal sealed class MessageServer
{
    private readonly FramePool _frames;
    private readonly NodeClock _clock;
    private readonly UploadTarget _uploadTarget;
    private readonly ImportantMessages _important;
    private readonly MessageStore _store;

    /// <param name="frames">Makes _frames.</param>
    /// <param name="clock">The time.</param>
    /// <param name="uploadTarget">When no more is sent to those who ask.</param>
    /// <param name="important">What is kept for those who come later.</param>
    public MessageServer(FramePool frames, NodeClock clock, UploadTarget uploadTarget, ImportantMessages important)
    {
        _frames = frames;
        _clock = clock;
        _uploadTarget = uploadTarget;
        _important = important;
        _store = new MessageStore(NodeDefaults.MessageStoreBytes, NodeDefaults.MessageStoreAge);
        ShortIds = new ShortIdLookup(_store, clock);
    }

    /// <summary>Finds kept messages by short ids.</summary>
    public ShortIdLookup ShortIds { get; }

    /// <summary>What the messages kept for others occupy, as part of all _frames.</summary>
    public MemoryUse Memory => _store.Memory;

    /// <summary>Finds chunks of messages, which are asked for by their ids as messages are. The caller owns a reference.</summary>
    public Func<MessageId, Frame?>? FindChunk { get; set; }

    /// <summary>A message is about to be kept.</summary>
    public void Prefetch(in MessageId id) => _store.Prefetch(id);

    /// <summary>Keeps a message.</summary>
    /// <param name="frame">The message.</param>
    /// <param name="now">The time.</param>
    /// <param name="by">Who brought it.</param>
    public void Keep(Frame frame, TimeSpan now, in Deliverer by)
    {
        _store.Add(frame, now, by);
        ShortIds.Note(frame.Id);
    }

    /// <summary>Keeps a message for those who come later, too. One that it replaces is no longer to be had.</summary>
    /// <param name="frame">The message.</param>
    /// <param name="key">Of those with the same key it is the only one; 0 for none.</param>
    /// <param name="by">Who brought it.</param>
    public void KeepImportant(Frame frame, ulong key, in Deliverer by)
    {
        if (_important.Keep(frame, key, _clock.Now, by) is { } replaced)
            _store.Remove(replaced, out _);
    }

    /// <summary>Keeps a message no longer.</summary>
    /// <param name="id">The message.</param>
    /// <param name="by">Who brought it.</param>
    /// <returns>False when it is not kept.</returns>
    public bool Withdraw(in MessageId id, out Deliverer by)
    {
        bool wasRecent = _store.Remove(id, out by);
        bool wasImportant = _important.Remove(id, out Deliverer byWhom);
        if (!wasRecent)
            by = byWhom;
        return wasRecent || wasImportant;
    }

    /// <summary>Whether a message is to be had here.</summary>
    public bool Has(in MessageId id) => _store.Contains(id, _clock.Now) || _important.Contains(id);

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
            if (isRefused || !TryGetFor(from, id, out Frame? frame))
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

    /// <summary>Sends chunks, asked for or not, as soon as there is room.</summary>
    public void ServeChunks(Peer to, IEnumerable<MessageId> ids)
    {
        var missing = new List<MessageId>();
        bool isRefused = _uploadTarget.IsReached && !to.Permissions.HasFlag(PeerPermissions.Download);
        foreach (MessageId id in ids.Distinct())
        {
            if (isRefused)
                to.CountDropped(Command.WantChunk, DropReason.UploadTargetReached);
            if (isRefused || !TryKeepRequest(to, Command.WantChunk, id))
                missing.Add(id);
        }

        to.ServeRequests();
        SayMissing(to, missing);
    }

    /// <summary>Finds a message. The caller owns a reference.</summary>
    public bool TryGet(in MessageId id, [NotNullWhen(true)] out Frame? frame) =>
        _store.TryGet(id, _clock.Now, out frame) || _important.TryGet(id, out frame);

    /// <summary>Sends a message that was asked for, or says that it is gone by now.</summary>
    /// <returns>False when there is no room for it: the request waits.</returns>
    public bool TryServe(Peer to, MessageId id)
    {
        if (!TryGet(id, out Frame? frame) && (frame = FindChunk?.Invoke(id)) is null)
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
        _important.Expire(_clock.Now);
        ShortIds.Tick();
    }

    /// <summary>Gives all kept frames back.</summary>
    public void Clear()
    {
        _store.Clear();
        _important.Clear();
    }

    /// <summary>
    /// Finds a message that a peer may know of: it was sent or told of it, as all are that were here, or it is long everywhere.
    /// Else whoever connects and asks would find out who had a message first.
    /// </summary>
    private bool TryGetFor(Peer peer, in MessageId id, [NotNullWhen(true)] out Frame? frame)
    {
        if (!_store.TryGet(id, _clock.Now, out frame, out TimeSpan keptAt))
            return _important.TryGet(id, out frame);
        TimeSpan since = peer.Link?.OpenedAt ?? TimeSpan.MaxValue;
        if (keptAt >= since || _clock.Now - keptAt >= NodeDefaults.ServedToAllAfter || _important.Contains(id))
            return true;
        frame.Release();
        frame = null;
        return false;
    }

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

    /// <summary>Says what of that which a peer asked for is not here.</summary>
    public void SayMissing(Peer to, List<MessageId> missing)
    {
        if (missing.Count > 0)
            to.Send(_frames.Create(Command.NotFound, CollectionsMarshal.AsSpan(missing)), SendLane.Small);
    }
}
