using Logos.P2P.AddrMan;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>What is learnt from our own connections.</summary>
[TestFixture]
internal sealed class AddressManagerConnectionTests
{
    private static readonly NetEndpoint Peer = Book.Endpoint("250.1.1.1");

    [Test]
    public void An_address_that_answers_moves_to_the_tried_table()
    {
        var book = new Book();
        book.Add("250.1.1.1", age: Book.Day);
        book.Manager.Attempt(Peer, countFailure: true, book.Now - 5);
        Assert.That(book.Manager.Good(Peer, book.Now), Is.True);

        AddressEntry entry = book.Entry("250.1.1.1");
        Assert.Multiple(() =>
        {
            Assert.That((book.Manager.NewCount, book.Manager.TriedCount), Is.EqualTo((0, 1)));
            Assert.That(entry.InTried, Is.True);
            Assert.That(entry.NewBuckets.Count, Is.Zero);
            Assert.That((entry.LastTry, entry.LastSuccess, entry.Attempts), Is.EqualTo((book.Now, book.Now, 0)));
            Assert.That(entry.Address.Time, Is.EqualTo(book.Now - Book.Day), "it would show whom we are connected to");
        });
        book.Manager.Check();
    }

    [Test]
    public void An_address_that_answers_again_stays_where_it_is()
    {
        var book = new Book();
        book.Add("250.1.1.1");
        book.Manager.Good(Peer, book.Now);
        Assert.That(book.Manager.Good(Peer, book.Now + 7), Is.False);
        Assert.That(book.Entry("250.1.1.1").LastSuccess, Is.EqualTo(book.Now + 7));
    }

    [Test]
    public void An_address_in_several_new_buckets_leaves_all_of_them_when_it_answers()
    {
        var book = new Book();
        book.Add("250.1.1.1", age: 60);
        for (int i = 0; i < 255; i++)
            book.Add("250.1.1.1", $"{i}.1.1.1");
        Assert.That(book.Entry("250.1.1.1").NewBuckets.Count, Is.GreaterThan(2));

        book.Manager.Good(Peer, book.Now);
        Assert.That((book.Manager.NewCount, book.Manager.TriedCount), Is.EqualTo((0, 1)));
        book.Manager.Check();
    }

    [Test]
    public void Whoever_is_evicted_from_tried_goes_to_the_bucket_its_first_source_gives_it()
    {
        Book book = Book.LikeBitcoinCore();
        AddAndConnect(book, 19);
        AddAndConnect(book, 36);

        var mapper = new BucketMapper(book.Options.Key.Span, book.Options.Hash);
        NetEndpoint evicted = Book.Endpoint("250.1.1.19", 0);
        int bucket = mapper.NewBucket(
            PrefixGrouping.Instance.GroupOf(evicted), PrefixGrouping.Instance.GroupOf(new NetEndpoint(Book.Source, 0)));
        AddressEntry entry = book.Entry("250.1.1.19", 0);
        Assert.That(entry.NewBuckets.Values.ToArray(), Is.EqualTo((ushort[])[(ushort)bucket]));
        Assert.That(entry.LastSuccess, Is.GreaterThan(0));
        book.Manager.Check();
    }

    [Test]
    public void An_attempt_is_counted_as_failed_once_between_two_successes_with_anybody()
    {
        var book = new Book();
        book.Add("250.1.1.1");
        book.Add("250.2.2.2");
        book.Manager.Attempt(Peer, countFailure: true, book.Now + 1);
        book.Manager.Attempt(Peer, countFailure: true, book.Now + 2);
        Assert.That(book.Entry("250.1.1.1").Attempts, Is.EqualTo(1), "perhaps it is we who have no network");

        book.Manager.Good(Book.Endpoint("250.2.2.2"), book.Now + 3);
        book.Manager.Attempt(Peer, countFailure: true, book.Now + 4);
        book.Manager.Attempt(Peer, countFailure: true, book.Now + 5);
        AddressEntry entry = book.Entry("250.1.1.1");
        Assert.That((entry.Attempts, entry.LastTry), Is.EqualTo((2, book.Now + 5)));
    }

    [Test]
    public void A_success_with_a_stranger_is_a_success_with_somebody()
    {
        var book = new Book();
        book.Add("250.1.1.1");
        book.Manager.Attempt(Peer, countFailure: true, book.Now + 1);
        Assert.That(book.Manager.Good(Book.Endpoint("9.9.9.9"), book.Now + 2), Is.False);
        book.Manager.Attempt(Peer, countFailure: true, book.Now + 3);
        Assert.That(book.Entry("250.1.1.1").Attempts, Is.EqualTo(2));
    }

    [Test]
    public void An_attempt_that_is_not_to_count_only_leaves_its_time()
    {
        var book = new Book();
        book.Add("250.1.1.1");
        book.Manager.Attempt(Peer, countFailure: false, book.Now);
        AddressEntry entry = book.Entry("250.1.1.1");
        Assert.That((entry.Attempts, entry.LastTry, entry.LastSuccess), Is.EqualTo((0, book.Now, 0)));
    }

    [TestCase(20 * Book.Minute, false)]
    [TestCase((20 * Book.Minute) + 1, true)]
    [TestCase(-5, false)]
    public void A_connection_moves_the_time_when_that_is_twenty_minutes_old(long age, bool moves)
    {
        var book = new Book();
        book.Add("250.1.1.1", age: age);
        book.Manager.Connected(Peer, book.Now);
        Assert.That(book.Entry("250.1.1.1").Address.Time, Is.EqualTo(moves ? book.Now : book.Now - age));
    }

    [TestCase(10 * Book.Minute, false)]
    [TestCase((10 * Book.Minute) + 1, true)]
    public void A_connection_moves_a_time_that_lies_ahead_for_our_clock_was_wrong(long ahead, bool moves)
    {
        var book = new Book();
        book.Add("250.1.1.1");
        book.Manager.Connected(Peer, book.Now - ahead);
        Assert.That(book.Entry("250.1.1.1").Address.Time, Is.EqualTo(moves ? book.Now - ahead : book.Now));
    }

    [Test]
    public void A_failure_counts_though_our_clock_was_ahead_when_the_address_last_answered()
    {
        var book = new Book();
        book.Add("250.1.1.1");
        book.Add("250.1.1.2");
        book.Manager.Attempt(Peer, countFailure: true, book.Now + Book.Day);
        book.Manager.Good(Peer, book.Now + Book.Day);
        // Since then our clock was put right, and somebody else has answered.
        book.Manager.Good(Book.Endpoint("250.1.1.2"), book.Now + Book.Day + 1);

        book.Manager.Attempt(Peer, countFailure: true, book.Now);

        AddressEntry entry = book.Entry("250.1.1.1");
        Assert.That(
            (entry.LastTry, entry.LastSuccess, entry.Attempts),
            Is.EqualTo((book.Now, book.Now - AddrManParameters.ReplacementAge, 1)));
    }

    [Test]
    public void A_try_that_becomes_known_late_does_not_put_back_the_latest_one()
    {
        var book = new Book();
        book.Add("250.1.1.1");
        book.Manager.Attempt(Peer, countFailure: true, book.Now);
        book.Manager.Attempt(Peer, countFailure: true, book.Now - AddrManParameters.MaxFuture);

        Assert.That(book.Entry("250.1.1.1").LastTry, Is.EqualTo(book.Now));
    }

    [TestCase(0, 0u)]
    [TestCase(AddrManParameters.UnknownAge - 1, 0u)]
    [TestCase(AddrManParameters.UnknownAge + 1, 1u)]
    public void Before_our_clock_is_set_no_time_is_before_1970(long now, uint time) =>
        Assert.That(AddressManager.ClampTime(1_785_000_000, now), Is.EqualTo(time));

    [Test]
    [Conformance("A10")]
    public void The_node_itself_says_what_it_offers()
    {
        var book = new Book();
        book.Manager.Add([book.Address("250.1.1.1", services: (Services)9)], Book.Source);
        book.Manager.SetServices(Peer, Services.Logos);
        Assert.That(book.Entry("250.1.1.1").Address.Services, Is.EqualTo(Services.Logos));
    }

    [Test]
    public void Strangers_are_nobodys_news()
    {
        var book = new Book();
        book.Manager.Attempt(Peer, countFailure: true, book.Now);
        book.Manager.Connected(Peer, book.Now);
        book.Manager.SetServices(Peer, Services.Logos);
        Assert.That(book.Manager.Good(Peer, book.Now), Is.False);
        Assert.That(book.Manager.Count, Is.Zero);
        Assert.That(book.Manager.TakeChanges().IsEmpty, Is.True);
    }

    [Test]
    public void Times_before_1970_are_refused()
    {
        AddressManager manager = new Book().Manager;
        Assert.Multiple(() =>
        {
            Assert.That(() => manager.Good(Peer, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => manager.Attempt(Peer, true, -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => manager.Connected(Peer, -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }

    private static bool AddAndConnect(Book book, int last)
    {
        NetEndpoint endpoint = Book.Endpoint($"250.1.1.{last}", 0);
        book.Manager.Add([new TimedAddress(endpoint, Services.None, (uint)book.Now)], Book.Source);
        return book.Manager.Good(endpoint, book.Now, testBeforeEvict: false);
    }
}
