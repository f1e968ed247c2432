using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire.Addresses;

internal sealed class SubnetTests
{
    private const string Onion = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";

    [TestCase("192.0.2.7", "192.0.2.7/32")]
    [TestCase("192.0.2.7/32", "192.0.2.7/32")]
    [TestCase("192.0.2.7/24", "192.0.2.0/24")]
    [TestCase("192.0.2.255/25", "192.0.2.128/25")]
    [TestCase("192.0.2.7/0", "0.0.0.0/0")]
    [TestCase("::ffff:192.0.2.7/24", "192.0.2.0/24")]
    [TestCase("2001:db8::1", "2001:db8::1/128")]
    [TestCase("2001:db8:ffff::1/33", "2001:db8:8000::/33")]
    [TestCase("2001:db8::/32", "2001:db8::/32")]
    [TestCase("::1/64", "::/64")]
    [TestCase("::/0", "::/0")]
    [TestCase("fc00:1::2/32", "fc00:1::/32")]
    [TestCase("fc00::/7", "fc00::/7")]
    [TestCase(Onion, Onion)]
    [TestCase($"{Onion}/256", Onion)]
    public void It_is_read_and_bits_behind_the_prefix_do_not_matter(string text, string canonical)
    {
        Assert.That(Subnet.TryParse(text, out Subnet subnet), Is.True);
        Assert.That(subnet.ToString(), Is.EqualTo(canonical));
        Assert.That(Subnet.Parse(canonical), Is.EqualTo(subnet));
        Assert.That(Subnet.Parse(canonical).GetHashCode(), Is.EqualTo(subnet.GetHashCode()));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("/")]
    [TestCase("/24")]
    [TestCase("192.0.2.0/")]
    [TestCase("192.0.2.0/33")]
    [TestCase("127.0.0.1/42")]
    [TestCase("192.0.2.0/-1")]
    [TestCase("192.0.2.0/+8")]
    [TestCase("192.0.2.0/ 8")]
    [TestCase("192.0.2.0/8\0")]
    [TestCase("192.0.2.0/8/8")]
    [TestCase("192.0.2.0/255.255.255.0")]
    [TestCase("192.0.2.0/4294967304")]
    [TestCase("192.0.2/24")]
    [TestCase("2001:db8::/129")]
    [TestCase("::")]
    [TestCase("::/128")]
    [TestCase("example.org")]
    [TestCase($"{Onion}/255")]
    public void Anything_else_is_none(string? text)
    {
        Assert.That(Subnet.TryParse(text, out Subnet subnet), Is.False);
        Assert.That(subnet, Is.EqualTo(default(Subnet)));
        Assert.That(() => Subnet.Parse(text!), Throws.InstanceOf<FormatException>().With.Message.Contains("192.0.2.0/24"));
    }

    [TestCase("192.0.2.0/24", "192.0.2.0", true)]
    [TestCase("192.0.2.0/24", "192.0.2.255", true)]
    [TestCase("192.0.2.0/24", "192.0.3.0", false)]
    [TestCase("192.0.2.128/25", "192.0.2.127", false)]
    [TestCase("192.0.2.7", "192.0.2.7", true)]
    [TestCase("192.0.2.7", "192.0.2.6", false)]
    [TestCase("0.0.0.0/0", "203.0.113.9", true)]
    [TestCase("0.0.0.0/0", "2001:db8::1", false)]
    [TestCase("::/0", "2001:db8::1", true)]
    [TestCase("::/0", "203.0.113.9", false)]
    [TestCase("::/64", "::1", true)]
    [TestCase("2001:db8::/33", "2001:db8:7fff::1", true)]
    [TestCase("2001:db8::/33", "2001:db8:8000::1", false)]
    [TestCase(Onion, Onion, true)]
    [TestCase(Onion, "192.0.2.7", false)]
    public void It_contains_the_addresses_that_begin_like_it(string subnet, string address, bool contains)
    {
        Assert.That(NetAddress.TryParse(address, out NetAddress parsed));
        Assert.That(Subnet.Parse(subnet).Contains(parsed), Is.EqualTo(contains));
    }

    [Test]
    public void The_subnet_of_one_host_is_single_and_contains_it()
    {
        foreach (string text in new[] { "192.0.2.7", "2001:db8::1", "fc00::1", Onion })
        {
            Assert.That(NetAddress.TryParse(text, out NetAddress address));
            Assert.That(Subnet.Of(address), Is.EqualTo(Subnet.Parse(text)));
            Assert.That(Subnet.Of(address).IsSingle, Is.True);
            Assert.That(Subnet.Of(address).Contains(address), Is.True);
        }

        Assert.That(Subnet.Parse("192.0.2.0/31").IsSingle, Is.False);
    }

    [Test]
    public void A_host_on_CJDNS_is_found_whichever_way_it_came()
    {
        Assert.That(NetAddress.TryParse("fc00:1::2", out NetAddress told));
        NetAddress dialledUs = NetAddress.From(System.Net.IPAddress.Parse("fc00:1::2"));
        Assert.That((told.Network, dialledUs.Network), Is.EqualTo((NetworkId.Cjdns, NetworkId.IPv6)));

        foreach (string text in new[] { "fc00:1::2", "fc00:1::/32", "fc00::/7" })
        {
            Assert.That(Subnet.Parse(text).Contains(told), Is.True, text);
            Assert.That(Subnet.Parse(text).Contains(dialledUs), Is.True, text);
        }

        Assert.That(Subnet.Of(told), Is.EqualTo(Subnet.Of(dialledUs)));
    }

    [Test]
    public void No_subnet_has_no_address()
    {
        Assert.That(default(Subnet).Contains(NetAddress.None), Is.False);
        Assert.That(Subnet.Of(NetAddress.None).Contains(NetAddress.None), Is.False);
        Assert.That(Subnet.Parse("::/0").Contains(NetAddress.None), Is.False);
    }

    [Test]
    public void Whatever_bytes_it_is_made_from_it_contains_exactly_those_with_the_same_first_bits()
    {
        var random = new Random(20261120);
        foreach (NetworkId network in new[] { NetworkId.IPv4, NetworkId.IPv6 })
        {
            byte[] bytes = new byte[NetAddress.LengthOf(network)];
            for (int prefixLength = 1; prefixLength <= 8 * bytes.Length; prefixLength++)
            {
                random.NextBytes(bytes);
                bytes[0] |= 1;
                Assert.That(Subnet.TryCreate(network, bytes, prefixLength, out Subnet subnet));
                int last = prefixLength - 1;
                bytes[last / 8] ^= (byte)(0x80 >> (last % 8));
                Assert.That(NetAddress.TryCreate(network, bytes, out NetAddress other));
                Assert.That(subnet.Contains(other), Is.False, $"{subnet} {other}");
                bytes[last / 8] ^= (byte)(0x80 >> (last % 8));
                if (prefixLength < 8 * bytes.Length)
                    bytes[prefixLength / 8] ^= (byte)(0x80 >> (prefixLength % 8));
                Assert.That(NetAddress.TryCreate(network, bytes, out NetAddress member));
                Assert.That(subnet.Contains(member), Is.True, $"{subnet} {member}");
            }
        }
    }
}
