using System.CommandLine;
using Logos.P2P.Node.Configuration;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Configuration;

/// <summary>The ways to write an option.</summary>
internal sealed class NodeOptionsTests
{
    [TestCase("-nolisten", "-listen=0")]
    [TestCase("--nolisten", "-listen=0")]
    [TestCase("-listen", "-listen=1")]
    [TestCase("-listen=0", "-listen=0")]
    [TestCase("--listen=0", "--listen=0")]
    [TestCase("--listen 0", "-listen=0")]
    [TestCase("-listen 1", "-listen=1")]
    [TestCase("-listen=true", "-listen=true")]
    [TestCase("--listen false", "-listen=false")]
    [TestCase("-debug", "-debug=1")]
    [TestCase("-debug net x", "-debug=net x")]
    [TestCase("-debug=net -nodebug", "-debug=net -debug=0")]
    [TestCase("-noaddnode", "-addnode=0")]
    [TestCase("-noconnect", "-connect=0")]
    [TestCase("--noconnect", "-connect=0")]
    [TestCase("-connect=0", "-connect=0")]
    [TestCase("--connect 0", "--connect 0")]
    [TestCase("-port 0", "-port 0")]
    [TestCase("--port=1", "--port=1")]
    [TestCase("run -debug -logips 0 x", "run -debug=1 -logips=0 x")]
    [TestCase("-listen=maybe", "-listen=maybe")]
    [TestCase("-nolisten=1", "-nolisten=1")]
    [TestCase("-noport", "-noport")]
    [TestCase("-nodes", "-nodes")]
    [TestCase("-no", "-no")]
    [TestCase("no listen nolisten", "no listen nolisten")]
    [TestCase("-", "-")]
    [TestCase("--", "--")]
    [TestCase("-debug -- -listen -nolisten --", "-debug=1 -- -listen -nolisten --")]
    [TestCase("-=1", "-=1")]
    [TestCase("", "")]
    public void A_switch_has_one_form_in_the_end(string written, string normal) => Assert.That(
        string.Join(' ', OptionSyntax.Normalize(written.Split(' '))), Is.EqualTo(normal));

    [TestCase("-addnode=a -addnode=b:1")]
    [TestCase("--addnode=a --addnode=b:1")]
    [TestCase("--addnode a --addnode b:1")]
    [TestCase("-addnode a -addnode b:1")]
    [TestCase("-addnode=a --addnode b:1")]
    public void A_list_is_written_by_repeating_the_option(string written) =>
        Assert.That(Read(written).AddNodes, Is.EqualTo(new[] { "a", "b:1" }));

    [TestCase("-noregtest -regtest", true)]
    [TestCase("-regtest -port=1 -noregtest", false)]
    [TestCase("-regtest -noregtest -regtest", true)]
    [TestCase("-testnet=1 -testnet=0 -regtest=1", true)]
    public void Of_a_switch_the_last_one_counts(string written, bool isRegtest) =>
        Assert.That(Read(written).Network == P2PNetwork.Regtest, Is.EqualTo(isRegtest));

    [TestCase("-addnode=a -noaddnode -addnode=b:1", "b:1")]
    [TestCase("-addnode=a -addnode=0", "")]
    public void A_list_can_be_dropped(string written, string left) =>
        Assert.That(string.Join(' ', Read(written).AddNodes), Is.EqualTo(left));

    [Test]
    public void Every_option_reaches_the_node()
    {
        P2POptions options = Read(
            "-testnet -addnode=a --connect b -bind=127.0.0.1:1 -externalip=8.8.8.8 -port=2 -nolisten -maxconnections=3 "
            + "-maxsendbuffer 4 -maxreceivebuffer=5 -maxframememory=161 -maxmessagerate=0 -maxmessagebytes=7 "
            + "-maxuploadrate=8 -maxpeeruploadrate=9 -maxuploadtarget=10 -timeout=5 -peertimeout=6 -datadir=/x/y -privatenet -logips -capturemessages -seednode=c -nodnsseed "
            + "-bantime=7 -relay=inv -whitelist=noban,in@192.0.2.0/24 -whitelist 192.0.2.9 "
            + "-dnsseedhost=d.example -dnsseedhost e.example -nofixedseeds -fixedseedsfile=/x/z -onlynet=ipv4 -onlynet=ipv6");

        Assert.That(options.Network, Is.EqualTo(P2PNetwork.Test));
        Assert.That(options.AddNodes, Is.EqualTo(new[] { "a" }));
        Assert.That(options.Connect, Is.EqualTo(new[] { "b" }));
        Assert.That(options.Bind, Is.EqualTo(new[] { "127.0.0.1:1" }));
        Assert.That(options.ExternalIPs, Is.EqualTo(new[] { "8.8.8.8" }));
        Assert.That(options.Port, Is.EqualTo(2));
        Assert.That(options.Listen, Is.False);
        Assert.That(options.MaxConnections, Is.EqualTo(3));
        Assert.That(options.MaxSendBuffer, Is.EqualTo(4000));
        Assert.That(options.MaxReceiveBuffer, Is.EqualTo(5000));
        Assert.That(options.MaxFrameMemory, Is.EqualTo(161_000_000));
        Assert.That(options.MaxMessageRate, Is.Zero);
        Assert.That(options.MaxMessageBytes, Is.EqualTo(7000));
        Assert.That(options.MaxUploadRate, Is.EqualTo(8000));
        Assert.That(options.MaxPeerUploadRate, Is.EqualTo(9000));
        Assert.That(options.MaxUploadTarget, Is.EqualTo(10 * 1024 * 1024));
        Assert.That(options.Relay, Is.EqualTo(RelayMode.Inv));
        Assert.That(options.ConnectTimeout, Is.EqualTo(TimeSpan.FromMilliseconds(5)));
        Assert.That(options.HandshakeTimeout, Is.EqualTo(TimeSpan.FromSeconds(6)));
        Assert.That(options.BanTime, Is.EqualTo(TimeSpan.FromSeconds(7)));
        Assert.That(options.Whitelist, Is.EqualTo(new[] { "noban,in@192.0.2.0/24", "192.0.2.9" }));
        Assert.That(options.DataDirectory, Is.EqualTo("/x/y"));
        Assert.That(options.PrivateNet, Is.True);
        Assert.That(options.LogIPs, Is.True);
        Assert.That(options.CaptureMessages, Is.True);
        Assert.That(options.SeedNodes, Is.EqualTo(new[] { "c" }));
        Assert.That(options.DnsSeed, Is.False);
        Assert.That(options.DnsSeedHosts, Is.EqualTo(new[] { "d.example", "e.example" }));
        Assert.That(options.FixedSeeds, Is.False);
        Assert.That(options.FixedSeedsFile, Is.EqualTo("/x/z"));
        Assert.That(options.OnlyNets, Is.EqualTo(new[] { "ipv4", "ipv6" }));
    }

    [Test]
    public void Without_options_the_node_has_its_defaults_and_a_directory_of_its_own()
    {
        P2POptions options = Read("");
        var defaults = new P2POptions();

        Assert.That(options.Network, Is.EqualTo(P2PNetwork.Main));
        Assert.That(options.DataDirectory, Does.EndWith("/.logosp2p"));
        Assert.That(options.Port, Is.Null);
        Assert.That(options.Listen, Is.True);
        Assert.That(options.MaxConnections, Is.EqualTo(defaults.MaxConnections));
        Assert.That(options.MaxSendBuffer, Is.EqualTo(defaults.MaxSendBuffer));
        Assert.That(options.MaxReceiveBuffer, Is.EqualTo(defaults.MaxReceiveBuffer));
        Assert.That(options.MaxFrameMemory, Is.EqualTo(defaults.MaxFrameMemory));
        Assert.That(options.MaxMessageRate, Is.EqualTo(defaults.MaxMessageRate));
        Assert.That(options.MaxMessageBytes, Is.EqualTo(defaults.MaxMessageBytes));
        Assert.That((options.MaxUploadRate, options.MaxPeerUploadRate, options.MaxUploadTarget), Is.EqualTo((0L, 0L, 0L)));
        Assert.That(options.Relay, Is.EqualTo(defaults.Relay).And.EqualTo(RelayMode.Tree));
        Assert.That(options.ConnectTimeout, Is.EqualTo(defaults.ConnectTimeout));
        Assert.That(options.HandshakeTimeout, Is.EqualTo(defaults.HandshakeTimeout));
        Assert.That(options.AddNodes.Concat(options.Connect).Concat(options.Bind).Concat(options.ExternalIPs), Is.Empty);
        Assert.That(options.PrivateNet || options.LogIPs || options.CaptureMessages, Is.False);
        Assert.That(options.DnsSeed, Is.Null, "It depends on -connect.");
        Assert.That(options.FixedSeeds, Is.True);
        Assert.That(options.SeedNodes.Concat(options.DnsSeedHosts).Concat(options.OnlyNets), Is.Empty);
    }

    [TestCase("tree", RelayMode.Tree)]
    [TestCase("eager", RelayMode.Eager)]
    [TestCase("push", RelayMode.Push)]
    [TestCase("inv", RelayMode.Inv)]
    public void There_are_four_ways_to_relay(string written, RelayMode mode)
    {
        Assert.That(Read($"-relay={written}").Relay, Is.EqualTo(mode));
        Assert.That(Read($"--relay {written}").Relay, Is.EqualTo(mode));
    }

    [TestCase("-relay=flood", "-relay: 'flood' is none of tree, eager, push and inv.")]
    [TestCase("-relay=Tree", "-relay: 'Tree' is none of tree, eager, push and inv.")]
    [TestCase("-onlynet=onion", "-onlynet: 'onion' is none of ipv4 and ipv6.")]
    [TestCase("-listen=maybe", "-listen: 'maybe' is neither 1 nor 0.")]
    [TestCase("-port=65536", "-port: '65536' is not a number from 0 to 65535.")]
    [TestCase("-port=-1", "-port: '-1' is not a number from 0 to 65535.")]
    [TestCase("-maxconnections=1e3", "-maxconnections: '1e3' is not a number from 1 to 10000.")]
    [TestCase("-debug=mempool", "-debug: 'mempool' is none of 1, net, addrman, relay and rpc.")]
    [TestCase("-testnet -regtest", "-testnet and -regtest exclude each other.")]
    public void What_cannot_be_is_refused_with_what_would_do(string written, string error) => Assert.That(
        () => Read(written), Throws.InstanceOf<OptionException>().With.Message.EqualTo(error));

    [TestCase("-connect=0", true)]
    [TestCase("-noconnect", true)]
    [TestCase("-noconnect -connect=0", true)]
    [TestCase("-connect=0 -connect=127.0.0.1", false)]
    [TestCase("-connect=127.0.0.1 -noconnect", false)]
    public void Connecting_to_nobody_and_to_somebody_exclude_each_other(string written, bool isGood)
    {
        P2POptions options = Read(written);

        Assert.That(
            () => new P2PNode(options, new RecordingHandler()),
            isGood ? Throws.Nothing : Throws.ArgumentException.With.Message.StartsWith("-connect: "));
    }

    private static P2POptions Read(string written)
    {
        var options = new OptionSyntax(OptionTable.ForNode);
        var command = new System.CommandLine.Command("run");
        options.AddTo(command);
        string[] args = written.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        ParseResult result = command.Parse(
            OptionSyntax.Normalize(args), new ParserConfiguration { EnablePosixBundling = false });
        Assert.That(result.Errors, Is.Empty);
        var values = new OptionValues(options.Read(result));
        return NodeOptions.Read(values, NodeOptions.NetworkOf(values));
    }
}
