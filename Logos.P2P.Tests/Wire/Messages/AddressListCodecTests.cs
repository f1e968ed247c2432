using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class AddressListCodecTests
{
    private const string Loopback = "00000000000000000000000000000001";

    /// <summary>Bitcoin Core's message of three entries, in both forms.</summary>
    private static readonly TestCaseData[] ThreeEntries =
    [
        new(false, "03"
            + "61bc6649 0000000000000000" + Loopback + "0000"
            + "79627683 0100000000000000" + Loopback + "00f1"
            + "ffffffff 4804000000000000" + Loopback + "f1f2"),
        new(true, "03"
            + "61bc6649 00" + "0210" + Loopback + "0000"
            + "79627683 01" + "0210" + Loopback + "00f1"
            + "ffffffff fd4804" + "0210" + Loopback + "f1f2"),
    ];

    private static readonly TestCaseData[] Unreadable =
    [
        new(false, "", DecodeStatus.Malformed, "an empty payload"),
        new(true, "", DecodeStatus.Malformed, "an empty payload"),
        new(false, "fd0100" + "00000001", DecodeStatus.Malformed, "a count in a longer form than needed"),
        new(true, "fd0100" + "00000001", DecodeStatus.Malformed, "a count in a longer form than needed"),
        new(false, "01", DecodeStatus.Malformed, "no entry"),
        new(true, "01", DecodeStatus.Malformed, "no entry"),
        new(false, "fde903", DecodeStatus.TooMany, "1001 entries"),
        new(true, "fde903", DecodeStatus.TooMany, "1001 entries"),
        new(true, "fdf203", DecodeStatus.TooMany, "1010 entries"),
        new(false, "feffffffff", DecodeStatus.TooMany, "2^32 - 1 entries"),
        new(false, "ffffffffffffffffff", DecodeStatus.TooMany, "2^64 - 1 entries"),
        new(true, "ffffffffffffffffff", DecodeStatus.TooMany, "2^64 - 1 entries"),
        new(true, "01 00000000 00 01 fd0102" + "00", DecodeStatus.Malformed, "an address of length 513"),
        new(true, "01 00000000 00 0105 0102030405 0001", DecodeStatus.Malformed, "IPv4 of 5 bytes"),
        new(true, "01 00000000 fd0100 0104 01020304 0001", DecodeStatus.Malformed,
            "services in a longer form than needed"),
        new(true, "02 00000000 00 0104 01020304 0001", DecodeStatus.Malformed, "the second entry is missing"),
    ];

    private static readonly bool[] BothForms = [false, true];

    [TestCaseSource(nameof(ThreeEntries))]
    public void The_message_of_three_entries_is_read_and_written(bool v2, string hex)
    {
        byte[] payload = WireBytes.Hex(hex);
        List<TimedAddress> addresses = [];

        Assert.That(AddressListCodec.TryRead(payload, v2, addresses), Is.EqualTo(DecodeStatus.Ok));

        Assert.That(NetAddress.TryParse("::1", out NetAddress loopback));
        Assert.That(addresses, Is.EqualTo(
        [
            new TimedAddress(new NetEndpoint(loopback, 0), Services.None, 0x4966BC61),
            new TimedAddress(new NetEndpoint(loopback, 0xF1), (Services)1, 0x83766279),
            new TimedAddress(new NetEndpoint(loopback, 0xF1F2), (Services)0x448, uint.MaxValue),
        ]));
        Assert.That(Encode(addresses, v2), Is.EqualTo(payload));
    }

    [TestCaseSource(nameof(Unreadable))]
    public void An_unreadable_list_adds_nothing(bool v2, string hex, DecodeStatus expected, string why)
    {
        var known = new TimedAddress(NetEndpoint.None, Services.Logos, 1);
        List<TimedAddress> addresses = [known];

        Assert.That(AddressListCodec.TryRead(WireBytes.Hex(hex), v2, addresses), Is.EqualTo(expected), why);
        Assert.That(addresses, Is.EqualTo([known]));
    }

    [TestCaseSource(nameof(ThreeEntries))]
    public void A_list_cut_short_adds_nothing(bool v2, string hex)
    {
        byte[] payload = WireBytes.Hex(hex);
        for (int length = 0; length < payload.Length; length++)
        {
            List<TimedAddress> addresses = [];
            Assert.That(AddressListCodec.TryRead(payload.AsSpan(0, length), v2, addresses),
                Is.EqualTo(DecodeStatus.Malformed), $"{length} bytes");
            Assert.That(addresses, Is.Empty);
        }
    }

    [TestCaseSource(nameof(BothForms))]
    public void An_empty_list_is_fine(bool v2)
    {
        List<TimedAddress> addresses = [];

        Assert.That(AddressListCodec.TryRead([0], v2, addresses), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(addresses, Is.Empty);
        Assert.That(Encode([], v2), Is.EqualTo(new byte[] { 0 }));
    }

    [TestCaseSource(nameof(BothForms))]
    public void A_thousand_entries_are_read_and_one_more_is_too_many(bool v2)
    {
        TimedAddress[] thousand = [.. Enumerable.Range(0, 1000).Select(Numbered)];
        List<TimedAddress> addresses = [];

        byte[] payload = Encode(thousand, v2);

        Assert.That(AddressListCodec.TryRead(payload, v2, addresses), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(addresses, Is.EqualTo(thousand));
        payload[1]++;
        Assert.That(AddressListCodec.TryRead(payload, v2, addresses), Is.EqualTo(DecodeStatus.TooMany));
        Assert.That(addresses, Has.Count.EqualTo(1000));
        Assert.That(() => Encode([.. thousand, Numbered(1000)], v2), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void An_entry_of_an_unknown_network_is_skipped_and_the_next_one_kept()
    {
        List<TimedAddress> addresses = [];

        DecodeStatus status = AddressListCodec.TryRead(
            WireBytes.Hex("02"
                + "61bc6649 00 9902 0102 0001"
                + "61bc6649 01 0104 09090909 208d"),
            v2: true,
            addresses);

        Assert.That(status, Is.EqualTo(DecodeStatus.Ok));
        Assert.That(addresses.Single().Endpoint.ToString(), Is.EqualTo("9.9.9.9:8333"));
        Assert.That(addresses[0].Services, Is.EqualTo((Services)1));
    }

    [TestCase(false, "00000000000000000000000000000000", Description = "no address")]
    [TestCase(false, "fd87d87eeb43edb108e43588e54635ca", Description = "Tor v2")]
    [TestCase(false, "fd6b88c08724ca978112ca1bbdcafac2", Description = "internal")]
    [TestCase(true, "0210 00000000000000000000000000000000", Description = "no address")]
    [TestCase(true, "0210 00000000000000000000ffff01020304", Description = "IPv4 inside IPv6")]
    [TestCase(true, "0210 fd87d87eeb43edb108e43588e54635ca", Description = "Tor v2 inside IPv6")]
    [TestCase(true, "0210 fd6b88c08724ca978112ca1bbdcafac2", Description = "internal")]
    [TestCase(true, "030a f1f2f3f4f5f6f7f8f9fa", Description = "Tor v2")]
    [TestCase(true, "0610 fd000001000200030004000500060007", Description = "CJDNS that starts with fd")]
    [TestCase(true, "aa04 01020304", Description = "unknown network")]
    [TestCase(true, "aa00", Description = "unknown network without bytes")]
    [TestCase(true, "ff0a ca978112ca1bbdcafac2", Description = "our own id of internal names")]
    public void What_is_no_address_of_a_node_is_left_out(bool v2, string address)
    {
        string services = v2 ? "01" : "0100000000000000";
        string good = v2 ? "0104 09090909" : "00000000000000000000ffff09090909";
        List<TimedAddress> addresses = [];

        DecodeStatus status = AddressListCodec.TryRead(
            WireBytes.Hex("02" + "00000000" + services + address + "0001" + "00000000" + services + good + "0002"),
            v2,
            addresses);

        Assert.That(status, Is.EqualTo(DecodeStatus.Ok));
        Assert.That(addresses.Select(a => a.Endpoint.ToString()), Is.EqualTo(["9.9.9.9:2"]));
    }

    [Test]
    public void Every_kind_of_address_survives_writing_and_reading()
    {
        TimedAddress[] sent =
        [
            .. AddressVectors.Dialable.Select((vector, i) =>
            {
                Assert.That(NetEndpoint.TryParse(vector.Text, (ushort)(i + 1), out NetEndpoint endpoint));
                return new TimedAddress(endpoint, (Services)(1UL << (10 * i)), (uint)i);
            }),
        ];
        List<TimedAddress> read = [];

        Assert.That(AddressListCodec.TryRead(Encode(sent, v2: true), v2: true, read), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(read, Is.EqualTo(sent));
    }

    [TestCase(0UL, 1)]
    [TestCase(0xFDUL, 3)]
    [TestCase(1UL << 24, 5)]
    [TestCase(ulong.MaxValue, 9)]
    public void Services_take_as_many_bytes_in_v2_as_they_need(ulong services, int length)
    {
        TimedAddress address = Numbered(1) with { Services = (Services)services };

        Assert.That(Encode([address], v2: true), Has.Length.EqualTo(1 + 4 + length + 1 + 1 + 4 + 2));
        Assert.That(Encode([address], v2: false), Has.Length.EqualTo(1 + 30));
    }

    [TestCaseSource(nameof(BothForms))]
    public void Bytes_after_the_last_entry_are_left_to_the_future(bool v2)
    {
        List<TimedAddress> addresses = [];

        byte[] payload = [.. Encode([Numbered(1)], v2), 1, 2, 3];

        Assert.That(AddressListCodec.TryRead(payload, v2, addresses), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(addresses, Is.EqualTo([Numbered(1)]));
    }

    [TestCaseSource(nameof(BothForms))]
    public void Addresses_are_added_to_those_that_are_there(bool v2)
    {
        List<TimedAddress> addresses = [Numbered(1)];

        AddressListCodec.TryRead(Encode([Numbered(2)], v2), v2, addresses);

        Assert.That(addresses, Is.EqualTo([Numbered(1), Numbered(2)]));
    }

    [TestCase("ffffffffffffffffff")]
    [TestCase("fde803", Description = "1000 entries, none of them there")]
    public void A_count_is_no_reason_to_allocate(string hex)
    {
        byte[] payload = WireBytes.Hex(hex);
        List<TimedAddress> addresses = [];

        long allocated = Allocations.Least(() => AddressListCodec.TryRead(payload, v2: true, addresses));

        Assert.That(allocated, Is.Zero);
        Assert.That(addresses.Capacity, Is.Zero);
    }

    private static TimedAddress Numbered(int i)
    {
        byte[] bytes = [1, 2, (byte)(i >> 8), (byte)i];
        NetAddress.TryCreate(NetworkId.IPv4, bytes, out NetAddress address);
        return new TimedAddress(new NetEndpoint(address, (ushort)(i + 1)), Services.Logos, (uint)i);
    }

    private static byte[] Encode(IReadOnlyCollection<TimedAddress> addresses, bool v2)
    {
        byte[] payload = new byte[AddressListCodec.GetSize([.. addresses], v2)];
        AddressListCodec.Write([.. addresses], v2, payload);
        return payload;
    }
}
