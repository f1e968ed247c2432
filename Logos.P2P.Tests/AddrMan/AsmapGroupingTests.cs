using Logos.P2P.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>Groups by autonomous system. The map has 250.0.0.0/8 as AS1000.</summary>
[TestFixture]
internal sealed class AsmapGroupingTests
{
    private static readonly BucketMapper CoresFirst = new(Sha256dBucketHash.KeyOf(1), new Sha256dBucketHash());

    [TestCase("250.1.1.1", new byte[] { 2, 0xE8, 0x03, 0, 0 })]
    [TestCase("250.200.1.1", new byte[] { 2, 0xE8, 0x03, 0, 0 })]
    [TestCase("2002:fa01:101::", new byte[] { 2, 0xE8, 0x03, 0, 0 })]
    [TestCase("101.3.1.1", new byte[] { 2, 3, 0, 0, 0 })]
    public void A_mapped_address_belongs_to_its_autonomous_system(string address, byte[] group) =>
        Assert.That(GroupOf(address).Bytes.ToArray(), Is.EqualTo(group));

    [TestCase("8.8.8.8")]
    [TestCase("2a00:1450::1")]
    [TestCase("10.0.0.1")]
    [TestCase("fc00:1:2:3:4:5:6:7")]
    [TestCase("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion")]
    public void What_the_map_does_not_know_is_grouped_as_without_it(string address) => Assert.That(
        GroupOf(address), Is.EqualTo(PrefixGrouping.Instance.GroupOf(Book.Endpoint(address))));

    [Test]
    public void A_seed_stays_a_group_of_its_own()
    {
        var seed = new NetEndpoint(NetAddress.FromInternalName("seed.example"), 0);
        Assert.That(
            AsmapVectors.SmallGrouping.GroupOf(seed), Is.EqualTo(PrefixGrouping.Instance.GroupOf(seed)));
    }

    /// <summary>Core's caddrinfo_get_tried_bucket and caddrinfo_get_new_bucket, which use its asmap.raw.</summary>
    [Test]
    public void The_buckets_are_Bitcoin_Cores() => Assert.Multiple(() =>
    {
        Assert.That(Tried("250.1.1.1:8333"), Is.EqualTo(236));
        Assert.That(New("250.1.2.1:8333", "250.1.2.1"), Is.EqualTo(795));
        // All of 250.0.0.0/8 is one party and gets no more buckets than one /16 without the map.
        Assert.That(
            Enumerable.Range(0, 255).Select(i => Tried($"250.{i}.1.1:8333")).Distinct().Count(), Is.EqualTo(8));
        Assert.That(
            Enumerable.Range(0, 255).Select(i => New("250.1.1.1", $"250.{i}.1.1")).Distinct().Count(), Is.EqualTo(1));
    });

    /// <summary>Core's addrman_serialization: a map that comes or goes places everyone anew.</summary>
    [Test]
    public void Another_map_is_another_place()
    {
        AddressManagerOptions without = Book.LikeBitcoinCore().Options;
        AddressManagerOptions with = without with { Grouping = AsmapVectors.SmallGrouping };
        var book = new Book(without);
        book.Add("250.1.1.1:8333");
        book.Add("250.2.1.1:8333");
        Assert.That(Buckets(book.Manager), Has.Length.EqualTo(2));

        var mapped = new Book(with);
        RestoreResult result = mapped.Manager.Restore(book.Manager.Snapshot(), keepBuckets: false);
        Assert.That(result, Is.EqualTo(new RestoreResult(2, 0, 0)));
        Assert.That(Buckets(mapped.Manager), Has.Length.EqualTo(1));
        mapped.Manager.Check();

        var again = new Book(with);
        again.Manager.Restore(mapped.Manager.Snapshot(), keepBuckets: true);
        Assert.That(Buckets(again.Manager), Is.EqualTo(Buckets(mapped.Manager)));
        again.Manager.Check();

        var back = new Book(without);
        back.Manager.Restore(again.Manager.Snapshot(), keepBuckets: false);
        Assert.That(Buckets(back.Manager), Is.EqualTo(Buckets(book.Manager)));
        back.Manager.Check();
    }

    [Test]
    public void Who_answered_is_placed_anew_too()
    {
        var book = new Book();
        for (int i = 0; i < 200; i++)
        {
            book.Add($"250.{i}.1.1");
            book.Manager.Good(Book.Endpoint($"250.{i}.1.1"), book.Now);
        }

        var mapped = new Book(book.Options with { Grouping = AsmapVectors.SmallGrouping });
        RestoreResult result = mapped.Manager.Restore(book.Manager.Snapshot(), keepBuckets: false);
        Assert.That(result.Restored, Is.InRange(100, 200), "one party has eight buckets, and some collide there");
        Assert.That(result.Restored + result.Dropped, Is.EqualTo(book.Manager.Count));
        mapped.Manager.Check();
    }

    private static int[] Buckets(AddressManager manager) =>
        [.. manager.Snapshot().SelectMany(entry => entry.NewBuckets.Values.ToArray()).Select(b => (int)b).Distinct().Order()];

    private static NetGroup GroupOf(string address) => AsmapVectors.SmallGrouping.GroupOf(Book.Endpoint(address));

    private static int Tried(string endpoint) => CoresFirst.TriedBucket(Book.Endpoint(endpoint), GroupOf(endpoint));

    private static int New(string endpoint, string source) => CoresFirst.NewBucket(GroupOf(endpoint), GroupOf(source));
}
