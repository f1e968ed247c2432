using System.Runtime.CompilerServices;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>
/// Sends a message on to peers that may lack it: the payload to those whom the policy chooses, and an announcement to the others. Any
/// thread.
/// </summary>
/// <param name="policy">Who gets payloads.</param>
/// <param name="announcer">Tells the others.</param>
/// <param name="links">The peers.</param>
/// <param name="flights">What happened about each message.</param>
/// <param name="frames">Makes frames.</param>
internal sealed class FanOut(IRelayPolicy policy, Announcer announcer, RelayLinks links, FlightTable flights, FramePool frames)
{
    /// <summary>Peers at once for which a message's ways are worked out without allocating.</summary>
    public const int MaxOnStack = 256;

    /// <summary>
    /// Peers that are told of a message at once where payloads travel on trees: they are a second way for whoever the tree
    /// fails. The others are told later, if they have not told us by then: `reference/gossip-policy.md` 5.7.
    /// </summary>
    private const int AnnouncedAtOnce = 6;

    /// <summary>Sends a message on.</summary>
    /// <param name="frame">The message.</param>
    /// <param name="name">Its name in what we are told.</param>
    /// <param name="step">Where it comes from and what it is.</param>
    /// <param name="slots">Who may lack it. For one of our own their order is changed.</param>
    /// <param name="mayPush">Whether payloads may be sent unasked.</param>
    /// <param name="now">The time.</param>
    /// <returns>How many peers are sent it, and how many are told of it.</returns>
    [SkipLocalsInit]
    public (int Pushed, int Announced) Send(
        Frame frame, ShortId name, in RelayStep step, Span<int> slots, bool mayPush, TimeSpan now)
    {
        Span<bool> isPushed = slots.Length <= MaxOnStack ? stackalloc bool[MaxOnStack] : new bool[slots.Length];
        isPushed = isPushed[..slots.Length];
        bool isOwn = step.From == RelayStep.Self;
        if (isOwn)
            SortByRoundTrip(slots);
        isPushed.Clear();
        if (mayPush)
            policy.Choose(step, slots, isPushed, now);
        MarkPushed(name, slots, isPushed);
        // Payloads first: they are what takes long.
        return (Push(frame, slots, isPushed, isOwn ? SendLane.Own : SendLane.Bulk), Announce(frame, name, slots, isPushed, now));
    }

    /// <summary>
    /// What leaves first is there first, where the line is the bottleneck. A near peer has passed it on before a far one has it.
    /// </summary>
    [SkipLocalsInit]
    private void SortByRoundTrip(Span<int> slots)
    {
        Span<TimeSpan> roundTrips = slots.Length <= MaxOnStack ? stackalloc TimeSpan[slots.Length] : new TimeSpan[slots.Length];
        for (int i = 0; i < slots.Length; i++)
            roundTrips[i] = links.At(slots[i])?.RoundTrip ?? TimeSpan.MaxValue;
        roundTrips.Sort(slots);
    }

    /// <summary>Notes whom a message is sent to, and drops those whom it cannot be sent to.</summary>
    private void MarkPushed(ShortId name, ReadOnlySpan<int> slots, Span<bool> isPushed)
    {
        if (!isPushed.Contains(true))
            return;
        FlightTable.Shard shard = flights.ShardOf(name);
        lock (shard)
        {
            Flight? flight = shard.Find(name);
            for (int i = 0; i < slots.Length; i++)
            {
                if (!isPushed[i])
                    continue;
                RelayLink? link = links.At(slots[i]);
                isPushed[i] = link is not null && (link.Key is not null || !policy.Learns);
                if (isPushed[i] && flight is not null)
                    flight.CellOf(link!).Marks |= FlightMarks.Pushed;
            }
        }
    }

    /// <summary>Sends the payload, and drops those whose queues are full.</summary>
    private int Push(Frame frame, ReadOnlySpan<int> slots, Span<bool> isPushed, SendLane lane)
    {
        int pushed = 0;
        for (int i = 0; i < slots.Length; i++)
        {
            if (isPushed[i] && links.At(slots[i]) is { } link)
                isPushed[i] = TryPush(link, frame, lane);
            pushed += isPushed[i] ? 1 : 0;
        }

        return pushed;
    }

    private bool TryPush(RelayLink link, Frame frame, SendLane lane)
    {
        if (policy.Learns && frame.Length >= NodeDefaults.LargeMessage && link.Key is { } itsKey)
        {
            ShortId itsName = ShortId.Of(frame.Id, itsKey);
            link.Offer(itsName, frame.Id);
            link.Peer.SendWithNext(frames.CreateComing(itsName, (uint)frame.Length), SendLane.Small);
        }

        if (link.Peer.TrySend(frame, lane))
            return true;
        announcer.Mark(link, frame.Id, FlightMarks.Pushed, isSo: false);
        return false;
    }

    /// <summary>Tells of it, now or later, whoever is not sent it: beginning with another one for each message.</summary>
    private int Announce(Frame frame, ShortId name, ReadOnlySpan<int> slots, ReadOnlySpan<bool> isPushed, TimeSpan now)
    {
        Frame? inv = null;
        int first = slots.IsEmpty ? 0 : (int)(name.Value % (uint)slots.Length), atOnce = 0, announced = 0;
        for (int i = 0; i < slots.Length; i++)
        {
            int turn = (first + i) % slots.Length;
            if (isPushed[turn] || links.At(slots[turn]) is not { } link)
                continue;
            if (policy.Learns && atOnce++ >= AnnouncedAtOnce)
                link.AnnounceLater(frame.Id, now + Announcer.Delay);
            else if (!announcer.TryAnnounce(link, frame.Id, ref inv))
            {
                link.AnnounceLater(frame.Id, now);
                continue;
            }

            announced++;
        }

        inv?.Release();
        return announced;
    }
}
