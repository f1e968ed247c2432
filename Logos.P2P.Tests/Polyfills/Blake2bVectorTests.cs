using System.Text;
using Blake2Fast;
using Blake2Fast.Implementation;
using NUnit.Framework;

namespace Logos.P2P.Tests.Polyfills;

/// <summary>Digests that others computed.</summary>
[TestFixture]
internal sealed class Blake2bVectorTests
{
    private static IEnumerable<TestCaseData> Examples()
    {
        yield return new TestCaseData("", 32, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
        yield return new TestCaseData("abc", 32, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");

        // Not the beginnings of the longer digests: the length is hashed with the message.
        yield return new TestCaseData("", 4, "1271cf25");
        yield return new TestCaseData("abc", 4, "63906248");

        // RFC 7693, appendix A.
        yield return new TestCaseData(
            "abc",
            64,
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
            + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
    }

    private static IEnumerable<TestCaseData> LongMessages()
    {
        yield return new TestCaseData(100_000, "c0cfb6cd66d9df4101f66173c82ba9bd00d193abe22e97d11f10b373932c9368");
        yield return new TestCaseData(4_000_000, "47ba7ade83cca3e1981e28b33fe68e4a7989cdf4aca47069e81e8112a264f7e3");
    }

    private static IEnumerable<TestCaseData> KnownAnswers()
    {
        string file = Path.Combine(TestContext.CurrentContext.TestDirectory, "Vectors", "blake2b-kat.txt");
        string[] lines = [.. File.ReadLines(file).Where(line => !line.StartsWith('#'))];

        for (int length = 0; length < 256; length++)
        {
            string[] digests = lines[length].Split(' ');
            yield return new TestCaseData(length, digests[0], digests[1]).SetArgDisplayNames($"{length}");
        }
    }

    [TestCaseSource(nameof(Examples))]
    public void Published_examples_give_their_digests(string message, int digestLength, string expected)
    {
        byte[] digest = new byte[digestLength];

        Blake2b.ComputeAndWriteHash(digestLength, Encoding.ASCII.GetBytes(message), digest);

        Assert.That(Convert.ToHexStringLower(digest), Is.EqualTo(expected));
    }

    [TestCaseSource(nameof(LongMessages))]
    public void Long_messages_give_the_digests_that_Python_computes(int length, string expected)
    {
        byte[] message = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31 + 7))];
        byte[] digest = new byte[32];

        Blake2b.ComputeAndWriteHash(32, message, digest);

        Assert.That(Convert.ToHexStringLower(digest), Is.EqualTo(expected));
    }

    [TestCaseSource(nameof(KnownAnswers))]
    public void Known_answers_are_given_with_and_without_a_key(int length, string unkeyed, string keyed)
    {
        byte[] message = Counting(length);
        byte[] key = Counting(64);
        byte[] without = new byte[64];
        byte[] with = new byte[64];

        Blake2b.ComputeAndWriteHash(64, message, without);
        Blake2b.ComputeAndWriteHash(64, key, message, with);

        Assert.Multiple(() =>
        {
            Assert.That(Convert.ToHexStringLower(without), Is.EqualTo(unkeyed));
            Assert.That(Convert.ToHexStringLower(with), Is.EqualTo(keyed));
        });
    }

    [Test]
    public void The_self_test_of_the_RFC_gives_its_grand_hash()
    {
        Blake2bHashState all = Blake2b.CreateIncrementalHasher(32);

        foreach (int digestLength in (int[])[20, 32, 48, 64])
        {
            foreach (int length in (int[])[0, 3, 128, 129, 255, 1024])
            {
                byte[] message = SelfTestSequence(length);
                byte[] digest = new byte[digestLength];

                Blake2b.ComputeAndWriteHash(digestLength, message, digest);
                all.Update<byte>(digest);

                Blake2b.ComputeAndWriteHash(digestLength, SelfTestSequence(digestLength), message, digest);
                all.Update<byte>(digest);
            }
        }

        byte[] grand = new byte[32];
        all.Finish(grand);

        Assert.That(
            Convert.ToHexStringLower(grand),
            Is.EqualTo("c23a7800d98123bd10f506c61e29da5603d763b8bbad2e737f5e765a7bccd475"));
    }

    private static byte[] Counting(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)i)];

    /// <summary>The generator of RFC 7693, appendix E: upper bytes of a Fibonacci sequence that the length seeds.</summary>
    private static byte[] SelfTestSequence(int length)
    {
        byte[] sequence = new byte[length];
        uint a = 0xDEAD4BAD * (uint)length;
        uint b = 1;

        for (int i = 0; i < length; i++)
        {
            (a, b) = (b, a + b);
            sequence[i] = (byte)(b >> 24);
        }

        return sequence;
    }
}
