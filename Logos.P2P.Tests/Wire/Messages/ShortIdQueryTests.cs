using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

/// <summary>A key of the upper layer and short ids under it.</summary>
public sealed class ShortIdQueryTests
{
    private static readonly ShortIdKey Key = new(0x0706050403020100, 0x0f0e0d0c0b0a0908);

    [Test]
    public void A_question_is_the_key_and_the_short_ids()
    {
        Frame frame = new FramePool(P2PNetwork.Regtest).Create(
            Command.WantShort, Key, [new ShortId(0x010203040506), new ShortId(0xFFFFFFFFFFFF)]);

        Assert.That(
            WireBytes.Hex(frame.Payload), Is.EqualTo("000102030405060708090a0b0c0d0e0f" + "060504030201" + "ffffffffffff"));
    }

    [Test]
    public void It_is_read_in_place()
    {
        byte[] payload = WireBytes.Hex("000102030405060708090a0b0c0d0e0f 060504030201 ffffffffffff");

        Assert.That(ShortIdQueryCodec.TryRead(payload, out ShortIdKey key, out ShortIdList list), Is.EqualTo(DecodeStatus.Ok));

        Assert.That(key, Is.EqualTo(Key));
        Assert.That(list.Count, Is.EqualTo(2));
        Assert.That((list[0].Value, list[1].Value), Is.EqualTo((0x010203040506UL, 0xFFFFFFFFFFFFUL)));
    }

    [TestCase(0)]
    [TestCase(15)]
    [TestCase(16)]
    [TestCase(21)]
    [TestCase(23)]
    [TestCase(ShortIdQueryCodec.MaxSize - 1)]
    public void Without_a_key_or_whole_short_ids_it_is_malformed(int length) =>
        Assert.That(
            ShortIdQueryCodec.TryRead(new byte[length], out ShortIdKey _, out ShortIdList _), Is.EqualTo(DecodeStatus.Malformed));

    [Test]
    public void The_largest_is_read() => Assert.That(
        ShortIdQueryCodec.TryRead(new byte[ShortIdQueryCodec.MaxSize], out ShortIdKey _, out ShortIdList _), Is.EqualTo(DecodeStatus.Ok));
}
