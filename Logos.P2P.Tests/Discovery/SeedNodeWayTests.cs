using NUnit.Framework;

namespace Logos.P2P.Tests.Discovery;

/// <summary>The ways that lead over a peer that is asked for addresses and left, each alone, into a running network of five.</summary>
internal sealed class SeedNodeWayTests
{
    [Test]
    public async Task A_seed_node_is_enough_and_is_left_once_it_has_told_others()
    {
        await using FiveNodes network = await FiveNodes.StartAsync();

        await using TestNode node = await network.StartNewcomerAsync(
            new P2POptions { SeedNodes = [network.Addresses[0]] });

        PeerConnected first = await node.WaitForAsync<PeerConnected>(one => one.Kind != ConnectionKind.Inbound);
        Assert.That(first.Kind, Is.EqualTo(ConnectionKind.AddrFetch));
        Assert.That(first.Endpoint.ToString(), Is.EqualTo(network.Addresses[0]));
        await node.WaitForAsync<PeerDisconnected>(left => left.PeerId == first.PeerId);
        await network.HasMetAsync(node);
        Assert.That(FiveNodes.Dialled(node, ConnectionKind.Manual), Is.Empty);
    }

    [Test]
    public async Task A_dns_seed_that_lists_nobody_with_our_services_but_is_a_node_itself_is_enough()
    {
        await using FiveNodes network = await FiveNodes.StartAsync();
        var resolver = new ScriptedResolver();
        resolver.Set("seed.example", network.Hosts[0]);

        await using TestNode node = await network.StartNewcomerAsync(
            new P2POptions { DnsSeedHosts = ["seed.example"] }, resolver);

        PeerConnected first = await node.WaitForAsync<PeerConnected>(one => one.Kind != ConnectionKind.Inbound);
        Assert.That(first.Kind, Is.EqualTo(ConnectionKind.AddrFetch));
        await network.HasMetAsync(node);
    }
}
