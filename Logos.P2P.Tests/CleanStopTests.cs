using System.Diagnostics;
using System.Security.Cryptography;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests;

/// <summary>Nodes on real sockets that stop: soon, and with nothing left of them.</summary>
[NonParallelizable]
internal sealed class CleanStopTests
{
    [Test]
    public async Task A_node_can_be_started_and_stopped_twenty_times_and_leaves_nothing_behind()
    {
        await RunOnceAsync();
        await RunOnceAsync();
        ProcessResources before = ProcessResources.Measure();

        for (int i = 0; i < 20; i++)
            await RunOnceAsync();

        await before.WaitUntilGivenBackAsync();

        static async Task RunOnceAsync()
        {
            TestNode a = await TestNode.StartAsync();
            TestNode b = await TestNode.StartAsync(new P2POptions { Connect = [a.Address] });
            int port = a.Endpoint.Port;
            await a.WaitForPeersAsync(1);
            a.Propagate("hello");
            await b.Handler.WaitAsync();
            Assert.That(b.Node.Metrics.UsedFrameBytes, Is.Positive, "It keeps the message.");
            Assert.That(ProcessResources.SocketsAt(port), Is.EqualTo(3), "One listens, two are connected.");

            await a.DisposeAsync();
            await b.DisposeAsync();

            Assert.That(a.Node.Metrics.UsedFrameBytes + b.Node.Metrics.UsedFrameBytes, Is.Zero);
            await Eventually.IsAsync(() => ProcessResources.SocketsAt(port) == 0);
        }
    }

    [Test]
    public async Task Stopping_with_a_hundred_live_peers_takes_less_than_two_seconds_and_nothing_is_left()
    {
        ProcessResources before = ProcessResources.Measure();
        TestNode node = await TestNode.StartAsync(new P2POptions { Connect = ["0"] });
        int port = node.Endpoint.Port;
        var peers = new List<RawPeer>();
        for (int i = 0; i < 100; i++)
            peers.Add(RawPeer.Connect(node.Endpoint));
        await node.WaitForPeersAsync(100);
        // They are in the middle of something: none reads what is sent to it, and some have sent half a message.
        for (int i = 0; i < 20; i++)
            node.Node.Propagate(RandomNumberGenerator.GetBytes(1_000_000));
        byte[] half = peers[0].Frames.Create(Command.Logos, new byte[600_000]).Memory[..300_000].ToArray();
        for (int i = 0; i < 10; i++)
            peers[i].Send(half);
        await Eventually.IsAsync(() => node.Node.GetPeers().Count(peer => peer.BytesReceived >= half.Length) == 10);
        long start = Stopwatch.GetTimestamp();

        await node.Node.StopAsync();

        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        TestContext.Out.WriteLine($"Stopped in {elapsed.TotalMilliseconds:F0} ms");
        Assert.That(elapsed, Is.LessThan(TimeSpan.FromSeconds(2)));
        Assert.That(node.Node.ConnectionCount, Is.Zero);
        Assert.That(node.Node.GetPeers(), Is.Empty);
        Assert.That(node.Node.ListeningEndpoints, Is.Empty);
        PeerDisconnected last = await node.WaitForAsync<PeerDisconnected>();
        Assert.That(last.Reason, Is.EqualTo(DisconnectReason.Shutdown));
        await node.DisposeAsync();
        peers.ForEach(peer => peer.Dispose());
        await Eventually.IsAsync(() => node.Node.Metrics.UsedFrameBytes == 0);
        await Eventually.IsAsync(() => ProcessResources.SocketsAt(port) == 0);
        await before.WaitUntilGivenBackAsync();
    }
}
