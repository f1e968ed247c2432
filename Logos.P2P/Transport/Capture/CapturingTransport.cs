using Logos.P2P.Wire;

namespace Logos.P2P.Transport.Capture;

/// <summary>A transport whose connections write down what goes over them (<c>-capturemessages</c>).</summary>
internal sealed class CapturingTransport(ITransport transport, CaptureDirectory directory) : ITransport
{
    public async Task<IConnection> ConnectAsync(NetEndpoint remote, CancellationToken cancellationToken) =>
        new CapturingConnection(await transport.ConnectAsync(remote, cancellationToken), directory);

    public IConnectionListener Listen(NetEndpoint local) => new Listener(transport.Listen(local), directory);

    private sealed class Listener(IConnectionListener listener, CaptureDirectory directory) : IConnectionListener
    {
        public NetEndpoint LocalEndpoint => listener.LocalEndpoint;

        public async Task<IConnection?> AcceptAsync() =>
            await listener.AcceptAsync() is { } connection ? new CapturingConnection(connection, directory) : null;

        public void SetBacklog(int count) => listener.SetBacklog(count);

        public void Dispose() => listener.Dispose();
    }
}
