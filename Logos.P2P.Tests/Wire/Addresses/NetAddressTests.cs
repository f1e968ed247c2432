using System.Net;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class NetAddressTests
{
    private static readonly TestCaseData[] Refused =
    [
        new(NetworkId.None, "", "no network"),
        new(NetworkId.IPv4, "010203", "IPv4 of 3 bytes"),
        new(NetworkId.IPv4, "0102030405", "IPv4 of 5 bytes"),
        new(NetworkId.IPv6, "01020304", "IPv6 of 4 bytes"),
        new(NetworkId.IPv6, "00000000000000000000ffff01020304", "IPv4 inside IPv6"),
        new(NetworkId.IPv6, "fd87d87eeb43edb108e43588e54635ca", "Tor v2 inside IPv6"),
        new((NetworkId)3, "f1f2f3f4f5f6f7f8f9fa", "Tor v2"),
        new(NetworkId.TorV3, "", "Tor v3 of 0 bytes"),
        new(NetworkId.I2P, "010203", "I2P of 3 bytes"),
        new(NetworkId.Cjdns, "01", "CJDNS of 1 byte"),
        new(NetworkId.Cjdns, "fd000001000200030004000500060007", "CJDNS that starts with fd"),
        new((NetworkId)7, "01020304", "network 7"),
        new((NetworkId)0xAA, "01020304", "network aa"),
        new(NetworkId.Internal, "ca978112ca1bbdcafac2", "an internal name"),
    ];

    [TestCaseSource(typeof(AddressVectors), nameof(AddressVectors.Dialable))]
    public void An_address_is_made_from_the_bytes_of_its_network(object vector)
    {
        var (text, _, v2) = (AddressVector)vector;
        byte[] bytes = WireBytes.Hex(v2);

        bool ok = NetAddress.TryCreate((NetworkId)bytes[0], bytes.AsSpan(2), out NetAddress address);

        Assert.That(ok);
        Assert.That(address.Network, Is.EqualTo((NetworkId)bytes[0]));
        Assert.That(address.Bytes.ToArray(), Is.EqualTo(bytes[2..]));
        Assert.That(address.ToString(), Is.EqualTo(text));
    }

    [TestCaseSource(nameof(Refused))]
    public void An_address_that_BIP155_forbids_is_not_made(NetworkId network, string hex, string why)
    {
        Assert.That(NetAddress.TryCreate(network, WireBytes.Hex(hex), out NetAddress address), Is.False, why);
        Assert.That(address, Is.EqualTo(NetAddress.None));
    }

    [TestCaseSource(typeof(AddressVectors), nameof(AddressVectors.All))]
    public void An_address_is_written_in_v1_form(object vector)
    {
        var (_, v1, v2) = (AddressVector)vector;
        byte[] written = Enumerable.Repeat((byte)0xEE, 16).ToArray();

        FromV2(v2).WriteV1(written);

        Assert.That(WireBytes.Hex(written), Is.EqualTo(v1));
    }

    [TestCaseSource(typeof(AddressVectors), nameof(AddressVectors.All))]
    public void The_v1_form_keeps_the_whole_address_or_says_that_it_does_not(object vector)
    {
        var (_, v1, v2) = (AddressVector)vector;
        NetAddress address = FromV2(v2);

        bool isKept = NetAddress.FromV1(WireBytes.Hex(v1)) == address;

        Assert.That(isKept, Is.EqualTo(address.IsV1Compatible));
        Assert.That(isKept, Is.EqualTo(address.Network is not (NetworkId.TorV3 or NetworkId.I2P or NetworkId.Cjdns)));
    }

    [Test]
    public void OnionCat_in_v1_form_is_no_address()
    {
        NetAddress address = NetAddress.FromV1(WireBytes.Hex("fd87d87eeb43edb108e43588e54635ca"));

        Assert.That(address, Is.EqualTo(NetAddress.None));
    }

    [TestCase(0)]
    [TestCase(4)]
    [TestCase(15)]
    [TestCase(17)]
    public void A_v1_form_of_another_length_is_a_mistake_of_the_caller(int length)
    {
        Assert.That(() => NetAddress.FromV1(new byte[length]), Throws.ArgumentException);
    }

    [Test]
    public void An_internal_address_is_the_hash_of_a_name()
    {
        NetAddress address = NetAddress.FromInternalName("a");

        Assert.That(address.Network, Is.EqualTo(NetworkId.Internal));
        Assert.That(WireBytes.Hex(address.Bytes), Is.EqualTo("ca978112ca1bbdcafac2"));
        Assert.That(address, Is.EqualTo(NetAddress.FromV1(WireBytes.Hex("fd6b88c08724ca978112ca1bbdcafac2"))));
        Assert.That(address, Is.Not.EqualTo(NetAddress.FromInternalName("b")));
    }

    [TestCase("1.2.3.4", NetworkId.IPv4)]
    [TestCase("::ffff:1.2.3.4", NetworkId.IPv4)]
    [TestCase("2001:db8::1", NetworkId.IPv6)]
    [TestCase("::", NetworkId.None)]
    [TestCase("fd87:d87e:eb43::1", NetworkId.None)]
    public void An_IPAddress_becomes_an_address(string text, NetworkId network)
    {
        Assert.That(NetAddress.From(IPAddress.Parse(text)).Network, Is.EqualTo(network));
    }

    [Test]
    public void IPv4_is_one_host_whichever_way_it_came()
    {
        NetAddress plain = NetAddress.From(IPAddress.Parse("1.2.3.4"));

        Assert.That(NetAddress.From(IPAddress.Parse("::ffff:1.2.3.4")), Is.EqualTo(plain));
        Assert.That(NetAddress.FromV1(WireBytes.Hex("00000000000000000000ffff01020304")), Is.EqualTo(plain));
    }

    [TestCase("1.2.3.4")]
    [TestCase("2001:db8::1")]
    public void An_IP_address_goes_back_to_an_IPAddress(string text)
    {
        var ip = IPAddress.Parse(text);

        NetAddress address = NetAddress.From(ip);

        Assert.That(address.IsIP);
        Assert.That(address.ToIPAddress(), Is.EqualTo(ip));
    }

    [TestCaseSource(typeof(AddressVectors), nameof(AddressVectors.All))]
    public void Only_IP_has_an_IPAddress(object vector)
    {
        NetAddress address = FromV2(((AddressVector)vector).V2);

        if (address.Network is NetworkId.IPv4 or NetworkId.IPv6)
        {
            Assert.That(address.IsIP);
            Assert.That(address.ToIPAddress().GetAddressBytes(), Is.EqualTo(address.Bytes.ToArray()));
        }
        else
        {
            Assert.That(address.IsIP, Is.False);
            Assert.That(address.ToIPAddress, Throws.InvalidOperationException);
        }
    }

    [Test]
    public void No_address_is_the_default()
    {
        Assert.That(NetAddress.None, Is.EqualTo(default(NetAddress)));
        Assert.That(NetAddress.None.Network, Is.EqualTo(NetworkId.None));
        Assert.That(NetAddress.None.Bytes.IsEmpty);
        Assert.That(NetAddress.None, Is.EqualTo(NetAddress.FromV1(new byte[16])));
    }

    [Test]
    public void Addresses_are_equal_when_network_and_bytes_are()
    {
        AddressVector[] vectors = AddressVectors.All;
        for (int i = 0; i < vectors.Length; i++)
        {
            for (int j = 0; j < vectors.Length; j++)
            {
                NetAddress left = FromV2(vectors[i].V2), right = FromV2(vectors[j].V2);
                Assert.That(left == right, Is.EqualTo(i == j), $"{left} == {right}");
                Assert.That(left != right, Is.EqualTo(i != j), $"{left} != {right}");
                Assert.That(left.Equals((object)right), Is.EqualTo(i == j), $"{left} equals {right}");
                if (i == j)
                    Assert.That(left.GetHashCode(), Is.EqualTo(right.GetHashCode()));
            }
        }
    }

    [Test]
    public void The_same_bytes_on_another_network_are_another_address()
    {
        byte[] bytes = WireBytes.Hex("fc000001000200030004000500060007");
        NetAddress.TryCreate(NetworkId.IPv6, bytes, out NetAddress ipv6);
        NetAddress.TryCreate(NetworkId.Cjdns, bytes, out NetAddress cjdns);

        Assert.That(ipv6, Is.Not.EqualTo(cjdns));
        Assert.That(ipv6.Bytes.SequenceEqual(cjdns.Bytes));
    }

    [Test]
    public void An_address_takes_no_memory_of_its_own()
    {
        byte[] bytes = new byte[NetAddress.MaxLength];
        bool isMade = false;

        long allocated = Allocations.Least(() =>
        {
            isMade = NetAddress.TryCreate(NetworkId.TorV3, bytes, out NetAddress address)
                && address == new NetEndpoint(address, 1).Address
                && address.GetHashCode() == address.GetHashCode();
        });

        Assert.That(allocated, Is.Zero);
        Assert.That(isMade);
    }

    private static NetAddress FromV2(string hex)
    {
        var reader = new WireReader(WireBytes.Hex(hex + "0001"));
        Assert.That(AddressCodec.TryReadV2(ref reader, out NetEndpoint endpoint), hex);
        return endpoint.Address;
    }
}
