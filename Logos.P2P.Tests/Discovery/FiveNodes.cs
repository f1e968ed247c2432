using Logos.P2P.Discovery;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Discovery;

/// <summary>
/// A running network of five nodes on loopback, each on an address of its own with the network's port, as DNS needs it.
/// </summary>
internal sealed class FiveNodes : IAsyncDisposable
{
    private const int Count = 5;

    private readonly List<TestNode> _nodes = [];

    /// <summary>Somewhere in 127/8, so that test runs on one machine do not meet.</summary>
    private readonly string _prefix = $"127.{Random.Shared.Next(1, 255)}.{Random.Shared.Next(1, 255)}";

    private int _messages;

    private FiveNodes()
    {
    }

    public IReadOnlyList<string> Hosts => [.. _nodes.Select(node => node.Endpoint.Address.ToString())];

    public IReadOnlyList<string> Addresses => [.. _nodes.Select(node => node.Address)];

    /// <summary>Starts the network. On return each node knows all others.</summary>
    public static async Task<FiveNodes> StartAsync()
    {
        var network = new FiveNodes();
        try
        {
            for (int i = 1; i <= Count; i++)
                network._nodes.Add(await network.StartMemberAsync(i));
            foreach (TestNode node in network._nodes)
                await Eventually.IsAsync(() => node.Node.AddressCount >= Count - 1);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a sixth node, which knows what its options tell.</summary>
    public Task<TestNode> StartNewcomerAsync(P2POptions options, INameResolver? resolver = null) =>
        TestNode.StartAsync(At(Count + 1, options), resolver);

    /// <summary>Waits until a node has dialled all five and messages flow, and reach all, both ways.</summary>
    public async Task HasJoinedAsync(TestNode node)
    {
        await Eventually.IsAsync(() => Dialled(node).ToHashSet().IsSupersetOf(Addresses));
        await CarriesMessagesOfAsync(node);
    }

    /// <summary>Waits until a node knows all five and is connected to several, and messages flow, and reach all, both ways.</summary>
    public async Task HasMetAsync(TestNode node)
    {
        await Eventually.IsAsync(() => node.Node.AddressCount >= Count && node.Node.ConnectionCount >= 2);
        await CarriesMessagesOfAsync(node);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TestNode node in _nodes)
            await node.DisposeAsync();
    }

    /// <summary>Whom a node dialled, with what kind of connection, of those it is connected to.</summary>
    public static IEnumerable<string> Dialled(TestNode node, ConnectionKind? kind = null) => node.Node.GetPeers()
        .Where(peer => peer.IsReady && peer.Kind != ConnectionKind.Inbound && (kind is null || peer.Kind == kind))
        .Select(peer => peer.Endpoint.ToString());

    private Task<TestNode> StartMemberAsync(int number) => TestNode.StartAsync(
        At(number, new P2POptions { AddNodes = number == 1 ? [] : [_nodes[0].Address] }));

    /// <summary>
    /// Gives a node an address. It has to tell it: within one machine the system takes the peer's for both ends of a
    /// connection.
    /// </summary>
    private P2POptions At(int number, P2POptions options) => options with
    {
        Bind = [$"{_prefix}.{number}"],
        Port = P2PNetwork.Regtest.DefaultPort(),
        ExternalIPs = [$"{_prefix}.{number}"],
    };

    private async Task CarriesMessagesOfAsync(TestNode node)
    {
        string there = $"to the network {++_messages}", back = $"to the newcomer {_messages}";
        Assert.That(node.Propagate(there), Is.True);
        foreach (TestNode member in _nodes)
            await Eventually.IsAsync(() => member.Handler.Texts.Contains(there));
        Assert.That(_nodes[^1].Propagate(back), Is.True);
        await Eventually.IsAsync(() => node.Handler.Texts.Contains(back));
    }
}
