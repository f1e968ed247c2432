using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class NetAddressTextTests
{
    private const string Onion = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";
    private const string I2P = "ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p";

    /// <summary>RFC 5952 as Bitcoin Core's tests read it.</summary>
    private static readonly TestCaseData[] CanonicalIPv6 =
    [
        new("0000:0000:0000:0000:0000:0000:0000:0000", "::"),
        new("0:0:0:0:0:0:0:0", "::"),
        new("0:0:0:0:0:0:0:1", "::1"),
        new("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        new("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        new("2001:0db8:85a3:0000:0000:8a2e:0370:7334", "2001:db8:85a3::8a2e:370:7334"),
        new("2001:0db8::0001", "2001:db8::1"),
        new("2001:0db8::0001:0000", "2001:db8::1:0"),
        new("2001:0db8::1:0:0:1", "2001:db8::1:0:0:1"),
        new("2001:db8:0000:0:1::1", "2001:db8::1:0:0:1"),
        new("2001:db8:0000:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        new("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        new("2001:db8:0:0:0::1", "2001:db8::1"),
        new("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        new("2001:db8:0:0:1::1", "2001:db8::1:0:0:1"),
        new("2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"),
        new("2001:db8:0:0::1", "2001:db8::1"),
        new("2001:db8:0:0:aaaa::1", "2001:db8::aaaa:0:0:1"),
        new("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        new("2001:db8:0::1", "2001:db8::1"),
        new("2001:db8:85a3:0:0:8a2e:370:7334", "2001:db8:85a3::8a2e:370:7334"),
        new("2001:db8::0:1", "2001:db8::1"),
        new("2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"),
        new("2001:DB8::1", "2001:db8::1"),
        new("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        new("2001:db8::aaaa:0:0:1", "2001:db8::aaaa:0:0:1"),
        new("2001:db8:aaaa:bbbb:cccc:dddd:0:1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1"),
        new("2001:db8:aaaa:bbbb:cccc:dddd::1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1"),
        new("2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"),
        new("2001:db8:aaaa:bbbb:cccc:dddd:eeee:01", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"),
        new("2001:db8:aaaa:bbbb:cccc:dddd:eeee:AaAa", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa"),
    ];

    private static readonly string[] Refused =
    [
        "", " ", ".", ":", ":::", "::1::", "1::2::3", "1", "1.2", "1.2.3", "1.2.3.4.5", "1.2.3.4.", ".1.2.3.4",
        "1..2.3",
        "256.0.0.1", "1.2.3.256", "01.2.3.4", "1.2.3.04", "0x1.2.3.4", "0x7f000001", "2130706433", "1.2.3.-4",
        "+1.2.3.4",
        "1.2.3. 4", " 1.2.3.4", "1.2.3.4 ", "1.2.3.4/32", "1.2.3.4:80", "1.2.3.4\0", "١.2.3.4",
        "[::1]", "[::1]:80", "::1%1", "fe80::1%eth0", "::1/128", " ::1", "::1 ", "::1\0", "::1]", "12345::", "g::",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::256.2.3.4",
        "::１",
        "localhost", "www.example.org", ".onion", ".b32.i2p", "5wyqrzbvrdsumnok.onion",
    ];

    private static readonly string[] NamesOfNoHost = ["fd87:d87e:eb43::1", "FD87:D87E:EB43:edb1:8e4:3588:e546:35ca",
        "fd6b:88c0:8724::1", "fd6b:88c0:8724:ca97:8112:ca1b:bdca:fac2", "ca978112ca1bbdcafac2.internal"];

    [TestCaseSource(typeof(AddressVectors), nameof(AddressVectors.Dialable))]
    public void The_text_of_an_address_is_read_and_written(object vector)
    {
        var (text, _, v2) = (AddressVector)vector;
        byte[] bytes = WireBytes.Hex(v2);

        bool ok = NetAddress.TryParse(text, out NetAddress address);

        Assert.That(ok);
        Assert.That(address.Network, Is.EqualTo((NetworkId)bytes[0]));
        Assert.That(address.Bytes.ToArray(), Is.EqualTo(bytes[2..]));
        Assert.That(address.ToString(), Is.EqualTo(text));
    }

    [TestCaseSource(nameof(CanonicalIPv6))]
    public void IPv6_is_printed_as_RFC_5952_wants_it(string text, string canonical)
    {
        Assert.That(NetAddress.TryParse(text, out NetAddress address));
        Assert.That(address.ToString(), Is.EqualTo(canonical));
    }

    [TestCaseSource(nameof(Refused))]
    public void What_is_no_plain_address_is_refused(string text)
    {
        Assert.That(NetAddress.TryParse(text, out NetAddress address), Is.False);
        Assert.That(address, Is.EqualTo(NetAddress.None));
    }

    [Test]
    public void No_text_is_no_address()
    {
        Assert.That(NetAddress.TryParse(null, out _), Is.False);
    }

    [TestCaseSource(nameof(NamesOfNoHost))]
    public void Text_that_can_name_no_host_is_refused(string text)
    {
        Assert.That(NetAddress.TryParse(text, out NetAddress address), Is.False, address.ToString());
    }

    [TestCase("::", NetworkId.None)]
    [TestCase("0.0.0.0", NetworkId.IPv4)]
    public void The_unspecified_addresses_can_be_read(string text, NetworkId network)
    {
        Assert.That(NetAddress.TryParse(text, out NetAddress address));
        Assert.That(address.Network, Is.EqualTo(network));
        Assert.That(address.ToString(), Is.EqualTo(text));
    }

    [TestCase("::ffff:127.0.0.1", "127.0.0.1")]
    [TestCase("::ffff:7f00:1", "127.0.0.1")]
    public void IPv4_inside_IPv6_is_read_as_IPv4(string text, string canonical)
    {
        Assert.That(NetAddress.TryParse(text, out NetAddress address));
        Assert.That(address.Network, Is.EqualTo(NetworkId.IPv4));
        Assert.That(address.ToString(), Is.EqualTo(canonical));
    }

    [Test]
    public void IPv6_text_that_starts_with_fc_is_CJDNS()
    {
        Assert.That(NetAddress.TryParse("fc00::1", out NetAddress cjdns));
        Assert.That(NetAddress.TryParse("fd00::1", out NetAddress ipv6));

        Assert.That(cjdns.Network, Is.EqualTo(NetworkId.Cjdns));
        Assert.That(ipv6.Network, Is.EqualTo(NetworkId.IPv6));
    }

    [TestCase(Onion)]
    [TestCase(I2P)]
    public void A_name_in_capitals_is_the_same_name(string text)
    {
        Assert.That(NetAddress.TryParse(text.ToUpperInvariant(), out NetAddress address));
        Assert.That(address.ToString(), Is.EqualTo(text));
    }

    [Test]
    public void An_onion_name_with_one_wrong_letter_is_refused([Range(0, 55)] int index)
    {
        char[] wrong = Onion.ToCharArray();
        wrong[index] = wrong[index] == 'a' ? 'b' : 'a';

        Assert.That(NetAddress.TryParse(new string(wrong), out _), Is.False);
    }

    [TestCase("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscry.onion", Description = "a letter short")]
    [TestCase("apg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion", Description = "a letter long")]
    [TestCase("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscrye.onion", Description = "version 4")]
    [TestCase("pg6mmjiyjmcrsslv1kfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion", Description = "1 is no base 32")]
    [TestCase("pg6mmjiyjmcrsslv=kfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion", Description = "padding")]
    [TestCase("pg6mmjiyjmcrsslvy\u212Afwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion", Description = "the Kelvin sign")]
    [TestCase("sub.pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion", Description = "a subdomain")]
    public void An_onion_name_of_another_form_is_refused(string text)
    {
        Assert.That(NetAddress.TryParse(text, out _), Is.False);
    }

    [TestCase("ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkd.b32.i2p", Description = "a letter short")]
    [TestCase("aukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p", Description = "a letter long")]
    [TestCase("ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdr.b32.i2p", Description = "bits left over")]
    [TestCase("ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dn\u212Adq.b32.i2p", Description = "the Kelvin sign")]
    [TestCase("ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.i2p", Description = "no .b32")]
    public void An_I2P_name_of_another_form_is_refused(string text)
    {
        Assert.That(NetAddress.TryParse(text, out _), Is.False);
    }

    [Test]
    public void Every_address_of_a_dialable_network_is_read_back_as_it_was_written()
    {
        var random = new TestRandom(2);
        NetworkId[] networks = [NetworkId.IPv4, NetworkId.IPv6, NetworkId.TorV3, NetworkId.I2P, NetworkId.Cjdns];
        for (int i = 0; i < 5000; i++)
        {
            NetworkId network = random.Pick(networks);
            byte[] bytes = random.Bytes(NetAddress.LengthOf(network));
            if (network == NetworkId.Cjdns)
                bytes[0] = 0xFC;
            if (network == NetworkId.IPv6)
                bytes.AsSpan(random.Below(16), random.OneIn(2) ? 0 : 1).Clear();
            if (!NetAddress.TryCreate(network, bytes, out NetAddress address) || IsPrinted_as_CJDNS(address))
                continue;

            bool ok = NetAddress.TryParse(address.ToString(), out NetAddress parsed);

            Assert.That((ok, parsed), Is.EqualTo((true, address)));
        }

        // The one alias: fc00::/8 as IPv6 has the text of CJDNS.
        static bool IsPrinted_as_CJDNS(NetAddress address) =>
            address.Network == NetworkId.IPv6 && address.Bytes[0] == 0xFC;
    }
}
