using System.Net;
using System.Net.Sockets;
using NUnit.Framework;

namespace Logos.P2P.Tests.Floods;

/// <summary>-maxconnections limits what the kernel establishes for us, not only what we accept of it.</summary>
[NonParallelizable]
internal sealed class SocketLimitTests
{
    private const int Limit = 32;

    [TestCase("127.0.0.1")]
    [TestCase("127.0.0.1", "[::1]")]
    public async Task Five_hundred_parallel_dials_never_show_more_than_the_limit_in_the_kernels_table(params string[] binds)
    {
        await using TestNode node = await TestNode.StartAsync(
            new P2POptions { MaxConnections = Limit, Bind = binds, Connect = ["0"] });
        IPEndPoint[] targets = [.. node.Node.ListeningEndpoints.Select(endpoint => endpoint.ToIPEndPoint())];
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        Task<(int Most, int Samples)> watching = Task.Factory.StartNew(
            () => Watch(targets[0].Port, end.Token), TaskCreationOptions.LongRunning);

        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => DialAsync(targets[i % targets.Length], end.Token)));

        (int most, int samples) = await watching;
        TestContext.Out.WriteLine($"500 dials of {binds.Length} address(es): {most} sockets at most in {samples} samples.");
        Assert.That(most, Is.InRange(Limit - (2 * binds.Length), Limit), "As many as may be, and never more.");
        Assert.That(samples, Is.GreaterThan(20));
    }

    /// <summary>What is in two tables that were read one after the other was there at one moment, that between them.</summary>
    private static (int Most, int Samples) Watch(int port, CancellationToken end)
    {
        int most = 0, samples = 0;
        HashSet<string> before = [];
        for (; !end.IsCancellationRequested; samples++)
        {
            HashSet<string> now = KernelSockets.Established(port);
            most = Math.Max(most, now.Count(before.Contains));
            before = now;
        }

        return (most, samples);
    }

    /// <summary>Dials, and holds on to what comes of it.</summary>
    private static async Task DialAsync(IPEndPoint target, CancellationToken end)
    {
        using var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(target, end);
            await Task.Delay(Timeout.Infinite, end);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The test is over, or the node did not want it.
        }
    }
}
