using Logos.P2P.Discovery;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests;

internal sealed class NodeSettingsTests
{
    private static IEnumerable<TestCaseData> Unusable()
    {
        yield return Row("-maxconnections", "1 to 10000", new P2POptions { MaxConnections = 0 });
        yield return Row("-maxconnections", "1 to 10000", new P2POptions { MaxConnections = -1 });
        yield return Row("-maxconnections", "1 to 10000", new P2POptions { MaxConnections = 10_001 });
        yield return Row("-maxoutbound", "0 to 10000", new P2POptions { MaxOutbound = -1 });
        yield return Row("-maxquiet", "0 to 10000", new P2POptions { MaxQuiet = 10_001 });
        yield return Row("-maxfeelers", "0 to 10000", new P2POptions { MaxFeelers = -1 });
        yield return Row("-timeout", "more than 0", new P2POptions { ConnectTimeout = TimeSpan.Zero });
        yield return Row("-timeout", "a day at most", new P2POptions { ConnectTimeout = TimeSpan.MaxValue });
        yield return Row("-peertimeout", "more than 0", new P2POptions { HandshakeTimeout = TimeSpan.FromSeconds(-1) });
        yield return Row("-maxsendbuffer", "more than 0", new P2POptions { MaxSendBuffer = 0 });
        yield return Row("-bantime", "at least 1 second", new P2POptions { BanTime = TimeSpan.Zero });
        yield return Row("-whitelist", "noban, relay, download, addr", new P2POptions { Whitelist = ["all@192.0.2.7"] });
        yield return Row("-whitelist", "'192.0.2.7/33'", new P2POptions { Whitelist = ["192.0.2.7/33"] });
        yield return Row("-maxreceivebuffer", "more than 0", new P2POptions { MaxReceiveBuffer = 0 });
        yield return Row("-maxframememory", "160 MB or more", new P2POptions { MaxFrameMemory = 159_999_999 });
        yield return Row("-maxmessagerate", "0 (no limit)", new P2POptions { MaxMessageRate = -1 });
        yield return Row("-maxmessagebytes", "0 (no limit)", new P2POptions { MaxMessageBytes = -1 });
        yield return Row("-maxuploadrate", "0 (no limit)", new P2POptions { MaxUploadRate = -1 });
        yield return Row("-maxpeeruploadrate", "0 (no limit)", new P2POptions { MaxPeerUploadRate = -1 });
        yield return Row("-maxuploadtarget", "0 (no target)", new P2POptions { MaxUploadTarget = -1 });
        yield return Row("-addnode", "8 times", new P2POptions { AddNodes = [.. Enumerable.Repeat("a", 9)] });
        yield return Row("-addnode", "''", new P2POptions { AddNodes = [""] });
        yield return Row("-addnode", "host:port", new P2POptions { AddNodes = ["a:b"] });
        yield return Row("-addnode", "'a:0'", new P2POptions { AddNodes = ["a:0"] });
        yield return Row("-addnode", "'[::1'", new P2POptions { AddNodes = ["[::1"] });
        yield return Row("-connect", "'a:65536'", new P2POptions { Connect = ["a:65536"] });
        yield return Row("-connect", "exclude", new P2POptions { Connect = ["0", "192.0.2.1"] });
        yield return Row("-connect", "exclude", new P2POptions { Connect = ["192.0.2.1", "0"] });
        yield return Row("-seednode", "host:port", new P2POptions { SeedNodes = ["a:b"] });
        yield return Row("-seednode", "2 or more", new P2POptions { SeedNodes = ["a"], MaxConnections = 1 });
        yield return Row("-seednode", "'::::x'", new P2POptions { SeedNodes = ["::::x"] });
        yield return Row("-seednode", "-connect", new P2POptions { SeedNodes = ["a"], Connect = ["b"] });
        yield return Row("-seednode", "-addnode", new P2POptions { SeedNodes = ["a"], Connect = ["0"] });
        yield return Row("-dnsseedhost", "''", new P2POptions { DnsSeedHosts = [""] });
        yield return Row("-dnsseedhost", "'a:53'", new P2POptions { DnsSeedHosts = ["a:53"] });
        yield return Row("-dnsseedhost", "'192.0.2.1'", new P2POptions { DnsSeedHosts = ["192.0.2.1"] });
        yield return Row("-dnsseedhost", "seed.example.org", new P2POptions { DnsSeedHosts = ["two words"] });
        yield return Row("-fixedseedsfile", "name of a file", new P2POptions { FixedSeedsFile = "" });
        yield return Row("-onlynet", "connected to yet", new P2POptions { OnlyNets = ["onion"] });
        yield return Row("-onlynet", "i2p", new P2POptions { OnlyNets = ["ipv4", "i2p"] });
        yield return Row("-onlynet", "cjdns", new P2POptions { OnlyNets = ["CJDNS"] });
        yield return Row("-onlynet", "'ipx'", new P2POptions { OnlyNets = ["ipx"] });
        yield return Row("-bind", "'nowhere'", new P2POptions { Bind = ["nowhere"] });
        yield return Row("-bind", "192.0.2.1:14495", new P2POptions { Bind = ["1.2.3.4:x"] });
        yield return Row("-externalip", "'host.example'", new P2POptions { ExternalIPs = ["host.example"] });

        static TestCaseData Row(string option, string what, P2POptions options) =>
            new TestCaseData(option, what, options).SetArgDisplayNames(option, what);
    }

    [TestCaseSource(nameof(Unusable))]
    public void An_option_that_cannot_be_used_is_named_with_what_would_do(string option, string what, P2POptions options)
    {
        Assert.That(
            () => NodeSettings.From(options),
            Throws.ArgumentException.With.Message.StartsWith($"{option}: ").And.Message.Contains(what)
                .And.Message.EndsWith("."));
        Assert.That(() => new P2PNode(options, new RecordingHandler()), Throws.ArgumentException);
    }

    [Test]
    public void The_defaults_can_be_used()
    {
        NodeSettings settings = NodeSettings.From(new P2POptions());

        Assert.That(settings.MaxOutbound, Is.EqualTo(8));
        Assert.That(settings.MaxInbound, Is.EqualTo(185));
        Assert.That(settings.ManualPeers, Is.Empty);
        Assert.That(settings.DataDirectory, Is.Null);
        Assert.That(settings.LogIPs, Is.False);
        Assert.That(settings.ListenEndpoints.Select(endpoint => endpoint.ToString()),
            Is.EqualTo(new[] { "0.0.0.0:14495", "[::]:14495" }));
    }

    [TestCase(P2PNetwork.Main, 14495, "main")]
    [TestCase(P2PNetwork.Test, 14496, "test")]
    [TestCase(P2PNetwork.Regtest, 14497, "regtest")]
    public void Each_network_has_its_port_and_directory(P2PNetwork network, int port, string directory)
    {
        NodeSettings settings = NodeSettings.From(new P2POptions { Network = network, DataDirectory = "data" });

        Assert.That(settings.ListenEndpoints.Select(endpoint => (int)endpoint.Port), Is.All.EqualTo(port));
        Assert.That(settings.DataDirectory, Is.EqualTo(Path.Combine("data", directory)));
    }

    [TestCase(200, 0, 0, 8, 2, 1, 4, 185)]
    [TestCase(200, 8, 0, 8, 2, 1, 4, 177)]
    [TestCase(16, 0, 0, 8, 2, 1, 4, 1)]
    [TestCase(15, 0, 0, 8, 2, 1, 4, 0)]
    [TestCase(13, 0, 0, 8, 2, 1, 2, 0)]
    [TestCase(12, 0, 0, 8, 2, 1, 1, 0)]
    [TestCase(11, 0, 0, 8, 2, 0, 1, 0)]
    [TestCase(10, 0, 0, 8, 1, 0, 1, 0)]
    [TestCase(9, 0, 0, 8, 0, 0, 1, 0)]
    [TestCase(8, 0, 0, 7, 0, 0, 1, 0)]
    [TestCase(2, 0, 0, 1, 0, 0, 1, 0)]
    [TestCase(1, 0, 0, 1, 0, 0, 0, 0)]
    [TestCase(1, 3, 0, 1, 0, 0, 0, 0)]
    [TestCase(200, 0, 3, 0, 0, 0, 0, 197)]
    [TestCase(200, 2, 3, 0, 0, 0, 0, 195)]
    public void Connections_are_divided_among_their_kinds(
        int most, int addNodes, int connect, int outbound, int quiet, int feelers, int addrFetches, int inbound)
    {
        NodeSettings settings = NodeSettings.From(new P2POptions
        {
            MaxConnections = most,
            AddNodes = [.. Enumerable.Range(0, addNodes).Select(i => $"a{i}")],
            Connect = [.. Enumerable.Range(0, connect).Select(i => $"c{i}")],
        });

        Assert.That(
            (settings.MaxOutbound, settings.MaxQuiet, settings.MaxFeelers, settings.MaxAddrFetches, settings.MaxInbound),
            Is.EqualTo((outbound, quiet, feelers, addrFetches, inbound)));
        Assert.That(settings.ManualPeers, Has.Length.EqualTo(addNodes + connect));
    }

    [Test]
    public void Each_kind_has_a_number_of_its_own()
    {
        NodeSettings settings = NodeSettings.From(
            new P2POptions { MaxConnections = 100, MaxOutbound = 20, MaxQuiet = 0, MaxFeelers = 3 });

        Assert.That(
            (settings.MaxOutbound, settings.MaxQuiet, settings.MaxFeelers, settings.MaxInbound), Is.EqualTo((20, 0, 3, 73)));
    }

    [Test]
    public void Connect_0_means_no_peers_of_our_choice_but_those_added_by_hand()
    {
        NodeSettings settings = NodeSettings.From(new P2POptions { Connect = ["0"], AddNodes = ["peer"] });

        Assert.That(settings.MaxOutbound, Is.Zero);
        Assert.That(settings.ManualPeers, Is.EqualTo(new[] { "peer" }));
    }

    [TestCase(null, false, true)]
    [TestCase(null, true, false)]
    [TestCase(true, true, true)]
    [TestCase(false, false, false)]
    public void Dns_seeds_are_asked_unless_the_operator_chose_the_peers_or_switched_it_off(
        bool? dnsSeed, bool isConnectGiven, bool isAsked)
    {
        NodeSettings settings = NodeSettings.From(new P2POptions
        {
            DnsSeed = dnsSeed,
            DnsSeedHosts = ["seed.example"],
            Connect = isConnectGiven ? ["0"] : [],
        });

        Assert.That(settings.DnsSeeds, Is.EqualTo(isAsked ? new[] { "seed.example" } : []));
    }

    [TestCase(true, false, 2)]
    [TestCase(false, false, 0)]
    [TestCase(true, true, 0)]
    public void Fixed_seeds_are_loaded_unless_the_operator_chose_the_peers_or_switched_them_off(
        bool fixedSeeds, bool isConnectGiven, int loaded)
    {
        using var directory = new TemporaryDirectory();
        string file = directory.File("seeds");
        File.WriteAllText(file, "8.8.8.8\n9.9.9.9:1\n");
        NodeSettings settings = NodeSettings.From(new P2POptions
        {
            FixedSeeds = fixedSeeds,
            FixedSeedsFile = file,
            Connect = isConnectGiven ? ["0"] : [],
        });
        Assert.That(settings.FixedSeeds, Is.Empty, "Nothing is read before the node is started.");

        Assert.That(settings.Load().FixedSeeds, Has.Length.EqualTo(loaded));
    }

    [Test]
    public void Without_a_file_the_fixed_seeds_are_those_built_in() => Assert.That(
        NodeSettings.From(new P2POptions()).Load().FixedSeeds, Is.EqualTo(FixedSeedList.BuiltIn(P2PNetwork.Main)));

    [TestCase(new string[0], true, true)]
    [TestCase(new[] { "ipv4" }, true, false)]
    [TestCase(new[] { "IPv6" }, false, true)]
    [TestCase(new[] { "ipv6", "ipv4", "ipv6" }, true, true)]
    public void Peers_are_chosen_from_the_networks_that_the_operator_allows(string[] only, bool ipv4, bool ipv6)
    {
        NodeSettings settings = NodeSettings.From(new P2POptions { OnlyNets = only });

        Assert.That((settings.Dials(NetworkId.IPv4), settings.Dials(NetworkId.IPv6)), Is.EqualTo((ipv4, ipv6)));
        Assert.That(settings.DialedNetworks, Is.Unique);
        Assert.That(settings.Dials(NetworkId.TorV3), Is.False);
    }

    [Test]
    public void Without_listening_there_is_nowhere_to_listen() => Assert.That(
        NodeSettings.From(new P2POptions { Listen = false, Bind = ["127.0.0.1"] }).ListenEndpoints, Is.Empty);

    [Test]
    public void Bind_and_externalip_take_the_port_of_the_node_unless_they_name_one()
    {
        NodeSettings settings = NodeSettings.From(new P2POptions
        {
            Port = 1234,
            Bind = ["127.0.0.1", "[::1]:99"],
            ExternalIPs = ["192.0.2.1", "192.0.2.2:5"],
        });

        Assert.That(settings.ListenEndpoints.Select(endpoint => endpoint.ToString()),
            Is.EqualTo(new[] { "127.0.0.1:1234", "[::1]:99" }));
        Assert.That(settings.ExternalEndpoints.Select(endpoint => endpoint.ToString()),
            Is.EqualTo(new[] { "192.0.2.1:1234", "192.0.2.2:5" }));
    }

    [Test]
    public void Later_changes_of_the_options_have_no_effect()
    {
        var options = new P2POptions { AddNodes = ["a"] };
        NodeSettings settings = NodeSettings.From(options);

        options.AddNodes.Add("b");

        Assert.That(settings.ManualPeers, Is.EqualTo(new[] { "a" }));
    }

    [TestCase(true, "192.0.2.1:5")]
    [TestCase(false, "(address hidden)")]
    public void Addresses_are_shown_in_logs_only_where_the_operator_wants_it(bool logIPs, string shown)
    {
        NodeSettings settings = NodeSettings.From(new P2POptions { LogIPs = logIPs });

        Assert.That(NetEndpoint.TryParse("192.0.2.1:5", 1, out NetEndpoint endpoint));
        Assert.That(settings.Describe(endpoint), Is.EqualTo(shown));
    }
}
