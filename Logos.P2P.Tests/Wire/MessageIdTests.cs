using System.Text;
using Blake2Fast;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

public sealed class MessageIdTests
{
    private const string EmptyId = "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8";
    private const string AbcId = "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319";

    private static readonly TestCaseData[] FirstFourBytesByDigestLength =
    [
        new("", 32, "0e5751c0"),
        new("", 64, "786a02f7"),
        new("", 4, "1271cf25"),
        new("abc", 32, "bddd813c"),
        new("abc", 64, "ba80a53f"),
        new("abc", 4, "63906248"),
    ];

    [TestCase("", EmptyId)]
    [TestCase("abc", AbcId)]
    public void An_id_is_Blake2b_256_of_the_payload(string payload, string id)
    {
        Assert.That(MessageId.Compute(Encoding.ASCII.GetBytes(payload)).ToString(), Is.EqualTo(id));
    }

    [TestCaseSource(nameof(FirstFourBytesByDigestLength))]
    public void The_three_ways_to_shorten_Blake2b_differ(string payload, int digestLength, string firstFour)
    {
        byte[] digest = new byte[digestLength];
        Blake2b.ComputeAndWriteHash(digestLength, Encoding.ASCII.GetBytes(payload), digest);

        Assert.That(WireBytes.Hex(digest.AsSpan(0, 4)), Is.EqualTo(firstFour));
    }

    [Test]
    public void The_checksum_of_nothing_is_the_frozen_one()
    {
        Assert.That(MessageId.Empty.ToString(), Is.EqualTo(EmptyId));
        Assert.That(MessageId.Empty.Checksum, Is.EqualTo(0xC051570E), "0e5751c0, read as a little-endian u32");
    }

    [Test]
    public void An_id_is_made_of_its_bytes()
    {
        byte[] bytes = [.. Enumerable.Range(1, MessageId.Size).Select(i => (byte)i)];

        var id = new MessageId(bytes);

        Assert.That(id.Bytes.ToArray(), Is.EqualTo(bytes));
        Assert.That(id.Checksum, Is.EqualTo(0x04030201));
        Assert.That(id.ToString(), Does.StartWith("01020304").And.Length.EqualTo(64));
    }

    [Test]
    public void Too_few_bytes_are_no_id()
    {
        Assert.That(() => new MessageId(new byte[31]), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public void Ids_with_the_same_bytes_are_equal()
    {
        MessageId one = MessageId.Compute([1]);
        var same = new MessageId(one.Bytes);

        Assert.Multiple(() =>
        {
            Assert.That(same, Is.EqualTo(one));
            Assert.That(same == one);
            Assert.That(same != one, Is.False);
            Assert.That(same.Equals((object)one));
            Assert.That(same.GetHashCode(), Is.EqualTo(one.GetHashCode()));
        });
    }

    [Test]
    public void Every_byte_tells_ids_apart([Range(0, 31)] int index)
    {
        byte[] bytes = new byte[MessageId.Size];
        bytes[index] = 1;
        var id = new MessageId(bytes);

        Assert.That(id, Is.Not.EqualTo(default(MessageId)));
        Assert.That(id != default);
        Assert.That(id.Equals("no id"), Is.False);
    }

    [Test]
    public void In_a_text_it_is_its_64_digits_whatever_the_format()
    {
        MessageId id = MessageId.Compute([1]);
        Span<char> room = stackalloc char[64];

        Assert.That($"{id:X}", Is.EqualTo(id.ToString()));
        Assert.That(room.TryWrite($"{id}", out int written), Is.True);
        Assert.That(new string(room[..written]), Is.EqualTo(id.ToString()));
        Assert.That(room[1..].TryWrite($"{id}", out _), Is.False, "No room.");
    }
}
