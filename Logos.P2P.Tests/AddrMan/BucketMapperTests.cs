using System.Text.Json;
using Logos.P2P.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>
/// Bitcoin Core's `addrman_tests.cpp` publishes numbers of buckets. With its hash ours must be the same; then only the
/// hash makes the difference.
/// </summary>
[TestFixture]
internal sealed class BucketMapperTests
{
    private static readonly BucketMapper First = new(Sha256dBucketHash.KeyOf(1), new Sha256dBucketHash());
    private static readonly BucketMapper Second = new(Sha256dBucketHash.KeyOf(2), new Sha256dBucketHash());

    [Test]
    public void The_tried_buckets_are_Bitcoin_Cores()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Tried(First, "250.1.1.1:8333"), Is.EqualTo(40));
            Assert.That(Tried(Second, "250.1.1.1:8333"), Is.EqualTo(191));
            Assert.That(Tried(First, "250.1.1.1:9999"), Is.EqualTo(113));
            Assert.That(First.Position(isNew: false, 40, Book.Endpoint("250.1.1.1:8333")), Is.EqualTo(28));
        });
    }

    [Test]
    public void The_new_buckets_are_Bitcoin_Cores()
    {
        Assert.Multiple(() =>
        {
            Assert.That(New(First, "250.1.2.1:8333", "250.1.2.1"), Is.EqualTo(786));
            Assert.That(New(Second, "250.1.2.1:8333", "250.1.2.1"), Is.EqualTo(852));
            Assert.That(New(First, "250.1.2.1:9999", "250.1.2.1"), Is.EqualTo(786));
            Assert.That(First.Position(isNew: true, 786, Book.Endpoint("250.1.2.1:8333")), Is.EqualTo(55));
            Assert.That(First.Position(isNew: true, 786, Book.Endpoint("250.1.2.1:9999")), Is.EqualTo(50));
        });
    }

    /// <summary>Core's test map of autonomous systems has 250.0.0.0/8 as AS1000.</summary>
    [Test]
    public void The_buckets_of_a_group_by_autonomous_system_are_Bitcoin_Cores()
    {
        var as1000 = new NetGroup([2, 1000 % 256, 1000 / 256, 0, 0]);
        Assert.Multiple(() =>
        {
            Assert.That(First.TriedBucket(Book.Endpoint("250.1.1.1:8333"), as1000), Is.EqualTo(236));
            Assert.That(First.NewBucket(as1000, as1000), Is.EqualTo(795));
        });
    }

    [Test]
    public void One_slash_16_gets_eight_tried_buckets_and_from_one_source_one_new_bucket()
    {
        string[] group = [.. Enumerable.Range(0, 255).Select(i => $"250.1.1.{i}")];
        Assert.Multiple(() =>
        {
            Assert.That(group.Select(text => Tried(First, text, 0)).Distinct().Count(), Is.EqualTo(8));
            Assert.That(group.Select(text => New(First, text, text)).Distinct().Count(), Is.EqualTo(1));
        });
    }

    [Test]
    public void Many_groups_get_many_tried_buckets()
    {
        IEnumerable<int> buckets = Enumerable.Range(0, 255).Select(i => Tried(First, $"250.{i}.1.1", 0));
        Assert.That(buckets.Distinct().Count(), Is.EqualTo(160));
    }

    [Test]
    public void One_source_reaches_at_most_64_new_buckets_whatever_it_tells()
    {
        IEnumerable<int> buckets =
            Enumerable.Range(0, 1020).Select(i => New(First, $"{250 + (i / 255)}.{i % 256}.1.1", "251.4.1.1"));
        Assert.That(buckets.Distinct().Count(), Is.EqualTo(63));
    }

    [Test]
    public void Many_sources_reach_more_new_buckets_with_one_address()
    {
        IEnumerable<int> buckets = Enumerable.Range(0, 255).Select(i => New(First, "250.1.1.1", $"250.{i}.1.1"));
        Assert.That(buckets.Distinct().Count(), Is.EqualTo(221));
    }

    [TestCaseSource(nameof(Placements))]
    public void Every_address_of_the_vectors_has_its_place(
        bool production, string key, string address, string source, int[] tried, int[] fresh)
    {
        IBucketHash hash = production ? Blake2bBucketHash.Instance : new Sha256dBucketHash();
        var mapper = new BucketMapper(Convert.FromHexString(key), hash);
        NetEndpoint endpoint = ParseVector(address);
        int triedBucket = mapper.TriedBucket(endpoint, PrefixGrouping.Instance.GroupOf(endpoint));
        int newBucket = mapper.NewBucket(PrefixGrouping.Instance.GroupOf(endpoint), GroupOf(source));

        Assert.Multiple(() =>
        {
            Assert.That((int[])[triedBucket, mapper.Position(false, triedBucket, endpoint)], Is.EqualTo(tried));
            Assert.That((int[])[newBucket, mapper.Position(true, newBucket, endpoint)], Is.EqualTo(fresh));
        });
    }

    [TestCase(31)]
    [TestCase(33)]
    public void A_key_of_another_length_is_refused(int length) =>
        Assert.That(() => new BucketMapper(new byte[length], new Sha256dBucketHash()), Throws.ArgumentException);

    [TestCase("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion", 32 + 2)]
    [TestCase("ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p", 32 + 2)]
    [TestCase("fc00:1:2:3:4:5:6:7", 16 + 2)]
    [TestCase("2a00:1450::1", 16 + 2)]
    [TestCase("1.2.3.4", 16 + 2)]
    public void The_hashed_key_of_an_address_is_all_of_it_and_its_port(string text, int keySize)
    {
        var recorder = new Recorder();
        var endpoint = new NetEndpoint(Book.Host(text), 0x1234);
        new BucketMapper(new byte[32], recorder).Position(isNew: true, 0x0102, endpoint);

        byte[] address = new byte[16];
        if (endpoint.Address.IsV1Compatible)
            endpoint.Address.WriteV1(address);
        else
            address = endpoint.Address.Bytes.ToArray();
        byte[] expected = [.. new byte[32], (byte)'N', 2, 1, 0, 0, (byte)keySize, .. address, 0x12, 0x34];
        Assert.That(recorder.Input, Is.EqualTo(expected));
    }

    private static IEnumerable<TestCaseData> Placements()
    {
        string path = Path.Combine(TestContext.CurrentContext.TestDirectory, "Vectors", "addrman.json");
        using JsonDocument vectors = JsonDocument.Parse(File.ReadAllText(path));
        JsonElement ours = vectors.RootElement;
        JsonElement bitcoins = ours.GetProperty("sha256dForComparison");
        foreach ((bool production, JsonElement set) in new[] { (true, ours), (false, bitcoins) })
        {
            string key = set.GetProperty("key").GetString()!;
            foreach (JsonElement placement in set.GetProperty("placements").EnumerateArray())
            {
                yield return new TestCaseData(
                    production,
                    key,
                    placement.GetProperty("address").GetString(),
                    placement.GetProperty("source").GetString(),
                    placement.GetProperty("tried").Deserialize<int[]>(),
                    placement.GetProperty("new").Deserialize<int[]>());
            }
        }
    }

    /// <summary>The vectors write `address|port`, so that IPv6 needs no brackets.</summary>
    private static NetEndpoint ParseVector(string text)
    {
        string[] parts = text.Split('|');
        return Book.Endpoint(parts[0], ushort.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    private static int Tried(BucketMapper mapper, string text, ushort port = 8333)
    {
        NetEndpoint endpoint = Book.Endpoint(text, port);
        return mapper.TriedBucket(endpoint, PrefixGrouping.Instance.GroupOf(endpoint));
    }

    private static int New(BucketMapper mapper, string text, string source) =>
        mapper.NewBucket(PrefixGrouping.Instance.GroupOf(Book.Endpoint(text)), GroupOf(source));

    private static NetGroup GroupOf(string source) =>
        PrefixGrouping.Instance.GroupOf(new NetEndpoint(Book.Host(source), 0));

    private sealed class Recorder : IBucketHash
    {
        public byte[] Input { get; private set; } = [];

        public ulong Hash(ReadOnlySpan<byte> input)
        {
            Input = input.ToArray();
            return 0;
        }
    }
}
