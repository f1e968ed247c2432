using System.IO.Pipelines;
using System.Net;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Tests.Transport;

/// <summary>
/// TCP on which whoever dials from 127.0.0.N, N above 1, seems to be 192.0.2.N: a test on the loopback interface has hosts
/// that are not this machine.
/// </summary>
internal sealed class DisguisingTransport : ITransport
{
    private readonly TcpTransport _tcp = new();

    public Task<IConnection> ConnectAsync(NetEndpoint remote, CancellationToken cancellationToken) =>
        _tcp.ConnectAsync(remote, cancellationToken);

    public IConnectionListener Listen(NetEndpoint local) => new Listener(_tcp.Listen(local));

    private static NetEndpoint Disguise(NetEndpoint endpoint)
    {
        byte host = endpoint.Address.Bytes[3];
        return host > 1 ? endpoint with { Address = NetAddress.From(new IPAddress([192, 0, 2, host])) } : endpoint;
    }

    private sealed class Listener(IConnectionListener listener) : IConnectionListener
    {
        public NetEndpoint LocalEndpoint => listener.LocalEndpoint;

        public async Task<IConnection?> AcceptAsync() =>
            await listener.AcceptAsync() is { } connection ? new Connection(connection) : null;

        public void SetBacklog(int backlog) => listener.SetBacklog(backlog);

        public void Dispose() => listener.Dispose();
    }

    private sealed class Connection(IConnection connection) : IConnection
    {
        public NetEndpoint RemoteEndpoint { get; } = Disguise(connection.RemoteEndpoint);

        public NetEndpoint LocalEndpoint => connection.LocalEndpoint;

        public PipeReader Input => connection.Input;

        public long BytesSent => connection.BytesSent;

        public int TrySend(ReadOnlySpan<byte> bytes) => connection.TrySend(bytes);

        public ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes) => connection.SendAsync(bytes);

        public void Close() => connection.Close();
    }
}
