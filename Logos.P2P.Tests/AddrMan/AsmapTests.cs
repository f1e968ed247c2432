using Logos.P2P.AddrMan;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>Reading maps of autonomous systems.</summary>
[TestFixture]
internal sealed class AsmapTests
{
    private static readonly Asmap Random = new(AsmapVectors.Random);
    private static readonly Asmap Small = new(AsmapVectors.Small);

    /// <summary>All answers of Bitcoin Core's asmap_test_vectors.</summary>
    [TestCase("0:1559:183:3728:224c:65a5:62e6:e991", 961340u)]
    [TestCase("d0:d493:faa0:8609:e927:8b75:293c:f5a4", 961340u)]
    [TestCase("2a0:26f:8b2c:2ee7:c7d1:3b24:4705:3f7f", 693761u)]
    [TestCase("a77:7cd4:4be5:a449:89f2:3212:78c6:ee38", 0u)]
    [TestCase("1336:1ad6:2f26:4fe3:d809:7321:6e0d:4615", 672176u)]
    [TestCase("1d56:abd0:a52f:a8d5:d5a7:a610:581d:d792", 499880u)]
    [TestCase("378e:7290:54e5:bd36:4760:971c:e9b9:570d", 0u)]
    [TestCase("406c:820b:272a:c045:b74e:fc0a:9ef2:cecc", 248495u)]
    [TestCase("46c2:ae07:9d08:2d56:d473:2bc7:57e3:20ac", 248495u)]
    [TestCase("50d2:3db6:52fa:2e7:12ec:5bc4:1bd1:49f9", 124471u)]
    [TestCase("53e1:1812:ffa:dccf:f9f2:64be:75fa:795", 539993u)]
    [TestCase("544d:eeba:3990:35d1:ad66:f9a3:576d:8617", 374443u)]
    [TestCase("6a53:40dc:8f1d:3ffa:efeb:3aa3:df88:b94b", 435070u)]
    [TestCase("87aa:d1c9:9edb:91e7:aab1:9eb9:baa0:de18", 244121u)]
    [TestCase("9f00:48fa:88e3:4b67:a6f3:e6d2:5cc1:5be2", 862116u)]
    [TestCase("c49f:9cc6:86ad:ba08:4580:315e:dbd1:8a62", 969411u)]
    [TestCase("dff5:8021:61d:b17d:406d:7888:fdac:4a20", 969411u)]
    [TestCase("e888:6791:2960:d723:bcfd:47e1:2d8c:599f", 824019u)]
    [TestCase("ffff:d499:8c4b:4941:bc81:d5b9:b51e:85a8", 824019u)]
    public void The_answers_are_Bitcoin_Cores(string address, uint asn)
    {
        Assert.That(AsmapVectors.Random, Has.Length.EqualTo(413));
        Assert.That(Random.AsnOf(Book.Host(address)), Is.EqualTo(asn));
    }

    [TestCase("250.0.0.1", 1000u)]
    [TestCase("250.255.255.255", 1000u)]
    [TestCase("101.1.0.1", 1u)]
    [TestCase("101.2.3.4", 2u)]
    [TestCase("101.3.255.1", 3u)]
    [TestCase("101.4.1.1", 4u)]
    [TestCase("101.5.1.1", 5u)]
    [TestCase("101.6.1.1", 6u)]
    [TestCase("101.7.1.1", 7u)]
    [TestCase("101.8.1.1", 8u)]
    [TestCase("8.8.8.8", 0u)]
    [TestCase("2a00:1450::1", 0u)]
    [TestCase("64:ff9b::fa01:101", 1000u, Description = "IPv4 inside IPv6, RFC 6052")]
    [TestCase("2002:fa01:101::", 1000u, Description = "6to4")]
    [TestCase("2001:0:1:2:3:4:5fe:fefe", 1000u, Description = "Teredo")]
    public void IPv4_is_looked_up_however_it_travels(string address, uint asn) =>
        Assert.That(Small.AsnOf(Book.Host(address)), Is.EqualTo(asn));

    [TestCase("10.0.0.1")]
    [TestCase("127.0.0.1")]
    [TestCase("fd00::1")]
    [TestCase("2001:db8::1")]
    [TestCase("fc00:1:2:3:4:5:6:7")]
    [TestCase("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion")]
    [TestCase("ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p")]
    public void What_the_internet_does_not_route_has_no_autonomous_system(string address)
    {
        var everything = new Asmap(new AsmapWriter().Return(7).ToArray());
        Assert.That(everything.AsnOf(Book.Host("8.8.8.8")), Is.EqualTo(7));
        Assert.That(everything.AsnOf(Book.Host(address)), Is.Zero);
    }

    /// <summary>The ends of the ranges into which numbers fall.</summary>
    [TestCase(1u)]
    [TestCase(32_768u)]
    [TestCase(32_769u)]
    [TestCase(33_521_664u)]
    public void Numbers_of_any_size_are_read(uint asn) =>
        Assert.That(new Asmap(new AsmapWriter().Return(asn).ToArray()).AsnOf(Book.Host("8.8.8.8")), Is.EqualTo(asn));

    [Test]
    public void Branches_matches_and_defaults_are_followed()
    {
        AsmapWriter low = new AsmapWriter().Default(5).Match("0100000").Return(6);
        AsmapWriter high = new AsmapWriter().Match("11111111").Match("0").Return(8);
        var map = new Asmap(new AsmapWriter().Branch(low, high).ToArray());
        Assert.Multiple(() =>
        {
            Assert.That(map.AsnOf(Book.Host("2000:1::1")), Is.EqualTo(6), "0 and then 0100000");
            Assert.That(map.AsnOf(Book.Host("20ff::1")), Is.EqualTo(6));
            Assert.That(map.AsnOf(Book.Host("4000::1")), Is.EqualTo(5), "no match, the default");
            Assert.That(map.AsnOf(Book.Host("2100::1")), Is.EqualTo(5));
            Assert.That(map.AsnOf(Book.Host("ffa0::1")), Is.EqualTo(8));
            Assert.That(map.AsnOf(Book.Host("ffe0::1")), Is.Zero, "no match and no default");
        });
        Assert.That(
            new Asmap(new AsmapWriter().Match("0010").Match("00000000").Return(6).ToArray())
                .AsnOf(Book.Host("2001:470::1")),
            Is.EqualTo(6));
    }

    [Test]
    public void The_version_is_the_hash_of_the_bytes()
    {
        Assert.That(Random.Version, Has.Length.EqualTo(64).And.Not.EqualTo(Small.Version));
        Assert.That(new Asmap(AsmapVectors.Small).Version, Is.EqualTo(Small.Version));
    }

    [TestCaseSource(nameof(InsaneMaps))]
    public void A_map_that_makes_no_sense_is_refused(string why, byte[] map) =>
        Assert.That(() => new Asmap(map), Throws.InstanceOf<AsmapException>().With.Message.Contains(why));

    [Test]
    public void A_map_cut_short_anywhere_is_refused()
    {
        for (int length = 0; length < AsmapVectors.Random.Length; length++)
        {
            byte[] cut = AsmapVectors.Random[..length];
            Assert.That(() => new Asmap(cut), Throws.InstanceOf<AsmapException>(), $"{length} bytes");
        }
    }

    [Test]
    [Category("Slow")]
    public void A_damaged_map_is_refused_or_has_an_answer_for_every_address()
    {
        int refused = 0;
        for (int i = 0; i < AsmapVectors.Random.Length * 8; i++)
        {
            byte[] damaged = [.. AsmapVectors.Random];
            damaged[i / 8] ^= (byte)(1 << (i % 8));
            try
            {
                var map = new Asmap(damaged);
                for (int first = 0; first < 256; first++)
                    map.AsnOf(Book.Host($"{first:x}00:1::1"));
            }
            catch (AsmapException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(1000));
    }

    private static IEnumerable<TestCaseData> InsaneMaps()
    {
        yield return Case("empty", []);
        yield return Case("more than", new byte[Asmap.MaxSize + 1]);
        yield return Case("ends without an answer", new AsmapWriter().Default(1).Match("1"));
        yield return Case("ends within", new AsmapWriter().Bits("111"));
        yield return Case("ends within", new byte[1]);
        yield return Case("bits follow the last", [.. new AsmapWriter().Return(1).ToArray(), 0]);
        yield return Case("padding is not zero", new AsmapWriter().Return(1).Bits("1"));
        yield return Case("a return after a default", new AsmapWriter().Default(1).Return(2));
        yield return Case("a default after a default", new AsmapWriter().Default(1).Default(2).Match("1").Return(3));
        yield return Case("matches that could be one", new AsmapWriter().Match("1").Match("11").Return(3));
        yield return Case("a jump beyond the end", new AsmapWriter().Jump(500).Return(3).Return(4));
        yield return Case("nothing leads to", new AsmapWriter().Jump(40).Return(1).Return(2).Return(3));
        yield return Case("lands inside", new AsmapWriter().Jump(18).Default(1).Match("1").Return(2).Return(3));
        AsmapWriter inner = new AsmapWriter().Jump(60).Return(1).Return(2);
        yield return Case("jumps that cross", new AsmapWriter().Branch(inner, new AsmapWriter().Return(3)).Return(4)
            .Return(5));
        var deep = new AsmapWriter();
        for (int i = 0; i < 16; i++)
            deep.Match("00000000");
        yield return Case("more bits than addresses have", deep.Match("0").Return(1));
        AsmapWriter tooDeep = new AsmapWriter().Branch(new AsmapWriter().Return(1), new AsmapWriter().Return(2));
        var matched = new AsmapWriter();
        for (int i = 0; i < 16; i++)
            matched.Match("00000000");
        yield return Case("more bits than addresses have", matched.Branch(tooDeep, new AsmapWriter().Return(3)));
    }

    private static TestCaseData Case(string why, AsmapWriter map) => Case(why, map.ToArray());

    private static TestCaseData Case(string why, byte[] map) => new TestCaseData(why, map).SetArgDisplayNames(why);
}
