using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class WireReaderTests
{
    private static readonly string[] OverlongLengths =
    [
        "ffffffffffffffffff 00",
        "ff0000000001000000 00",
        "feffffffff 00",
        "fe00000080 00",
        "fdffff 00",
        "fd0102 00",
    ];

    [Test]
    public void Integers_are_little_endian_and_ports_big_endian()
    {
        var reader = new WireReader(WireBytes.Hex("01 0201 04030201 0807060504030201 38 9f"));

        bool ok = reader.TryReadByte(out byte u8)
            & reader.TryReadUInt16(out ushort u16)
            & reader.TryReadUInt32(out uint u32)
            & reader.TryReadUInt64(out ulong u64)
            & reader.TryReadPort(out ushort port);

        Assert.That(ok);
        Assert.That((u8, u16, u32, u64, port),
            Is.EqualTo(((byte)1, (ushort)0x0102, 0x01020304U, 0x0102030405060708UL, (ushort)14495)));
        Assert.That(reader.Remaining, Is.Zero);
    }

    [Test]
    public void Signed_integers_are_twos_complement()
    {
        var reader = new WireReader(WireBytes.Hex("feffffff fdffffffffffffff"));

        bool ok = reader.TryReadInt32(out int i32) & reader.TryReadInt64(out long i64);

        Assert.That(ok);
        Assert.That((i32, i64), Is.EqualTo((-2, -3L)));
    }

    [Test]
    public void Nothing_is_read_past_the_end()
    {
        byte[] seven = new byte[7];

        Assert.Multiple(() =>
        {
            Assert.That(new WireReader([]).TryReadByte(out _), Is.False, "u8");
            Assert.That(new WireReader(seven.AsSpan(0, 1)).TryReadUInt16(out _), Is.False, "u16");
            Assert.That(new WireReader(seven.AsSpan(0, 1)).TryReadPort(out _), Is.False, "port");
            Assert.That(new WireReader(seven.AsSpan(0, 3)).TryReadUInt32(out _), Is.False, "u32");
            Assert.That(new WireReader(seven.AsSpan(0, 3)).TryReadInt32(out _), Is.False, "i32");
            Assert.That(new WireReader(seven).TryReadUInt64(out _), Is.False, "u64");
            Assert.That(new WireReader(seven).TryReadInt64(out _), Is.False, "i64");
            Assert.That(new WireReader(seven).TryReadBytes(8, out _), Is.False, "bytes");
        });
    }

    [TestCase(-1)]
    [TestCase(int.MinValue)]
    [TestCase(int.MaxValue)]
    public void An_absurd_count_of_bytes_is_refused(int count)
    {
        var reader = new WireReader(new byte[16]);

        Assert.That(reader.TryReadBytes(count, out ReadOnlySpan<byte> bytes), Is.False);
        Assert.That(bytes.IsEmpty);
        Assert.That(reader.Remaining, Is.EqualTo(16));
    }

    [Test]
    public void Bytes_are_taken_in_order()
    {
        var reader = new WireReader(WireBytes.Hex("0102 03 040506"));

        bool ok = reader.TryReadBytes(2, out ReadOnlySpan<byte> first)
            & reader.TryReadBytes(0, out ReadOnlySpan<byte> none)
            & reader.TryReadBytes(4, out ReadOnlySpan<byte> rest);

        Assert.That(ok);
        Assert.That(WireBytes.Hex(first), Is.EqualTo("0102"));
        Assert.That(none.IsEmpty);
        Assert.That(WireBytes.Hex(rest), Is.EqualTo("03040506"));
    }

    [TestCaseSource(nameof(OverlongLengths))]
    public void An_overlong_length_is_refused_before_anything_is_allocated(string hex)
    {
        byte[] bytes = WireBytes.Hex(hex);
        bool ok = true;

        long allocated = Allocations.Least(() =>
        {
            var reader = new WireReader(bytes);
            ok = reader.TryReadVarBytes(512, out _);
        });

        Assert.That(ok, Is.False);
        Assert.That(allocated, Is.Zero);
    }

    [TestCase("00", "", ExpectedResult = true)]
    [TestCase("03 010203", "010203", ExpectedResult = true)]
    [TestCase("03 0102", "", ExpectedResult = false)]
    [TestCase("05 0102030405", "", ExpectedResult = false)]
    [TestCase("fd0300 010203", "", ExpectedResult = false)]
    public bool Bytes_with_a_length_are_read_up_to_the_limit_of_four(string hex, string expected)
    {
        var reader = new WireReader(WireBytes.Hex(hex));

        bool ok = reader.TryReadVarBytes(4, out ReadOnlySpan<byte> bytes);

        Assert.That(WireBytes.Hex(bytes), Is.EqualTo(expected));
        return ok;
    }
}
