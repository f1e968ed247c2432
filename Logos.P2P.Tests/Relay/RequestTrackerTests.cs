using Logos.P2P.Relay;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Tests.Wire;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

/// <summary>Whom is asked for what was announced, and when.</summary>
internal sealed class RequestTrackerTests
{
    private static readonly ShortId Name = new(0x010203040506);
    private static readonly TimeSpan Wait = Milliseconds(10);

    /// <summary>Until one was measured.</summary>
    private static readonly TimeSpan RoundTrip = Milliseconds(200);

    /// <summary>1.25 round trips and 15 ms.</summary>
    private static readonly TimeSpan Patience = Milliseconds(265);

    private static readonly TimeSpan Instant = TimeSpan.FromTicks(1);

    private PeerRig _rig = null!;
    private NodeClock _clock = null!;
    private FlightTable _flights = null!;
    private RequestTracker _tracker = null!;
    private List<RelayLink> _failed = null!;
    private ScriptedPeer[] _peers = null!;
    private RelayLink[] _links = null!;

    private TimeSpan Now => _clock.Now;

    [SetUp]
    public async Task SetUpAsync()
    {
        _rig = new PeerRig();
        _clock = new NodeClock(_rig.Clock);
        _flights = new FlightTable(0x9E3779B97F4A7C15);
        _failed = [];
        _tracker = new RequestTracker(_flights, _rig.Frames, _clock, Wait, NullLogger.Instance) { Failed = _failed.Add };
        _peers = [await _rig.ConnectRelayAsync(), await _rig.ConnectRelayAsync(), await _rig.ConnectRelayAsync()];
        _links = [.. _peers.Select((peer, slot) => new RelayLink(peer.Peer, slot))];
        Advance(TimeSpan.FromSeconds(1));
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        _tracker.Dispose();
        await _rig.DisposeAsync();
    }

    [Test]
    public async Task What_is_announced_is_asked_for_after_the_wait_and_not_before()
    {
        _tracker.Announce(_links[0], Name);

        Advance(Wait - Instant);
        Assert.That(await AskedAsync(), Is.Empty);
        Advance(Instant);
        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public async Task What_comes_within_the_wait_is_not_asked_for()
    {
        _tracker.Announce(_links[0], Name);

        Advance(Wait - Instant);
        Deliver(1);
        Advance(TimeSpan.FromMinutes(1));

        Assert.That(await AskedAsync(), Is.Empty);
    }

    [Test]
    public async Task The_wait_is_that_of_the_first_announcement()
    {
        _tracker.Announce(_links[1], Name);
        Advance(Wait / 2);
        _tracker.Announce(_links[0], Name);

        Advance(Wait / 2);

        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    [Conformance("R2")]
    public async Task Every_announcer_is_asked_in_the_end_one_after_the_other_and_none_twice()
    {
        foreach (RelayLink link in (RelayLink[])[_links[0], _links[2], _links[1], _links[0]])
        {
            _tracker.Announce(link, Name);
            Advance(Milliseconds(1));
        }

        Advance(Wait - Milliseconds(4));
        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 0 }));

        foreach (int next in (int[])[2, 1])
        {
            Advance(Patience - Instant);
            Assert.That(await AskedAsync(), Is.Empty);
            Advance(Instant);
            Assert.That(await AskedAsync(), Is.EqualTo(new[] { next }));
        }

        _tracker.Announce(_links[0], Name);
        Advance(TimeSpan.FromSeconds(10));
        Assert.That(await AskedAsync(), Is.Empty);
    }

    [Test]
    public async Task What_was_here_before_is_asked_of_nobody()
    {
        Assert.That(_tracker.Announce(_links[0], Name, wasHere: true), Is.True);
        _tracker.Announce(_links[0], new ShortId(2));
        Advance(Wait + Patience);
        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 0 }));
        _tracker.Announce(_links[1], new ShortId(2), wasHere: true);
        Advance(TimeSpan.FromSeconds(1));

        Assert.That(await AskedAsync(), Is.Empty);
    }

    [Test]
    public async Task A_question_that_cannot_be_sent_is_no_question_and_asked_again_20_ms_later()
    {
        _peers[0].Peer.Disconnect(DisconnectReason.Requested);
        AnnounceAll();
        Advance(Wait);
        Assert.That((CountAsked(_links[0]), _links[0].Debt), Is.EqualTo((0, 1)));
        Advance(Milliseconds(20) - Instant);
        Assert.That(_links[0].Debt, Is.EqualTo(1));
        Advance(Instant);
        Assert.That(_links[0].Debt, Is.EqualTo(2));

        Advance(Milliseconds(20));

        Assert.That(await WantsAsync(1), Has.Count.EqualTo(1), "Who owes so much is asked last.");
    }

    [Test]
    public void Whoever_cannot_be_asked_is_tried_ever_more_rarely_for_30_seconds_and_trusted_as_before()
    {
        _peers[0].Peer.Disconnect(DisconnectReason.Requested);
        _tracker.Announce(_links[0], Name);
        Flight flight = _flights.ShardOf(Name).Find(Name)!;
        int tries = 0;
        for (; flight.Due is { } due; tries++)
            Advance(due - Now + Milliseconds(1));

        Assert.That(Now - flight.CreatedAt, Is.InRange(FlightTable.GiveUpAfter, 1.25 * FlightTable.GiveUpAfter));
        Assert.That(tries, Is.InRange(10, 40));
        Assert.That(_links[0].Debt, Is.EqualTo(RelayLink.DoubtfulDebt));
        Assert.That(_links[0].IsBusy, Is.False);
    }

    [Test]
    public async Task A_promise_that_is_taken_back_does_not_end_the_wait_for_somebody_else()
    {
        AnnounceAll();
        Advance(Wait);
        await AskedAsync();
        Assert.That(_tracker.ExpectFrom(_links[2], Name, 10_000), Is.True);

        _tracker.Announce(_links[2], Name);
        Advance(Patience - Instant);

        Assert.That(await AskedAsync(), Is.Empty);
        Assert.That(_links[0].Debt, Is.EqualTo(1), "It was asked.");
    }

    [Test]
    [Conformance("R2")]
    public async Task After_a_notfound_the_next_one_is_asked_at_once()
    {
        AnnounceAll();
        Advance(Wait);
        await AskedAsync();

        _tracker.NotFound(_links[0], Name);
        Advance(TimeSpan.Zero);

        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    [Conformance("R2")]
    public async Task A_notfound_of_somebody_who_was_not_asked_changes_nothing()
    {
        AnnounceAll();
        Advance(Wait);
        await AskedAsync();

        _tracker.NotFound(_links[1], Name);
        _tracker.NotFound(_links[0], new ShortId(1));
        Advance(Patience - Instant);

        Assert.That(await AskedAsync(), Is.Empty);
    }

    [Test]
    [Conformance("R2")]
    public async Task When_the_asked_peer_leaves_the_next_one_is_asked_at_once()
    {
        AnnounceAll();
        Advance(Wait);
        await AskedAsync();

        _tracker.Close(_links[0]);
        Advance(TimeSpan.Zero);

        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task When_the_peer_leaves_that_is_sending_it_the_next_one_is_asked_at_once()
    {
        _tracker.ExpectFrom(_links[0], Name, 1_000_000);
        _tracker.Announce(_links[1], Name);
        _tracker.Close(_links[2]);
        Advance(Wait);
        Assert.That(await AskedAsync(), Is.Empty, "Nobody waits for the other one.");

        _tracker.Close(_links[0]);
        Advance(TimeSpan.Zero);

        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task A_peer_that_left_is_not_asked_for_what_it_announced()
    {
        AnnounceAll();

        _tracker.Close(_links[0]);
        Advance(Wait - Instant);
        Assert.That(await AskedAsync(), Is.Empty, "The wait is as long as ever.");
        Advance(Instant);

        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task Where_all_others_were_asked_in_vain_the_next_to_announce_is_asked_at_once()
    {
        _tracker.Announce(_links[0], Name);
        Advance(Wait + Patience);
        await AskedAsync();

        _tracker.Announce(_links[1], Name);
        Advance(TimeSpan.Zero);

        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task While_somebody_is_asked_the_next_to_announce_has_to_wait()
    {
        _tracker.Announce(_links[0], Name);
        Advance(Wait);
        await AskedAsync();

        _tracker.Announce(_links[1], Name);
        Advance(Patience - Instant);
        Assert.That(await AskedAsync(), Is.Empty);
        Advance(Instant);
        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task How_long_an_answer_may_take_depends_on_the_round_trip()
    {
        // It has been on its way for a second.
        Received ping = await _peers[0].ReadAsync(Command.Ping);
        await _peers[0].SendAsync(_peers[0].Frames.Create(Command.Pong, ping.Nonce));
        await _peers[0].ReadUntilPongAsync();
        Assert.That(_links[0].RoundTrip, Is.EqualTo(Milliseconds(500)), "No peer is believed to be farther away.");
        AnnounceAll();
        Advance(Wait);
        await AskedAsync();

        Advance(Milliseconds(625 + 15) - Instant);
        Assert.That(await AskedAsync(), Is.Empty);
        Advance(Instant);
        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task Who_does_not_bring_it_in_time_owes_twice()
    {
        AnnounceAll();
        Advance(Wait);
        Assert.That(_links[0].Debt, Is.EqualTo(1));

        Advance(Patience);
        Assert.That(_links[0].Debt, Is.EqualTo(2));
        await AskedAsync();
        _tracker.Announce(_links[0], new ShortId(2));
        _tracker.Announce(_links[2], new ShortId(2));
        Advance(Wait);

        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 2 }), "The debtor is asked last.");
    }

    [Test]
    public async Task After_thirty_seconds_it_is_given_up_and_an_announcement_begins_anew()
    {
        _tracker.Announce(_links[0], Name);
        Advance(FlightTable.GiveUpAfter);
        await AskedAsync();
        _flights.ShardOf(Name).Expire(Now);

        _tracker.Announce(_links[0], Name);
        Advance(Wait - Instant);
        Assert.That(await AskedAsync(), Is.Empty);
        Advance(Instant);
        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 0 }));
    }

    [TestCase(8_192u, 60)]
    [TestCase(60_000u, 60)]
    [TestCase(100_000u, 100)]
    [TestCase(1_000_000u, 1000)]
    [TestCase(4_000_000_000u, 1600, Description = "Nobody has longer than 4 MB take at 20 Mbit/s.")]
    public async Task What_is_said_to_come_is_waited_for_as_long_as_it_may_take(uint size, int milliseconds)
    {
        _tracker.Announce(_links[1], Name);
        Assert.That(_tracker.ExpectFrom(_links[0], Name, size), Is.True);

        Advance(RoundTrip + Milliseconds(milliseconds) - Instant);
        Assert.That(await AskedAsync(), Is.Empty);
        Advance(Instant);
        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void Only_one_may_send_a_large_message_and_when_it_does_not_come_another_one()
    {
        Assert.That(_tracker.ExpectFrom(_links[0], Name, 10_000), Is.True);
        Assert.That(_tracker.ExpectFrom(_links[1], Name, 10_000), Is.False);

        Advance(RoundTrip + Milliseconds(60));
        Assert.That(_tracker.ExpectFrom(_links[2], Name, 10_000), Is.True);
        Deliver(2);
        Assert.That(_tracker.ExpectFrom(_links[1], Name, 10_000), Is.False, "It is here.");
    }

    [Test]
    public async Task Saying_again_that_it_is_coming_does_not_make_the_wait_longer()
    {
        _tracker.Announce(_links[0], Name);
        Advance(Wait);
        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 0 }));
        _tracker.Announce(_links[1], Name);

        for (int i = 0; i < 10; i++)
        {
            Assert.That(_tracker.ExpectFrom(_links[0], Name, 10_000), Is.True);
            Advance(Milliseconds(100));
        }

        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task A_promise_does_not_make_the_wait_for_another_one_longer()
    {
        _tracker.Announce(_links[0], Name);
        _tracker.Announce(_links[1], Name);
        Advance(Wait);
        await AskedAsync();

        _tracker.ExpectFrom(_links[2], Name, 1_000_000);
        Advance(Patience - Instant);
        Assert.That(await AskedAsync(), Is.Empty);
        Advance(Instant);

        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void Whoever_was_told_to_hold_does_not_owe_it()
    {
        _tracker.ExpectFrom(_links[0], Name, 10_000);
        Assert.That(_tracker.ExpectFrom(_links[1], Name, 10_000), Is.False);

        Advance(RoundTrip + Milliseconds(60));

        Assert.That(_links[0].Debt, Is.Positive);
        Assert.That(_links[1].Debt, Is.Zero);
    }

    [Test]
    public async Task Whoever_announces_what_it_was_told_to_hold_does_not_end_the_wait_for_another_one()
    {
        _tracker.ExpectFrom(_links[0], Name, 10_000);
        _tracker.ExpectFrom(_links[1], Name, 10_000);

        _tracker.Announce(_links[1], Name);
        Advance(RoundTrip);

        Assert.That(await AskedAsync(), Is.Empty);
        Assert.That(_links[0].Debt, Is.Zero);
    }

    [Test]
    public async Task A_large_message_is_waited_for_at_the_speed_of_a_slow_line()
    {
        _tracker.ExpectFrom(_links[0], Name, 625_000);
        _tracker.Announce(_links[1], Name);
        Advance(RoundTrip + Milliseconds(625));
        await AskedAsync();

        Advance(Patience + TimeSpan.FromSeconds(1) - Instant);
        Assert.That(await AskedAsync(), Is.Empty);
        Advance(Instant);
        Assert.That(await AskedAsync(), Has.Length.EqualTo(1));
    }

    [Test]
    public void Who_used_to_be_first_and_has_not_brought_it_20_ms_later_has_failed()
    {
        _tracker.Announce(_links[0], Name);
        Deliver(0);

        _tracker.Watch(Name, _links[1]);
        Advance(Milliseconds(20) - Instant);
        Assert.That(_failed, Is.Empty);
        Advance(Instant);
        Assert.That(_failed, Is.EqualTo(new[] { _links[1] }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Who_was_merely_a_little_slower_has_not_failed(bool isBefore)
    {
        _tracker.Announce(_links[0], Name);
        Deliver(0);

        if (isBefore)
            _tracker.Announce(_links[1], Name);
        _tracker.Watch(Name, _links[1]);
        Advance(Milliseconds(19));
        _tracker.Announce(_links[1], Name);
        Advance(TimeSpan.FromSeconds(1));

        Assert.That(_failed, Is.Empty);
    }

    [Test]
    public async Task What_was_here_and_is_not_any_more_is_asked_of_others_at_once()
    {
        AnnounceAll();
        Deliver(0);

        _tracker.Abandon(_links[0], Name);
        Advance(TimeSpan.Zero);

        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 1 }));
        Advance(Patience);
        Advance(Patience);
        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 2 }), "And never of who brought it.");
    }

    [Test]
    public void Nobody_is_waited_for_longer_than_3_seconds() =>
        Assert.That(RequestTracker.PatienceWith(_links[0], 100_000_000), Is.EqualTo(RequestTracker.MaxPatience));

    [Test]
    public async Task A_small_message_that_is_said_to_come_is_not_waited_for()
    {
        _tracker.Announce(_links[1], Name);
        Assert.That(_tracker.ExpectFrom(_links[0], Name, NodeDefaults.LargeMessage - 1), Is.True);

        Advance(Wait);

        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task Whose_promises_were_worth_nothing_is_not_waited_for()
    {
        for (int i = 0; i < RelayLink.UntrustedDebt; i++)
            _links[0].AddDebt();
        _tracker.Announce(_links[1], Name);
        Assert.That(_tracker.ExpectFrom(_links[0], Name, 1_000_000), Is.True);

        Advance(Wait);

        Assert.That(await AskedAsync(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    [Conformance("R2")]
    public void Of_5001_announcements_of_one_peer_5000_are_kept_and_others_may_go_on()
    {
        int kept = Enumerable.Range(1, RelayLink.MaxAnnounced + 1)
            .Count(i => _tracker.Announce(_links[0], new ShortId((ulong)i * 0x9E3779B97F4A)));

        Assert.That(kept, Is.EqualTo(5000));
        Assert.That(_tracker.ExpectFrom(_links[0], Name, 10_000), Is.True, "It may send it all the same.");
        Assert.That(_tracker.Announce(_links[1], Name), Is.True);
        Assert.That(_tracker.Announce(_links[0], Name), Is.True, "Another one has announced it before.");
        Deliver(1, new ShortId(0x9E3779B97F4A));
        Assert.That(_tracker.Announce(_links[0], new ShortId(7)), Is.True, "A place is free again.");
        Assert.That(_tracker.Announce(_links[0], new ShortId(8)), Is.False);
    }

    [Test]
    [Conformance("R8")]
    public async Task Whatever_happens_one_is_asked_at_a_time_none_twice_and_the_counts_stay_exact([Range(1, 10)] int seed)
    {
        var random = new TestRandom((ulong)seed);
        ShortId[] names = [.. Enumerable.Range(1, 20).Select(i => new ShortId((ulong)i))];
        for (int step = 0; step < 400; step++)
        {
            int who = random.Below(_links.Length);
            ShortId name = random.Pick(names);
            switch (random.Below(8))
            {
                case 0 or 1 or 2:
                    _tracker.Announce(_links[who], name);
                    break;
                case 3:
                    _tracker.NotFound(_links[who], name);
                    break;
                case 4:
                    _tracker.ExpectFrom(_links[who], name, (uint)random.Below(100_000));
                    break;
                case 5 when random.OneIn(4):
                    Deliver(who, name);
                    break;
                case 6 when random.OneIn(10):
                    await CheckAskedAsync(who);
                    _tracker.Close(_links[who]);
                    Advance(TimeSpan.Zero);
                    Assert.That(CountAsked(_links[who]), Is.Zero, "Nothing is asked of who is gone.");
                    _links[who] = new RelayLink(_peers[who].Peer, who);
                    break;
                default:
                    Advance(Milliseconds(random.Below(60)));
                    break;
            }

            foreach (RelayLink link in _links)
                Assert.That(link.IsBusy, Is.EqualTo(CountAsked(link) >= RelayLink.MaxAsked));
        }

        for (int who = 0; who < _links.Length; who++)
            await CheckAskedAsync(who);
        foreach (ShortId name in names)
            Deliver(0, name);
        foreach (RelayLink link in _links)
        {
            for (int i = 0; i < RelayLink.MaxAsked; i++)
            {
                Assert.That(link.IsBusy, Is.False, "All that was asked for was counted down again.");
                link.NoteAsked();
            }

            Assert.That(link.IsBusy, Is.True);
        }
    }

    private static TimeSpan Milliseconds(double count) => TimeSpan.FromMilliseconds(count);

    private void Advance(TimeSpan by) => _rig.Clock.Advance(by);

    private void AnnounceAll()
    {
        foreach (RelayLink link in _links)
            _tracker.Announce(link, Name);
    }

    private void Deliver(int from) => Deliver(from, Name);

    private void Deliver(int from, ShortId name)
    {
        Flight flight = _flights.ShardOf(name).GetOrAdd(name, Now);
        flight.CellOf(_links[from]).Marks |= FlightMarks.Knows;
        flight.Arrive(MessageId.Compute([1]), new RelayStep(0, 100, from), Now);
    }

    private int CountAsked(RelayLink link) => _flights.Shards.Sum(shard => shard.All.Count(flight => flight.Asked == link));

    /// <summary>Who was asked since the last time, by number.</summary>
    private async Task<int[]> AskedAsync()
    {
        var asked = new List<int>();
        for (int i = 0; i < _peers.Length; i++)
            asked.AddRange(Enumerable.Repeat(i, (await WantsAsync(i)).Count));
        return [.. asked];
    }

    private async Task CheckAskedAsync(int who) => Assert.That(await WantsAsync(who), Is.Unique);

    private async Task<List<string>> WantsAsync(int who) =>
        [.. (await _peers[who].ReadUntilPongAsync())
            .Where(received => received.Command == Command.Want)
            .Select(received => WireBytes.Hex(received.Payload))];
}
