using Microsoft.Extensions.Hosting;

namespace Logos.P2P.Hosting;

/// <summary>Starts and stops the node with the host.</summary>
internal sealed class NodeService(P2PNode node) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => node.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => node.StopAsync();
}
