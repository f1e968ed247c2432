using Logos.P2P.Tests.Node;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Discovery;

/// <summary>DNS seeds by the program, the system's resolver and a real DNS server.</summary>
[RequiresNamespaces]
internal sealed class RealDnsTests
{
    private const string Seed = "x1000000.seed.example";

    [Test]
    public async Task A_dns_seed_alone_brings_a_node_into_a_network_of_five()
    {
        using var directory = new TemporaryDirectory();
        await using NetworkNamespace network = await NetworkNamespace.CreateAsync();
        string[] hosts = [.. Enumerable.Range(1, 5).Select(i => $"127.0.0.{i}")];
        await using DnsServer dns = await DnsServer.StartAsync(
            network, directory.File("hosts"), hosts.Select(host => $"{host} {Seed}"));
        var members = new List<ProgramProcess>();
        try
        {
            foreach (string host in hosts)
            {
                members.Add(network.StartNode(host, directory.File(host), $"-addnode={hosts[0]}"));
                await members[^1].Errors.WaitForAsync("Listening on");
            }

            await using ProgramProcess node = StartNewcomer(network, directory);

            await node.Errors.WaitForAsync("DNS seed seed.example told 5 addresses, of which 5 found a place");
            foreach (string host in hosts)
                await node.Errors.WaitForAsync($"is ready (Outbound, {host}:14497");
            Assert.That(await node.StopAsync(), Is.Zero);
        }
        finally
        {
            foreach (ProgramProcess member in members)
                await member.DisposeAsync();
        }
    }

    [Test]
    public async Task A_name_that_does_not_exist_is_logged_and_the_seed_itself_is_to_be_asked()
    {
        using var directory = new TemporaryDirectory();
        await using NetworkNamespace network = await NetworkNamespace.CreateAsync();
        await using DnsServer dns = await DnsServer.StartAsync(network, directory.File("hosts"));

        await using ProgramProcess node = StartNewcomer(network, directory);

        await node.Errors.WaitForAsync($"Could not look up {Seed}: the name does not exist");
        await node.Errors.WaitForAsync("DNS seed seed.example told no address");
        Assert.That(await node.StopAsync(), Is.Zero);
    }

    [Test]
    public async Task A_server_that_does_not_answer_holds_up_nothing()
    {
        using var directory = new TemporaryDirectory();
        await using NetworkNamespace network = await NetworkNamespace.CreateAsync();
        await using DnsServer dns = await DnsServer.StartAsync(network, directory.File("hosts"));
        await dns.FallSilentAsync();
        await using ProgramProcess peer = network.StartNode("127.0.0.1", directory.File("peer"));
        await peer.Errors.WaitForAsync("Listening on");

        await using ProgramProcess node = StartNewcomer(network, directory, "-addnode=127.0.0.1");

        await node.Errors.WaitForAsync("is ready (Manual");
        await node.Errors.WaitForAsync($"Could not look up {Seed}: No answer");
        await node.Errors.WaitForAsync("DNS seed seed.example told no address");
        int ready = Index(node, "is ready (Manual"), silent = Index(node, "Could not look up");
        Assert.That(ready, Is.LessThan(silent), "The heart went on while the resolver waited.");
        Assert.That(await node.StopAsync(), Is.Zero);

        static int Index(ProgramProcess node, string text) =>
            node.Errors.Lines.ToList().FindIndex(line => line.Contains(text, StringComparison.Ordinal));
    }

    [Test]
    public async Task Of_a_thousand_addresses_32_are_kept()
    {
        using var directory = new TemporaryDirectory();
        await using NetworkNamespace network = await NetworkNamespace.CreateAsync();
        await using DnsServer dns = await DnsServer.StartAsync(
            network, directory.File("hosts"), Enumerable.Range(0, 1000).Select(i => $"10.{i / 250}.{i % 250}.1 {Seed}"));

        await using ProgramProcess node = StartNewcomer(network, directory);
        await node.Errors.WaitForAsync("DNS seed seed.example told 32 addresses");
        Assert.That(await node.StopAsync(), Is.Zero);

        Assert.That(Stored(directory), Has.Count.InRange(25, 32), "Some may have collided.");
    }

    [Test]
    public async Task A_name_with_IPv6_addresses_only_is_as_good()
    {
        using var directory = new TemporaryDirectory();
        await using NetworkNamespace network = await NetworkNamespace.CreateAsync();
        await using DnsServer dns = await DnsServer.StartAsync(
            network, directory.File("hosts"), $"fd00::1 {Seed}", $"fd00::2 {Seed}");

        await using ProgramProcess node = StartNewcomer(network, directory);
        await node.Errors.WaitForAsync("DNS seed seed.example told 2 addresses, of which 2 found a place");
        Assert.That(await node.StopAsync(), Is.Zero);

        Assert.That(
            Stored(directory).Select(address => address.Endpoint.ToString()),
            Is.EquivalentTo(new[] { "[fd00::1]:14497", "[fd00::2]:14497" }));
    }

    private static ProgramProcess StartNewcomer(
        NetworkNamespace network, TemporaryDirectory directory, params string[] arguments) => network.StartNode(
            "127.0.0.6", directory.File("newcomer"), ["-dnsseedhost=seed.example", .. arguments]);

    private static IReadOnlyList<TimedAddress> Stored(TemporaryDirectory directory) =>
        P2PNode.ReadStoredAddresses(directory.File("newcomer"), P2PNetwork.Regtest);
}
