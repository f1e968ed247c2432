using System.Net;
using System.Net.Sockets;

namespace Logos.P2P.Bench.Hop;

/// <summary>Listening sockets on this machine.</summary>
internal static class Ports
{
    private const int Backlog = 256;

    public static Socket Listen(out int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(Backlog);
        port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        return listener;
    }
}
