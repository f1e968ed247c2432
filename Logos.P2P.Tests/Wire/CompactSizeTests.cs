using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class CompactSizeTests
{
    private static readonly TestCaseData[] Canonical =
    [
        new(0UL, "00"),
        new(1UL, "01"),
        new(0xFCUL, "fc"),
        new(0xFDUL, "fdfd00"),
        new(0xFEUL, "fdfe00"),
        new(0xFFUL, "fdff00"),
        new(0x100UL, "fd0001"),
        new(0xFFFFUL, "fdffff"),
        new(0x10000UL, "fe00000100"),
        new(0xFFFFFFFFUL, "feffffffff"),
        new(0x100000000UL, "ff0000000001000000"),
        new(ulong.MaxValue, "ffffffffffffffffff"),
    ];

    private static readonly string[] NotCanonical =
    [
        "fd0000",
        "fd0100",
        "fdfc00",
        "fe00000000",
        "fefd000000",
        "feffff0000",
        "ff0000000000000000",
        "fffd00000000000000",
        "ffffff000000000000",
        "ffffffffff00000000",
    ];

    private static readonly string[] CutShort = ["", "fd", "fdfd", "fe", "fe000001", "ff", "ff00000000010000"];

    [TestCaseSource(nameof(Canonical))]
    public void A_value_is_written_in_its_shortest_form(ulong value, string hex)
    {
        byte[] bytes = new byte[9];
        var writer = new WireWriter(bytes);

        writer.WriteCompactSize(value);

        Assert.That(WireBytes.Hex(bytes.AsSpan(0, writer.Written)), Is.EqualTo(hex));
        Assert.That(WireWriter.CompactSizeLength(value), Is.EqualTo(hex.Length / 2));
    }

    [TestCaseSource(nameof(Canonical))]
    public void The_shortest_form_is_read(ulong value, string hex)
    {
        var reader = new WireReader(WireBytes.Hex(hex + "77"));

        bool ok = reader.TryReadCompactSize(out ulong read);

        Assert.That(ok);
        Assert.That(read, Is.EqualTo(value));
        Assert.That(reader.Remaining, Is.EqualTo(1), "It must take its own bytes and no more.");
    }

    [TestCaseSource(nameof(NotCanonical))]
    public void A_longer_form_than_needed_is_refused(string hex)
    {
        var reader = new WireReader(WireBytes.Hex(hex + "0000000000000000"));

        Assert.That(reader.TryReadCompactSize(out _), Is.False);
    }

    [TestCaseSource(nameof(CutShort))]
    public void A_form_cut_short_is_refused(string hex)
    {
        var reader = new WireReader(WireBytes.Hex(hex));

        Assert.That(reader.TryReadCompactSize(out _), Is.False);
    }

    [TestCase("fc", 0xFC, ExpectedResult = true)]
    [TestCase("fc", 0xFB, ExpectedResult = false)]
    [TestCase("fdffff", 0xFFFF, ExpectedResult = true)]
    [TestCase("fe00000100", 0xFFFF, ExpectedResult = false)]
    [TestCase("feffffff7f", int.MaxValue, ExpectedResult = true)]
    [TestCase("fe00000080", int.MaxValue, ExpectedResult = false)]
    [TestCase("ffffffffffffffffff", int.MaxValue, ExpectedResult = false)]
    public bool A_length_is_held_against_its_limit(string hex, int largest)
    {
        var reader = new WireReader(WireBytes.Hex(hex));

        bool ok = reader.TryReadLength(largest, out int length);

        Assert.That(length, ok ? Is.EqualTo(largest) : Is.Zero);
        return ok;
    }

    [Test]
    public void A_value_survives_writing_and_reading()
    {
        var random = new TestRandom(1);
        byte[] bytes = new byte[9];
        for (int i = 0; i < 10_000; i++)
        {
            ulong value = random.NextUInt64() >> random.Below(64);
            var writer = new WireWriter(bytes);
            writer.WriteCompactSize(value);
            var reader = new WireReader(bytes.AsSpan(0, writer.Written));

            bool ok = reader.TryReadCompactSize(out ulong read);

            Assert.That((ok, read, reader.Remaining), Is.EqualTo((true, value, 0)));
        }
    }
}
