using System.Security.Cryptography;
using System.Text;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

/// <summary>The two hashes of which only names are made.</summary>
internal sealed class HashTests
{
    // NIST's examples.
    [TestCase("", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a")]
    [TestCase("abc", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532")]
    public void SHA3_of_known_texts_is_known(string text, string expected)
    {
        byte[] hash = new byte[Sha3.HashSize];
        Sha3.Hash(Encoding.ASCII.GetBytes(text), hash);
        Assert.That(Convert.ToHexStringLower(hash), Is.EqualTo(expected));
    }

    [Test]
    public void SHA_256_is_the_platforms_for_every_length()
    {
        byte[] hash = new byte[Sha256.HashSize];
        var random = new Random(1);
        for (int length = 0; length <= 200; length++)
        {
            byte[] input = new byte[length];
            random.NextBytes(input);
            Sha256.Hash(input, hash);
            Assert.That(hash, Is.EqualTo(SHA256.HashData(input)), $"{length} bytes");
        }
    }

    [Test]
    public void SHA3_is_the_platforms_for_every_length_that_it_takes()
    {
        Assume.That(SHA3_256.IsSupported, "This machine's OpenSSL has no SHA-3.");
        byte[] hash = new byte[Sha3.HashSize];
        var random = new Random(2);
        for (int length = 0; length < Sha3.MaxInput; length++)
        {
            byte[] input = new byte[length];
            random.NextBytes(input);
            Sha3.Hash(input, hash);
            Assert.That(hash, Is.EqualTo(SHA3_256.HashData(input)), $"{length} bytes");
        }

        Assert.That(() => Sha3.Hash(new byte[Sha3.MaxInput], hash), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
