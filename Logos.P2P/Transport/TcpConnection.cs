using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Logos.P2P.Wire;

namespace Logos.P2P.Transport;

/// <summary>One TCP socket. Nagle is off: a message leaves when it is written.</summary>
internal sealed class TcpConnection : IConnection
{
    private static readonly StreamPipeReaderOptions ReaderOptions =
        new(bufferSize: NodeDefaults.ReceiveBufferSize, useZeroByteReads: false, leaveOpen: true);

    private readonly Socket _socket;
    private long _bytesSent;
    private int _closed;

    /// <summary>Takes over a connected socket.</summary>
    /// <exception cref="IOException">The connection is broken already.</exception>
    public TcpConnection(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            RemoteEndpoint = NetEndpoint.From((IPEndPoint)socket.RemoteEndPoint!);
            LocalEndpoint = NetEndpoint.From((IPEndPoint)socket.LocalEndPoint!);
            // The stream insists on a blocking socket at birth; sends of ours must never block.
            Input = PipeReader.Create(new NetworkStream(socket, ownsSocket: false), ReaderOptions);
            socket.Blocking = false;
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }

        _socket = socket;
    }

    public NetEndpoint RemoteEndpoint { get; }

    public NetEndpoint LocalEndpoint { get; }

    public PipeReader Input { get; }

    public long BytesSent => Interlocked.Read(ref _bytesSent);

    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        int sent;
        SocketError error;
        try
        {
            sent = _socket.Send(bytes, SocketFlags.None, out error);
        }
        catch (ObjectDisposedException e)
        {
            throw new IOException("The connection is closed.", e);
        }

        if (error is SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable)
            return 0;
        if (error != SocketError.Success)
            throw new IOException(new SocketException((int)error).Message);
        Interlocked.Add(ref _bytesSent, sent);
        return sent;
    }

    public async ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            int sent = await _socket.SendAsync(bytes, SocketFlags.None).ConfigureAwait(false);
            Interlocked.Add(ref _bytesSent, sent);
            return sent;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new IOException(e.Message, e);
        }
    }

    public void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The other side was faster.
        }

        _socket.Dispose();
    }
}
