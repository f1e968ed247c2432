using Logos.P2P.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>The addresses of another manager taken into one that has its own.</summary>
internal sealed class AddressManagerMergeTests
{
    [Test]
    public void The_unknown_are_added_and_are_to_be_stored()
    {
        Book book = Filled(1, 20), other = Filled(2, 60);
        book.Manager.TakeChanges();

        MergeResult result = book.Manager.Merge(other.Manager.Snapshot(), keepBuckets: false);

        Assert.That(result.Added, Is.GreaterThan(190));
        Assert.That(result, Is.EqualTo(new MergeResult(result.Added, 0, 0, 200 - result.Added)));
        Assert.That(book.Manager.Count, Is.EqualTo(200 + result.Added));
        Assert.That(book.Manager.TakeChanges().Upserted, Has.Count.EqualTo(result.Added));
        book.Manager.Check();
    }

    [Test]
    public void Of_the_known_each_newer_fact_wins()
    {
        var book = new Book();
        book.Add("20.1.1.1", age: 100);
        AddressEntry mine = book.Entry("20.1.1.1");
        AddressEntry newer = mine with
        {
            Address = mine.Address with { Time = mine.Address.Time + 50, Services = Services.None },
            LastTry = 7,
            Attempts = 2,
        };
        AddressEntry older = mine with { Address = mine.Address with { Time = 5 }, LastTry = 3, Attempts = 9 };

        Assert.That(book.Manager.Merge([newer], false), Is.EqualTo(new MergeResult(0, 1, 0, 0)));
        Assert.That(book.Entry("20.1.1.1"), Is.EqualTo(newer));

        book.Manager.TakeChanges();
        book.Manager.Merge([older], false);
        Assert.That(book.Entry("20.1.1.1"), Is.EqualTo(newer));
        Assert.That(book.Manager.TakeChanges().IsEmpty, Is.True);
    }

    [Test]
    public void What_a_peer_offers_we_know_better_once_it_answered_us()
    {
        var book = new Book();
        book.Add("20.1.1.1", age: Book.Day);
        book.Manager.Good(Book.Endpoint("20.1.1.1"), book.Now - Book.Hour);
        AddressEntry mine = book.Entry("20.1.1.1");

        book.Manager.Merge([mine with { Address = book.Address("20.1.1.1", services: Services.None) }], false);

        Assert.That(book.Entry("20.1.1.1").Address, Is.EqualTo(book.Address("20.1.1.1")), "The time is news.");
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Nothing_that_another_node_tells_has_happened_after_now(bool isKnown)
    {
        var book = new Book();
        if (isKnown)
            book.Add("20.1.1.1", age: 10 * Book.Day);
        AddressEntry told = FromTheFuture(book);

        book.Manager.Merge([told], keepBuckets: false);

        AddressEntry learned = book.Entry("20.1.1.1");
        Assert.That(learned.Address.Time, Is.EqualTo(book.Now - AddrManParameters.UnknownAge));
        Assert.That(learned.LastTry, Is.EqualTo(book.Now));
        Assert.That(learned.LastSuccess, Is.EqualTo(book.Now));
        book.Manager.Check();
    }

    [Test]
    public void Nor_has_what_a_store_says_and_the_store_is_told()
    {
        var book = new Book();
        AddressEntry told = FromTheFuture(book);

        book.Manager.Restore([told, told with { Address = told.Address with { Endpoint = Book.Endpoint("30.1.1.1"), Time = 1 } }]);

        Assert.That(book.Entry("20.1.1.1").LastSuccess, Is.EqualTo(book.Now));
        Assert.That(book.Entry("30.1.1.1").Address.Time, Is.EqualTo(book.Now - AddrManParameters.UnknownAge));
        Assert.That(book.Manager.TakeChanges().Upserted, Is.EquivalentTo(book.Manager.Snapshot()));
    }

    [Test]
    public void Who_answered_the_other_moves_to_the_tried_table_but_drives_nobody_out()
    {
        // These two have the same place in tried.
        Book book = Book.LikeBitcoinCore();
        book.Manager.Add([Heard(book, "250.1.1.19"), Heard(book, "250.1.1.36")], Book.Source);
        AddressEntry[] tried =
        [
            .. new[] { "250.1.1.19", "250.1.1.36" }.Select(host => book.Entry(host, 0) with
            {
                InTried = true, NewBuckets = default, LastSuccess = 9,
            }),
        ];

        book.Manager.Merge(tried, keepBuckets: true);

        Assert.That(book.Entry("250.1.1.19", 0).InTried, Is.True);
        Assert.That(book.Entry("250.1.1.36", 0).InTried, Is.False);
        Assert.That(book.Entry("250.1.1.36", 0).LastSuccess, Is.EqualTo(9));
        book.Manager.Check();
    }

    [Test]
    public void What_makes_no_sense_is_counted()
    {
        Book book = Filled(1, 20);
        AddressEntry entry = book.Manager.Snapshot()[0];

        MergeResult result = book.Manager.Merge(
            [entry with { LastTry = -1 }, entry with { Address = entry.Address with { Endpoint = Book.Endpoint("10.0.0.1") } }],
            keepBuckets: false);

        Assert.That(result, Is.EqualTo(new MergeResult(0, 0, 2, 0)));
        Assert.That(book.Manager.Count, Is.EqualTo(200));
    }

    [Test]
    public void The_count_of_changes_stays_the_same_only_while_nothing_changes()
    {
        var book = new Book();
        long last = book.Manager.ChangeCount;
        book.Add("20.1.1.1");
        Assert.That(book.Manager.ChangeCount, Is.GreaterThan(last));
        last = book.Manager.ChangeCount;
        book.Add("20.1.1.1");
        book.Manager.TakeChanges();
        Assert.That(book.Manager.ChangeCount, Is.EqualTo(last));
        book.Manager.Attempt(Book.Endpoint("20.1.1.1"), true, book.Now);
        Assert.That(book.Manager.ChangeCount, Is.GreaterThan(last));
    }

    private static AddressEntry FromTheFuture(Book book) => new()
    {
        Address = new TimedAddress(Book.Endpoint("20.1.1.1"), Services.Logos, uint.MaxValue),
        Source = Book.Source,
        LastTry = long.MaxValue,
        LastSuccess = book.Now + 1,
        NewBuckets = default(BucketSet).With(1),
    };

    private static TimedAddress Heard(Book book, string host) =>
        new(Book.Endpoint(host, 0), Services.None, (uint)book.Now);

    private static Book Filled(int seed, int firstByte)
    {
        var book = new Book(seed);
        for (int i = 0; book.Manager.Count < 200; i++)
            book.Add($"{firstByte + (i % 30)}.{i / 30}.1.1", $"{firstByte + (i % 30)}.{i}.1.1");
        return book;
    }
}
