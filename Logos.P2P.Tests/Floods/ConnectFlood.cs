using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Logos.P2P.Tests.Floods;

/// <summary>Dials a port of this machine so many times a second, and lets go of each connection a little later.</summary>
internal sealed class ConnectFlood : IDisposable
{
    private const int HeldAtOnce = 500;

    private readonly CancellationTokenSource _end = new();
    private readonly Queue<Socket> _held = new();
    private readonly Thread _thread;
    private int _dialled;

    public ConnectFlood(int port, int perSecond)
    {
        _thread = new Thread(() => Run(new IPEndPoint(IPAddress.Loopback, port), perSecond));
        _thread.Start();
    }

    public int Dialled => Volatile.Read(ref _dialled);

    public void Dispose()
    {
        _end.Cancel();
        _thread.Join();
        _end.Dispose();
    }

    private void Run(IPEndPoint target, int perSecond)
    {
        long start = Stopwatch.GetTimestamp();
        while (!_end.IsCancellationRequested)
        {
            for (double due = Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond; _dialled < due; _dialled++)
                Dial(target);
            Thread.Sleep(1);
        }

        while (_held.TryDequeue(out Socket? socket))
            socket.Dispose();
    }

    private void Dial(IPEndPoint target)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // Does not wait, and does not throw either.
        socket.ConnectAsync(new SocketAsyncEventArgs { RemoteEndPoint = target });
        _held.Enqueue(socket);
        if (_held.Count > HeldAtOnce)
            _held.Dequeue().Dispose();
    }
}
