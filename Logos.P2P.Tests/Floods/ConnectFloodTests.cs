using System.Diagnostics;
using System.Text;
using Logos.P2P.Tests.Node;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Floods;

/// <summary>The program under a flood of connections, beside a peer that behaves.</summary>
[NonParallelizable]
internal sealed class ConnectFloodTests
{
    private const int PerSecond = 2000;

    [Test]
    public Task A_flood_of_2000_connections_a_second_does_not_reach_a_peer_that_is_there([Values] bool admitLocal) =>
        FloodAsync(TimeSpan.FromSeconds(3), admitLocal);

    [Test]
    [Category("Long")]
    [Explicit("Takes 20 seconds each.")]
    public Task A_long_flood_of_2000_connections_a_second_does_not_either([Values] bool admitLocal) =>
        FloodAsync(TimeSpan.FromSeconds(20), admitLocal);

    private static async Task FloodAsync(TimeSpan duration, bool admitLocal)
    {
        using var directory = new TemporaryDirectory();
        await using ProgramProcess node = ProgramProcess.StartNode(
            directory.Path, "-connect=0", "-relay=push", $"-admitlocal={(admitLocal ? 1 : 0)}");
        int port = await node.WaitForPortAsync();
        using RawPeer peer = RawPeer.Connect(PeerRig.Endpoint("127.0.0.1", (ushort)port));
        // The ping that ends the handshake leaves before messages flow to the peer, and the first one would be for nobody.
        peer.Sync();
        var slowestPing = TimeSpan.Zero;
        int rounds = 0, dialled;
        using (var flood = new ConnectFlood(port, PerSecond))
        {
            for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < duration; rounds++)
            {
                peer.Send(peer.Frames.Create(Command.Logos, Encoding.UTF8.GetBytes($"from the peer {rounds}")));
                await node.WriteLineAsync($"from the node {rounds}");
                Assert.That(
                    Encoding.UTF8.GetString(peer.Read(Command.Logos).Payload), Is.EqualTo($"from the node {rounds}"));

                long sent = Stopwatch.GetTimestamp();
                peer.Sync();
                TimeSpan ping = Stopwatch.GetElapsedTime(sent);
                slowestPing = ping > slowestPing ? ping : slowestPing;
                await Task.Delay(20);
            }

            dialled = flood.Dialled;
        }

        for (int i = 0; i < rounds; i++)
            await node.Output.WaitForAsync($"from the peer {i}");
        TestContext.Out.WriteLine(
            $"{dialled} connections in {duration.TotalSeconds} s, admitlocal {admitLocal}: the slowest of {rounds} pings took "
            + $"{slowestPing.TotalMilliseconds:0.0} ms; {rounds} of {rounds} messages arrived in each direction.");
        Assert.That(dialled, Is.GreaterThan(PerSecond * duration.TotalSeconds / 2), "The flood was one.");
        Assert.That(slowestPing, Is.LessThan(TimeSpan.FromSeconds(2)));
        Assert.That(await node.StopAsync(), Is.Zero);
    }
}
