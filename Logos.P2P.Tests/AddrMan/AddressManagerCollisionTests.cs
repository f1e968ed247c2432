using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>
/// Test-before-evict. The numbers are those of Bitcoin Core's `addrman_tests.cpp`: with its hash and key 250.1.1.1 to
/// 250.1.1.35 have 35 places in tried, 36 has the place of 19, and 59 that of 10.
/// </summary>
[TestFixture]
internal sealed class AddressManagerCollisionTests
{
    /// <summary>Core's addrman_selecttriedcollision.</summary>
    [Test]
    public void Who_has_a_place_for_himself_and_answers_again_is_no_collision()
    {
        Book book = Book.LikeBitcoinCore();
        Assert.That(book.Manager.SelectTriedCollision(), Is.Null);
        for (int i = 1; i < 23; i++)
            Assert.That(AddAndConnect(book, i), Is.True);
        for (int i = 1; i < 23; i++)
            Assert.That(AddAndConnect(book, i), Is.False);
        Assert.That(book.Manager.SelectTriedCollision(), Is.Null);
        Assert.That(book.Manager.TriedCollisionCount, Is.Zero);
    }

    /// <summary>Core's addrman_noevict.</summary>
    [Test]
    public void Who_answered_lately_keeps_the_place()
    {
        Book book = WithThirtyFive();
        Assert.That(AddAndConnect(book, 36), Is.False);
        Assert.That(Tested(book), Is.EqualTo("250.1.1.19:0"));

        Assert.That(book.Manager.ResolveCollisions(book.Now), Is.Zero);
        Assert.That(book.Manager.SelectTriedCollision(), Is.Null);
        Assert.That(book.Entry("250.1.1.19", 0).InTried, Is.True);
        Assert.That(book.Entry("250.1.1.36", 0).InTried, Is.False);

        for (int i = 37; i < 59; i++)
            Assert.That(AddAndConnect(book, i), Is.True);
        Assert.That(AddAndConnect(book, 59), Is.False);
        Assert.That(Tested(book), Is.EqualTo("250.1.1.10:0"));
        Assert.That(AddAndConnect(book, 36), Is.False);
        Assert.That(book.Manager.TriedCollisionCount, Is.EqualTo(2));
        Assert.That(Tested(book), Is.EqualTo("250.1.1.10:0").Or.EqualTo("250.1.1.19:0"));
        book.Manager.Check();

        Assert.That(book.Manager.ResolveCollisions(book.Now), Is.Zero);
        Assert.That(book.Manager.SelectTriedCollision(), Is.Null);
        book.Manager.Check();
    }

    /// <summary>Core's addrman_evictionworks.</summary>
    [Test]
    [Conformance("M1")]
    public void Who_fails_the_test_loses_the_place_and_can_win_it_back()
    {
        Book book = WithThirtyFive();
        AddAndConnect(book, 36);
        NetEndpoint occupant = Endpoint(19);
        Assert.That(book.Manager.Good(occupant, 1), Is.False);
        book.Manager.Attempt(occupant, countFailure: false, book.Now - 61);

        Assert.That(book.Manager.ResolveCollisions(book.Now), Is.EqualTo(1));
        Assert.That(book.Manager.SelectTriedCollision(), Is.Null);
        Assert.That(book.Entry("250.1.1.36", 0).InTried, Is.True);
        Assert.That(book.Entry("250.1.1.19", 0).InTried, Is.False);
        book.Manager.Check();

        Assert.That(AddAndConnect(book, 36), Is.False);
        Assert.That(book.Manager.SelectTriedCollision(), Is.Null);
        Assert.That(book.Manager.Good(occupant, book.Now), Is.False);
        Assert.That(Tested(book), Is.EqualTo("250.1.1.36:0"));

        book.Clock.Advance(TimeSpan.FromHours(4));
        Assert.That(book.Manager.ResolveCollisions(book.Now), Is.EqualTo(1));
        Assert.That(book.Manager.SelectTriedCollision(), Is.Null);
        Assert.That(book.Entry("250.1.1.19", 0).InTried, Is.True);
        Assert.That(book.Entry("250.1.1.36", 0).InTried, Is.False);
        book.Manager.Check();
    }

    [Test]
    public void A_test_that_fails_decides_after_a_minute()
    {
        Book book = WithCollisionAfter(TimeSpan.FromHours(5));
        Resolves(book, 0);
        book.Manager.Attempt(Endpoint(19), countFailure: true, book.Now);
        Resolves(book, 0);
        book.Clock.Advance(TimeSpan.FromSeconds(60));
        Resolves(book, 0);
        book.Clock.Advance(TimeSpan.FromSeconds(1));
        Resolves(book, 1);
    }

    [Test]
    public void A_test_that_succeeds_decides_at_once()
    {
        Book book = WithCollisionAfter(TimeSpan.FromHours(5));
        book.Manager.Attempt(Endpoint(19), countFailure: true, book.Now);
        book.Manager.Good(Endpoint(19), book.Now);
        Resolves(book, 0);
        Assert.That(book.Manager.TriedCollisionCount, Is.Zero);
        Assert.That(book.Entry("250.1.1.19", 0).InTried, Is.True);
    }

    [Test]
    [Conformance("M1")]
    public void Without_a_test_the_newcomer_has_the_place_after_forty_minutes()
    {
        Book book = WithCollisionAfter(TimeSpan.FromHours(5));
        book.Clock.Advance(TimeSpan.FromMinutes(40));
        Resolves(book, 0);
        book.Clock.Advance(TimeSpan.FromSeconds(1));
        Resolves(book, 1);
        Assert.That(book.Entry("250.1.1.36", 0).LastSuccess, Is.EqualTo(book.Now), "and keeps it for a while");
    }

    [Test]
    public void Two_who_want_the_same_place_get_it_one_after_the_other()
    {
        var book = new Book(Book.DefaultOptions(1) with { Hash = new CollidingHash(1) });
        // All have the same place in tried, but there is only one in new either, so each comes after the other left it.
        book.Add("250.1.1.1");
        Assert.That(book.Manager.Good(Book.Endpoint("250.1.1.1"), book.Now), Is.True);
        book.Clock.Advance(TimeSpan.FromHours(5));
        book.Add("250.1.1.2");
        Assert.That(book.Manager.Good(Book.Endpoint("250.1.1.2"), book.Now), Is.False);
        book.Manager.Check();
        book.Clock.Advance(TimeSpan.FromMinutes(41));
        Resolves(book, 1);
        Assert.That(book.Entry("250.1.1.2").InTried, Is.True);
        Assert.That(book.Entry("250.1.1.1").InTried, Is.False);
    }

    [Test]
    public void Ten_may_wait_and_the_next_are_told_to_come_again()
    {
        var book = new Book();
        long start = book.Now;
        Assert.That(FillUntilCollisions(book, 10, out List<NetEndpoint> waiting), Is.True);
        Assert.That(FillUntilCollisions(book, 1, out List<NetEndpoint> eleventh), Is.True);
        Assert.That(book.Manager.TriedCollisionCount, Is.EqualTo(10));
        book.Manager.Check();

        HashSet<NetEndpoint> tested = [];
        for (int i = 0; i < 500; i++)
            tested.Add(book.Manager.SelectTriedCollision()!.Value.Address.Endpoint);
        Assert.That(tested, Has.Count.EqualTo(10), "each of them has his turn");
        Assert.That(tested, Has.None.Matches<NetEndpoint>(waiting.Contains));

        Assert.That(book.Manager.ResolveCollisions(start), Is.Zero);
        Assert.That(book.Manager.TriedCollisionCount, Is.Zero);
        book.Manager.Good(eleventh[0], book.Now);
        Assert.That(book.Manager.TriedCollisionCount, Is.EqualTo(1));
    }

    [Test]
    public void A_newcomer_that_is_forgotten_waits_no_more()
    {
        Book book = WithCollisionAfter(TimeSpan.FromHours(5));
        // A place in new is lost to anyone once its address is terrible.
        book.Clock.Advance(TimeSpan.FromDays(40));
        for (int i = 37; i < 255 && book.Manager.Contains(Endpoint(36)); i++)
            book.Manager.Add([new TimedAddress(Endpoint(i), Services.None, (uint)book.Now)], Book.Source);
        Assert.That(book.Manager.Contains(Endpoint(36)), Is.False);
        Assert.That(book.Manager.TriedCollisionCount, Is.Zero);
        Assert.That(book.Manager.SelectTriedCollision(), Is.Null);
        book.Manager.Check();
    }

    [Test]
    public void Without_the_test_the_newcomer_has_the_place_at_once()
    {
        Book book = WithThirtyFive();
        book.Manager.Add([new TimedAddress(Endpoint(36), Services.None, (uint)book.Now)], Book.Source);
        Assert.That(book.Manager.Good(Endpoint(36), book.Now, testBeforeEvict: false), Is.True);
        Assert.That((book.Manager.NewCount, book.Manager.TriedCount), Is.EqualTo((1, 35)));
        Assert.That(book.Entry("250.1.1.36", 0).InTried, Is.True);
        Assert.That(book.Entry("250.1.1.19", 0).InTried, Is.False);
        book.Manager.Check();
    }

    /// <summary>Connects to one address after another until so many have the place of another.</summary>
    private static bool FillUntilCollisions(Book book, int count, out List<NetEndpoint> collided)
    {
        collided = [];
        for (int i = book.Manager.Count; i < 20_000 && collided.Count < count; i++)
        {
            NetEndpoint endpoint = Book.Endpoint($"{20 + (i / 65536)}.{i / 256 % 256}.{i % 256}.1");
            if (book.Manager.Add([new TimedAddress(endpoint, Services.None, (uint)book.Now)], endpoint.Address) == 1
                && !book.Manager.Good(endpoint, book.Now))
            {
                collided.Add(endpoint);
            }
        }

        return collided.Count == count;
    }

    private static void Resolves(Book book, int replaced)
    {
        Assert.That(book.Manager.ResolveCollisions(book.Now), Is.EqualTo(replaced));
        book.Manager.Check();
    }

    private static Book WithThirtyFive()
    {
        Book book = Book.LikeBitcoinCore();
        for (int i = 1; i <= 35; i++)
            Assert.That(AddAndConnect(book, i), Is.True);
        Assert.That(book.Manager.TriedCount, Is.EqualTo(35));
        return book;
    }

    /// <summary>36 wants the place of 19, which answered a while ago.</summary>
    private static Book WithCollisionAfter(TimeSpan wait)
    {
        Book book = WithThirtyFive();
        book.Clock.Advance(wait);
        Assert.That(AddAndConnect(book, 36), Is.False);
        return book;
    }

    private static string Tested(Book book) => $"{book.Manager.SelectTriedCollision()?.Address.Endpoint}";

    private static NetEndpoint Endpoint(int last) => Book.Endpoint($"250.1.1.{last}", 0);

    private static bool AddAndConnect(Book book, int last)
    {
        book.Manager.Add([new TimedAddress(Endpoint(last), Services.None, (uint)book.Now)], Book.Source);
        return book.Manager.Good(Endpoint(last), book.Now);
    }
}
