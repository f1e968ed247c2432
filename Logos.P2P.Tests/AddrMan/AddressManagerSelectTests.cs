using Logos.P2P.AddrMan;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>Whom to dial, and what to tell others.</summary>
[TestFixture]
internal sealed class AddressManagerSelectTests
{
    [TestCase(false)]
    [TestCase(true)]
    public void From_an_empty_manager_there_is_nobody_to_dial(bool newOnly) =>
        Assert.That(new Book().Manager.Select(newOnly), Is.Null);

    [Test]
    public void The_only_address_is_chosen_wherever_it_is()
    {
        var book = new Book();
        book.Add("250.1.1.1");
        Candidate only = new(book.Address("250.1.1.1"), LastTry: 0);
        Assert.That(book.Manager.Select(newOnly: true), Is.EqualTo(only));
        Assert.That(Enumerable.Range(0, 20).Select(_ => book.Manager.Select()), Is.All.EqualTo(only));

        book.Manager.Good(Book.Endpoint("250.1.1.1"), book.Now);
        only = only with { LastTry = book.Now };
        Assert.That(book.Manager.Select(newOnly: true), Is.Null);
        Assert.That(Enumerable.Range(0, 20).Select(_ => book.Manager.Select()), Is.All.EqualTo(only));
    }

    [Test]
    public void Even_an_address_that_always_fails_is_chosen_in_the_end()
    {
        var book = new Book();
        book.Add("250.1.1.1");
        for (int i = 0; i < 20; i++)
        {
            book.Manager.Good(Book.Endpoint("9.9.9.9"), book.Now + i);
            book.Manager.Attempt(Book.Endpoint("250.1.1.1"), countFailure: true, book.Now + i);
        }

        Assert.That(book.Manager.Select(), Is.Not.Null);
    }

    [Test]
    public void New_and_tried_are_chosen_equally_often_however_many_are_in_each()
    {
        var book = new Book();
        for (int i = 0; i < 100; i++)
            book.Add($"250.{i}.1.1", $"250.{i}.1.1");
        for (int i = 0; i < 3; i++)
        {
            book.Add($"251.{i}.1.1", $"251.{i}.1.1");
            book.Manager.Good(Book.Endpoint($"251.{i}.1.1"), book.Now - Book.Hour);
        }

        Dictionary<string, int> chosen = Draw(book, 4000);
        int tried = chosen.Where(draw => draw.Key.StartsWith("251.", StringComparison.Ordinal)).Sum(draw => draw.Value);
        Assert.That(tried, Is.EqualTo(2000).Within(200));
        Assert.That(chosen, Has.Count.EqualTo(103), "everyone has a chance");
    }

    [Test]
    public void An_address_that_fails_is_chosen_less_often()
    {
        var book = new Book();
        book.Add("250.1.1.1", "250.1.1.1");
        book.Add("250.2.1.1", "250.2.1.1");
        for (int i = 0; i < 5; i++)
        {
            book.Manager.Good(Book.Endpoint("9.9.9.9"), book.Now - Book.Day + i);
            book.Manager.Attempt(Book.Endpoint("250.1.1.1"), countFailure: true, book.Now - Book.Day + i);
        }

        Dictionary<string, int> chosen = Draw(book, 2000);
        // Its chance is 0.66^5 = 1/8 when it is drawn.
        Assert.That(chosen["250.1.1.1:14495"], Is.InRange(100, 400));
    }

    [Test]
    [Conformance("M5")]
    public void An_address_just_tried_is_hardly_ever_chosen_again()
    {
        var book = new Book();
        book.Add("250.1.1.1", "250.1.1.1");
        book.Add("250.2.1.1", "250.2.1.1");
        book.Manager.Attempt(Book.Endpoint("250.1.1.1"), countFailure: false, book.Now);
        Assert.That(Draw(book, 2000).GetValueOrDefault("250.1.1.1:14495"), Is.LessThan(60));

        book.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.That(Draw(book, 2000).GetValueOrDefault("250.1.1.1:14495"), Is.GreaterThan(800));
    }

    [Test]
    public void Someone_who_fills_one_bucket_is_not_chosen_more_often_for_it()
    {
        // One source can fill one bucket with one /16, here 40 of 64 positions; another tells one address.
        var book = new Book();
        for (int i = 0; i < 60; i++)
            book.Add($"250.1.1.{i}", "6.6.6.6");
        book.Add("251.1.1.1", "7.7.7.7");
        Assert.That(book.Manager.Count, Is.GreaterThan(30));
        Assert.That(Draw(book, 1000)["251.1.1.1:14495"], Is.EqualTo(500).Within(80));
    }

    [Test]
    public void The_same_seed_makes_the_same_choices()
    {
        string[][] runs = [.. new[] { 1, 1, 2 }.Select(seed =>
        {
            var book = new Book(Book.DefaultOptions(1) with { Random = new Random(seed) });
            for (int i = 0; i < 100; i++)
                book.Add($"250.{i}.1.1");
            return Enumerable.Range(0, 50).Select(_ => $"{book.Manager.Select()?.Address.Endpoint}").ToArray();
        })];
        Assert.That(runs[0], Is.EqualTo(runs[1]));
        Assert.That(runs[0], Is.Not.EqualTo(runs[2]));
    }

    /// <summary>Core's addrman_getaddr: 5 known, then 2006 of 2052 told.</summary>
    [Test]
    [Conformance("M1")]
    public void As_in_Bitcoin_Cores_test_five_known_make_an_answer_of_one_and_2006_one_of_461()
    {
        Book book = Book.LikeBitcoinCore();
        Assert.That(book.Manager.GetAddresses(2500, 23), Is.Empty);
        book.Add("250.250.2.1:8333", "250.1.2.1");
        book.Add("251.252.2.3:8333", "250.1.2.1");
        book.Add("252.254.4.5:8333", "250.1.2.1");
        book.Add("250.251.2.2:9999", "250.2.3.3");
        book.Add("252.253.3.4:8333", "250.2.3.3");
        Assert.That(book.Manager.GetAddresses(2500), Has.Length.EqualTo(5));
        Assert.That(book.Manager.GetAddresses(2500, 23), Has.Length.EqualTo(1));
        book.Manager.Good(Book.Endpoint("250.250.2.1:8333"), book.Now);
        book.Manager.Good(Book.Endpoint("250.251.2.2:9999"), book.Now);
        Assert.That(book.Manager.GetAddresses(2500, 23), Has.Length.EqualTo(1));

        for (int i = 1; i < 8 * 256; i++)
        {
            // Core writes the second part as i >> 8 % 256, which is i >> 8.
            NetEndpoint endpoint = Book.Endpoint($"{i % 256}.{i >> 8}.1.23", 0);
            book.Manager.Add([new TimedAddress(endpoint, Services.None, (uint)book.Now)], endpoint.Address);
            if (i % 8 == 0)
                book.Manager.Good(endpoint, book.Now);
        }

        Assert.That(book.Manager.Count, Is.EqualTo(2006));
        Assert.That(book.Manager.GetAddresses(2500, 23), Has.Length.EqualTo(461));
        book.Manager.Check();
    }

    [TestCase(1, 1)]
    [TestCase(4, 1)]
    [TestCase(8, 1)]
    [TestCase(9, 2)]
    public void One_address_at_least_is_told_if_any_is_known(int known, int told)
    {
        var book = new Book();
        for (int i = 0; i < known; i++)
            book.Add($"250.{i}.1.1");
        Assert.That(book.Manager.GetAddresses(1000, 23), Has.Length.EqualTo(told));
    }

    [Test]
    public void No_more_are_told_than_asked_for_and_none_twice()
    {
        var book = new Book();
        for (int i = 0; i < 200; i++)
            book.Add($"250.{i}.1.1");
        TimedAddress[] before = book.Manager.GetAddresses(10);
        Assert.Multiple(() =>
        {
            Assert.That(book.Manager.GetAddresses(0), Is.Empty);
            Assert.That(book.Manager.GetAddresses(7), Has.Length.EqualTo(7).And.Unique);
            Assert.That(book.Manager.GetAddresses(int.MaxValue), Has.Length.EqualTo(book.Manager.Count).And.Unique);
            Assert.That(book.Manager.GetAddresses(10), Is.Not.EqualTo(before), "each answer is drawn anew");
        });
        book.Manager.Check();
    }

    [Test]
    public void Terrible_addresses_are_not_told()
    {
        var book = new Book();
        for (int i = 0; i < 10; i++)
            book.Add($"250.{i}.1.1", age: i % 2 == 0 ? 0 : 31 * Book.Day);
        TimedAddress[] told = book.Manager.GetAddresses(1000);
        Assert.That(told, Has.Length.EqualTo(5).And.All.Matches<TimedAddress>(address => address.Time == book.Now));
    }

    [Test]
    public void Nonsense_limits_are_refused()
    {
        AddressManager manager = new Book().Manager;
        Assert.Multiple(() =>
        {
            Assert.That(() => manager.GetAddresses(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => manager.GetAddresses(1, -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => manager.GetAddresses(1, 101), Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }

    private static Dictionary<string, int> Draw(Book book, int times) => Enumerable.Range(0, times)
        .Select(_ => book.Manager.Select() ?? throw new InvalidOperationException("Nobody was chosen."))
        .GroupBy(candidate => candidate.Address.Endpoint.ToString())
        .ToDictionary(draws => draws.Key, draws => draws.Count());
}
