using System.Net;
using System.Net.Sockets;
using Logos.P2P.Wire;

namespace Logos.P2P.Transport;

/// <summary>TCP over IPv4 and IPv6.</summary>
internal sealed class TcpTransport : ITransport
{
    public async Task<IConnection> ConnectAsync(NetEndpoint remote, CancellationToken cancellationToken)
    {
        if (!remote.Address.IsIP)
            throw new IOException($"There is no transport to {remote.Address.Network} addresses.");

        IPEndPoint endPoint = remote.ToIPEndPoint();
        Socket socket = NewSocket(endPoint, "connect to");
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new TcpConnection(socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException(e.Message, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public IConnectionListener Listen(NetEndpoint local)
    {
        // None stands for "all IPv6 addresses"; IPv4 has a listener of its own.
        IPEndPoint endPoint = local.Address == NetAddress.None
            ? new IPEndPoint(IPAddress.IPv6Any, local.Port)
            : local.ToIPEndPoint();
        Socket socket = NewSocket(endPoint, "listen on");
        try
        {
            // .NET lets a restarted node have its port back at once by itself. Its ReuseAddress option must not be set:
            // on Unix that is SO_REUSEPORT as well, and a second node on the port would take half the connections.
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = false;
            socket.Bind(endPoint);
            // As few as the system allows, until it is known for how many there is room.
            socket.Listen(0);
            return new TcpConnectionListener(socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"Cannot listen on {endPoint}: {e.Message}", e);
        }
    }

    /// <summary>Fails where the machine lacks the address family, or the process has no descriptor left.</summary>
    private static Socket NewSocket(IPEndPoint endPoint, string purpose)
    {
        try
        {
            return new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        }
        catch (SocketException e)
        {
            throw new IOException($"Cannot {purpose} {endPoint}: {e.Message}", e);
        }
    }
}
