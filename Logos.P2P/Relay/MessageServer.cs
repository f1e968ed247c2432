using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Logos.P2P.Access;
using Logos.P2P.Diagnostics;
using Logos.P2P.Peers;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>Keeps recent and important messages and sends them to those who ask, now or when there is room.</summary>
internal sealed class MessageServer(
    FramePool frames, NodeClock clock, UploadTarget uploadTarget, ImportantMessages important)
{
    private readonly MessageStore _store = new(NodeDefaults.MessageStoreBytes, NodeDefaults.MessageStoreAge);

    /// <summary>What the messages kept for others occupy, as part of all frames.</summary>
    public MemoryUse Memory => _store.Memory;

    /// <summary>Finds chunks of messages, which are asked for by their ids as messages are. The caller owns a reference.</summary>
    public Func<MessageId, Frame?>? FindChunk { get; set; }

    /// <summary>Keeps a message.</summary>
    /// <param name="frame">The message.</param>
    /// <param name="by">Who brought it.</param>
    public void Keep(Frame frame, in Deliverer by) => _store.Add(frame, clock.Now, by);

    /// <summary>Keeps a message for those who come later, too. One that it replaces is no longer to be had.</summary>
    /// <param name="frame">The message.</param>
    /// <param name="key">Of those with the same key it is the only one; 0 for none.</param>
    /// <param name="by">Who brought it.</param>
    public void KeepImportant(Frame frame, ulong key, in Deliverer by)
    {
        if (important.Keep(frame, key, clock.Now, by) is { } replaced)
            _store.Remove(replaced, out _);
    }

    /// <summary>Keeps a message no longer.</summary>
    /// <param name="id">The message.</param>
    /// <param name="by">Who brought it.</param>
    /// <returns>False when it is not kept.</returns>
    public bool Withdraw(in MessageId id, out Deliverer by)
    {
        bool wasRecent = _store.Remove(id, out by);
        bool wasImportant = important.Remove(id, out Deliverer byWhom);
        if (!wasRecent)
            by = byWhom;
        return wasRecent || wasImportant;
    }

    /// <summary>Whether a message is to be had here.</summary>
    public bool Has(in MessageId id)
    {
        if (!TryGet(id, out Frame? frame))
            return false;
        frame.Release();
        return true;
    }

    /// <summary>Sends the messages asked for that we still have, and says which ones we do not.</summary>
    /// <param name="from">Who asks.</param>
    /// <param name="asked">With what.</param>
    /// <param name="ids">For what. One that is named twice is sent once.</param>
    public void Serve(Peer from, Command asked, IEnumerable<MessageId> ids)
    {
        var missing = new List<MessageId>();
        bool isRefused = uploadTarget.IsReached && !from.Permissions.HasFlag(PeerPermissions.Download);
        foreach (MessageId id in ids.Distinct())
        {
            if (isRefused)
                from.CountDropped(asked, DropReason.UploadTargetReached);
            if (isRefused || !TryGet(id, out Frame? frame))
            {
                missing.Add(id);
                continue;
            }

            if (!TryKeepRequest(from, asked, id))
                missing.Add(id);
            else if (frame.Length >= NodeDefaults.LargeMessage && from.RelayKey is { } key)
                from.Send(frames.CreateComing(ShortId.Of(id, key), (uint)frame.Length), SendLane.Small);
            frame.Release();
        }

        from.ServeRequests();
        SayMissing(from, missing);
    }

    /// <summary>Sends chunks, asked for or not, as soon as there is room.</summary>
    public void ServeChunks(Peer to, IEnumerable<MessageId> ids)
    {
        var missing = new List<MessageId>();
        bool isRefused = uploadTarget.IsReached && !to.Permissions.HasFlag(PeerPermissions.Download);
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
        _store.TryGet(id, clock.Now, out frame) || important.TryGet(id, out frame);

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
        _store.Expire(clock.Now);
        important.Expire(clock.Now);
    }

    /// <summary>Gives all kept frames back.</summary>
    public void Clear()
    {
        _store.Clear();
        important.Clear();
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

    private void SayMissing(Peer to, List<MessageId> missing)
    {
        if (missing.Count > 0)
            to.Send(frames.Create(Command.NotFound, CollectionsMarshal.AsSpan(missing)), SendLane.Small);
    }
}
