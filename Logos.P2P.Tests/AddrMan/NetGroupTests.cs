using Logos.P2P.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

[TestFixture]
internal sealed class NetGroupTests
{
    private static readonly TestCaseData[] Groups =
    [
        // Bitcoin Core's netbase_getgroup.
        new("127.0.0.1", new byte[] { 0 }),
        new("::", new byte[] { 0 }),
        new("10.0.0.1", new byte[] { 0 }),
        new("169.254.1.1", new byte[] { 0 }),
        new("1.2.3.4", new byte[] { 1, 1, 2 }),
        new("::ffff:0:102:304", new byte[] { 1, 1, 2 }),
        new("64:ff9b::102:304", new byte[] { 1, 1, 2 }),
        new("2002:102:304:9999:9999:9999:9999:9999", new byte[] { 1, 1, 2 }),
        new("2001:0:9999:9999:9999:9999:fefd:fcfb", new byte[] { 1, 1, 2 }),
        new("2001:470:abcd:9999:9999:9999:9999:9999", new byte[] { 2, 32, 1, 4, 112, 175 }),
        new("2001:2001:9999:9999:9999:9999:9999:9999", new byte[] { 2, 32, 1, 32, 1 }),
        // The rest of what is not routable.
        new("0.0.0.0", new byte[] { 0 }),
        new("255.255.255.255", new byte[] { 0 }),
        new("192.168.1.1", new byte[] { 0 }),
        new("203.0.113.9", new byte[] { 0 }),
        new("::1", new byte[] { 0 }),
        new("fe80::1", new byte[] { 0 }),
        new("fd00::1", new byte[] { 0 }),
        new("2001:db8::1", new byte[] { 0 }),
        // Hashed addresses: 4 bits, the rest of the byte ones; CJDNS after its constant first byte.
        new("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion", new byte[] { 3, 0x7F }),
        new("ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p", new byte[] { 4, 0xAF }),
        new("fc00:1:2:3:4:5:6:7", new byte[] { 5, 0xFC, 0x0F }),
        new("fc73:1:2:3:4:5:6:7", new byte[] { 5, 0xFC, 0x7F }),
    ];

    [TestCaseSource(nameof(Groups))]
    public void An_address_is_in_the_group_that_Bitcoin_Core_puts_it_in(string text, byte[] group) =>
        Assert.That(GroupOf(Book.Host(text)).Bytes.ToArray(), Is.EqualTo(group));

    [Test]
    public void Every_name_of_a_source_is_a_group_of_its_own()
    {
        NetAddress seed = NetAddress.FromInternalName("seed.example");
        byte[] group = GroupOf(seed).Bytes.ToArray();
        Assert.That(group, Is.EqualTo((byte[])[6, .. seed.Bytes]));
        Assert.That(GroupOf(NetAddress.FromInternalName("other.example")), Is.Not.EqualTo(GroupOf(seed)));
    }

    [Test]
    public void The_port_does_not_change_the_group_of_an_address()
    {
        NetGroup one = PrefixGrouping.Instance.GroupOf(Book.Endpoint("1.2.3.4:1"));
        NetGroup two = PrefixGrouping.Instance.GroupOf(Book.Endpoint("1.2.3.4:2"));
        Assert.That(one, Is.EqualTo(two));
    }

    private static readonly string[] Distinct =
    [
        "127.0.0.1:1", "127.0.0.1:2", "127.0.0.2:1", "[::1]:1", "[fc00::1]:1",
        "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:1",
        "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:2",
        "ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p:1",
    ];

    [Test]
    public void On_a_network_of_one_machine_every_endpoint_is_a_group_of_its_own()
    {
        IEnumerable<NetGroup> groups = Distinct.Select(text => EndpointGrouping.Instance.GroupOf(Book.Endpoint(text)));
        Assert.That(groups, Is.Unique);
    }

    [Test]
    public void Groups_are_values()
    {
        var one = new NetGroup([1, 2, 3]);
        Assert.Multiple(() =>
        {
            Assert.That(one, Is.EqualTo(new NetGroup([1, 2, 3])));
            Assert.That(one.GetHashCode(), Is.EqualTo(new NetGroup([1, 2, 3]).GetHashCode()));
            Assert.That(one == new NetGroup([1, 2]), Is.False);
            Assert.That(one != new NetGroup([1, 2, 4]), Is.True);
            Assert.That(one.Equals((object)"010203"), Is.False);
            Assert.That(one.ToString(), Is.EqualTo("010203"));
            Assert.That(new NetGroup(new byte[NetGroup.MaxLength]).Bytes.Length, Is.EqualTo(NetGroup.MaxLength));
            Assert.That(() => new NetGroup(new byte[NetGroup.MaxLength + 1]), Throws.ArgumentException);
        });
    }

    private static NetGroup GroupOf(NetAddress address) =>
        PrefixGrouping.Instance.GroupOf(new NetEndpoint(address, 14495));
}
