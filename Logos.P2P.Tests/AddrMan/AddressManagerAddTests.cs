using System.Globalization;
using Logos.P2P.AddrMan;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>What is stored of what others tell, and where.</summary>
[TestFixture]
internal sealed class AddressManagerAddTests
{
    [Test]
    public void An_address_is_known_once_it_was_told()
    {
        var book = new Book();
        Assert.That(book.Add("250.1.1.1"), Is.EqualTo(1));
        Assert.Multiple(() =>
        {
            Assert.That(book.Manager.Count, Is.EqualTo(1));
            Assert.That(book.Manager.NewCount, Is.EqualTo(1));
            Assert.That(book.Manager.TriedCount, Is.Zero);
            Assert.That(book.Manager.Contains(Book.Endpoint("250.1.1.1")), Is.True);
            Assert.That(book.Manager.Contains(Book.Endpoint("250.1.1.2")), Is.False);
            Assert.That(book.Entry("250.1.1.1").Address, Is.EqualTo(book.Address("250.1.1.1")));
            Assert.That(book.Entry("250.1.1.1").Source, Is.EqualTo(Book.Source));
        });
    }

    [Test]
    public void Telling_it_again_changes_nothing()
    {
        var book = new Book();
        book.Add("250.1.1.1");
        AddressEntry before = book.Entry("250.1.1.1");
        Assert.That(book.Add("250.1.1.1"), Is.Zero);
        Assert.That(book.Entry("250.1.1.1"), Is.SameAs(before));
    }

    [Test]
    public void Two_ports_of_one_host_are_two_addresses()
    {
        var book = new Book();
        Assert.That(book.Add("250.1.1.1:8333"), Is.EqualTo(1));
        Assert.That(book.Add("250.1.1.1:8334"), Is.EqualTo(1));
        Assert.That(book.Manager.Count, Is.EqualTo(2));
    }

    [TestCase("0.0.0.0")]
    [TestCase("255.255.255.255")]
    [TestCase("127.0.0.1")]
    [TestCase("10.0.0.1")]
    [TestCase("203.0.113.1")]
    [TestCase("[::]")]
    [TestCase("[::1]")]
    [TestCase("[fe80::1]")]
    [TestCase("[2001:db8::1]")]
    public void An_address_that_nobody_outside_can_reach_is_not_stored(string text)
    {
        var book = new Book();
        Assert.That(book.Add(text), Is.Zero);
        Assert.That(book.Manager.Count, Is.Zero);
    }

    [Test]
    public void A_name_of_a_source_is_never_an_address_even_if_everything_is_routable()
    {
        var book = new Book(Book.DefaultOptions(1) with { IsRoutable = _ => true });
        foreach (NetAddress nobody in new[] { NetAddress.FromInternalName("seed"), NetAddress.None })
        {
            var address = new TimedAddress(new NetEndpoint(nobody, 1), Services.Logos, (uint)book.Now);
            Assert.That(book.Manager.Add([address], Book.Source), Is.Zero);
        }
    }

    [Test]
    public void Without_a_port_only_I2P_can_be_dialled() => Assert.Multiple(() =>
    {
        NetEndpoint i2p = Book.Endpoint("ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p", 0);
        Assert.That(AddressManagerOptions.IsPublic(i2p), Is.True);
        Assert.That(AddressManagerOptions.IsPublic(Book.Endpoint("8.8.8.8", 0)), Is.False);
        Assert.That(AddressManagerOptions.IsPublic(Book.Endpoint("8.8.8.8", 1)), Is.True);
    });

    [Test]
    public void A_network_on_one_machine_can_have_its_loopback_addresses_stored()
    {
        var book = new Book(Book.DefaultOptions(1) with
        {
            IsRoutable = endpoint => endpoint.Port != 0,
            Grouping = EndpointGrouping.Instance,
        });
        for (int port = 1; port <= 20; port++)
            book.Add($"127.0.0.1:{port}", "127.0.0.1");
        Assert.That(book.Manager.Count, Is.EqualTo(20));
        book.Manager.Check();
    }

    /// <summary>Core's addrman_new_collisions: with its key, 250.1.1.1 to 250.1.1.22 do not collide.</summary>
    [Test]
    [Conformance("M1")]
    public void The_23rd_address_of_Bitcoin_Cores_test_is_the_first_to_collide()
    {
        Book book = Book.LikeBitcoinCore();
        int Collide(int i) => book.Manager.Add([NeverSeen($"250.1.1.{i}")], Book.Source);

        for (int i = 1; i <= 22; i++)
        {
            Assert.That(Collide(i), Is.EqualTo(1));
            Assert.That(book.Manager.Count, Is.EqualTo(i));
        }

        // The one in its place has not been seen for decades, which is terrible, so the newcomer replaces it.
        Assert.That(Collide(23), Is.EqualTo(1));
        Assert.That(book.Manager.Count, Is.EqualTo(22));
        Assert.That(Collide(24), Is.EqualTo(1));
        Assert.That(book.Manager.Count, Is.EqualTo(23));
        book.Manager.Check();
    }

    [Test]
    public void A_newcomer_does_not_replace_an_address_that_is_good()
    {
        Book book = Book.LikeBitcoinCore();
        for (int i = 1; i <= 22; i++)
            book.Manager.Add([Fresh(book, $"250.1.1.{i}")], Book.Source);

        Assert.That(book.Manager.Add([Fresh(book, "250.1.1.23")], Book.Source), Is.Zero);
        Assert.That(book.Manager.Contains(Book.Endpoint("250.1.1.23", 0)), Is.False);
        Assert.That(book.Manager.Count, Is.EqualTo(22));
    }

    [Test]
    public void A_newcomer_takes_a_place_of_an_address_that_has_several()
    {
        Book book = Book.LikeBitcoinCore();
        for (int i = 1; i <= 22; i++)
            book.Manager.Add([Fresh(book, $"250.1.1.{i}")], Book.Source);
        // With one place more each, none is lost when 250.1.1.23 takes one.
        for (int i = 1; i <= 22; i++)
        {
            TimedAddress newer = Fresh(book, $"250.1.1.{i}") with { Time = (uint)book.Now + 1 };
            for (int source = 1; book.Entry($"250.1.1.{i}", 0).NewBuckets.Count < 2; source++)
                book.Manager.Add([newer], Book.Host($"{source}.7.1.1"));
        }

        Assert.That(book.Manager.Add([Fresh(book, "250.1.1.23")], Book.Source), Is.EqualTo(1));
        Assert.That(book.Manager.Count, Is.EqualTo(23));
        book.Manager.Check();
    }

    /// <summary>Core's addrman_new_multiplicity, its first half (overlay.md M1).</summary>
    [Test]
    [Conformance("M1")]
    public void Repeating_an_old_claim_from_many_sources_gives_no_further_place()
    {
        Book book = Book.LikeBitcoinCore();
        for (int i = 1; i < 20; i++)
            book.Add("253.3.3.3:8333", $"{i}.0.1.23");
        Assert.That(book.Entry("253.3.3.3:8333").NewBuckets.Count, Is.EqualTo(1));
    }

    /// <summary>Core's addrman_new_multiplicity, its second half (overlay.md M1).</summary>
    [Test]
    [Conformance("M1")]
    public void An_address_heard_from_many_sources_is_in_at_most_eight_new_buckets()
    {
        Book book = Book.LikeBitcoinCore();
        int most = 0;
        for (int i = 1; i < 5000; i++)
        {
            TimedAddress newer = book.Address("253.3.3.3:8333") with { Time = (uint)(book.Now + (i % 600)) };
            book.Manager.Add([newer], Book.Host($"{i % 256}.{i >> 8}.1.23"));
            int count = book.Entry("253.3.3.3:8333").NewBuckets.Count;
            Assert.That(count, Is.GreaterThanOrEqualTo(most));
            most = count;
        }

        Assert.That(most, Is.EqualTo(8));
        Assert.That(book.Manager.Count, Is.EqualTo(1));
        book.Manager.Check();
    }

    [Test]
    public void Each_further_place_is_half_as_likely_as_the_one_before()
    {
        int[] places = new int[9];
        for (int seed = 0; seed < 400; seed++)
        {
            var book = new Book(seed);
            book.Add("253.3.3.3", "1.1.1.1");
            TimedAddress newer = book.Address("253.3.3.3") with { Time = (uint)book.Now + 1 };
            for (int i = 0; i < 8; i++)
                book.Manager.Add([newer], Book.Host($"2.{i}.1.1"));
            places[book.Entry("253.3.3.3").NewBuckets.Count]++;
        }

        // What odds of 1/2, 1/4, 1/8... make of eight chances: 77, 208, 101 and 12 of 400.
        Assert.Multiple(() =>
        {
            Assert.That(places[2], Is.EqualTo(77).Within(35));
            Assert.That(places[3], Is.EqualTo(208).Within(45));
            Assert.That(places[4], Is.EqualTo(101).Within(40));
            Assert.That(places[1] + places[5], Is.LessThan(40));
        });
    }

    // What is known, what is told (both as ages in seconds), the penalty, and what is known then.
    [TestCase(5 * Book.Hour, 0, 0, 0, TestName = "Five hours newer and online: it moves")]
    [TestCase(Book.Hour, 0, 0, Book.Hour, TestName = "One hour newer and online: not yet")]
    [TestCase(Book.Hour + 1, 0, 0, 0, TestName = "A little more than that: it moves")]
    [TestCase(2 * Book.Day, Book.Day - 1, 0, Book.Day - 1, TestName = "Seen within a day counts as online")]
    [TestCase(2 * Book.Day, Book.Day, 0, 2 * Book.Day, TestName = "Not online, one day newer: not yet")]
    [TestCase((2 * Book.Day) + 1, Book.Day, 0, Book.Day, TestName = "Not online, a day and more newer: it moves")]
    [TestCase(5 * Book.Hour, 0, 2 * Book.Hour, 2 * Book.Hour, TestName = "It moves to what the penalty leaves")]
    [TestCase(3 * Book.Hour, 0, 2 * Book.Hour, 3 * Book.Hour, TestName = "An hour newer after the penalty: not yet")]
    [TestCase(0, 5 * Book.Hour, 0, 0, TestName = "It never moves back")]
    public void The_time_moves_in_large_steps_only(long known, long told, long penalty, long expected)
    {
        var book = new Book();
        book.Add("250.1.1.1", age: known);
        book.Manager.Add([book.Address("250.1.1.1", told)], Book.Source, TimeSpan.FromSeconds(penalty));
        Assert.That(book.Now - book.Entry("250.1.1.1").Address.Time, Is.EqualTo(expected));
    }

    [Test]
    [Conformance("A10")]
    public void The_penalty_makes_a_new_address_older()
    {
        var book = new Book();
        book.Manager.Add([book.Address("250.1.1.1")], Book.Source, TimeSpan.FromHours(2));
        Assert.That(book.Now - book.Entry("250.1.1.1").Address.Time, Is.EqualTo(2 * Book.Hour));
    }

    [Test]
    public void A_host_that_tells_its_own_address_has_no_penalty()
    {
        var book = new Book();
        book.Manager.Add([book.Address("250.1.1.1")], Book.Host("250.1.1.1"), TimeSpan.FromHours(2));
        Assert.That(book.Entry("250.1.1.1").Address.Time, Is.EqualTo(book.Now));
    }

    [Test]
    public void The_penalty_never_makes_a_time_negative()
    {
        var book = new Book();
        book.Manager.Add([book.Address("250.1.1.1") with { Time = 100 }], Book.Source, TimeSpan.FromHours(2));
        Assert.That(book.Entry("250.1.1.1").Address.Time, Is.Zero);
        Assert.That(
            () => book.Manager.Add([], Book.Source, TimeSpan.FromSeconds(-1)),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    [Conformance("A10")]
    public void What_others_tell_of_services_is_added_to_what_is_known()
    {
        var book = new Book();
        book.Manager.Add([book.Address("250.1.1.1", services: (Services)1)], Book.Source);
        book.Manager.Add([book.Address("250.1.1.1", services: (Services)8)], Book.Source);
        Assert.That(book.Entry("250.1.1.1").Address.Services, Is.EqualTo((Services)9));
    }

    [Test]
    public void The_first_source_stays_the_source()
    {
        var book = new Book();
        book.Add("250.1.1.1", "1.2.3.4", age: 5 * Book.Day);
        for (int i = 0; i < 50; i++)
            book.Add("250.1.1.1", string.Create(CultureInfo.InvariantCulture, $"5.{i}.7.8"));
        Assert.That(book.Entry("250.1.1.1").Source, Is.EqualTo(Book.Host("1.2.3.4")));
    }

    [Test]
    public void The_same_key_gives_the_same_places_and_another_key_others()
    {
        int[][] places = [.. new[] { 1, 1, 2 }.Select(seed =>
        {
            var book = new Book(seed);
            for (int i = 0; i < 50; i++)
                book.Add($"250.{i}.1.1");
            return book.Manager.Snapshot().Select(entry => (int)entry.NewBuckets.Values[0]).ToArray();
        })];
        Assert.That(places[0], Is.EqualTo(places[1]));
        Assert.That(places[0], Is.Not.EqualTo(places[2]));
    }

    private static TimedAddress NeverSeen(string host) => new(Book.Endpoint(host, 0), Services.None, 100_000_000);

    private static TimedAddress Fresh(Book book, string host) =>
        new(Book.Endpoint(host, 0), Services.None, (uint)book.Now);
}
