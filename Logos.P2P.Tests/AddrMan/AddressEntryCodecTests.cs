using Logos.P2P.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

[TestFixture]
internal sealed class AddressEntryCodecTests
{
    private static readonly AddressEntry Fresh = new()
    {
        Address = new TimedAddress(Book.Endpoint("1.2.3.4:5"), Services.Logos, 0x01020304),
        Source = Book.Host("6.7.8.9"),
        NewBuckets = default(BucketSet).With(0x0102),
    };

    private static readonly AddressEntry Tried = Fresh with
    {
        NewBuckets = default,
        InTried = true,
        LastTry = 1_800_000_001,
        LastSuccess = 1_800_000_000,
        Attempts = 3,
    };

    private static readonly AddressEntry Largest = Fresh with
    {
        Address = new TimedAddress(
            Book.Endpoint("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion", ushort.MaxValue),
            (Services)ulong.MaxValue,
            uint.MaxValue),
        Source = Book.Host("ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p"),
        LastTry = long.MaxValue,
        LastSuccess = long.MaxValue,
        Attempts = int.MaxValue,
        NewBuckets = Enumerable.Range(1016, 8).Aggregate(default(BucketSet), (set, bucket) => set.With(bucket)),
    };

    private static IEnumerable<AddressEntry> Entries() =>
    [
        Fresh,
        Tried,
        Largest,
        Fresh with { Source = NetAddress.FromInternalName("seed.example") },
        Fresh with { Source = NetAddress.None },
        Fresh with { Source = Book.Host("2a00:1450::1") },
        Fresh with { Address = new TimedAddress(Book.Endpoint("[2a00:1450::1]:15"), Services.None, 0) },
        Fresh with { Address = new TimedAddress(Book.Endpoint("[fc00:1:2:3:4:5:6:7]:1"), Services.Logos, 1) },
    ];

    [TestCaseSource(nameof(Entries))]
    public void An_entry_comes_back_as_it_was(AddressEntry entry)
    {
        byte[] bytes = Write(entry);
        Assert.That(bytes, Has.Length.EqualTo(AddressEntryCodec.GetSize(entry)));
        Assert.That(bytes, Has.Length.LessThanOrEqualTo(AddressEntryCodec.MaxSize));
        Assert.That(AddressEntryCodec.TryRead(bytes, out AddressEntry? read), Is.True);
        Assert.That(read, Is.EqualTo(entry));
    }

    [Test]
    public void The_bytes_of_version_1_are_frozen() => Assert.Multiple(() =>
    {
        Assert.That(
            Convert.ToHexStringLower(Write(Fresh)),
            Is.EqualTo("0100" + "0104010203040005" + "fe00000001" + "04030201" + "0104060708090000"
                + "000000" + "010201"));
        Assert.That(
            Convert.ToHexStringLower(Write(Tried)),
            Is.EqualTo("0101" + "0104010203040005" + "fe00000001" + "04030201" + "0104060708090000"
                + "fe01d2496b" + "fe00d2496b" + "03" + "00"));
    });

    [Test]
    public void Nothing_shorter_or_longer_is_an_entry()
    {
        foreach (AddressEntry entry in Entries())
        {
            byte[] bytes = Write(entry);
            for (int length = 0; length < bytes.Length; length++)
                Assert.That(AddressEntryCodec.TryRead(bytes.AsSpan(0, length), out _), Is.False);
            Assert.That(AddressEntryCodec.TryRead((byte[])[.. bytes, 0], out _), Is.False);
            Assert.That(AddressEntryCodec.TryRead((byte[])[.. bytes, .. new byte[500]], out _), Is.False);
        }
    }

    [TestCase("version 0", 0, 0)]
    [TestCase("version 2", 0, 2)]
    [TestCase("an unknown flag", 1, 2)]
    [TestCase("tried, and in a new bucket", 1, 1)]
    [TestCase("a network of no address", 2, 0)]
    [TestCase("an unknown network", 2, 0x77)]
    [TestCase("Tor v3 of four bytes", 2, 4)]
    [TestCase("a source on an unknown network", 19, 0x77)]
    [TestCase("a source with a port", 26, 1)]
    [TestCase("no new bucket", 30, 0)]
    [TestCase("nine new buckets", 30, 9)]
    [TestCase("bucket 1026", 32, 4)]
    public void A_wrong_byte_is_noticed(string what, int at, byte value)
    {
        byte[] bytes = Write(Fresh);
        bytes[at] = value;
        Assert.That(AddressEntryCodec.TryRead(bytes, out AddressEntry? entry), Is.False, what);
        Assert.That(entry, Is.Null);
    }

    [Test]
    public void Buckets_out_of_order_or_twice_are_another_form_of_the_same_and_refused()
    {
        byte[] bytes = Write(Fresh with { NewBuckets = default(BucketSet).With(1).With(2) });
        Assert.That(bytes[^4..], Is.EqualTo((byte[])[1, 0, 2, 0]));
        Assert.That(AddressEntryCodec.TryRead((byte[])[.. bytes[..^4], 2, 0, 1, 0], out _), Is.False);
        Assert.That(AddressEntryCodec.TryRead((byte[])[.. bytes[..^4], 1, 0, 1, 0], out _), Is.False);
    }

    [Test]
    public void Entries_that_contradict_themselves_are_refused() => Assert.Multiple(() =>
    {
        Assert.That(Survives(Fresh with { NewBuckets = default }), Is.False);
        Assert.That(Survives(Tried with { LastSuccess = 0 }), Is.False);
        Assert.That(Survives(Fresh with { LastTry = -1 }), Is.False);
        Assert.That(Survives(Fresh with { LastSuccess = long.MinValue }), Is.False);
        Assert.That(Survives(Fresh with { Attempts = -1 }), Is.False);
        Assert.That(Survives(Fresh with { Address = default }), Is.False);
    });

    [Test]
    [Category("Slow")]
    public void No_bytes_make_the_reader_throw_and_what_it_accepts_it_would_have_written()
    {
        var random = new Random(20260801);
        byte[][] seeds = [.. Entries().Select(Write)];
        int accepted = 0;
        for (int i = 0; i < 100_000; i++)
        {
            byte[] bytes;
            if (i % 4 == 0)
            {
                bytes = new byte[random.Next(AddressEntryCodec.MaxSize + 10)];
                random.NextBytes(bytes);
            }
            else
            {
                bytes = [.. seeds[random.Next(seeds.Length)]];
                for (int changes = random.Next(4); changes > 0; changes--)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            if (!AddressEntryCodec.TryRead(bytes, out AddressEntry? entry))
                continue;
            accepted++;
            if (!bytes.AsSpan().SequenceEqual(Write(entry)))
                Assert.Fail($"{Convert.ToHexString(bytes)} was read as {entry}");
        }

        Assert.That(accepted, Is.InRange(10_000, 90_000), "the inputs test both outcomes");
    }

    private static bool Survives(AddressEntry entry) => AddressEntryCodec.TryRead(Write(entry), out _);

    private static byte[] Write(AddressEntry entry)
    {
        byte[] bytes = new byte[AddressEntryCodec.GetSize(entry)];
        Assert.That(AddressEntryCodec.Write(entry, bytes), Is.EqualTo(bytes.Length));
        return bytes;
    }
}
