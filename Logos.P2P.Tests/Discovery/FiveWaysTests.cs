using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Discovery;

/// <summary>Each way of discovery, alone, brings a node that knows nobody into a running network of five.</summary>
internal sealed class FiveWaysTests
{
    [Test]
    public async Task The_address_book_of_the_run_before_is_enough()
    {
        using var directory = new TemporaryDirectory();
        var options = new P2POptions { DataDirectory = directory.Path };
        await using FiveNodes network = await FiveNodes.StartAsync();
        await using (TestNode before = await network.StartNewcomerAsync(
            options with { AddNodes = [network.Addresses[0]] }))
            await network.HasMetAsync(before);

        await using TestNode node = await network.StartNewcomerAsync(options);

        await network.HasJoinedAsync(node);
    }

    [Test]
    public async Task Added_nodes_are_enough()
    {
        await using FiveNodes network = await FiveNodes.StartAsync();

        await using TestNode node = await network.StartNewcomerAsync(
            new P2POptions { AddNodes = [.. network.Addresses] });

        await network.HasJoinedAsync(node);
    }

    [Test]
    public async Task Connecting_to_two_alone_is_enough_to_know_all()
    {
        await using FiveNodes network = await FiveNodes.StartAsync();

        await using TestNode node = await network.StartNewcomerAsync(
            new P2POptions { Connect = [.. network.Addresses.Take(2)] });

        await network.HasMetAsync(node);
        Assert.That(FiveNodes.Dialled(node), Is.EquivalentTo(network.Addresses.Take(2)), "None but those that were named.");
    }

    [Test]
    public async Task A_dns_seed_is_enough()
    {
        await using FiveNodes network = await FiveNodes.StartAsync();
        var resolver = new ScriptedResolver();
        resolver.Set("x1000000.seed.example", network.Hosts);

        await using TestNode node = await network.StartNewcomerAsync(
            new P2POptions { DnsSeedHosts = ["seed.example"] }, resolver);

        await network.HasJoinedAsync(node);
        Assert.That(resolver.Asked, Is.EqualTo(new[] { "x1000000.seed.example" }));
    }

    [Test]
    public async Task A_file_of_fixed_seeds_is_enough()
    {
        using var directory = new TemporaryDirectory();
        string file = directory.File("seeds.txt");
        await using FiveNodes network = await FiveNodes.StartAsync();
        await File.WriteAllLinesAsync(file, ["# the network of this test", .. network.Addresses]);

        await using TestNode node = await network.StartNewcomerAsync(new P2POptions { FixedSeedsFile = file });

        await network.HasJoinedAsync(node);
    }

    [Test]
    public async Task Gossip_from_one_peer_is_enough()
    {
        await using FiveNodes network = await FiveNodes.StartAsync();

        await using TestNode node = await network.StartNewcomerAsync(
            new P2POptions { AddNodes = [network.Addresses[0]] });

        await network.HasJoinedAsync(node);
        Assert.That(FiveNodes.Dialled(node, ConnectionKind.Manual), Is.EqualTo(network.Addresses.Take(1)));
    }

    [Test]
    public async Task A_file_of_fixed_seeds_with_a_bad_line_is_a_start_up_error_that_names_both()
    {
        using var directory = new TemporaryDirectory();
        string file = directory.File("seeds.txt");
        await File.WriteAllTextAsync(file, "127.0.0.1\nnowhere\n");
        await using var node = new P2PNode(
            new P2POptions { Network = P2PNetwork.Regtest, Listen = false, FixedSeedsFile = file },
            new RecordingHandler());

        Assert.That(
            async () => await node.StartAsync(),
            Throws.InstanceOf<IOException>().With.Message.Contains(file).And.Message.Contains("line 2, 'nowhere'"));
    }
}
