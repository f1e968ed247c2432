using Logos.P2P.Node.Configuration;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Configuration;

/// <summary>Bitcoin's format of configuration files.</summary>
internal sealed class ConfigurationFileTests
{
    [Test]
    public void Names_values_comments_and_sections_are_read()
    {
        ConfigurationFile file = Parse(
            """
            # a comment
              maxoutbound = 4   # another one
            addnode=192.0.2.1
            addnode=192.0.2.2:5
            nolisten=1
            regtest.port=7

            [test]
            port=8
            """);

        Assert.That(Said(file.Top), Is.EqualTo("maxoutbound=4 addnode=192.0.2.1 addnode=192.0.2.2:5 listen=0"));
        Assert.That(Said(file.For(P2PNetwork.Test)), Is.EqualTo("port=8"));
        Assert.That(Said(file.For(P2PNetwork.Regtest)), Is.EqualTo("port=7"));
        Assert.That(Said(file.For(P2PNetwork.Main)), Is.Empty);
    }

    [Test]
    public void Outside_of_sections_what_differs_from_network_to_network_is_for_main()
    {
        ConfigurationFile file = Parse("port=1\nmaxoutbound=2");

        Assert.That(Said(file.TopFor(P2PNetwork.Main)), Is.EqualTo("port=1 maxoutbound=2"));
        Assert.That(Said(file.TopFor(P2PNetwork.Test)), Is.EqualTo("maxoutbound=2"));
        Assert.That(file.Unused(P2PNetwork.Test).Single().Origin, Is.EqualTo("f.conf:1: port"));
        Assert.That(file.Unused(P2PNetwork.Main), Is.Empty);
    }

    [TestCase("port", "f.conf:1: 'port' is not name=value.")]
    [TestCase("\n-port=1", "f.conf:2: write 'port', without a dash.")]
    [TestCase("prot=1", "f.conf:1: there is no option 'prot'. Did you mean port?")]
    [TestCase("conf=other", "f.conf:1: 'conf' cannot be in this file.")]
    [TestCase("[test]\nregtest=1", "f.conf:2: 'regtest' cannot be in a section.")]
    [TestCase("[signet]", "f.conf:1: there is no section [signet]; there are [main], [test], [regtest].")]
    [TestCase("port=1\nport=2", "f.conf:2: port was given before.")]
    [TestCase("rpcpassword=a#b", "f.conf:1: a # in rpcpassword would begin a comment; choose another one.")]
    public void What_is_wrong_is_told_with_its_line(string text, string error) =>
        Assert.That(() => Parse(text), Throws.InstanceOf<OptionException>().With.Message.EqualTo(error));

    private static ConfigurationFile Parse(string text) => ConfigurationFile.Parse("f.conf", text.Split('\n'));

    private static string Said(ILookup<string, OptionValue> values) =>
        string.Join(' ', values.SelectMany(option => option.Select(value => $"{option.Key}={value.Text}")));
}
