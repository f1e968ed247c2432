using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class InventoryCodecTests
{
    private const string Hash = "05c9e8fc848596a706c6baffb375a8bce19866fedd3f42901badbe25aee1c081";

    private static readonly TestCaseData[] Unreadable =
    [
        new("", DecodeStatus.Malformed, "an empty payload"),
        new("01", DecodeStatus.Malformed, "no entry"),
        new("01 4c000000" + "00", DecodeStatus.Malformed, "an entry cut short"),
        new("02 4c000000" + Hash, DecodeStatus.Malformed, "the second entry is missing"),
        new("fd0100 4c000000" + Hash, DecodeStatus.Malformed, "a count in a longer form than needed"),
        new("fd50c3", DecodeStatus.Malformed, "50,000 entries, none of them there"),
        new("fd51c3", DecodeStatus.TooMany, "50,001 entries"),
        new("feffffffff", DecodeStatus.TooMany, "2^32 - 1 entries"),
        new("ffffffffffffffffff", DecodeStatus.TooMany, "2^64 - 1 entries"),
    ];

    [Test]
    public void Entries_are_read_in_order()
    {
        byte[] payload = WireBytes.Hex("02" + "4c000000" + Hash + "01000040" + new string('a', 64));

        Assert.That(InventoryCodec.TryRead(payload, out InventoryList list), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(list.Count, Is.EqualTo(2));
        Assert.That(list[0].Type, Is.EqualTo(InventoryCodec.LogosType));
        Assert.That(list[0].Id.ToString(), Is.EqualTo(Hash));
        Assert.That(list[1],
            Is.EqualTo(new InventoryItem(0x40000001, new MessageId(WireBytes.Hex(new string('a', 64))))));
    }

    [TestCaseSource(nameof(Unreadable))]
    public void An_unreadable_list_has_no_entries(string hex, DecodeStatus expected, string why)
    {
        Assert.That(InventoryCodec.TryRead(WireBytes.Hex(hex), out InventoryList list), Is.EqualTo(expected), why);
        Assert.That(list.Count, Is.Zero);
    }

    [Test]
    public void An_empty_list_is_fine()
    {
        Assert.That(InventoryCodec.TryRead([0], out InventoryList list), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(list.Count, Is.Zero);
        Assert.That(InventoryCodec.GetSize(0), Is.EqualTo(1));
    }

    // W8
    [Test]
    public void Fifty_thousand_entries_are_read_and_one_more_is_too_many()
    {
        var random = new TestRandom(1);
        MessageId[] ids = [.. Enumerable.Range(0, 50_000).Select(_ => new MessageId(random.Bytes(32)))];
        byte[] payload = new byte[InventoryCodec.GetSize(ids.Length)];
        InventoryCodec.Write(ids, payload);

        Assert.That(payload, Has.Length.EqualTo(InventoryCodec.MaxSize));
        Assert.That(InventoryCodec.TryRead(payload, out InventoryList list), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(list.Count, Is.EqualTo(50_000));
        Assert.That(list[49_999].Id, Is.EqualTo(ids[^1]));

        byte[] more = [.. payload, .. new byte[36]];
        more[1]++;
        Assert.That(InventoryCodec.TryRead(more, out _), Is.EqualTo(DecodeStatus.TooMany));
        Assert.That(
            () => InventoryCodec.Write(new MessageId[50_001], more), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_fifty_thousand_and_first_entry_does_not_pass_the_header_either()
    {
        using var reader = new FrameReader(new FramePool(P2PNetwork.Regtest)) { IsHandshakeComplete = true };
        var input = new System.Buffers.ReadOnlySequence<byte>(WireBytes.Header("inv", 3 + (50_001 * 36)));

        FrameReadResult result = reader.Read(ref input);

        Assert.That((result.Status, result.Error), Is.EqualTo((FrameReadStatus.Violation, FrameError.Oversize)));
    }

    [Test]
    public void Ids_are_written_as_logos_messages()
    {
        MessageId[] ids = [new(WireBytes.Hex(Hash))];
        byte[] payload = new byte[InventoryCodec.GetSize(1)];

        InventoryCodec.Write(ids, payload);

        Assert.That(WireBytes.Hex(payload), Is.EqualTo("01" + "4c000000" + Hash));
    }

    [TestCase(252, 1)]
    [TestCase(253, 3)]
    public void The_count_takes_as_many_bytes_as_it_needs(int count, int length)
    {
        Assert.That(InventoryCodec.GetSize(count), Is.EqualTo(length + (36 * count)));
    }

    [Test]
    public void There_is_no_entry_outside_the_list([Values(-1, 1, int.MaxValue, int.MinValue, 119_304_648)] int index)
    {
        byte[] payload = WireBytes.Hex("01" + "4c000000" + Hash);

        InventoryItem Entry()
        {
            InventoryCodec.TryRead(payload, out InventoryList list);
            return list[index];
        }

        Assert.That(() => Entry(), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public void Reading_allocates_nothing()
    {
        byte[] payload = new byte[InventoryCodec.GetSize(100)];
        InventoryCodec.Write(new MessageId[100], payload);
        long sum = 0;

        long allocated = Allocations.Least(() => sum = Sum(payload));

        Assert.That(allocated, Is.Zero);
        Assert.That(sum, Is.EqualTo(100 * 0x4C));

        static long Sum(byte[] payload)
        {
            InventoryCodec.TryRead(payload, out InventoryList list);
            long sum = 0;
            for (int i = 0; i < list.Count; i++)
                sum += list[i].Type + list[i].Id.Checksum;
            return sum;
        }
    }
}
