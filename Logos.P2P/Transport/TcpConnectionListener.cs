using System.Net;
using System.Net.Sockets;
using Logos.P2P.Wire;

namespace Logos.P2P.Transport;

/// <summary>A listening TCP socket.</summary>
internal sealed class TcpConnectionListener(Socket socket) : IConnectionListener
{
    private readonly CancellationTokenSource _disposed = new();

    public NetEndpoint LocalEndpoint { get; } = NetEndpoint.From((IPEndPoint)socket.LocalEndPoint!);

    public async Task<IConnection?> AcceptAsync()
    {
        while (!_disposed.IsCancellationRequested)
        {
            try
            {
                Socket accepted = await socket.AcceptAsync(_disposed.Token);
                try
                {
                    return new TcpConnection(accepted);
                }
                catch (IOException)
                {
                    // Reset between accept and our first look at it.
                    accepted.Dispose();
                }
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                break;
            }
            catch (SocketException e) when (!_disposed.IsCancellationRequested)
            {
                // Of one that was reset before it was accepted, the next may know nothing.
                if (e.SocketErrorCode != SocketError.ConnectionAborted)
                    throw new IOException(e.Message, e);
            }
            catch (SocketException)
            {
                break;
            }
        }

        return null;
    }

    public void SetBacklog(int count)
    {
        try
        {
            // On a socket that listens already this only changes the number.
            socket.Listen(count);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was disposed: nobody waits there any more.
        }
    }

    public void Dispose()
    {
        _disposed.Cancel();
        socket.Dispose();
        _disposed.Dispose();
    }
}
