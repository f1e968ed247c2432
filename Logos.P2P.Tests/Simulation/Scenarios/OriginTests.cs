using Logos.P2P.Simulation.Links;
using Logos.P2P.Simulation.Nodes;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Scenarios;

/// <summary>How a message leaves the node where it begins.</summary>
internal sealed class OriginTests
{
    private const int Size = 4000;
    private const double BytesPerSecond = 100_000;

    private static readonly TimeSpan Sending = TimeSpan.FromSeconds(Size / BytesPerSecond);

    [Test]
    public void On_a_slow_line_it_goes_to_the_nearest_peer_first()
    {
        using var network = new SimulatedNetwork(1, new FarToNear());
        SimulatedNode origin = network.AddNode(NetworkFactory.DrawAddress(network), BytesPerSecond);
        SimulatedNode[] peers =
        [
            .. Enumerable.Range(0, 5).Select(_ => network.AddNode(NetworkFactory.DrawAddress(network), BytesPerSecond)),
        ];
        origin.Options = new P2POptions { Connect = [.. peers.Select(peer => peer.Endpoint.ToString())] };
        foreach (SimulatedNode peer in peers)
            peer.Options = new P2POptions { Connect = ["0"] };
        NetworkFactory.BringUp(network);
        network.Loop.RunFor(TimeSpan.FromSeconds(10));

        SimulatedMessage? message = null;
        network.Loop.Do(() => message = network.Messages.Send(origin, Size));
        network.Loop.RunFor(TimeSpan.FromSeconds(10));

        TimeSpan[] left = [.. peers.Select(peer => message!.DelayTo(peer.Index) - FarToNear.DelayTo(peer.Index))];
        Assert.That(left, Is.Ordered.Descending, "The first one is the farthest.");
        Assert.That(left[^1], Is.LessThan(2 * Sending));
        Assert.That(left[0], Is.GreaterThan(4 * Sending));
    }

    private sealed record FarToNear : LinkModel
    {
        public static TimeSpan DelayTo(int peer) => TimeSpan.FromMilliseconds(120 - (20 * peer));

        public override TimeSpan Latency(SimulatedHost from, SimulatedHost to) => DelayTo(Math.Max(from.Index, to.Index));
    }
}
