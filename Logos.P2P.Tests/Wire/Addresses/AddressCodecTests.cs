using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class AddressCodecTests
{
    private static readonly string MappedIPv4 = "0210" + "00000000000000000000ffff01020304";
    private static readonly string OnionCat = "0210" + "fd87d87eeb43edb108e43588e54635ca";

    /// <summary>What makes a whole `addrv2` payload unreadable.</summary>
    private static readonly TestCaseData[] Malformed =
    [
        new("", "nothing"),
        new("01", "no length"),
        new("0104", "no bytes"),
        new("0104 010203", "bytes cut short"),
        new("0104 01020304", "no port"),
        new("0104 01020304 00", "half a port"),
        new("0105 0102030405 0001", "IPv4 length 5 (should be 4)"),
        new("0100 0001", "IPv4 length 0"),
        new("0204 01020304 0001", "IPv6 length 4 (should be 16)"),
        new("0400 0001", "TORv3 length 0 (should be 32)"),
        new("0503 010203 0001", "I2P length 3 (should be 32)"),
        new("0601 01 0001", "CJDNS length 1 (should be 16)"),
        new("01fd0400 01020304 0001", "a length in a longer form than needed"),
        new("01fd0102", "too long: 513 > 512"),
        new("99fd0102", "too long, even for an unknown network"),
        new("aafe00000002", "too long: 33554432 > 512"),
        new("aaffffffffffffffffff", "too long: 2^64 - 1"),
    ];

    /// <summary>What is read, but as no address.</summary>
    private static readonly TestCaseData[] Ignored =
    [
        new(MappedIPv4, "IPv4 inside IPv6"),
        new(OnionCat, "Tor v2 inside IPv6"),
        new("030a f1f2f3f4f5f6f7f8f9fa", "Tor v2"),
        new("0300", "Tor v2 of any length"),
        new("0610 fd000001000200030004000500060007", "CJDNS that starts with fd"),
        new("0610 01020304050607080910111213141516", "CJDNS that starts with 01"),
        new("0000", "network 0"),
        new("0004 01020304", "network 0 with bytes"),
        new("ff0a ca978112ca1bbdcafac2", "our own id of internal names"),
        new("aa00", "unknown network, no bytes"),
        new("aa04 01020304", "unknown network, 4 bytes"),
        new("9902 0102", "unknown network 0x99, 2 bytes"),
    ];

    [TestCaseSource(typeof(AddressVectors), nameof(AddressVectors.All))]
    public void An_address_is_written_in_v2_form_and_read_again(object vector)
    {
        string v2 = ((AddressVector)vector).V2;
        byte[] bytes = WireBytes.Hex(v2 + "389f");
        var reader = new WireReader(bytes);

        Assert.That(AddressCodec.TryReadV2(ref reader, out NetEndpoint endpoint));
        Assert.That(reader.Remaining, Is.Zero);
        Assert.That(endpoint.Port, Is.EqualTo(14495));
        Assert.That(endpoint.Address.ToString(), Is.EqualTo(((AddressVector)vector).Text));

        byte[] written = new byte[AddressCodec.GetV2Size(endpoint)];
        var writer = new WireWriter(written);
        AddressCodec.WriteV2(ref writer, endpoint);
        Assert.That(WireBytes.Hex(written), Is.EqualTo(WireBytes.Hex(bytes)));
    }

    [TestCaseSource(typeof(AddressVectors), nameof(AddressVectors.All))]
    public void An_address_is_written_in_v1_form_and_read_again(object vector)
    {
        var (_, v1, v2) = (AddressVector)vector;
        var reader = new WireReader(WireBytes.Hex(v2 + "389f"));
        Assert.That(AddressCodec.TryReadV2(ref reader, out NetEndpoint endpoint));

        byte[] written = new byte[AddressCodec.V1EndpointSize];
        var writer = new WireWriter(written);
        AddressCodec.WriteV1(ref writer, endpoint);

        Assert.That(WireBytes.Hex(written), Is.EqualTo(v1 + "389f"));
        var again = new WireReader(written);
        Assert.That(AddressCodec.TryReadV1(ref again, out NetEndpoint read));
        Assert.That(read,
            Is.EqualTo(endpoint.Address.IsV1Compatible ? endpoint : endpoint with { Address = NetAddress.None }));
    }

    [TestCaseSource(nameof(Malformed))]
    [Conformance("A11")]
    public void A_malformed_v2_address_is_refused(string hex, string why)
    {
        var reader = new WireReader(WireBytes.Hex(hex));

        Assert.That(AddressCodec.TryReadV2(ref reader, out NetEndpoint endpoint), Is.False, why);
        Assert.That(endpoint, Is.EqualTo(NetEndpoint.None));
    }

    [TestCaseSource(nameof(Ignored))]
    [Conformance("A11")]
    public void An_address_to_be_ignored_is_read_past(string hex, string why)
    {
        var reader = new WireReader(WireBytes.Hex(hex + "1f90 77"));

        Assert.That(AddressCodec.TryReadV2(ref reader, out NetEndpoint endpoint), why);
        Assert.That(endpoint.Address, Is.EqualTo(NetAddress.None));
        Assert.That(reader.Remaining, Is.EqualTo(1), "What follows must not be touched.");
    }

    [Test]
    public void An_unknown_network_may_have_up_to_512_bytes()
    {
        var reader = new WireReader(WireBytes.Concat([0xAA, 0xFD, 0x00, 0x02], new byte[512], [0x00, 0x01]));

        Assert.That(AddressCodec.TryReadV2(ref reader, out NetEndpoint endpoint));
        Assert.That(endpoint.Address, Is.EqualTo(NetAddress.None));
        Assert.That(reader.Remaining, Is.Zero);
    }

    [Test]
    public void A_v1_address_cut_short_is_refused([Range(0, 17)] int length)
    {
        var reader = new WireReader(new byte[length]);

        Assert.That(AddressCodec.TryReadV1(ref reader, out _), Is.False);
    }
}
