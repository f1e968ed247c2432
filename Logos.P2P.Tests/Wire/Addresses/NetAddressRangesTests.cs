using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class NetAddressRangesTests
{
    private static readonly string[] Routable =
    [
        "1.2.3.4", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.1",
        "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.255", "192.0.3.0", "192.167.255.255",
        "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0",
        "250.1.1.1", "255.255.255.254",
        "2001::1", "2001:0:9999:9999:9999:9999:fefd:fcfb", "2001:470:abcd:9999:9999:9999:9999:9999", "2001:f::",
        "2001:30::", "2001:db7::1", "2001:db9::1", "2002:102:304:9999::1", "64:ff9b::102:304", "::ffff:0:102:304",
        "2606:4700:4700::1111", "fbff::1", "fe00::1", "fe80:0:0:1::1", "::2", "1::1",
        "fc00:1:2:3:4:5:6:7",
        "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion",
        "ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p",
    ];

    private static readonly string[] Local =
        ["127.0.0.1", "127.255.255.255", "0.0.0.1", "0.255.255.255", "0.0.0.0", "::1"];

    private static readonly string[] Private =
    [
        "10.0.0.0", "10.0.0.1", "10.255.255.255",
        "172.16.0.0", "172.31.255.255",
        "192.168.0.0", "192.168.1.1", "192.168.255.255",
        "169.254.0.0", "169.254.1.1", "169.254.255.255",
        "100.64.0.0", "100.64.0.1", "100.127.255.255",
        "fd00::1", "fdff:ffff::1", "fe80::", "fe80::1", "fe80::ffff:ffff:ffff:ffff",
    ];

    private static readonly string[] Documentation =
    [
        "192.0.2.0", "192.0.2.255", "198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255",
        "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    ];

    private static readonly string[] Benchmark_and_ORCHID =
    [
        "198.18.0.0", "198.19.255.255", "2001:10::", "2001:1f:ffff::1", "2001:20::1", "2001:2f:ffff::1",
    ];

    private static readonly TestCaseData[] Validity =
    [
        new("0.0.0.0", false),
        new("255.255.255.255", false),
        new("0.0.0.1", true),
        new("127.0.0.1", true),
        new("192.0.2.1", true),
        new("::", false),
        new("::1", true),
        new("2001:db8::1", false),
        new("fe80::1", true),
        new("fc00::1", true),
    ];

    private static readonly TestCaseData[] Linked =
    [
        new("1.2.3.4", 0x01020304U),
        new("127.0.0.1", 0x7F000001U),
        new("::ffff:1.2.3.4", 0x01020304U),
        new("64:ff9b::102:304", 0x01020304U),
        new("::ffff:0:102:304", 0x01020304U),
        new("2002:102:304:9999:9999:9999:9999:9999", 0x01020304U),
        new("2001:0:9999:9999:9999:9999:fefd:fcfb", 0x01020304U),
    ];

    private static readonly string[] NotLinked =
    [
        "::1", "::", "2001:470:abcd:9999:9999:9999:9999:9999", "2001:1::fefd:fcfb", "2003:102:304::1",
        "64:ff9b::1:0:102:304", "64:ff9b:1::102:304", "64:ff9c::102:304", "::ffff:1:102:304", "::1:ffff:0:102:304",
        "::fffe:0:102:304",
        "fc00:102:304::1",
        "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion",
    ];

    [TestCaseSource(nameof(Routable))]
    public void An_address_others_can_reach_is_routable(string text)
    {
        NetAddress address = Parse(text);

        Assert.Multiple(() =>
        {
            Assert.That(address.IsRoutable, "routable");
            Assert.That(address.IsValid, "valid");
            Assert.That(address.IsLocal, Is.False, "local");
            Assert.That(address.IsPrivate, Is.False, "private");
            Assert.That(address.IsDocumentation, Is.False, "documentation");
        });
    }

    [TestCaseSource(nameof(Local))]
    public void An_address_of_this_host_is_local(string text)
    {
        NetAddress address = Parse(text);

        Assert.That(address.IsLocal);
        Assert.That(address.IsRoutable, Is.False);
        Assert.That(address.IsPrivate, Is.False);
    }

    [TestCaseSource(nameof(Private))]
    public void An_address_of_a_site_or_link_is_private(string text)
    {
        NetAddress address = Parse(text);

        Assert.That(address.IsPrivate);
        Assert.That(address.IsRoutable, Is.False);
        Assert.That(address.IsLocal, Is.False);
    }

    [TestCaseSource(nameof(Documentation))]
    public void An_address_out_of_a_book_is_for_documentation(string text)
    {
        NetAddress address = Parse(text);

        Assert.That(address.IsDocumentation);
        Assert.That(address.IsRoutable, Is.False);
        Assert.That(address.IsPrivate, Is.False);
    }

    [TestCaseSource(nameof(Benchmark_and_ORCHID))]
    public void An_address_set_aside_for_other_uses_is_not_routable(string text)
    {
        NetAddress address = Parse(text);

        Assert.That(address.IsRoutable, Is.False);
        Assert.That(address.IsDocumentation, Is.False);
        Assert.That(address.IsValid);
    }

    [TestCaseSource(nameof(Validity))]
    public void An_address_no_host_can_have_is_invalid(string text, bool isValid)
    {
        NetAddress address = Parse(text);

        Assert.That(address.IsValid, Is.EqualTo(isValid));
        if (!isValid)
            Assert.That(address.IsRoutable, Is.False);
    }

    [Test]
    public void An_internal_name_is_nothing_a_host_can_have()
    {
        NetAddress address = NetAddress.FromInternalName("seed.example");

        Assert.Multiple(() =>
        {
            Assert.That(address.IsValid, Is.False);
            Assert.That(address.IsRoutable, Is.False);
            Assert.That(address.IsLocal, Is.False);
            Assert.That(address.IsPrivate, Is.False);
            Assert.That(address.TryGetLinkedIPv4(out _), Is.False);
        });
    }

    [Test]
    public void The_unique_local_half_of_fc00_is_private_as_IPv6()
    {
        byte[] bytes = WireBytes.Hex("fc000001000200030004000500060007");
        Assert.That(NetAddress.TryCreate(NetworkId.IPv6, bytes, out NetAddress address));

        Assert.That(address.IsPrivate);
        Assert.That(address.IsRoutable, Is.False);
    }

    [TestCaseSource(nameof(Linked))]
    public void An_address_names_the_IPv4_address_behind_it(string text, uint expected)
    {
        Assert.That(Parse(text).TryGetLinkedIPv4(out uint bits));
        Assert.That(bits, Is.EqualTo(expected));
    }

    [TestCaseSource(nameof(NotLinked))]
    public void An_address_without_IPv4_behind_it_names_none(string text)
    {
        Assert.That(Parse(text).TryGetLinkedIPv4(out uint bits), Is.False);
        Assert.That(bits, Is.Zero);
    }

    private static NetAddress Parse(string text)
    {
        Assert.That(NetAddress.TryParse(text, out NetAddress address), text);
        return address;
    }
}
