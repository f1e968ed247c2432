using Logos.P2P.Diagnostics;
using Logos.P2P.Peers;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Relay.Chunks;

/// <summary>Puts messages together from chunks: asks peers for those that they have, and hands on what is complete. Any thread.</summary>
internal sealed class ChunkGatherer : IDisposable
{
    /// <summary>
    /// How long what is announced whole is waited for when it comes in chunks: longer than that takes even on busy lines. Whoever
    /// sends a chunk now and then can keep others' announcements from us for so long.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How long a message for which there is no memory waits until it is looked at again whether there is.</summary>
    private static readonly TimeSpan RoomWait = TimeSpan.FromMilliseconds(500);

    private readonly ChunkTable _table;
    private readonly IChunkReceiver _receiver;
    private readonly MessageGossip _gossip;
    private readonly FramePool _frames;
    private readonly NodeClock _clock;
    private readonly RandomSource _random;
    private readonly ShortIdKey _key;
    private readonly ILogger _logger;
    private readonly FlightTimer _timer;
    private readonly ChunkCredit _credit;

    /// <param name="table">The messages.</param>
    /// <param name="credit">How many go on before all of them is here.</param>
    /// <param name="receiver">Gets what comes.</param>
    /// <param name="gossip">Knows the links.</param>
    /// <param name="frames">Makes frames.</param>
    /// <param name="clock">The time.</param>
    /// <param name="random">Chooses among peers.</param>
    /// <param name="key">Under which lists are named to us.</param>
    /// <param name="logger">Is told of what nobody thought of.</param>
    public ChunkGatherer(
        ChunkTable table,
        ChunkCredit credit,
        IChunkReceiver receiver,
        MessageGossip gossip,
        FramePool frames,
        NodeClock clock,
        RandomSource random,
        ShortIdKey key,
        ILogger logger)
    {
        _table = table;
        _credit = credit;
        _receiver = receiver;
        _gossip = gossip;
        _frames = frames;
        _clock = clock;
        _random = random;
        _key = key;
        _logger = logger;
        _timer = new FlightTimer(clock, AskDue);
    }

    /// <summary>
    /// How long a message that is announced whole is to be waited for, by its name at us, as it comes in chunks just now; null when it
    /// does not. No longer, however it goes on: a peer that sends a chunk now and then must not keep others' announcements from us.
    /// </summary>
    public TimeSpan? WaitFor(ShortId message)
    {
        TimeSpan now = _clock.Now;
        foreach (ChunkAssembly assembly in _table.All)
        {
            if (assembly.Stage <= ChunkStage.Judging
                && now - assembly.ProgressAt < ChunkPace.Longest
                && assembly.MessageName == message)
            {
                return Patience;
            }
        }

        return null;
    }

    /// <summary>A peer tells of what a message consists.</summary>
    /// <param name="from">The peer.</param>
    /// <param name="frame">What it tells.</param>
    /// <param name="assembly">The message; null when it is not put together.</param>
    public DecodeStatus ReceiveList(RelayLink from, Frame frame, out ChunkAssembly? assembly)
    {
        assembly = null;
        DecodeStatus status = ChunkList.TryRead(frame.Payload, out ChunkList? list);
        if (list is null)
            return status;
        ShortId name = ShortId.Of(frame.Id, _key);
        if (!_table.TryFind(name, out assembly))
        {
            if (_receiver.IsSeen(list.Message))
            {
                from.Peer.CountDropped(Command.Chunks, DropReason.Duplicate);
                return status;
            }

            ShortId messageName = ShortId.Of(list.Message, _key);
            assembly = _table.GetOrAdd(
                name, () => new ChunkAssembly(name, messageName, frame, list, from, _clock.Now), from);
        }

        if (assembly is null)
        {
            from.Peer.CountDropped(Command.Chunks, DropReason.TooManyChunks);
            return status;
        }

        // Somebody may make two lists of one name, to have us take what honest peers say of one for the other.
        bool isAnother = assembly.Frame.Id != frame.Id;
        lock (assembly)
        {
            ChunkPart part = assembly.PartOf(from);
            part.KnowsList = !isAnother;
            part.MeansAnother = isAnother;
        }

        if (isAnother)
            assembly = null;
        return status;
    }

    /// <summary>A peer has chunks.</summary>
    public void ReceiveHave(RelayLink from, ChunkAssembly assembly, ReadOnlySpan<byte> indexes)
    {
        var outbox = new ChunkOutbox(_frames);
        lock (assembly)
        {
            ChunkPart part = assembly.PartOf(from);
            if (part.MeansAnother)
                return;
            part.KnowsList = true;
            part.HeardAt = _clock.Now;
            if (indexes.IsEmpty)
            {
                part.HasWhole = true;
                part.Has.AddAll(assembly.List.Count);
            }

            foreach (byte index in indexes)
                part.Has.Add(index);
            Ask(assembly, outbox, indexes);
        }

        outbox.Send();
        if (indexes.IsEmpty)
            _gossip.NoteKnows(from, assembly.List.Message);
    }

    /// <summary>A chunk is here, asked for or not.</summary>
    public void ReceiveChunk(RelayLink from, Frame frame)
    {
        bool isOfUse = false;
        var drop = DropReason.UnknownChunk;
        foreach (ChunkAssembly assembly in _table.All)
        {
            if (!assembly.IsOfIts(frame))
                continue;
            DropReason? reason = TryReceiveChunk(assembly, from, frame);
            isOfUse |= reason is null;
            drop = reason ?? drop;
        }

        if (!isOfUse)
            from.Peer.CountDropped(Command.Chunk, drop);
    }

    /// <summary>The upper layer has seen the first chunk.</summary>
    public void Judge(ChunkAssembly assembly, Verdict verdict)
    {
        if (verdict == Verdict.Reject)
        {
            _table.End(assembly);
            assembly.Bringer?.Peer.Punish(Command.Chunk, DisconnectReason.RejectedMessage);
        }

        if (verdict != Verdict.Propagate)
            return;
        var outbox = new ChunkOutbox(_frames);
        lock (assembly)
        {
            if (assembly.Stage >= ChunkStage.Open || assembly.MayPass)
                return;
            if (assembly.Stage == ChunkStage.Gathering && !_credit.TryPass(_clock.Now))
                return;
            assembly.MayPass = true;
            foreach (RelayLink link in _gossip.Links)
            {
                if (link.TakesChunks)
                    outbox.TellHere(assembly, assembly.PartOf(link), assembly.Here.Without(assembly.PartOf(link).Has));
            }
        }

        outbox.Send();
    }

    /// <summary>A message that a chunk begins, and that the upper layer is to judge by it. Each is found once.</summary>
    public ChunkAssembly? TakeUnjudged(in MessageId chunk)
    {
        foreach (ChunkAssembly assembly in _table.All)
        {
            if (assembly.List.Ids[0] != chunk || assembly.Bringer is null or { BringsWrongLists: true })
                continue;
            lock (assembly)
            {
                if (assembly.Stage >= ChunkStage.Open || assembly.IsBeginningJudged || !assembly.Here.Has(0))
                    continue;
                assembly.IsBeginningJudged = true;
                return assembly;
            }
        }

        return null;
    }

    /// <summary>A peer does not have chunks that it was asked for, and maybe other things.</summary>
    public void NotFound(RelayLink from, in InventoryList list)
    {
        foreach (ChunkAssembly assembly in _table.All)
        {
            if (assembly.Stage != ChunkStage.Gathering)
                continue;
            var outbox = new ChunkOutbox(_frames);
            lock (assembly)
            {
                if (assembly.Refuse(from, list))
                    Ask(assembly, outbox);
            }

            outbox.Send();
        }
    }

    /// <summary>A peer is gone: others are asked for what it was asked for.</summary>
    public void Close(RelayLink link)
    {
        foreach (ChunkAssembly assembly in _table.All)
        {
            var outbox = new ChunkOutbox(_frames);
            bool isForgotten;
            lock (assembly)
            {
                assembly.Forget(link);
                Ask(assembly, outbox);
                // Whoever comes again and again must not leave lists behind each time.
                isForgotten = assembly is { IsBare: true, Bringer: not null } && !assembly.Parts.Any();
            }

            if (isForgotten)
                _table.End(assembly);
            outbox.Send();
        }
    }

    public void Dispose() => _timer.Dispose();

    /// <returns>Why it is of no use; null when it is.</returns>
    private DropReason? TryReceiveChunk(ChunkAssembly assembly, RelayLink from, Frame frame)
    {
        if (assembly.NeedsBuffer && !_table.TryMakeRoomFor(assembly.List.Length, from, _clock.Now))
        {
            // Whoever brought what he was asked for has done what he could. It may be his share that is used up, so this is not soon.
            lock (assembly)
            {
                assembly.TakeBack(from, frame.Id, hasIt: true);
                LookAgainAt(_clock.Now + ChunkPace.Longest, assembly);
            }

            return DropReason.TooManyChunks;
        }

        var outbox = new ChunkOutbox(_frames);
        bool isFirst = false;
        Frame? whole = null;
        lock (assembly)
        {
            if (assembly.Stage != ChunkStage.Gathering)
                return DropReason.Duplicate;
            int index = assembly.FindMissing(frame.Id, frame.PayloadLength);
            if (index < 0)
                return DropReason.Duplicate;
            assembly.NoteBrought(frame.PayloadLength);
            for (; index >= 0; index = assembly.FindMissing(frame.Id, frame.PayloadLength))
            {
                RelayLink? other = assembly.Take(from, index, frame.Payload, _frames, _clock.Now);
                isFirst |= index == 0;
                if (assembly.MayPass)
                    TellOfChunk(assembly, (byte)index, other, outbox);
            }

            if (assembly.Here.Count < assembly.List.Count)
            {
                Ask(assembly, outbox);
            }
            else
            {
                whole = assembly.Seal();
                if (assembly is { MayPass: true, Stage: ChunkStage.Judging })
                    _credit.Prove();
            }
        }

        outbox.Send();
        from.ClearDebt();
        if (isFirst)
            _receiver.ReceiveFirstChunk(from.Peer, frame);
        if (whole is not null)
            Finish(assembly, from, whole);
        return null;
    }

    private void TellOfChunk(ChunkAssembly assembly, byte index, RelayLink? asked, ChunkOutbox outbox)
    {
        foreach (RelayLink link in _gossip.Links)
        {
            if (!link.TakesChunks)
                continue;
            ChunkPart part = assembly.PartOf(link);
            // Whoever was asked in vain before need not send it any more.
            if (!part.Has.Has(index) || link == asked)
                outbox.TellHere(assembly, part, [index]);
        }
    }

    private void Finish(ChunkAssembly assembly, RelayLink from, Frame whole)
    {
        if (whole.Id == assembly.List.Message)
        {
            Peer deliverer = assembly.Bringer is { IsClosed: false } bringer ? bringer.Peer : from.Peer;
            _receiver.ReceiveWhole(deliverer, whole);
        }
        else
        {
            PunishLiars(assembly);
        }

        whole.Release();
    }

    /// <summary>
    /// The chunks of a list are not the message. Whoever said that he has the whole has lied. Whoever passed chunks on before
    /// he had all of them could not know: he is not believed any more before all are here, so that the lie goes no further.
    /// </summary>
    private void PunishLiars(ChunkAssembly assembly)
    {
        ChunkPart[] parts;
        lock (assembly)
            parts = [.. assembly.Parts];
        _table.End(assembly);
        foreach (ChunkPart part in parts)
        {
            if (part.HasWhole)
                part.Link.Peer.Punish(Command.Chunks, DisconnectReason.WrongChunkList);
        }

        if (assembly.Bringer is { IsClosed: false } bringer)
        {
            bringer.BringsWrongLists = true;
            bringer.Peer.CountDropped(Command.Chunks, DropReason.WrongChunkList);
            if (bringer.NoteWrongList(_clock.Now))
                bringer.Peer.Disconnect(DisconnectReason.TooManyBadMessages);
        }
    }

    /// <param name="assembly">The message.</param>
    /// <param name="outbox">Takes the questions.</param>
    /// <param name="news">Chunks that somebody has now, when nothing else has changed; none for all.</param>
    private void Ask(ChunkAssembly assembly, ChunkOutbox outbox, ReadOnlySpan<byte> news = default)
    {
        if (assembly.Stage != ChunkStage.Gathering)
            return;
        TimeSpan now = _clock.Now;
        // What is asked for and cannot be kept has come in vain.
        if (assembly.NeedsBuffer && !_table.HasRoomFor(assembly.List.Length, now))
        {
            LookAgainAt(now + RoomWait, assembly);
            return;
        }

        outbox.Ask(assembly, assembly.Ask(now, _random, news));
        if (assembly.Due is { } due)
            LookAgainAt(due, assembly);
    }

    private void LookAgainAt(TimeSpan at, ChunkAssembly assembly)
    {
        if (at >= assembly.WakesAt)
            return;
        assembly.WakesAt = at;
        _timer.Plan(assembly.Name, 0, at);
    }

    private void AskDue()
    {
        while (_timer.TryTake(_clock.Now, out ShortId name, out _))
        {
            try
            {
                AskAgain(name);
            }
#pragma warning disable CA1031 // On a thread of the pool, where an exception would end the process, and the others are due too.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.HeartbeatFailed(_logger, e);
            }
        }
    }

    private void AskAgain(ShortId name)
    {
        if (!_table.TryFind(name, out ChunkAssembly? assembly))
            return;
        var outbox = new ChunkOutbox(_frames);
        lock (assembly)
        {
            assembly.WakesAt = TimeSpan.MaxValue;
            assembly.GiveUpLate(_clock.Now);
            Ask(assembly, outbox);
        }

        outbox.Send();
    }
}
