using Logos.P2P.Diagnostics;
using Logos.P2P.Peers;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Dialing;

/// <summary>Makes connections, and peers of them.</summary>
internal sealed class Connector(NodeContext node, ITransport transport, PeerHost host, CancellationToken stopping)
{
    /// <summary>What is dialled and connected to.</summary>
    public DialTable Table { get; } = new();

    /// <summary>Dials an endpoint that was claimed, stays with the connection until it ends and gives the claim back.</summary>
    /// <returns>Whether the handshake was completed.</returns>
    public async Task<bool> DialAsync(NetEndpoint endpoint, ConnectionKind kind)
    {
        try
        {
            // Dials may be under way when connections are no longer wanted.
            if (!host.IsActive)
                return false;
            if (node.IsBanned(endpoint.Address, kind))
            {
                Log.DialFailed(node.Logger, node.Settings.Describe(endpoint), "it is banned");
                return false;
            }

            if (await ConnectAsync(endpoint) is not { } connection
                || host.Run(connection, kind, endpoint) is not { } peer)
            {
                return false;
            }

            await peer.Ended;
            return peer.IsReady;
        }
        finally
        {
            Table.Release(endpoint);
        }
    }

    private async Task<IConnection?> ConnectAsync(NetEndpoint endpoint)
    {
        using var timeout = new CancellationTokenSource(node.Settings.ConnectTimeout, node.Clock.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        try
        {
            return await transport.ConnectAsync(endpoint, either.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            string why = timeout.IsCancellationRequested ? "timed out" : e.Message;
            Log.DialFailed(node.Logger, node.Settings.Describe(endpoint), why);
            return null;
        }
    }
}
