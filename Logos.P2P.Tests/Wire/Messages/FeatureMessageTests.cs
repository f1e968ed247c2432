using System.Text;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

/// <summary>H6, as far as bytes go.</summary>
public sealed class FeatureMessageTests
{
    private static readonly TestCaseData[] Lengths =
    [
        new(0, 0, DecodeStatus.Malformed),
        new(3, 0, DecodeStatus.Malformed),
        new(4, 0, DecodeStatus.Ok),
        new(80, 0, DecodeStatus.Ok),
        new(81, 0, DecodeStatus.Malformed),
        new(4, 1, DecodeStatus.Ok),
        new(4, 252, DecodeStatus.Ok),
        new(4, 253, DecodeStatus.Ok),
        new(4, 512, DecodeStatus.Ok),
        new(80, 512, DecodeStatus.Ok),
        new(4, 513, DecodeStatus.Malformed),
        new(80, 513, DecodeStatus.Malformed),
        new(4, 70_000, DecodeStatus.Malformed),
    ];

    private static readonly TestCaseData[] Malformed =
    [
        new("", "nothing"),
        new("04", "no id"),
        new("04 74657374", "no data"),
        new("04 74657374 01", "data cut short"),
        new("04 74657374 00 00", "a byte too many"),
        new("04 74657374 01 aa aa", "a byte too many after data"),
        new("fd0400 74657374 00", "an id length in a longer form than needed"),
        new("04 74657374 fd0000", "a data length in a longer form than needed"),
        new("ffffffffffffffffff 74657374 00", "an absurd id length"),
        new("04 74657374 ffffffffffffffffff", "an absurd data length"),
    ];

    [TestCaseSource(nameof(Lengths))]
    public void An_id_has_4_to_80_bytes_and_data_at_most_512(int idLength, int dataLength, DecodeStatus expected)
    {
        byte[] payload = Payload(new TestRandom(1).Bytes(idLength), new TestRandom(2).Bytes(dataLength));

        Assert.That(FeatureMessage.TryRead(payload, out _), Is.EqualTo(expected));
    }

    [TestCaseSource(nameof(Malformed))]
    public void Bytes_too_few_or_too_many_are_an_error(string hex, string why)
    {
        Assert.That(FeatureMessage.TryRead(WireBytes.Hex(hex), out FeatureMessage message),
            Is.EqualTo(DecodeStatus.Malformed), why);
        Assert.That(message.Id.IsEmpty && message.Data.IsEmpty);
    }

    [Test]
    public void Id_and_data_are_read()
    {
        DecodeStatus status = FeatureMessage.TryRead(
            WireBytes.Hex("0b 6c6f676f732e72656c6179 08 0001020304050607"), out FeatureMessage message);

        Assert.That(status, Is.EqualTo(DecodeStatus.Ok));
        Assert.That(Encoding.ASCII.GetString(message.Id.Span), Is.EqualTo("logos.relay"));
        Assert.That(message.Data.ToArray(), Is.EqualTo(WireBytes.Hex("0001020304050607")));
    }

    [Test]
    public void An_id_need_not_be_text()
    {
        Assert.That(FeatureMessage.TryRead(WireBytes.Hex("04 00ff80c3 00"), out FeatureMessage message),
            Is.EqualTo(DecodeStatus.Ok));
        Assert.That(message.Id.ToArray(), Is.EqualTo(WireBytes.Hex("00ff80c3")));
    }

    [Test]
    public void What_was_read_does_not_change_with_the_buffer_it_was_read_from()
    {
        byte[] payload = WireBytes.Hex("04 74657374 02 aabb");
        FeatureMessage.TryRead(payload, out FeatureMessage message);

        Array.Clear(payload);

        Assert.That(message.Id.ToArray(), Is.EqualTo("test"u8.ToArray()));
        Assert.That(message.Data.ToArray(), Is.EqualTo(new byte[] { 0xAA, 0xBB }));
    }

    [TestCase(4, 0)]
    [TestCase(80, 252)]
    [TestCase(11, 253)]
    [TestCase(80, 512)]
    public void A_message_survives_writing_and_reading(int idLength, int dataLength)
    {
        byte[] id = new TestRandom(3).Bytes(idLength), data = new TestRandom(4).Bytes(dataLength);
        var message = new FeatureMessage(id, data);
        byte[] written = new byte[message.GetSize()];

        message.Write(written);

        Assert.That(written, Is.EqualTo(Payload(id, data)));
        Assert.That(FeatureMessage.TryRead(written, out FeatureMessage read), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(read.Id.ToArray(), Is.EqualTo(id));
        Assert.That(read.Data.ToArray(), Is.EqualTo(data));
    }

    private static byte[] Payload(byte[] id, byte[] data)
    {
        return WireBytes.Concat(Length(id.Length), id, Length(data.Length), data);

        static byte[] Length(int length) => length switch
        {
            < 0xFD => [(byte)length],
            <= 0xFFFF => [0xFD, (byte)length, (byte)(length >> 8)],
            _ => [0xFE, (byte)length, (byte)(length >> 8), (byte)(length >> 16), 0],
        };
    }
}
