using Logos.P2P.Tests.Raw;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire.Framing;

internal sealed class CaptureHeaderTests
{
    [Test]
    public void It_takes_the_place_of_a_frames_header()
    {
        byte[] bytes = RawBytes.Header("getdata", 0x01020304);
        Assert.That(CaptureHeader.Size, Is.EqualTo(WireLimits.HeaderSize));

        CaptureHeader.WriteOver(bytes, 0x1112131415161718);

        byte[] expected =
        [
            0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11,
            (byte)'g', (byte)'e', (byte)'t', (byte)'d', (byte)'a', (byte)'t', (byte)'a', 0, 0, 0, 0, 0,
            0x04, 0x03, 0x02, 0x01,
        ];
        Assert.That(bytes, Is.EqualTo(expected));
        Assert.That(CaptureHeader.Read(bytes), Is.EqualTo(new CaptureHeader(0x1112131415161718, "getdata", 0x01020304)));
    }

    [Test]
    public void A_command_of_any_bytes_can_be_printed()
    {
        byte[] bytes = RawBytes.HeaderOf([.. "a\0b \x1b["u8, 0xFF, .. "lmno"u8, (byte)'~'], 0);

        CaptureHeader.WriteOver(bytes, 0);

        Assert.That(CaptureHeader.Read(bytes).Command, Is.EqualTo("a?b??[?lmno~"));
    }
}
