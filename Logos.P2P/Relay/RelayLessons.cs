using System.Runtime.CompilerServices;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;

namespace Logos.P2P.Relay;

/// <summary>Tells the policy what peers say of what they were sent, and after a while what their silence says. Any thread.</summary>
/// <param name="policy">What learns.</param>
/// <param name="flights">What happened about each message.</param>
/// <param name="clock">The time.</param>
/// <param name="events">Is told how far our own messages have come.</param>
internal sealed class RelayLessons(IRelayPolicy policy, FlightTable flights, NodeClock clock, EventHub events)
{
    /// <summary>Links that the silence about a message teaches something about: more than a node has unless it is told to.</summary>
    private const int MaxLessons = 256;

    /// <summary>A peer says, for the first time, what it makes of what it was sent.</summary>
    /// <param name="from">The peer.</param>
    /// <param name="name">The message.</param>
    /// <param name="sent">What it must have been sent, or it is no matter of its own.</param>
    /// <param name="said">What it says.</param>
    /// <param name="isUseful">Whether the payload was, or would have been, of use.</param>
    public void Learn(RelayLink from, ShortId name, FlightMarks sent, FlightMarks said, bool isUseful)
    {
        FlightTable.Shard shard = flights.ShardOf(name);
        RelayStep step;
        MessageSpread? spread = null;
        lock (shard)
        {
            if (shard.Find(name) is not { IsHere: true, IsSettled: false } flight)
                return;
            ref Flight.Cell cell = ref flight.CellOf(from);
            if (!cell.Is(sent) || cell.Is(said))
                return;
            cell.Marks |= said;
            // Whoever had no use for it has it.
            if (!isUseful)
                spread = flight.NoteKnows(from, clock.Now);
            step = flight.Step;
        }

        if (spread is not null)
            events.Publish(spread);
        policy.Learn(step, from.Slot, isUseful);
    }

    /// <summary>Learns from what was not said about a message that is long sent.</summary>
    /// <returns>False when there is none in this part of the table.</returns>
    [SkipLocalsInit]
    public bool TrySettle(FlightTable.Shard shard, TimeSpan now)
    {
        Span<Lesson> lessons = stackalloc Lesson[MaxLessons];
        RelayStep step;
        RelayLink? second;
        int count = 0;
        lock (shard)
        {
            if (!shard.TryTakeSettled(now, out Flight flight))
                return false;
            flight.IsSettled = true;
            step = flight.Step;
            if (!flight.IsHere)
                return true;
            second = flight.EarliestAnnouncer(except: step.From);
            foreach (ref readonly Flight.Cell cell in flight.Cells)
            {
                if (count < lessons.Length && cell.Link is { IsClosed: false } link && cell.LastLesson is { } isUseful)
                    lessons[count++] = new Lesson(link.Slot, isUseful);
            }
        }

        foreach (Lesson lesson in lessons[..count])
            policy.Learn(step, lesson.Slot, lesson.IsUseful);
        if (second is not null)
            policy.NoteRunnerUp(step, second.Slot);
        return true;
    }

    private readonly record struct Lesson(int Slot, bool IsUseful);
}
