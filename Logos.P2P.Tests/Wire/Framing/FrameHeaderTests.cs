using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class FrameHeaderTests
{
    private const string PingHeader = "fabfb5da 70696e670000000000000000 08000000 ea2d4bc2";

    [Test]
    public void A_header_is_written_field_by_field()
    {
        byte[] bytes = new byte[WireLimits.HeaderSize];

        new FrameHeader(Command.Ping, 8, 0xC24B2DEA).Write(bytes, P2PNetwork.Regtest.Magic());

        Assert.That(bytes, Is.EqualTo(WireBytes.Hex(PingHeader)));
    }

    [Test]
    public void A_header_is_read_field_by_field()
    {
        Assert.That(FrameHeader.TryRead(WireBytes.Hex(PingHeader), out FrameHeader header));
        Assert.That(header, Is.EqualTo(new FrameHeader(Command.Ping, 8, 0xC24B2DEA)));
    }

    [Test]
    public void Length_and_checksum_are_read_even_when_the_command_is_malformed()
    {
        byte[] bytes = WireBytes.Hex("fabfb5da 70696e670000780000000000 ffffffff ea2d4bc2");

        Assert.That(FrameHeader.TryRead(bytes, out FrameHeader header), Is.False);
        Assert.That(header, Is.EqualTo(new FrameHeader(Command.Other, uint.MaxValue, 0xC24B2DEA)));
    }
}
