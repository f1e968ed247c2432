using System.Net;
using System.Net.Sockets;
using Logos.P2P.Wire;

namespace Logos.P2P.Transport;

/// <summary>A listening TCP socket.</summary>
internal sealed class TcpConnectionListener(Socket socket) : IConnectionListener
{
    /// <summary>First and longest wait when the process is out of descriptors: accepting again at once would spin.</summary>
    private static readonly TimeSpan MinBackoff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _disposed = new();

    public NetEndpoint LocalEndpoint { get; } = NetEndpoint.From((IPEndPoint)socket.LocalEndPoint!);

    public async Task<IConnection?> AcceptAsync()
    {
        TimeSpan backoff = MinBackoff;
        while (!_disposed.IsCancellationRequested)
        {
            try
            {
                Socket accepted = await socket.AcceptAsync(_disposed.Token).ConfigureAwait(false);
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
            catch (SocketException)
            {
                if (_disposed.IsCancellationRequested)
                    break;
                await Task.Delay(backoff, _disposed.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                backoff = TimeSpan.FromTicks(Math.Min(MaxBackoff.Ticks, backoff.Ticks * 2));
            }
        }

        return null;
    }

    public void Dispose()
    {
        _disposed.Cancel();
        socket.Dispose();
        _disposed.Dispose();
    }
}
