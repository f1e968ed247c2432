using System.Runtime.CompilerServices;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>
/// Tells peers of messages by the names that they know: at once, a moment later if they have not told us by then, or, of important
/// messages, long afterwards. Any thread.
/// </summary>
/// <param name="flights">What happened about each message.</param>
/// <param name="frames">Makes frames.</param>
/// <param name="key">Under which messages are named to us.</param>
/// <param name="server">Sends what is asked for.</param>
/// <param name="important">What those who come later are told of.</param>
internal sealed class Announcer(
    FlightTable flights, FramePool frames, ShortIdKey key, MessageServer server, ImportantMessages important)
{
    /// <summary>Messages that are told of in one frame.</summary>
    private const int MaxBatch = 128;

    /// <summary>How long later those are told who need not be told at once.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(200);

    /// <summary>Messages begin to flow to a peer: it is to be told of the important ones that are here.</summary>
    public void Open(RelayLink link) => link.ImportantLast = important.LastNumber;

    /// <summary>Tells a peer of a message.</summary>
    /// <param name="link">The peer.</param>
    /// <param name="id">The message.</param>
    /// <param name="inv">The announcement by the full name, which many peers share; made when the first one needs it.</param>
    /// <returns>False when the peer's queue is full.</returns>
    public bool TryAnnounce(RelayLink link, in MessageId id, ref Frame? inv)
    {
        Mark(link, id, FlightMarks.Announced);
        bool isSent;
        if (link.Key is { } itsKey)
        {
            ShortId itsName = ShortId.Of(id, itsKey);
            link.Offer(itsName, id);
            Frame have = frames.Create(Command.Have, itsName);
            isSent = link.Peer.TrySend(have, SendLane.Small);
            have.Release();
        }
        else
        {
            inv ??= frames.Create(Command.Inv, [id]);
            isSent = link.Peer.TrySend(inv, SendLane.Small);
        }

        if (!isSent)
            Mark(link, id, FlightMarks.Announced, isSo: false);
        return isSent;
    }

    /// <summary>Tells a peer what it was not told of at once, and of what was here before it came.</summary>
    public void Tick(RelayLink link, TimeSpan now)
    {
        if (link.HasUnsent(now))
            AnnounceLate(link, now);
        if (link.ImportantTold < link.ImportantLast)
            TellImportant(link);
    }

    /// <summary>Notes something about a message and a peer.</summary>
    public void Mark(RelayLink link, in MessageId id, FlightMarks mark, bool isSo = true)
    {
        ShortId name = ShortId.Of(id, key);
        FlightTable.Shard shard = flights.ShardOf(name);
        lock (shard)
        {
            if (shard.Find(name) is not { } flight)
                return;
            ref Flight.Cell cell = ref flight.CellOf(link);
            cell.Marks = isSo ? cell.Marks | mark : cell.Marks & ~mark;
        }
    }

    /// <summary>
    /// Announces to a peer what it was not told of at once, as far as it has not told us, or asked, since: many in one frame,
    /// whose header is four times as long as a name.
    /// </summary>
    [SkipLocalsInit]
    private void AnnounceLate(RelayLink link, TimeSpan now)
    {
        Span<MessageId> batch = stackalloc MessageId[MaxBatch];
        int count;
        do
        {
            count = 0;
            while (count < batch.Length && link.TryTakeUnsent(now, out MessageId id))
            {
                // What was replaced meanwhile, or turned out to be bad, cannot be asked for.
                if (MayLack(link, id) && server.Has(id))
                    batch[count++] = id;
            }

            if (count == 0 || TryTell(link, batch[..count]))
                continue;
            foreach (MessageId id in batch[..count])
                link.AnnounceLater(id, now + Delay);
            return;
        }
        while (count == batch.Length);
    }

    /// <summary>
    /// Tells a peer of the next important messages. It asks for those that it lacks; nothing is sent to it that it might have.
    /// </summary>
    [SkipLocalsInit]
    private void TellImportant(RelayLink link)
    {
        Span<MessageId> batch = stackalloc MessageId[NodeDefaults.ImportantBatch];
        long told = link.ImportantTold;
        int taken = important.Take(ref told, link.ImportantLast, batch, NodeDefaults.ImportantBatchBytes), count = 0;
        // On its way just now, it is told of by whoever relays it.
        foreach (ref readonly MessageId id in batch[..taken])
        {
            if (MayLack(link, id))
                batch[count++] = id;
        }

        if (count == 0 || TryTell(link, batch[..count]))
            link.ImportantTold = told;
    }

    [SkipLocalsInit]
    private bool TryTell(RelayLink link, ReadOnlySpan<MessageId> ids)
    {
        Frame frame;
        if (link.Key is { } itsKey)
        {
            Span<ShortId> names = stackalloc ShortId[ids.Length];
            for (int i = 0; i < ids.Length; i++)
            {
                names[i] = ShortId.Of(ids[i], itsKey);
                link.Offer(names[i], ids[i]);
            }

            frame = frames.Create(Command.Have, names);
        }
        else
        {
            frame = frames.Create(Command.Inv, ids);
        }

        MarkAll(link, ids, isSo: true);
        bool isSent = link.Peer.TrySend(frame, SendLane.Small);
        frame.Release();
        if (!isSent)
            MarkAll(link, ids, isSo: false);
        return isSent;
    }

    private void MarkAll(RelayLink link, ReadOnlySpan<MessageId> ids, bool isSo)
    {
        foreach (ref readonly MessageId id in ids)
            Mark(link, id, FlightMarks.Announced, isSo);
    }

    /// <summary>
    /// Whether a peer neither has a message, as far as we know, nor was sent or told of it. One that was asked for it, or asked for it
    /// before it was here, is just who lacks it.
    /// </summary>
    private bool MayLack(RelayLink link, in MessageId id)
    {
        const FlightMarks told = FlightMarks.Knows | FlightMarks.Pushed | FlightMarks.Announced | FlightMarks.Wanted;
        ShortId name = ShortId.Of(id, key);
        FlightTable.Shard shard = flights.ShardOf(name);
        lock (shard)
            return shard.Find(name) is not { } flight || !flight.CellOf(link).Is(told);
    }
}
