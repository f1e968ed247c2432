using System.Net;
using System.Net.Sockets;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests;

internal sealed class RunningNodeTests
{
    [Test]
    public async Task Every_address_that_was_named_is_needed_and_none_stays_taken_when_one_fails()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        int taken = ((IPEndPoint)other.LocalEndpoint).Port;
        int free = FreePort();
        var options = new P2POptions
        {
            Network = P2PNetwork.Regtest,
            Bind = [$"127.0.0.1:{free}", $"127.0.0.1:{taken}"],
            Connect = ["0"],
        };
        await using var node = new P2PNode(options, new RecordingHandler());

        Assert.That(async () => await node.StartAsync(), Throws.InstanceOf<IOException>().With.Message.Contains("-bind"));

        using var again = new TcpListener(IPAddress.Loopback, free);
        Assert.That(again.Start, Throws.Nothing, "What worked must have been given back.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
