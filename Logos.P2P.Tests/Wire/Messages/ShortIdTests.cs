using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

/// <summary>Short names of messages, and the payloads they stand in.</summary>
public sealed class ShortIdTests
{
    /// <summary>The key of SipHash's own vectors.</summary>
    private static readonly ShortIdKey Key = new(0x0706050403020100, 0x0f0e0d0c0b0a0908);

    [Test]
    public void A_short_id_is_the_low_48_bits_of_SipHash_of_the_id()
    {
        // The id of the message "abc", and what SipHash-2-4 makes of it by another implementation.
        MessageId id = MessageId.Compute("abc"u8);
        ShortId name = ShortId.Of(id, Key);

        Assert.That(name.Value, Is.EqualTo(0xcb2a3754d65e));
        Assert.That(name, Is.Not.EqualTo(ShortId.Of(id, Key with { Low = 0 })));
        Assert.That(name, Is.Not.EqualTo(ShortId.Of(MessageId.Compute("abd"u8), Key)));
    }

    [Test]
    public void A_key_is_its_two_halves_little_endian()
    {
        byte[] data = new byte[ShortIdKey.Size];

        Key.Write(data);

        Assert.That(WireBytes.Hex(data), Is.EqualTo("000102030405060708090a0b0c0d0e0f"));
        Assert.That(ShortIdKey.TryRead(data, out ShortIdKey key), Is.True);
        Assert.That(key, Is.EqualTo(Key));
        Assert.That(ShortIdKey.TryRead(data.AsSpan(1), out _), Is.False);
        Assert.That(ShortIdKey.TryRead([.. data, 0xFF], out key), Is.True);
        Assert.That(key, Is.EqualTo(Key));
    }

    [Test]
    public void Numbers_are_little_endian()
    {
        var pool = new FramePool(P2PNetwork.Regtest);
        var id = new ShortId(0x010203040506);

        Assert.Multiple(() =>
        {
            Assert.That(WireBytes.Hex(pool.Create(Command.Have, id).Payload), Is.EqualTo("060504030201"));
            Assert.That(
                WireBytes.Hex(pool.Create(Command.Have, [id, new ShortId(7)]).Payload), Is.EqualTo("060504030201070000000000"));
            Assert.That(WireBytes.Hex(pool.Create(Command.Late, id, (ushort)1).Payload), Is.EqualTo("0605040302010100"));
            Assert.That(WireBytes.Hex(pool.CreateComing(id, 0x01020304u).Payload), Is.EqualTo("06050403020104030201"));
            Assert.That(WireBytes.Hex(pool.CreateGraft(0x01020304u).Payload), Is.EqualTo("04030201"));
        });
    }

    [Test]
    public void A_list_is_read_in_place()
    {
        Assert.That(
            ShortIdCodec.TryRead(WireBytes.Hex("060504030201 ffffffffffff"), out ShortIdList list), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(list.Count, Is.EqualTo(2));
        Assert.That((list[0].Value, list[1].Value), Is.EqualTo((0x010203040506UL, 0xFFFFFFFFFFFFUL)));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(5)]
    [TestCase(7)]
    [TestCase(ShortIdCodec.MaxListSize - 1)]
    public void A_list_without_whole_short_ids_is_malformed(int length) =>
        Assert.That(ShortIdCodec.TryRead(new byte[length], out ShortIdList _), Is.EqualTo(DecodeStatus.Malformed));

    [Test]
    public void What_is_cut_short_is_malformed()
    {
        for (int length = 0; length < 10; length++)
        {
            byte[] payload = new byte[length];
            Assert.That(ShortIdCodec.TryRead(payload, out ShortId _, out uint _), Is.EqualTo(DecodeStatus.Malformed), "coming");
            Assert.That(
                ShortIdCodec.TryRead(payload, out ShortId _, out ushort _),
                Is.EqualTo(length < 8 ? DecodeStatus.Malformed : DecodeStatus.Ok), "late");
            Assert.That(
                ShortIdCodec.TryRead(payload, out uint _),
                Is.EqualTo(length < 4 ? DecodeStatus.Malformed : DecodeStatus.Ok), "graft");
        }
    }

    [TestCase(Command.Have, 30_000)]
    [TestCase(Command.Want, 30_000)]
    [TestCase(Command.Late, 8)]
    [TestCase(Command.Early, 8)]
    [TestCase(Command.Coming, 10)]
    [TestCase(Command.Hold, 6)]
    [TestCase(Command.Graft, 4)]
    [TestCase(Command.WantShort, 30_016)]
    [TestCase(Command.LackShort, 30_016)]
    public void Each_command_has_a_largest_payload(Command command, int most) =>
        Assert.That(command.MaxPayload(), Is.EqualTo(most));
}
