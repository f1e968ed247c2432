using System.Security.Cryptography;
using Logos.P2P.Tests.Raw;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests;

/// <summary>What the upper layer writes to name messages shortly, against SipHash written a second time.</summary>
internal sealed class ShortIdsTests
{
    [Test]
    public void Short_ids_are_those_of_another_implementation_under_the_key_of_BIP152()
    {
        // BIP152: the first 16 bytes of SHA256 of the block's header and a nonce, as two little-endian numbers.
        byte[] key = SHA256.HashData("a header and a nonce"u8)[..16];
        Assert.That(ShortIdKey.TryRead(key, out ShortIdKey read));
        byte[][] messages = [.. Enumerable.Range(0, 100).Select(i => new byte[] { (byte)i, 1 })];

        byte[] written = ShortIds.Encode([.. messages.Select(message => MessageId.Compute(message))], read);

        Assert.That(written, Is.EqualTo(messages.SelectMany(message => RawShortIds.Of(message, key))));
    }

    [Test]
    public void What_was_written_is_read()
    {
        MessageId id = MessageId.Compute("abc"u8);
        var key = new ShortIdKey(1, 2);

        Assert.That(ShortIds.TryRead(ShortIds.Encode([id, id], key), out ShortIdList list));

        Assert.That((list.Count, list[1]), Is.EqualTo((2, ShortId.Of(id, key))));
    }

    [TestCase(0)]
    [TestCase(5)]
    [TestCase(7)]
    public void Parts_of_short_ids_are_none(int length) => Assert.That(ShortIds.TryRead(new byte[length], out _), Is.False);

    [Test]
    public void Too_little_room_is_an_error() => Assert.That(
        () => ShortIds.Encode([MessageId.Empty, MessageId.Empty], default, new byte[11]), Throws.ArgumentException);
}
