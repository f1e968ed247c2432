using Blake2Fast;
using Logos.P2P.Bench.Suites;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Bench.Suites;

/// <summary>What the hash is measured by has to be the same hash.</summary>
internal sealed class Blake2bTests
{
    private static readonly int[] Sizes = [0, 1, 127, 128, 129, 255, 256, 257, 4096, 102_400];

    [TestCaseSource(nameof(Sizes))]
    public void The_plain_one_is_the_one_that_the_node_uses(int size)
    {
        (byte[] message, byte[] digest, byte[] expected) = Prepare(size);

        PlainBlake2b.Hash(message, digest);

        Assert.That(digest, Is.EqualTo(expected));
    }

    [TestCaseSource(nameof(Sizes))]
    public void The_one_of_the_system_is_the_one_that_the_node_uses(int size)
    {
        if (!LibB2.IsInstalled)
            Assert.Ignore("libb2 is not installed (eng/prepare --dev).");
        (byte[] message, byte[] digest, byte[] expected) = Prepare(size);

        LibB2.Hash(message, digest);

        Assert.That(digest, Is.EqualTo(expected));
    }

    private static (byte[] Message, byte[] Digest, byte[] Expected) Prepare(int size)
    {
        byte[] message = new byte[size], expected = new byte[MessageId.Size];
        new Random(size).NextBytes(message);
        Blake2b.ComputeAndWriteHash(MessageId.Size, message, expected);
        return (message, new byte[MessageId.Size], expected);
    }
}
