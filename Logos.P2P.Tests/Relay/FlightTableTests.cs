using Logos.P2P.Relay;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

/// <summary>How many messages are followed, and for how long.</summary>
internal sealed class FlightTableTests
{
    /// <summary>Any odd number that looks like none in particular.</summary>
    private const ulong Spread = 0x9E3779B97F4A7C15;

    private const int MaxOfShard = 4096;

    private static readonly TimeSpan Instant = TimeSpan.FromTicks(1);

    private readonly FlightTable _table = new(Spread);

    [Test]
    public void A_message_has_one_flight_and_always_the_same()
    {
        FlightTable.Shard shard = _table.ShardOf(new ShortId(33));

        Flight flight = shard.GetOrAdd(new ShortId(33), TimeSpan.Zero);

        Assert.That(shard.GetOrAdd(new ShortId(33), TimeSpan.FromSeconds(1)), Is.SameAs(flight));
        Assert.That(flight.CreatedAt, Is.EqualTo(TimeSpan.Zero));
        Assert.That(_table.ShardOf(new ShortId(33)), Is.SameAs(shard));
        Assert.That(shard.Find(new ShortId(49)), Is.Null);
    }

    [Test]
    public void All_shards_are_used()
    {
        for (ulong i = 0; i < 1000; i++)
            _table.ShardOf(new ShortId(i)).GetOrAdd(new ShortId(i), TimeSpan.Zero);

        Assert.That(_table.Shards.Select(shard => shard.Count), Is.All.Positive);
    }

    [Test]
    public void There_are_never_more_than_the_bound_and_the_oldest_make_room()
    {
        FlightTable.Shard shard = new FlightTable(Spread).Shards[0];
        for (ulong i = 0; i < 2 * MaxOfShard; i++)
            shard.GetOrAdd(new ShortId(i), TimeSpan.Zero);

        Assert.That(shard.Count, Is.EqualTo(MaxOfShard).And.EqualTo(FlightTable.MaxFlights / _table.Shards.Count));
        Assert.That(shard.Find(new ShortId(MaxOfShard - 1)), Is.Null);
        Assert.That(shard.Find(new ShortId(MaxOfShard)), Is.Not.Null);
    }

    [Test]
    public void A_full_table_allocates_nothing_more()
    {
        FlightTable.Shard shard = new FlightTable(Spread).Shards[0];
        for (ulong i = 0; i < 2 * MaxOfShard; i++)
            shard.GetOrAdd(new ShortId(i), TimeSpan.Zero);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (ulong i = 2 * MaxOfShard; i < 4 * MaxOfShard; i++)
            shard.GetOrAdd(new ShortId(i), TimeSpan.Zero);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void What_was_judged_is_forgotten_after_ten_seconds()
    {
        FlightTable.Shard shard = new FlightTable(Spread).Shards[0];
        shard.GetOrAdd(new ShortId(1), TimeSpan.Zero).IsJudged = true;

        shard.Expire(FlightTable.ForgetAfter - Instant);
        Assert.That(shard.Count, Is.EqualTo(1));
        shard.Expire(FlightTable.ForgetAfter);
        Assert.That(shard.Count, Is.Zero);
    }

    [Test]
    public void What_came_long_after_it_was_announced_is_followed_for_ten_seconds_more_and_holds_up_no_other()
    {
        var table = new FlightTable(Spread);
        FlightTable.Shard shard = table.Shards[0];
        Flight slow = shard.GetOrAdd(new ShortId(1), TimeSpan.Zero);
        shard.GetOrAdd(new ShortId(2), TimeSpan.Zero).IsJudged = true;
        slow.Arrive(default, default, TimeSpan.FromSeconds(9));
        slow.IsJudged = true;

        shard.Expire(FlightTable.ForgetAfter - Instant);
        Assert.That(table.IsDue(0, FlightTable.ForgetAfter));
        shard.Expire(FlightTable.ForgetAfter);
        Assert.That(shard.All, Is.EqualTo(new[] { slow }));
        shard.Expire(TimeSpan.FromSeconds(9) + FlightTable.ForgetAfter - Instant);
        Assert.That(shard.All, Is.EqualTo(new[] { slow }));
        shard.Expire(TimeSpan.FromSeconds(9) + FlightTable.ForgetAfter);
        Assert.That(shard.Count, Is.Zero);
    }

    [Test]
    public void What_nobody_brings_or_judges_is_given_up_after_thirty_seconds([Values] bool isHere)
    {
        FlightTable.Shard shard = new FlightTable(Spread).Shards[0];
        shard.GetOrAdd(new ShortId(1), TimeSpan.Zero).IsHere = isHere;

        shard.Expire(FlightTable.GiveUpAfter - Instant);
        Assert.That(shard.Count, Is.EqualTo(1));
        shard.Expire(FlightTable.GiveUpAfter);
        Assert.That(shard.Count, Is.Zero);
    }

    [Test]
    public void Each_flight_is_settled_once_two_seconds_after_it_was_sent_on_and_never_if_it_was_not()
    {
        FlightTable.Shard shard = new FlightTable(Spread).Shards[0];
        shard.GetOrAdd(new ShortId(99), TimeSpan.Zero);
        for (ulong i = 0; i < 3; i++)
            shard.MarkSent(shard.GetOrAdd(new ShortId(i), TimeSpan.Zero), TimeSpan.FromSeconds(i));
        Assert.That(shard.TryTakeSettled(FlightTable.SettleAfter - Instant, out _), Is.False);

        var settled = new List<ulong>();
        while (shard.TryTakeSettled(TimeSpan.FromSeconds(3), out Flight flight))
            settled.Add(flight.Name.Value);

        Assert.That(settled, Is.EqualTo(new ulong[] { 0, 1 }));
        Assert.That(shard.TryTakeSettled(TimeSpan.FromSeconds(4), out Flight last), Is.True);
        Assert.That(last.Name.Value, Is.EqualTo(2));
        Assert.That(shard.TryTakeSettled(TimeSpan.FromDays(1), out _), Is.False);
    }

    [Test]
    public void What_had_to_make_room_is_not_settled_as_another_message()
    {
        FlightTable.Shard shard = new FlightTable(Spread).Shards[0];
        for (ulong i = 0; i < MaxOfShard + 3; i++)
            shard.MarkSent(shard.GetOrAdd(new ShortId(i), TimeSpan.Zero), TimeSpan.Zero);

        var settled = new List<ulong>();
        while (shard.TryTakeSettled(TimeSpan.FromSeconds(5), out Flight flight))
            settled.Add(flight.Name.Value);

        Assert.That(settled, Is.EqualTo(Enumerable.Range(3, MaxOfShard).Select(i => (ulong)i)));
    }

    [Test]
    public void What_somebody_is_being_asked_for_is_not_given_up()
    {
        FlightTable.Shard shard = new FlightTable(Spread).Shards[0];
        shard.GetOrAdd(new ShortId(1), TimeSpan.Zero).Due = TimeSpan.FromSeconds(31);

        shard.Expire(FlightTable.GiveUpAfter);
        Assert.That(shard.Count, Is.EqualTo(1));
        shard.Find(new ShortId(1))!.Due = null;
        shard.Expire(FlightTable.GiveUpAfter);
        Assert.That(shard.Count, Is.Zero);
    }

    [Test]
    public void A_flight_of_an_earlier_use_is_not_found()
    {
        FlightTable.Shard shard = new FlightTable(Spread).Shards[0];
        long generation = shard.GetOrAdd(new ShortId(1), TimeSpan.Zero).Generation;
        Assert.That(shard.Find(new ShortId(1), generation), Is.Not.Null);

        shard.Expire(FlightTable.GiveUpAfter);
        shard.GetOrAdd(new ShortId(1), TimeSpan.FromMinutes(1));

        Assert.That(shard.Find(new ShortId(1), generation), Is.Null);
    }

    [Test]
    public void A_shard_is_due_when_something_in_it_is_over_and_not_before()
    {
        FlightTable.Shard shard = _table.Shards[3];
        Assert.That(_table.IsDue(3, TimeSpan.FromDays(1)), Is.False, "There is nothing in it.");

        Flight flight = shard.GetOrAdd(new ShortId(1), TimeSpan.Zero);
        flight.IsJudged = true;
        shard.MarkSent(flight, TimeSpan.FromSeconds(1));
        TimeSpan settled = TimeSpan.FromSeconds(1) + FlightTable.SettleAfter;
        Assert.That(_table.IsDue(3, settled - TimeSpan.FromTicks(1)), Is.False);
        Assert.That(_table.IsDue(3, settled));
        Assert.That(_table.IsDue(2, settled), Is.False, "It is the other one's.");

        Assert.That(shard.TryTakeSettled(settled, out _));
        shard.Expire(settled);
        Assert.That(_table.IsDue(3, FlightTable.ForgetAfter - TimeSpan.FromTicks(1)), Is.False);
        Assert.That(_table.IsDue(3, FlightTable.ForgetAfter));

        shard.Expire(FlightTable.ForgetAfter);
        Assert.That(_table.IsDue(3, TimeSpan.FromDays(1)), Is.False, "All is over.");
    }
}
