using Logos.P2P.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NUnit.Framework;

namespace Logos.P2P.Tests.Hosting;

/// <summary>A node as a service of the generic host.</summary>
internal sealed class LogosP2PServicesTests
{
    [Test]
    public async Task The_node_starts_and_stops_with_the_host()
    {
        var options = new P2POptions { Network = P2PNetwork.Regtest, Bind = ["127.0.0.1"], Port = 0, Connect = ["0"] };
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogosP2P<Upper>(options);
        using IHost host = builder.Build();
        var node = host.Services.GetRequiredService<P2PNode>();
        Assert.That(node.ListeningEndpoints, Is.Empty);

        await host.StartAsync();
        await using TestNode peer = await TestNode.StartAsync(new P2POptions { Connect = [node.ListeningEndpoints[0].ToString()] });
        await peer.WaitForPeersAsync(1);
        peer.Propagate("hello");
        Assert.That(await Upper.Heard.Task.WaitAsync(TestNode.Patience), Is.EqualTo(5));

        await host.StopAsync();
        Assert.That(node.ListeningEndpoints, Is.Empty);
        Assert.That(() => node.StartAsync(), Throws.InvalidOperationException, "It has lived.");
    }

    [Test]
    public void Without_an_upper_layer_it_says_what_is_missing()
    {
        using ServiceProvider provider = new ServiceCollection().AddLogosP2P(new P2POptions()).BuildServiceProvider();
        Assert.That(
            () => provider.GetRequiredService<P2PNode>(), Throws.InvalidOperationException.With.Message.Contains(nameof(IMessageHandler)));
    }

    private sealed class Upper : IMessageHandler
    {
        public static TaskCompletionSource<int> Heard { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Verdict Receive(in ReceivedMessage message)
        {
            Heard.TrySetResult(message.Data.Length);
            return Verdict.Propagate;
        }
    }
}
