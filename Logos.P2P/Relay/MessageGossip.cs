using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Logos.P2P.Diagnostics;
using Logos.P2P.Peers;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>
/// How messages spread: whom to send what has come is in <see cref="FanOut"/>, what to ask whom for in <see cref="RequestTracker"/>; here is
/// what peers say of it, and what the policy is told of that. Any thread.
/// </summary>
/// <param name="policy">Who gets payloads.</param>
/// <param name="links">The peers.</param>
/// <param name="fanOut">Sends messages on.</param>
/// <param name="announcer">Tells of them later.</param>
/// <param name="requests">Asks for what was announced.</param>
/// <param name="flights">What happened about each message.</param>
/// <param name="frames">Makes frames.</param>
/// <param name="clock">The time.</param>
/// <param name="key">Under which messages are named to us.</param>
/// <param name="upper">Says what a message is.</param>
/// <param name="events">Is told how far our own messages have come.</param>
internal sealed class MessageGossip(
    IRelayPolicy policy,
    RelayLinks links,
    FanOut fanOut,
    Announcer announcer,
    RequestTracker requests,
    FlightTable flights,
    FramePool frames,
    NodeClock clock,
    ShortIdKey key,
    UpperLayer upper,
    EventHub events)
{
    private readonly RelayLessons _lessons = new(policy, flights, clock, events);

    /// <summary>What is remembered of messages on their way, and of who was told of them.</summary>
    public MemoryUse Memory
    {
        get
        {
            long entries = 0, bytes = 0;
            foreach (FlightTable.Shard shard in flights.Shards)
            {
                lock (shard)
                    (entries, bytes) = (entries + shard.Count, bytes + shard.Bytes);
            }

            ImmutableArray<RelayLink> all = links.All;
            foreach (RelayLink link in all)
                bytes += link.Bytes;
            // Cells double as links come.
            long flight = Flight.ObjectBytes + (2L * all.Length * Flight.CellBytes);
            return new MemoryUse(entries, bytes, (FlightTable.MaxFlights * flight) + (all.Length * RelayLink.MaxBytes));
        }
    }

    /// <summary>The links that messages flow over.</summary>
    public ImmutableArray<RelayLink> Links => links.All;

    /// <summary>Messages flow to a peer from now on.</summary>
    public RelayLink Open(Peer peer)
    {
        RelayLink link = links.Open(peer);
        link.OpenedAt = clock.Now;
        announcer.Open(link);
        return link;
    }

    /// <summary>Messages no longer flow to a peer. Others are asked for what it used to bring.</summary>
    public void Close(RelayLink link)
    {
        links.Close(link);
        Replace(link);
        requests.Close(link);
        policy.Close(link.Slot);
        links.Free(link);
    }

    /// <summary>A payload is here: what is known of it will be needed in a moment.</summary>
    public void Prefetch(Frame frame)
    {
        ShortId name = NameOf(frame);
        flights.ShardOf(name).Prefetch(name);
    }

    /// <summary>A payload is here for the first time.</summary>
    /// <param name="from">Who brought it; null for a message of our own.</param>
    /// <param name="frame">The message.</param>
    /// <param name="fetchedFrom">Whom the upper layer had it asked of, whether or not they have it or announced it.</param>
    /// <param name="receipt">Who watches how far a message of our own comes.</param>
    public void Arrive(RelayLink? from, Frame frame, IReadOnlyList<RelayLink> fetchedFrom, PublishReceipt? receipt = null)
    {
        TimeSpan now = clock.Now;
        RelayStep step = StepOf(from, frame);
        ShortId name = NameOf(frame);
        FlightTable.Shard shard = flights.ShardOf(name);
        RelayLink? hasty = null;
        TimeSpan lead = TimeSpan.Zero;
        bool wasAsked, wasFetched = false;
        lock (shard)
        {
            Flight flight = shard.GetOrAdd(name, now);
            flight.Arrive(frame.Id, step, now);
            flight.Receipt = receipt;
            wasAsked = from is not null && flight.CellOf(from).Is(FlightMarks.Asked);
            if (flight.EarliestAnnouncer(except: from?.Slot) is { } second)
            {
                lead = now - flight.CellOf(second).AnnouncedAt;
                hasty = lead >= EarlyMargin(frame.Length) ? second : null;
            }

            if (from is not null)
                flight.CellOf(from).Marks |= FlightMarks.Knows;
            foreach (RelayLink asked in fetchedFrom)
            {
                flight.CellOf(asked).Marks |= FlightMarks.Asked;
                wasFetched |= asked == from;
            }
        }

        from?.ClearDebt();
        // It says nothing about the ways of messages that nobody asks for: whoever would have brought it has not failed.
        if (wasFetched)
            return;
        if (hasty is { Key: { } itsKey })
        {
            hasty.AddDebt();
            Tell(hasty, frames.Create(Command.Early, ShortId.Of(frame.Id, itsKey), Milliseconds(lead)));
        }

        int? parent = policy.NoteParent(step);
        if (wasAsked && parent is { } slot && slot != step.From && links.At(slot) is { } suspect)
            requests.Watch(name, suspect);
    }

    /// <summary>
    /// A message is here that came in chunks. That teaches nothing of who is fast: chunks come from whoever has time.
    /// </summary>
    public void ArriveInChunks(RelayLink? from, Frame frame)
    {
        TimeSpan now = clock.Now;
        ShortId name = NameOf(frame);
        FlightTable.Shard shard = flights.ShardOf(name);
        RelayStep step = StepOf(from, frame);
        lock (shard)
            shard.GetOrAdd(name, now).Arrive(frame.Id, step, now);
    }

    /// <summary>A peer has a message, as it said in other words.</summary>
    public void NoteKnows(RelayLink link, in MessageId id)
    {
        ShortId name = ShortId.Of(id, key);
        FlightTable.Shard shard = flights.ShardOf(name);
        MessageSpread? spread;
        lock (shard)
            spread = shard.Find(name)?.NoteKnows(link, clock.Now);
        Publish(spread);
    }

    /// <summary>Announces a message to one peer, unless it is known to have it.</summary>
    public void Announce(RelayLink link, in MessageId id)
    {
        if (!link.IsClosed)
            link.AnnounceLater(id, clock.Now);
    }

    /// <summary>A payload came that was here before.</summary>
    /// <returns>False when it is bad, as far as that is remembered, or the upper layer has not judged it yet.</returns>
    public bool ArriveAgain(RelayLink from, in MessageId id)
    {
        TimeSpan now = clock.Now;
        ShortId name = ShortId.Of(id, key);
        FlightTable.Shard shard = flights.ShardOf(name);
        MessageSpread? spread;
        TimeSpan lateness;
        bool isSuperfluous, isGood;
        lock (shard)
        {
            if (shard.Find(name) is not { } flight)
                return true;
            from.ClearDebt();
            spread = flight.NoteKnows(from, now);
            if (!flight.IsHere)
            {
                // It was here so long ago that it was asked for as if it were new. Nobody else need be asked.
                flight.Arrive(id, new RelayStep(0, 0, from.Slot), now);
                flight.IsJudged = true;
                return true;
            }

            flight.Copies++;
            // Whoever was asked did what he was asked for.
            isSuperfluous = !flight.CellOf(from).Is(FlightMarks.Asked)
                && flight.Copies >= policy.SuperfluousCopyOf(flight.Step);
            lateness = now - flight.ArrivedAt;
            isGood = flight.Id != id || (flight.IsJudged && !flight.IsWithdrawn);
        }

        Publish(spread);
        if (isSuperfluous && from.Key is { } itsKey)
            Tell(from, frames.Create(Command.Late, ShortId.Of(id, itsKey), Milliseconds(lateness)));
        return isGood;
    }

    /// <summary>The upper layer wants a message to go on.</summary>
    /// <param name="from">Who brought it; null for a message of our own.</param>
    /// <param name="frame">The message.</param>
    /// <param name="isImportant">Whether it may be one that others had long ago.</param>
    /// <param name="isInChunks">Whether it goes to those who take chunks another way.</param>
    /// <param name="now">The time.</param>
    /// <param name="pushed">How many peers are sent it.</param>
    /// <param name="announced">How many are told of it.</param>
    /// <returns>False when it turned out to be bad meanwhile; it goes nowhere then.</returns>
    [SkipLocalsInit]
    public bool TryRelay(
        RelayLink? from, Frame frame, bool isImportant, bool isInChunks, TimeSpan now, out int pushed, out int announced)
    {
        ShortId name = NameOf(frame);
        FlightTable.Shard shard = flights.ShardOf(name);
        LinkTable table = links.Table;
        int all = table.Slots.Length;
        Span<int> slots = all <= FanOut.MaxOnStack ? stackalloc int[FanOut.MaxOnStack] : new int[all];
        RelayStep step;
        int count = 0, known = all;
        bool isOld;
        pushed = announced = 0;
        lock (shard)
        {
            Flight flight = shard.GetOrAdd(name, now);
            // We were told of it since we are new here, and so our peers have it.
            isOld = isImportant && flight.WasAsked;
            // Nobody knows any more what is known of a message that the upper layer took very long to judge; or one of the same
            // name came since.
            if (!flight.IsHere || flight.Id != frame.Id)
                flight.Arrive(frame.Id, StepOf(from, frame), now);
            flight.IsJudged = true;
            if (flight.IsWithdrawn)
                return false;
            // Whether they want it has nothing to do with the ways of what is new.
            if (!isOld)
                shard.MarkSent(flight, now);
            step = flight.Step;
            for (int i = 0; i < all; i++)
            {
                RelayLink link = table.Links[i];
                if (link == from || (isInChunks && link.TakesChunks))
                    continue;
                int slot = table.Slots[i];
                if (flight.IsKnownTo(link, slot))
                    slots[--known] = slot;
                else
                    slots[count++] = slot;
            }
        }

        if (!isOld)
        {
            foreach (int slot in slots[known..all])
                policy.Learn(step, slot, isUseful: false);
        }

        (pushed, announced) = fanOut.Send(frame, name, step, slots[..count], mayPush: !isOld, now);
        return true;
    }

    /// <summary>The upper layer does not want a message to go on.</summary>
    /// <returns>False when it turned out to be bad meanwhile.</returns>
    public bool TryConsume(in MessageId id)
    {
        ShortId name = ShortId.Of(id, key);
        FlightTable.Shard shard = flights.ShardOf(name);
        lock (shard)
        {
            if (shard.Find(name) is not { } flight || flight.Id != id)
                return true;
            flight.IsJudged = true;
            return !flight.IsWithdrawn;
        }
    }

    /// <summary>A peer asks for messages by the names that we announced them with.</summary>
    /// <param name="from">The peer.</param>
    /// <param name="names">The names.</param>
    /// <returns>The messages that they stand for; those that we do not know are left out.</returns>
    public List<MessageId> ReceiveWant(RelayLink from, ShortIdList names)
    {
        var ids = new List<MessageId>();
        for (int i = 0; i < names.Count; i++)
        {
            if (!from.TryFindOffer(names[i], out MessageId id))
                continue;
            ids.Add(id);
            ShortId name = ShortId.Of(id, key);
            ReceiveEarly(from, name);
            // Whatever was said before, now it is to be sent.
            announcer.Mark(from, id, FlightMarks.Wanted);
            NoteRequested(from, id);
        }

        return ids;
    }

    /// <summary>A peer asks for a message.</summary>
    public void NoteRequested(RelayLink from, in MessageId id)
    {
        ShortId name = ShortId.Of(id, key);
        FlightTable.Shard shard = flights.ShardOf(name);
        lock (shard)
            shard.Find(name)?.NoteRequested(from);
    }

    /// <summary>A peer asks for a message that it was not told of.</summary>
    /// <returns>False when it was sent it a moment ago, so that it is on its way.</returns>
    public bool TryServe(RelayLink to, in MessageId id)
    {
        ShortId name = ShortId.Of(id, key);
        FlightTable.Shard shard = flights.ShardOf(name);
        lock (shard)
        {
            if (shard.Find(name) is not { } flight)
                return true;
            flight.NoteRequested(to);
            ref Flight.Cell cell = ref flight.CellOf(to);
            if (!flight.IsSettled && (cell.Is(FlightMarks.Pushed) || cell.Is(FlightMarks.Wanted)))
                return false;
            // It need not be announced to it any more.
            cell.Marks |= FlightMarks.Wanted | FlightMarks.Knows;
            return true;
        }
    }

    /// <summary>A peer would rather have had a payload than the announcement.</summary>
    public void ReceiveEarly(RelayLink from, ShortId name) =>
        _lessons.Learn(from, name, FlightMarks.Announced, FlightMarks.Wanted, isUseful: true);

    /// <summary>A peer had a message that we sent it unasked.</summary>
    public void ReceiveLate(RelayLink from, ShortId name) =>
        _lessons.Learn(from, name, FlightMarks.Pushed, FlightMarks.WasLate, isUseful: false);

    /// <summary>Tells a peer that what it says is coming comes from elsewhere.</summary>
    public void SendHold(RelayLink to, ShortId name) => Tell(to, frames.Create(Command.Hold, name));

    /// <summary>A peer gets from elsewhere what we said is coming.</summary>
    public void ReceiveHold(RelayLink from, ShortId name)
    {
        if (from.TryFindOffer(name, out MessageId id))
            ReceiveLate(from, ShortId.Of(id, key));
    }

    /// <summary>A peer wants all messages of an origin.</summary>
    public void ReceiveGraft(RelayLink from, uint label) => policy.Graft(label, from.Slot);

    /// <summary>Whether a payload that waits to be sent is still of use to the peer.</summary>
    public bool IsStillNew(RelayLink to, in MessageId id)
    {
        ShortId name = ShortId.Of(id, key);
        FlightTable.Shard shard = flights.ShardOf(name);
        RelayStep step;
        lock (shard)
        {
            if (shard.Find(name) is not { } flight || flight.Id != id)
                return true;
            if (flight.IsWithdrawn)
                return false;
            ref Flight.Cell cell = ref flight.CellOf(to);
            if (flight.IsSettled || !cell.Is(FlightMarks.Pushed) || !cell.Is(FlightMarks.Knows))
                return true;
            // Whoever asked for it gets it, whatever he had said before.
            if (cell.Is(FlightMarks.Wanted))
                return true;
            if (cell.Is(FlightMarks.WasLate))
                return false;
            cell.Marks |= FlightMarks.WasLate;
            step = flight.Step;
        }

        policy.Learn(step, to.Slot, isUseful: false);
        return false;
    }

    /// <summary>A message is bad: it is not relayed, and copies that wait are not sent, as far as they are asked about.</summary>
    /// <returns>True when the upper layer's verdict on it is not known yet: whoever waits for that learns of it.</returns>
    public bool Withdraw(in MessageId id)
    {
        ShortId name = ShortId.Of(id, key);
        FlightTable.Shard shard = flights.ShardOf(name);
        lock (shard)
        {
            if (shard.Find(name) is not { IsHere: true, IsWithdrawn: false } flight || flight.Id != id)
                return false;
            flight.IsWithdrawn = true;
            return !flight.IsJudged;
        }
    }

    /// <summary>The upper layer has rejected a message.</summary>
    public void Reject(in MessageId id)
    {
        Withdraw(id);
        TryConsume(id);
    }

    /// <summary>Learns from what was not said, and forgets what is over.</summary>
    public void Tick()
    {
        TimeSpan now = clock.Now;
        for (int i = 0; i < flights.Shards.Count; i++)
        {
            if (!flights.IsDue(i, now))
                continue;
            FlightTable.Shard shard = flights.Shards[i];
            while (_lessons.TrySettle(shard, now))
            {
            }

            lock (shard)
                shard.Expire(now);
        }

        foreach (RelayLink link in links.All)
            announcer.Tick(link, now);
    }

    /// <summary>How much sooner an announcement has to be than the payload to be preferred: noise is no reason.</summary>
    private static TimeSpan EarlyMargin(int length) => length switch
    {
        >= 16 * 1024 => TimeSpan.FromMilliseconds(10) + TimeSpan.FromSeconds(length / RequestTracker.FastBytesPerSecond),
        > 4 * 1024 => TimeSpan.FromMilliseconds(5) + TimeSpan.FromSeconds(length / RequestTracker.FastBytesPerSecond),
        _ => TimeSpan.FromMilliseconds(5),
    };

    private static ushort Milliseconds(TimeSpan time) => (ushort)Math.Clamp(time.TotalMilliseconds, 0, ushort.MaxValue);

    private void Publish(MessageSpread? spread)
    {
        if (spread is not null)
            events.Publish(spread);
    }

    private RelayStep StepOf(RelayLink? from, Frame frame) =>
        new(upper.OriginOf(frame), frame.Length, from?.Slot ?? RelayStep.Self, upper.IsUrgent(frame));

    /// <summary>A message of a node has one name in all that others tell it, so its frame can have it with it.</summary>
    private ShortId NameOf(Frame frame)
    {
        if (frame.Name == 0)
            frame.Name = ShortId.Of(frame.Id, key).Value;
        return new ShortId(frame.Name);
    }

    private static void Tell(RelayLink link, Frame frame) => link.Peer.Send(frame, SendLane.Small);

    /// <summary>Asks others for all that a peer used to bring first.</summary>
    public void Replace(RelayLink failed)
    {
        foreach (Substitute substitute in policy.Replace(failed.Slot))
        {
            if (links.At(substitute.Slot) is { Key: not null } link)
                Tell(link, frames.CreateGraft(substitute.Label));
        }
    }
}
