using Logos.P2P.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>Counting, drawing and telling by network.</summary>
[TestFixture]
internal sealed class AddressManagerNetworkTests
{
    private const string Onion = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";
    private const string I2P = "ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p";
    private const string Cjdns = "fc00:1:2:3:4:5:6:7";

    private static readonly NetworkId[] All =
        [NetworkId.IPv4, NetworkId.IPv6, NetworkId.TorV3, NetworkId.I2P, NetworkId.Cjdns];

    /// <summary>Core's addrman_size, and on all five networks.</summary>
    [Test]
    public void Every_network_is_counted_on_its_own()
    {
        var book = new Book();
        Assert.That(All.Select(book.Manager.CountOf), Is.All.EqualTo(default(NetworkCount)));

        book.Add("250.1.1.1");
        book.Add("250.1.1.2");
        book.Add("2a00:1450::1");
        book.Add(Onion);
        book.Add(I2P);
        book.Add(Cjdns);
        book.Manager.Good(Book.Endpoint("250.1.1.2"), book.Now);
        book.Manager.Good(Book.Endpoint(Onion), book.Now);
        Assert.That(All.Select(book.Manager.CountOf), Is.EqualTo((NetworkCount[])
            [new(1, 1), new(1, 0), new(0, 1), new(1, 0), new(1, 0)]));
        Assert.That(book.Manager.CountOf(NetworkId.IPv4).Total, Is.EqualTo(2));
        book.Manager.Check();
    }

    [Test]
    public void An_address_at_several_places_counts_once()
    {
        var book = new Book();
        book.Add("250.1.1.1", age: 60);
        for (int i = 0; i < 255; i++)
            book.Add("250.1.1.1", $"{i}.1.1.1");
        Assert.That(book.Entry("250.1.1.1").NewBuckets.Count, Is.GreaterThan(2));
        Assert.That(book.Manager.CountOf(NetworkId.IPv4), Is.EqualTo(new NetworkCount(1, 0)));
    }

    [TestCase(NetworkId.None)]
    [TestCase(NetworkId.Internal)]
    [TestCase((NetworkId)3)]
    [TestCase((NetworkId)77)]
    public void Networks_that_no_address_can_be_on_are_refused(NetworkId network)
    {
        AddressManager manager = new Book().Manager;
        Assert.That(() => manager.CountOf(network), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => manager.Select(newOnly: false, network), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => manager.GetAddresses(1, 100, network), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    /// <summary>Core's addrman_select_by_network.</summary>
    [Test]
    public void A_network_is_drawn_from_alone()
    {
        var book = new Book();
        Assert.That(book.Manager.Select(newOnly: true, NetworkId.IPv4), Is.Null);
        book.Add("250.3.1.1");
        Assert.That(Drawn(book, newOnly: true, NetworkId.IPv4), Is.EqualTo("250.3.1.1:14495"));
        Assert.That(Drawn(book, newOnly: false, NetworkId.IPv4), Is.EqualTo("250.3.1.1:14495"));
        foreach (NetworkId other in All.Skip(1))
        {
            Assert.That(book.Manager.Select(newOnly: true, other), Is.Null);
            Assert.That(book.Manager.Select(newOnly: false, other), Is.Null);
        }

        book.Add(I2P);
        book.Manager.Good(Book.Endpoint(I2P), book.Now);
        Assert.That(book.Manager.Select(newOnly: true, NetworkId.I2P), Is.Null, "it is tried");
        Assert.That(Drawn(book, newOnly: false, NetworkId.I2P), Does.StartWith(I2P));
    }

    [Test]
    [Category("Slow")]
    public void The_only_address_of_a_network_is_found_in_the_crowd()
    {
        var book = new Book();
        for (int i = 0; i < 5000; i++)
            book.Add($"{20 + (i / 256)}.{i % 256}.1.1", $"{20 + (i / 256)}.{i % 256}.1.1");
        book.Add(Onion);
        for (int i = 0; i < 1000; i++)
            Assert.That(Drawn(book, newOnly: i % 2 == 0, NetworkId.TorV3), Does.StartWith(Onion));
    }

    [Test]
    public void New_and_tried_of_a_network_are_drawn_equally_often_whatever_others_have()
    {
        var book = new Book();
        for (int i = 0; i < 100; i++)
        {
            book.Add($"250.{i}.1.1", $"250.{i}.1.1");
            book.Manager.Good(Book.Endpoint($"250.{i}.1.1"), book.Now - Book.Hour);
        }

        for (int i = 1; i <= 20; i++)
            book.Add($"2a00:{i}::1");
        book.Manager.Good(Book.Endpoint("2a00:1::1"), book.Now - Book.Hour);
        int tried = Enumerable.Range(0, 2000).Count(_ => Drawn(book, false, NetworkId.IPv6) == "[2a00:1::1]:14495");
        Assert.That(tried, Is.EqualTo(1000).Within(150));
    }

    [Test]
    public void Of_several_networks_each_is_drawn_as_often_as_it_has_buckets_and_others_never()
    {
        var book = new Book();
        for (int i = 0; i < 200; i++)
        {
            book.Add($"250.{i}.1.1", $"250.{i}.1.1");
            book.Add(Onion, $"250.{i}.1.1");
        }

        for (int i = 1; i <= 200; i++)
            book.Add($"2a00::{i:x}", "2a00::1");
        NetworkId[] drawn =
        [
            .. Enumerable.Range(0, 2000).Select(_ => book.Manager.Select(true, NetworkId.IPv4, NetworkId.IPv6)!.Value)
                .Select(candidate => candidate.Address.Endpoint.Address.Network),
        ];

        Assert.That(drawn, Has.None.EqualTo(NetworkId.TorV3));
        Assert.That(
            drawn.Count(network => network == NetworkId.IPv6), Is.InRange(1, 100), "200 addresses in one bucket of some 180.");
    }

    [Test]
    public void One_network_can_be_told_alone()
    {
        var book = new Book();
        for (int i = 0; i < 60; i++)
            book.Add($"250.{i}.1.1");
        for (int i = 0; i < 40; i++)
            book.Add($"2a00:{i + 1}::1");
        int known = book.Manager.CountOf(NetworkId.IPv6).Total;
        NetworkId[] share =
            [.. book.Manager.GetAddresses(1000, 23, NetworkId.IPv6).Select(told => told.Endpoint.Address.Network)];
        Assert.Multiple(() =>
        {
            Assert.That(known, Is.GreaterThan(30));
            Assert.That(book.Manager.GetAddresses(1000, 100, NetworkId.IPv6), Has.Length.EqualTo(known));
            Assert.That(share, Has.Length.EqualTo(book.Manager.Count * 23 / 100).And.All.EqualTo(NetworkId.IPv6));
            Assert.That(book.Manager.GetAddresses(1000, 23, NetworkId.TorV3), Is.Empty);
        });
    }

    private static string Drawn(Book book, bool newOnly, NetworkId network) =>
        $"{book.Manager.Select(newOnly, network)?.Address.Endpoint}";
}
