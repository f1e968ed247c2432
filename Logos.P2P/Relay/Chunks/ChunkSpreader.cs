using System.Collections.Immutable;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay.Chunks;

/// <summary>Has messages that are here go on in chunks. Any thread.</summary>
/// <param name="table">The messages.</param>
/// <param name="credit">How many go on before all of them is here.</param>
/// <param name="receiver">Knows what the upper layer thinks.</param>
/// <param name="gossip">Knows the links.</param>
/// <param name="server">Keeps messages, and sends what is asked for.</param>
/// <param name="frames">Makes frames.</param>
/// <param name="clock">The time.</param>
/// <param name="random">Chooses among peers.</param>
/// <param name="key">Under which lists are named to us.</param>
internal sealed class ChunkSpreader(
    ChunkTable table,
    ChunkCredit credit,
    IChunkReceiver receiver,
    MessageGossip gossip,
    MessageServer server,
    FramePool frames,
    NodeClock clock,
    RandomSource random,
    ShortIdKey key)
{
    /// <summary>
    /// Peers that an origin sends each chunk to: one more is one more copy on the line that everything waits for; one less, and
    /// a chunk is late whose only receiver is silent.
    /// </summary>
    public const int Copies = 2;

    /// <summary>
    /// After this a message is announced by `have` to those who have not said that they have it, nor spoken of its chunks: nearly
    /// always nobody.
    /// </summary>
    public static readonly TimeSpan AnnounceAfter = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Bytes a second with which an origin's line is expected to send its copies, 10 Mbit/s. When they should have left it offers
    /// all chunks to all, in case those who got them do not pass them on; before, all would ask it alone.
    /// </summary>
    private const double OriginBytesPerSecond = 10e6 / 8;

    /// <summary>How long chunks may take besides from the origin by way of one neighbour to another.</summary>
    private static readonly TimeSpan WayRound = TimeSpan.FromMilliseconds(500);

    /// <summary>Sends a message on to those who take chunks.</summary>
    /// <param name="isOwn">Whether it begins here.</param>
    /// <param name="frame">The message.</param>
    /// <returns>How many peers will get it so; all of them, or none.</returns>
    public int Spread(bool isOwn, Frame frame)
    {
        RelayLink[] links = [.. gossip.Links.Where(link => link.TakesChunks)];
        if (links.Length == 0 || (FindJudged(frame.Id) ?? Begin(frame)) is not { } assembly)
            return 0;
        foreach (ChunkAssembly other in table.All)
        {
            if (other != assembly && other.List.Message == frame.Id)
                table.End(other);
        }

        TimeSpan now = clock.Now;
        // Where nobody passes chunks on before he has all, those who were sent a few could not help the others.
        bool isPushed = isOwn && receiver.IsForPassing(frame, assembly.List.ChunkSize);
        var outbox = new ChunkOutbox(frames);
        lock (assembly)
        {
            if (assembly.Stage >= ChunkStage.Open)
                return 0;
            if (assembly is { MayPass: true, Stage: ChunkStage.Gathering })
                credit.Prove();
            assembly.Open(now);
            assembly.AnnounceAt = now + AnnounceAfter;
            if (isPushed)
                assembly.TellAt = now + WayRound + TimeSpan.FromSeconds(Copies * frame.Length / OriginBytesPerSecond);
            foreach (RelayLink link in links)
            {
                ChunkPart part = assembly.PartOf(link);
                if (isPushed)
                    outbox.TellList(assembly, part);
                else
                    outbox.TellWhole(assembly, part);
            }
        }

        outbox.Send();
        if (isPushed)
            Push(assembly.List, links);
        return links.Length;
    }

    /// <summary>A message is not to go on, or is not here any more.</summary>
    public void Close(in MessageId message)
    {
        foreach (ChunkAssembly assembly in table.All)
        {
            if (assembly.List.Message == message)
                table.End(assembly);
        }
    }

    /// <summary>A peer asks for chunks.</summary>
    public void ReceiveWant(RelayLink from, ChunkAssembly assembly, ReadOnlySpan<byte> indexes)
    {
        var ids = new List<MessageId>(indexes.Length);
        var missing = new List<MessageId>();
        lock (assembly)
        {
            ChunkPart part = assembly.PartOf(from);
            part.KnowsList = true;
            part.HeardAt = clock.Now;
            // What is not here is not looked for in all lists, chunk by chunk.
            foreach (byte index in indexes)
                (assembly.IsServed && assembly.Here.Has(index) ? ids : missing).Add(assembly.List.Ids[index]);
        }

        server.SayMissing(from.Peer, missing);
        server.ServeChunks(from.Peer, ids);
    }

    /// <summary>A peer that has just told the list of a message that is here need not send it.</summary>
    public void Greet(RelayLink from, ChunkAssembly assembly)
    {
        var outbox = new ChunkOutbox(frames);
        lock (assembly)
        {
            if (assembly.Stage == ChunkStage.Open && assembly.TellAt is null)
                outbox.TellWhole(assembly, assembly.PartOf(from));
        }

        outbox.Send();
    }

    /// <summary>Makes a frame of a chunk that may be sent. The caller owns a reference; null when there is none.</summary>
    public Frame? FindChunk(in MessageId id)
    {
        foreach (ChunkAssembly assembly in table.All)
        {
            // Lists of which nothing is here, which cost their bringers nothing, are not searched.
            int index = assembly.IsServed ? assembly.List.Ids.IndexOf(id) : -1;
            if (index < 0)
                continue;
            lock (assembly)
            {
                if (!assembly.IsServed || !assembly.Here.Has(index))
                    continue;
                if (assembly.Stage != ChunkStage.Open)
                    return assembly.Cut(index, frames);
            }

            if (!server.TryGet(assembly.List.Message, out Frame? message))
                continue;
            Frame chunk = frames.CreateChunk(message.Payload[assembly.List.RangeOf(index)], id);
            message.Release();
            return chunk;
        }

        return null;
    }

    /// <summary>Tells those of a message who have not heard of it from elsewhere, and forgets what is over.</summary>
    public void Tick()
    {
        TimeSpan now = clock.Now;
        foreach (ChunkAssembly assembly in table.All)
        {
            var outbox = new ChunkOutbox(frames);
            RelayLink[] without;
            bool isOver = now - assembly.ProgressAt >= ChunkTable.GiveUpAfter;
            lock (assembly)
                without = isOver ? TakeLate(assembly, now) : TakeUntold(assembly, outbox, now);

            if (isOver)
                table.End(assembly);
            outbox.Send();
            foreach (RelayLink link in without)
                gossip.Announce(link, assembly.List.Message);
        }
    }

    /// <summary>Those who are still at it when no more chunks are served: their lines are very slow.</summary>
    private static RelayLink[] TakeLate(ChunkAssembly assembly, TimeSpan now) =>
        assembly.Stage == ChunkStage.Open ? [.. assembly.TakeIdle(now)] : [];

    /// <summary>Tells that the whole is here when it is time, and takes those who are to be told by other means.</summary>
    private static RelayLink[] TakeUntold(ChunkAssembly assembly, ChunkOutbox outbox, TimeSpan now)
    {
        if (assembly.TellAt <= now)
        {
            assembly.TellAt = null;
            foreach (ChunkPart part in assembly.Parts)
                outbox.TellWhole(assembly, part);
        }

        if (!(assembly.AnnounceAt <= now))
            return [];
        // Whoever is at it has only a slow line, which the whole would not make faster.
        RelayLink[] idle = [.. assembly.TakeIdle(now - AnnounceAfter)];
        assembly.AnnounceAt = assembly.Parts.All(part => part.HasWhole || part.IsAnnounced) ? null : now + AnnounceAfter;
        return idle;
    }

    /// <summary>The list by which a message has come, and that has proved right by that.</summary>
    private ChunkAssembly? FindJudged(in MessageId message)
    {
        foreach (ChunkAssembly assembly in table.All)
        {
            if (assembly.Stage == ChunkStage.Judging && assembly.List.Message == message)
                return assembly;
        }

        return null;
    }

    /// <summary>Cuts a message that did not come in chunks.</summary>
    /// <returns>Null when it cannot go in chunks.</returns>
    private ChunkAssembly? Begin(Frame frame)
    {
        ChunkList list = ChunkList.Of(frame.Payload, frame.Id);
        Frame listFrame = frames.Create(list);
        ShortId name = ShortId.Of(listFrame.Id, key), messageName = ShortId.Of(frame.Id, key);
        ChunkAssembly? assembly =
            table.GetOrAdd(name, () => new ChunkAssembly(name, messageName, listFrame, list, null, clock.Now), null);
        // Somebody may have told, under the name of this list, another one, which has not proved right.
        bool isIts = assembly?.Frame.Id == listFrame.Id;
        listFrame.Release();
        return isIts ? assembly : null;
    }

    /// <summary>Sends each chunk to a few, in turn, so that each of them gets the same part.</summary>
    private void Push(ChunkList list, RelayLink[] links)
    {
        random.Shuffle(links.AsSpan());
        int copies = Math.Min(Copies, links.Length);
        for (int copy = 0; copy < copies * list.Count; copy++)
            server.ServeChunks(links[copy % links.Length].Peer, [list.Ids[copy / copies]]);
    }
}
