using Logos.P2P.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>What a store is told, and what it gives back.</summary>
[TestFixture]
internal sealed class AddressManagerPersistenceTests
{
    private static readonly NetEndpoint Peer = Book.Endpoint("250.1.1.1");

    [Test]
    public void Each_change_is_told_once()
    {
        var book = new Book();
        book.Add("250.1.1.1");
        book.Manager.Attempt(Peer, countFailure: true, book.Now);

        AddressChanges changes = book.Manager.TakeChanges();
        Assert.That(changes.Upserted, Is.EqualTo((AddressEntry[])[book.Entry("250.1.1.1")]));
        Assert.That(changes.Removed, Is.Empty);
        Assert.That(changes.TriedChanged, Is.False);
        Assert.That(book.Manager.TakeChanges().IsEmpty, Is.True);
    }

    [Test]
    public void What_is_told_again_without_news_is_no_change()
    {
        var book = new Book();
        book.Add("250.1.1.1");
        book.Manager.TakeChanges();
        book.Add("250.1.1.1");
        book.Manager.SetServices(Peer, Services.Logos);
        book.Manager.Connected(Peer, book.Now);
        Assert.That(book.Manager.TakeChanges().IsEmpty, Is.True);
    }

    [Test]
    public void An_answer_is_worth_storing_soon()
    {
        var book = new Book();
        book.Add("250.1.1.1");
        Assert.That(book.Manager.HasTriedChanges, Is.False);
        book.Manager.Good(Peer, book.Now);
        Assert.That(book.Manager.HasTriedChanges, Is.True);
        Assert.That(book.Manager.TakeChanges().TriedChanged, Is.True);
        Assert.That(book.Manager.HasTriedChanges, Is.False);
        Assert.That(book.Manager.TakeChanges().TriedChanged, Is.False);
    }

    [Test]
    public void An_address_that_came_and_went_unseen_leaves_no_trace()
    {
        Book book = WithTwoThatCollide(out NetEndpoint first, out TimedAddress second);
        book.Manager.Add([second], Book.Source);
        Assert.That(book.Manager.Contains(first), Is.False);

        AddressChanges changes = book.Manager.TakeChanges();
        Assert.That(changes.Removed, Is.Empty);
        Assert.That(changes.Upserted.Select(entry => entry.Endpoint), Is.EqualTo((NetEndpoint[])[second.Endpoint]));
    }

    [Test]
    public void An_address_that_the_store_has_is_removed_from_it()
    {
        Book book = WithTwoThatCollide(out NetEndpoint first, out TimedAddress second);
        book.Manager.TakeChanges();
        book.Manager.Add([second], Book.Source);
        Assert.That(book.Manager.TakeChanges().Removed, Is.EqualTo((NetEndpoint[])[first]));
    }

    [Test]
    public void An_address_that_went_and_came_back_is_only_stored_again()
    {
        Book book = WithTwoThatCollide(out NetEndpoint first, out TimedAddress second);
        book.Manager.TakeChanges();
        book.Manager.Add([second], Book.Source);
        book.Clock.Advance(TimeSpan.FromDays(40));
        book.Manager.Add([new TimedAddress(first, Services.None, (uint)book.Now)], Book.Source);

        AddressChanges changes = book.Manager.TakeChanges();
        Assert.That(changes.Upserted.Select(entry => entry.Endpoint), Is.EqualTo((NetEndpoint[])[first]));
        Assert.That(changes.Removed, Is.Empty, "the store never had the second");

        book.Clock.Advance(TimeSpan.FromDays(40));
        book.Manager.Add([second with { Time = (uint)book.Now }], Book.Source);
        Assert.That(book.Manager.TakeChanges().Removed, Is.EqualTo((NetEndpoint[])[first]));
    }

    [Test]
    public void An_address_that_went_came_back_and_went_is_removed_from_the_store()
    {
        Book book = WithTwoThatCollide(out NetEndpoint first, out TimedAddress second);
        book.Manager.TakeChanges();
        foreach (NetEndpoint winner in new[] { second.Endpoint, first, second.Endpoint })
        {
            book.Clock.Advance(TimeSpan.FromDays(40));
            book.Manager.Add([second with { Endpoint = winner, Time = (uint)book.Now }], Book.Source);
        }

        AddressChanges changes = book.Manager.TakeChanges();
        Assert.That(changes.Upserted.Select(entry => entry.Endpoint), Is.EqualTo((NetEndpoint[])[second.Endpoint]));
        Assert.That(changes.Removed, Is.EqualTo((NetEndpoint[])[first]));
    }

    [Test]
    [Category("Slow")]
    public void A_restored_manager_is_the_one_that_was_stored()
    {
        var book = new Book();
        var random = new Random(5);
        for (int i = 0; i < 3000; i++)
        {
            string text = $"{random.Next(1, 250)}.{random.Next(4)}.1.1";
            book.Add(text, $"{random.Next(1, 250)}.1.1.1", age: 5000 - i);
            if (i % 7 == 0)
                book.Manager.Good(Book.Endpoint(text), book.Now);
        }

        AddressManager copy = book.Another().Manager;
        RestoreResult result = copy.Restore(book.Manager.Snapshot());
        Assert.Multiple(() =>
        {
            Assert.That(result, Is.EqualTo(new RestoreResult(book.Manager.Count, 0, 0)));
            Assert.That(copy.Snapshot(), Is.EquivalentTo(book.Manager.Snapshot()));
            Assert.That(copy.TriedCount, Is.EqualTo(book.Manager.TriedCount).And.GreaterThan(100));
            Assert.That(copy.TakeChanges().IsEmpty, Is.True, "the store has all of it");
        });
        // Same key, same buckets, and the check proves each at the position that the key gives.
        copy.Check();
    }

    [Test]
    public void Under_another_key_everyone_gets_a_new_place()
    {
        var book = new Book(seed: 1);
        for (int i = 0; i < 200; i++)
            book.Add($"{i + 1}.1.1.1", $"{i + 1}.1.1.1");

        var other = new Book(seed: 2);
        RestoreResult result = other.Manager.Restore(book.Manager.Snapshot(), keepBuckets: false);
        Assert.That(result.Restored, Is.GreaterThan(190));
        Assert.That(result.Restored + result.Dropped, Is.EqualTo(book.Manager.Count));
        Assert.That(other.Manager.TakeChanges().Upserted, Has.Count.GreaterThan(190), "the store has the old buckets");
        other.Manager.Check();
    }

    [Test]
    public void What_makes_no_sense_is_dropped_counted_and_removed_from_the_store()
    {
        AddressEntry good = Fresh("250.1.1.1");
        AddressEntry[] bad =
        [
            good,
            Fresh("10.0.0.2") with { LastTry = -1 },
            Fresh("250.1.1.2") with { NewBuckets = default },
            Fresh("250.1.1.3") with { InTried = true },
            Fresh("250.1.1.4") with { InTried = true, NewBuckets = default },
            Fresh("250.1.1.5") with { LastTry = -1 },
        ];

        AddressManager manager = new Book().Manager;
        Assert.That(manager.Restore([good, .. bad]), Is.EqualTo(new RestoreResult(1, bad.Length, 0)));
        Assert.That(manager.Snapshot(), Is.EqualTo((AddressEntry[])[good]));
        Assert.That(manager.TakeChanges().Removed, Is.EquivalentTo(bad.Skip(1).Select(entry => entry.Endpoint)));
        manager.Check();
    }

    [Test]
    public void What_is_only_not_routable_under_the_present_options_stays_in_the_store()
    {
        AddressManager manager = new Book().Manager;
        Assert.That(
            manager.Restore([Fresh("10.0.0.1"), Fresh("[2001:db8::1]"), Fresh("250.1.1.1")]),
            Is.EqualTo(new RestoreResult(1, 0, 2)));
        Assert.That(manager.TakeChanges().IsEmpty, Is.True);
        manager.Check();
    }

    [Test]
    public void Who_finds_his_place_taken_goes_where_his_source_puts_him()
    {
        // These two have the same place in tried.
        Book book = Book.LikeBitcoinCore();
        var tried = new AddressEntry[] { Tried("250.1.1.19", 0), Tried("250.1.1.36", 0) };
        Assert.That(book.Manager.Restore(tried), Is.EqualTo(new RestoreResult(1, 1, 0)));

        Book other = Book.LikeBitcoinCore();
        // All claim one bucket, which has 64 positions: some must collide there and fall back to their own.
        AddressEntry[] crowd = [.. Enumerable.Range(0, 200).Select(i => Fresh($"{i + 1}.1.1.1"))];
        RestoreResult result = other.Manager.Restore(crowd);
        Assert.That(result.Restored, Is.GreaterThan(150));
        Assert.That(other.Manager.Snapshot().Count(entry => entry.NewBuckets.Contains(5)), Is.LessThanOrEqualTo(64));
        other.Manager.Check();
    }

    [Test]
    public void Only_an_empty_manager_can_be_restored()
    {
        var book = new Book();
        book.Add("250.1.1.1");
        Assert.That(() => book.Manager.Restore([]), Throws.InvalidOperationException);
    }

    [Test]
    public void Failures_count_after_a_restore_before_anybody_answered()
    {
        AddressManager manager = new Book().Manager;
        manager.Restore([Fresh("250.1.1.1")]);
        manager.Attempt(Peer, countFailure: true, 1_800_000_000);
        manager.TryGet(Peer, out AddressEntry? entry);
        Assert.That(entry?.Attempts, Is.EqualTo(1));
    }

    [TestCase(30)]
    [TestCase(AddrManParameters.EarliestNow - 1)]
    public void By_a_clock_that_is_not_set_yet_nothing_that_was_stored_is_put_right(long now)
    {
        AddressManager manager = At(now);
        AddressEntry stored = Tried("250.1.1.1", 1) with { LastTry = 1_780_000_000 };

        manager.Restore([stored]);

        Assert.That(manager.Snapshot(), Is.EqualTo(new[] { stored }));
        Assert.That(manager.TakeChanges().IsEmpty, Is.True, "Nothing is written over.");
        manager.Attempt(stored.Endpoint, countFailure: true, now);
        manager.Connected(stored.Endpoint, now);
        Assert.That(manager.Snapshot(), Is.EqualTo(new[] { stored }), "Nor is it put back by what happens meanwhile.");
        Assert.That((stored with { LastTry = 0 }).IsTerrible(now), Is.False);
    }

    [Test]
    public void By_a_clock_that_is_set_times_ahead_are_put_right()
    {
        AddressManager manager = At(AddrManParameters.EarliestNow);

        manager.Restore([Tried("250.1.1.1", 1)]);

        Assert.That(manager.Snapshot().Single().LastSuccess, Is.EqualTo(AddrManParameters.EarliestNow));
    }

    private static AddressManager At(long now) => new(
        Book.DefaultOptions(1) with { Clock = new ManualTimeProvider(DateTimeOffset.FromUnixTimeSeconds(now)) });

    private static AddressEntry Fresh(string text, ushort port = 14495) => new()
    {
        Address = new TimedAddress(Book.Endpoint(text, port), Services.Logos, 1_780_000_000),
        Source = Book.Host("8.8.8.8"),
        NewBuckets = default(BucketSet).With(5),
    };

    private static AddressEntry Tried(string text, ushort port) =>
        Fresh(text, port) with { InTried = true, LastSuccess = 1_780_000_000, NewBuckets = default };

    /// <summary>Two addresses with one place: the first is in it, and the second will take it.</summary>
    private static Book WithTwoThatCollide(out NetEndpoint first, out TimedAddress second)
    {
        Book book = Book.LikeBitcoinCore();
        second = new TimedAddress(Book.Endpoint("250.1.1.23", 0), Services.None, (uint)book.Now);
        var mapper = new BucketMapper(book.Options.Key.Span, book.Options.Hash);
        NetGroup group = PrefixGrouping.Instance.GroupOf(second.Endpoint);
        int bucket = mapper.NewBucket(group, PrefixGrouping.Instance.GroupOf(new NetEndpoint(Book.Source, 0)));
        int position = mapper.Position(isNew: true, bucket, second.Endpoint);
        first = Enumerable.Range(1, 22)
            .Select(i => Book.Endpoint($"250.1.1.{i}", 0))
            .Single(endpoint => mapper.Position(isNew: true, bucket, endpoint) == position);
        book.Manager.Add([new TimedAddress(first, Services.None, 1)], Book.Source);
        return book;
    }
}
