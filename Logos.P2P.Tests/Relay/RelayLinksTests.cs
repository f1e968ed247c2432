using Logos.P2P.Relay;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

/// <summary>The places of links, and what is remembered of each.</summary>
internal sealed class RelayLinksTests
{
    private PeerRig _rig = null!;
    private ScriptedPeer _peer = null!;

    [SetUp]
    public async Task SetUpAsync()
    {
        _rig = new PeerRig();
        _peer = await _rig.ConnectRelayAsync();
    }

    [TearDown]
    public async Task TearDownAsync() => await _rig.DisposeAsync();

    [Test]
    public void Slots_are_given_from_the_lowest_and_a_free_one_is_given_again()
    {
        var links = new RelayLinks();
        RelayLink[] open = [.. Enumerable.Range(0, 4).Select(_ => links.Open(_peer.Peer))];
        Assert.That(open.Select(link => link.Slot), Is.EqualTo(new[] { 0, 1, 2, 3 }));

        links.Close(open[1]);
        Assert.That(open[1].IsClosed, Is.True);
        Assert.That(links.Open(_peer.Peer).Slot, Is.EqualTo(4), "It still has its slot.");
        links.Close(links.At(4)!);
        links.Free(links.At(4)!);
        links.Free(open[1]);
        Assert.That(links.At(1), Is.Null);
        Assert.That(links.All, Is.EqualTo(new[] { open[0], open[2], open[3] }));

        RelayLink next = links.Open(_peer.Peer);
        Assert.That(next.Slot, Is.EqualTo(1));
        Assert.That(links.At(1), Is.SameAs(next));
        Assert.That(links.Open(_peer.Peer).Slot, Is.EqualTo(4));
    }

    [TestCase(RelayStep.Self)]
    [TestCase(0)]
    [TestCase(int.MaxValue)]
    public void There_is_nobody_at_a_slot_that_was_never_given(int slot) => Assert.That(new RelayLinks().At(slot), Is.Null);

    [Test]
    public void There_is_something_to_announce_when_the_first_of_what_waits_is_due_and_not_before()
    {
        RelayLink link = new RelayLinks().Open(_peer.Peer);
        TimeSpan due = TimeSpan.FromSeconds(7), tick = TimeSpan.FromTicks(1);
        Assert.That(link.HasUnsent(TimeSpan.MaxValue - tick), Is.False);

        link.AnnounceLater(MessageId.Compute([1]), due);
        link.AnnounceLater(MessageId.Compute([2]), due + tick);
        Assert.That(link.HasUnsent(due - tick), Is.False);
        Assert.That(link.HasUnsent(due), Is.True);

        link.TryTakeUnsent(due, out _);
        Assert.That(link.HasUnsent(due), Is.False);
        Assert.That(link.HasUnsent(due + tick), Is.True);

        link.TryTakeUnsent(due + tick, out _);
        Assert.That(link.HasUnsent(TimeSpan.MaxValue - tick), Is.False);
    }

    [Test]
    public void Links_that_come_and_go_on_many_threads_never_share_a_slot()
    {
        var links = new RelayLinks();
        int clashes = 0;

        Parallel.For(0, 2000, _ =>
        {
            RelayLink link = links.Open(_peer.Peer);
            if (links.At(link.Slot) != link)
                Interlocked.Increment(ref clashes);
            links.Close(link);
            links.Free(link);
        });

        Assert.That(clashes, Is.Zero);
        Assert.That(links.All, Is.Empty);
    }

    [Test]
    public void Whoever_owes_two_payloads_is_doubtful_until_it_brings_one()
    {
        var link = new RelayLink(_peer.Peer, 0);
        Assert.That(link.Doubt, Is.Zero);

        link.AddDebt();
        Assert.That(link.Doubt, Is.Zero);
        link.AddDebt();
        Assert.That(link.Doubt, Is.EqualTo(2));

        link.ClearDebt();
        Assert.That((link.Debt, link.Doubt), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Whoever_has_a_hundred_requests_to_answer_is_less_doubtful_than_a_debtor()
    {
        var link = new RelayLink(_peer.Peer, 0);
        for (int i = 0; i < RelayLink.MaxAsked; i++)
        {
            Assert.That(link.IsBusy, Is.False);
            link.NoteAsked();
        }

        Assert.That((link.IsBusy, link.Doubt), Is.EqualTo((true, 1)));
        link.NoteAnswered();
        Assert.That((link.IsBusy, link.Doubt), Is.EqualTo((false, 0)));
    }

    [Test]
    public void What_is_to_be_announced_later_is_taken_when_its_time_has_come_in_order()
    {
        var link = new RelayLink(_peer.Peer, 0);
        link.AnnounceLater(MessageId.Compute([1]), TimeSpan.FromMilliseconds(200));
        link.AnnounceLater(MessageId.Compute([2]), TimeSpan.FromMilliseconds(201));
        Assert.That(link.TryTakeUnsent(TimeSpan.FromMilliseconds(199), out _), Is.False);

        Assert.That(link.TryTakeUnsent(TimeSpan.FromMilliseconds(200), out MessageId id), Is.True);
        Assert.That(id, Is.EqualTo(MessageId.Compute([1])));
        Assert.That(link.TryTakeUnsent(TimeSpan.FromMilliseconds(200), out _), Is.False);
    }

    [Test]
    public void A_peer_that_reads_nothing_has_no_more_than_a_frame_of_announcements_waiting()
    {
        var link = new RelayLink(_peer.Peer, 0);
        for (int i = 0; i < RelayLink.MaxUnsent + 10; i++)
            link.AnnounceLater(MessageId.Compute([1]), TimeSpan.Zero);

        int taken = 0;
        while (link.TryTakeUnsent(TimeSpan.Zero, out _))
            taken++;

        Assert.That(taken, Is.EqualTo(RelayLink.MaxUnsent));
    }

    [Test]
    public void What_was_offered_is_found_and_nothing_else()
    {
        var link = new RelayLink(_peer.Peer, 0);
        link.Offer(new ShortId(1), MessageId.Compute([1]));
        link.Offer(new ShortId(1), MessageId.Compute([2]));

        Assert.That(link.TryFindOffer(new ShortId(1), out MessageId id), Is.True);
        Assert.That(id, Is.EqualTo(MessageId.Compute([1])), "Two messages of one name: the first one has it.");
        Assert.That(link.TryFindOffer(new ShortId(2), out _), Is.False);
    }

    [Test]
    public void Of_too_many_offers_the_oldest_are_forgotten()
    {
        var link = new RelayLink(_peer.Peer, 0);
        for (ulong i = 0; i < RelayLink.MaxOffers + 2; i++)
            link.Offer(new ShortId(i), MessageId.Compute(BitConverter.GetBytes(i)));

        bool[] found = [.. Enumerable.Range(0, RelayLink.MaxOffers + 2).Select(i => link.TryFindOffer(new ShortId((ulong)i), out _))];

        Assert.That(found[..2], Is.All.False);
        Assert.That(found[2..], Is.All.True);
    }

    [Test]
    public async Task A_link_knows_its_peers_key_and_round_trip_once_there_is_one()
    {
        RelayLink link = _peer.Peer.Link!;
        Assert.That(link.Key, Is.EqualTo(ScriptedPeer.RelayKey));
        Assert.That(link.RoundTrip, Is.EqualTo(TimeSpan.FromMilliseconds(200)));

        ScriptedPeer plain = await _rig.ConnectReadyAsync();
        Assert.That(plain.Peer.Link!.Key, Is.Null);
        Received ping = await plain.ReadAsync(Command.Ping);
        _rig.Clock.Advance(TimeSpan.FromMilliseconds(40));
        await plain.SendAsync(plain.Frames.Create(Command.Pong, ping.Nonce));
        await plain.ReadUntilPongAsync();

        Assert.That(plain.Peer.Link!.RoundTrip, Is.EqualTo(TimeSpan.FromMilliseconds(40)));
    }
}
