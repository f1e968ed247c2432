using System.Collections.Immutable;
using Logos.P2P.Discovery;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Discovery;

internal sealed class FixedSeedListTests
{
    [Test]
    public void Text_has_an_address_a_line_and_comments()
    {
        ImmutableArray<NetEndpoint> list = FixedSeedList.Parse(
            "# all of ours\r\n\r\n192.0.2.1:5\n  192.0.2.2   # the default port\n[2001:db8::1]:6\n[2001:db8::2]\n"
            + "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:7",
            14495);

        Assert.That(list.Select(endpoint => endpoint.ToString()), Is.EqualTo(new[]
        {
            "192.0.2.1:5", "192.0.2.2:14495", "[2001:db8::1]:6", "[2001:db8::2]:14495",
            "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:7",
        }));
    }

    [TestCase("192.0.2.1:5\n\nseed.example:5\n", 3, "'seed.example:5'")]
    [TestCase("192.0.2.1:0", 1, "'192.0.2.1:0'")]
    [TestCase("192.0.2.1 192.0.2.2", 1, "'192.0.2.1 192.0.2.2'")]
    [TestCase("# fine\n192.0.2.256", 2, "'192.0.2.256'")]
    [TestCase("::", 1, "'::'")]
    [TestCase("\u0000", 1, "'\u0000'")]
    public void A_bad_line_is_named_with_its_number(string text, int line, string entry) => Assert.That(
        () => FixedSeedList.Parse(text, 14495),
        Throws.InstanceOf<FormatException>().With.Message.StartsWith($"line {line}, {entry}, is not an address; write "));

    [Test]
    public void A_file_that_cannot_be_used_is_named()
    {
        using var directory = new TemporaryDirectory();
        string bad = directory.File("bad"), large = directory.File("large");
        File.WriteAllText(bad, "192.0.2.1\nnowhere\n");
        File.WriteAllText(large, new string('\n', (1 << 20) + 1));

        Assert.That(
            () => FixedSeedList.Load(bad, 14495),
            Throws.InstanceOf<IOException>().With.Message.Contains(bad).And.Message.Contains("line 2, 'nowhere'"));
        Assert.That(
            () => FixedSeedList.Load(large, 14495),
            Throws.InstanceOf<IOException>().With.Message.Contains(large).And.Message.Contains("1048576 characters"));
        Assert.That(
            () => FixedSeedList.Load(directory.File("missing"), 14495),
            Throws.InstanceOf<IOException>().With.Message.Contains(directory.File("missing")));
        Assert.That(
            () => FixedSeedList.Load(directory.Path, 14495),
            Throws.InstanceOf<IOException>().With.Message.Contains(directory.Path));
    }

    [Test]
    public void The_compact_form_is_that_of_bip155_and_keeps_everything()
    {
        ImmutableArray<NetEndpoint> list = FixedSeedList.Parse(
            "192.0.2.1:258\n[2001:db8::1]:6\npg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:7\n[fc00::1]:8",
            14495);

        byte[] bytes = FixedSeedList.Encode(list);

        Assert.That(bytes.Take(8), Is.EqualTo(new byte[] { 1, 4, 192, 0, 2, 1, 1, 2 }));
        Assert.That(bytes, Has.Length.EqualTo((4 * 4) + 4 + 16 + 32 + 16));
        Assert.That(FixedSeedList.Decode(bytes), Is.EqualTo(list));
    }

    [Test]
    public void A_compact_list_that_ends_early_is_damaged()
    {
        byte[] bytes = FixedSeedList.Encode(FixedSeedList.Parse("192.0.2.1:258", 1));

        for (int length = 1; length < bytes.Length; length++)
        {
            byte[] cut = bytes[..length];
            Assert.That(() => FixedSeedList.Decode(cut), Throws.InstanceOf<InvalidDataException>());
        }
    }

    /// <summary>With LOGOSP2P_COMPILE_FIXED_SEEDS set (eng/fixed-seeds) it makes it so.</summary>
    [TestCase(P2PNetwork.Main)]
    [TestCase(P2PNetwork.Test)]
    public void What_is_built_in_is_what_the_text_says(P2PNetwork network)
    {
        string file = Repository.Find("Logos.P2P", "Discovery", "fixed-seeds", network.ToString().ToLowerInvariant());
        ImmutableArray<NetEndpoint> list = FixedSeedList.Parse(File.ReadAllText($"{file}.txt"), network.DefaultPort());
        if (Environment.GetEnvironmentVariable("LOGOSP2P_COMPILE_FIXED_SEEDS") is not null)
        {
            File.WriteAllBytes($"{file}.addrv2", FixedSeedList.Encode(list));
            return;
        }

        Assert.That(FixedSeedList.BuiltIn(network), Is.EqualTo(list), $"{file}.txt has changed: run eng/fixed-seeds.");
        Assert.That(list.Select(endpoint => endpoint.Address.IsRoutable), Is.All.True);
        Assert.That(
            typeof(FixedSeedList).Assembly.GetManifestResourceNames(),
            Does.Contain($"fixed-seeds/{network.ToString().ToLowerInvariant()}.addrv2"));
    }

    [Test]
    public void Regtest_has_none() => Assert.That(FixedSeedList.BuiltIn(P2PNetwork.Regtest), Is.Empty);
}
