using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class PingCodecTests
{
    [Test]
    public void A_nonce_is_eight_bytes()
    {
        byte[] payload = new byte[PingCodec.Size];

        PingCodec.Write(0x0102030405060708, payload);

        Assert.That(WireBytes.Hex(payload), Is.EqualTo("0807060504030201"));
        Assert.That(PingCodec.TryRead(payload, out ulong nonce), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(nonce, Is.EqualTo(0x0102030405060708));
    }

    // P1: such a pong ends the wait for an answer, but it is no answer.
    [Test]
    public void Too_few_bytes_hold_no_nonce([Range(0, 7)] int length)
    {
        Assert.That(PingCodec.TryRead(new byte[length], out ulong nonce), Is.EqualTo(DecodeStatus.Malformed));
        Assert.That(nonce, Is.Zero);
    }
}
