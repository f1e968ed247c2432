using Logos.P2P.Relay;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

/// <summary>What is remembered of a message on its way, and who is asked for it.</summary>
internal sealed class FlightTests
{
    /// <summary>Any odd number that looks like none in particular.</summary>
    private const ulong Spread = 0x9E3779B97F4A7C15;

    private static readonly ShortId Name = new(1);

    private PeerRig _rig = null!;
    private RelayLink[] _links = null!;

    [SetUp]
    public async Task SetUpAsync()
    {
        _rig = new PeerRig();
        ScriptedPeer relay = await _rig.ConnectRelayAsync();
        _links = [.. Enumerable.Range(0, 3).Select(slot => new RelayLink(relay.Peer, slot))];
    }

    [TearDown]
    public async Task TearDownAsync() => await _rig.DisposeAsync();

    [Test]
    public void The_first_to_announce_is_asked_first_and_nobody_twice()
    {
        Flight flight = Announced(2, 0, 1);

        Assert.That(new[] { flight.Ask(), flight.Ask(), flight.Ask() }, Is.EqualTo(new[] { _links[2], _links[0], _links[1] }));
        Assert.That(flight.Ask(), Is.Null);
        Assert.That(flight.WasAsked, Is.True);
    }

    [Test]
    [Conformance("R3")]
    public void The_busy_are_asked_after_the_others_and_the_doubtful_last()
    {
        _links[2].AddDebt();
        _links[2].AddDebt();
        for (int i = 0; i < RelayLink.MaxAsked; i++)
            _links[0].NoteAsked();
        Flight flight = Announced(0, 2, 1);

        Assert.That(new[] { flight.Ask(), flight.Ask(), flight.Ask() }, Is.EqualTo(new[] { _links[1], _links[0], _links[2] }));
    }

    [Test]
    public void What_was_thought_of_a_message_is_not_thought_of_another_one_of_its_name()
    {
        MessageId one = MessageId.Compute([1]), other = MessageId.Compute([2]);
        Flight flight = Announced(0);
        flight.Arrive(one, default, TimeSpan.Zero);
        flight.IsJudged = flight.IsWithdrawn = true;
        flight.Arrive(one, default, TimeSpan.Zero);
        Assert.That((flight.IsJudged, flight.IsWithdrawn), Is.EqualTo((true, true)));

        flight.Arrive(other, default, TimeSpan.Zero);

        Assert.That((flight.IsJudged, flight.IsWithdrawn, flight.Id), Is.EqualTo((false, false, (MessageId?)other)));
    }

    [Test]
    public void Whoever_only_said_that_it_is_sending_it_is_asked_after_those_who_announced_it()
    {
        Flight flight = Announced(1);
        flight.CellOf(_links[0]).Marks |= FlightMarks.Knows | FlightMarks.IsComing;
        flight.GiveUpComing();

        Assert.That(_links[0].Debt, Is.EqualTo(1), "It promised.");
        Assert.That(new[] { flight.Ask(), flight.Ask() }, Is.EqualTo(new[] { _links[1], _links[0] }));
    }

    [Test]
    public void To_be_asked_is_to_owe()
    {
        Announced(0).Ask();

        Assert.That(_links[0].Debt, Is.EqualTo(1));
    }

    [Test]
    public void A_link_that_was_never_said_to_have_it_is_not_asked()
    {
        var flight = new Flight();
        flight.Start(Name, TimeSpan.Zero);
        flight.CellOf(_links[0]).Marks |= FlightMarks.Announced;

        Assert.That(flight.Ask(), Is.Null);
    }

    [Test]
    public async Task Whoever_takes_full_ids_only_is_asked_once_there_is_one()
    {
        ScriptedPeer plain = await _rig.ConnectReadyAsync();
        var link = new RelayLink(plain.Peer, 5);
        var flight = new Flight();
        flight.Start(Name, TimeSpan.Zero);
        flight.CellOf(link).Marks |= FlightMarks.Knows;
        Assert.That(flight.Ask(), Is.Null);

        flight.Id = MessageId.Compute([1]);

        Assert.That(flight.Ask(), Is.SameAs(link));
    }

    [Test]
    public void A_link_that_ended_is_not_asked()
    {
        Flight flight = Announced(0, 1);

        flight.Forget(_links[0]);

        Assert.That(new[] { flight.Ask(), flight.Ask() }, Is.EqualTo(new[] { _links[1], null }));
    }

    [Test]
    public void What_is_noted_of_a_link_that_has_ended_is_lost()
    {
        Flight flight = Announced(1);
        _links[0].Close();
        flight.CellOf(_links[0]).Marks |= FlightMarks.Knows;

        Assert.That(flight.CellOf(_links[0]).Marks, Is.EqualTo(FlightMarks.None));
        Assert.That(new[] { flight.Ask(), flight.Ask() }, Is.EqualTo(new[] { _links[1], null }));
    }

    [Test]
    public void Whoever_announced_it_first_has_his_place_back_when_it_is_here_or_over([Values] bool isHere)
    {
        for (int i = 0; i < RelayLink.MaxAnnounced; i++)
            Assert.That(_links[0].TryTakePlace(), Is.True);
        Assert.That(_links[0].TryTakePlace(), Is.False);
        Flight flight = Announced(0);
        flight.Announcer = _links[0];

        if (isHere)
            flight.Arrive(MessageId.Compute([1]), new RelayStep(0, 1, 0), TimeSpan.FromSeconds(1));
        flight.End();

        Assert.That(_links[0].TryTakePlace(), Is.True);
        Assert.That(_links[0].TryTakePlace(), Is.False, "One place.");
    }

    [Test]
    public void Of_the_last_one_in_its_slot_a_link_inherits_nothing()
    {
        Flight flight = Announced(0);
        var next = new RelayLink(_links[0].Peer, 0);

        Assert.That(flight.CellOf(next).Marks, Is.EqualTo(FlightMarks.None));
        flight.CellOf(next).Marks |= FlightMarks.Knows;
        flight.Forget(_links[0]);
        Assert.That(flight.CellOf(next).Marks, Is.EqualTo(FlightMarks.Knows), "The one that ended is another one.");
    }

    [Test]
    public void The_earliest_announcement_is_found_and_that_of_the_deliverer_left_out()
    {
        Flight flight = Announced(2, 0, 1);

        Assert.That(flight.EarliestAnnouncer(except: null), Is.SameAs(_links[2]));
        Assert.That(flight.EarliestAnnouncer(except: _links[2].Slot), Is.SameAs(_links[0]));
        flight.Forget(_links[2]);
        flight.Forget(_links[0]);
        Assert.That(flight.EarliestAnnouncer(except: _links[1].Slot), Is.Null);
    }

    [TestCase(FlightMarks.Pushed, true)]
    [TestCase(FlightMarks.Pushed | FlightMarks.WasLate, null)]
    [TestCase(FlightMarks.Announced, false)]
    [TestCase(FlightMarks.Announced | FlightMarks.Wanted, null)]
    [TestCase(FlightMarks.Announced | FlightMarks.Knows, false)]
    [TestCase(FlightMarks.Knows, null)]
    [TestCase(FlightMarks.None, null)]
    public void Silence_teaches_what_was_not_said(FlightMarks marks, bool? lesson) =>
        Assert.That(new Flight.Cell { Marks = marks }.LastLesson, Is.EqualTo(lesson));

    [Test]
    public void What_is_asked_for_is_not_counted_as_asked_once_it_is_here_or_over()
    {
        for (int i = 0; i < RelayLink.MaxAsked - 1; i++)
            _links[0].NoteAsked();
        Flight flight = Announced(0);
        flight.Ask();
        Assert.That(_links[0].IsBusy, Is.True);

        flight.Arrive(MessageId.Compute([1]), new RelayStep(0, 1, 0), TimeSpan.FromSeconds(1));
        Assert.That(_links[0].IsBusy, Is.False);
        flight.StopAsking();
        flight.End();
        _links[0].NoteAsked();
        Assert.That(_links[0].IsBusy, Is.True, "Counted down once and no more.");
    }

    [Test]
    public void Used_again_it_remembers_nothing()
    {
        FlightTable.Shard shard = new FlightTable(Spread).Shards[0];
        Flight flight = shard.GetOrAdd(Name, TimeSpan.Zero);
        flight.CellOf(_links[0]).Marks |= FlightMarks.Knows;
        flight.Ask();
        flight.Arrive(MessageId.Compute([1]), new RelayStep(7, 100, 0), TimeSpan.FromSeconds(1));
        (flight.Suspect, flight.ExpectedSize, flight.IsSettled) = (_links[1], 5, true);
        flight.IsJudged = flight.IsWithdrawn = true;
        flight.ComingUntil = TimeSpan.FromSeconds(1);
        long generation = flight.Generation;
        shard.Expire(TimeSpan.FromSeconds(1) + FlightTable.ForgetAfter);

        Flight again = shard.GetOrAdd(new ShortId(2), TimeSpan.FromSeconds(20));

        Assert.That(again, Is.SameAs(flight));
        Assert.That((again.Name, again.Id, again.CreatedAt), Is.EqualTo((new ShortId(2), (MessageId?)null, TimeSpan.FromSeconds(20))));
        Assert.That((again.IsHere, again.IsSettled, again.WasAsked, again.ComingUntil), Is.EqualTo((false, false, false, TimeSpan.Zero)));
        Assert.That((again.IsJudged, again.IsWithdrawn), Is.EqualTo((false, false)));
        Assert.That((again.Copies, again.ExpectedSize, again.Step), Is.EqualTo((0, 0, default(RelayStep))));
        Assert.That((again.Asked, again.Suspect, again.Due), Is.EqualTo(((RelayLink?)null, (RelayLink?)null, (TimeSpan?)null)));
        Assert.That(again.Generation, Is.GreaterThan(generation));
        Assert.That(again.Cells.ToArray().Select(cell => cell.Link), Is.All.Null);
    }

    private Flight Announced(params int[] slots)
    {
        var flight = new Flight();
        flight.Start(Name, TimeSpan.Zero);
        for (int i = 0; i < slots.Length; i++)
        {
            ref Flight.Cell cell = ref flight.CellOf(_links[slots[i]]);
            cell.Marks |= FlightMarks.Knows;
            cell.AnnouncedAt = TimeSpan.FromMilliseconds(i + 1);
        }

        return flight;
    }
}
