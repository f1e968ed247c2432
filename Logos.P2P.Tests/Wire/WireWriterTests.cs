using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class WireWriterTests
{
    [Test]
    public void Integers_are_little_endian_and_ports_big_endian()
    {
        byte[] bytes = new byte[29];
        var writer = new WireWriter(bytes);

        writer.WriteByte(1);
        writer.WriteUInt16(0x0102);
        writer.WriteUInt32(0x01020304);
        writer.WriteInt32(-2);
        writer.WriteUInt64(0x0102030405060708);
        writer.WriteInt64(-3);
        writer.WritePort(14495);

        Assert.That(writer.Written, Is.EqualTo(29));
        Assert.That(bytes,
            Is.EqualTo(WireBytes.Hex("01 0201 04030201 feffffff 0807060504030201 fdffffffffffffff 389f")));
    }

    [Test]
    public void Bytes_with_a_length_are_preceded_by_it()
    {
        byte[] bytes = new byte[3 + 253];
        var writer = new WireWriter(bytes);

        writer.WriteVarBytes(Enumerable.Repeat((byte)0xAB, 253).ToArray());

        Assert.That(WireBytes.Hex(bytes.AsSpan(0, 4)), Is.EqualTo("fdfd00ab"));
        Assert.That(bytes[^1], Is.EqualTo(0xAB));
    }

    [Test]
    public void Writing_past_the_end_throws()
    {
        static void Overrun()
        {
            var writer = new WireWriter(new byte[7]);
            writer.WriteUInt64(1);
        }

        Assert.That(Overrun, Throws.InstanceOf<ArgumentException>());
    }
}
