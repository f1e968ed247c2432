using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Logos.P2P.Wire;

namespace Logos.P2P.Transport;

/// <summary>One TCP socket. Nagle is off: a message leaves when it is written.</summary>
internal sealed class TcpConnection : IConnection
{
    /// <summary>The option that bounds what the kernel holds of a socket besides what is on its way (Linux, macOS).</summary>
    private const int ProtocolTcp = 6;
    private const int LinuxNotSentLowWater = 25;
    private const int MacNotSentLowWater = 0x201;

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
            KeepKernelQueueShort(socket);
            RemoteEndpoint = NetEndpoint.From((IPEndPoint)socket.RemoteEndPoint!);
            LocalEndpoint = NetEndpoint.From((IPEndPoint)socket.LocalEndPoint!);
            // The stream insists on a blocking socket at birth; sends of ours must never block.
            Source = new NetworkStream(socket, ownsSocket: false);
            Input = PipeReader.Create(Source, ReaderOptions);
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

    public Stream Source { get; }

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
            // .NET completes a send when all of it was taken: in pieces, or a slow peer with a large message seems to take
            // nothing for minutes.
            ReadOnlyMemory<byte> piece = bytes[..Math.Min(bytes.Length, NodeDefaults.CoalesceSize)];
            int sent = await _socket.SendAsync(piece, SocketFlags.None);
            Interlocked.Add(ref _bytesSent, sent);
            return sent;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>
    /// A kernel lets its send buffer grow to megabytes, and a ping cannot overtake what is in there. With this the kernel
    /// takes more only when little of what it has is unsent: the rest waits in our queue, where lanes count.
    /// </summary>
    private static void KeepKernelQueueShort(Socket socket)
    {
        int option = OperatingSystem.IsLinux() ? LinuxNotSentLowWater : OperatingSystem.IsMacOS() ? MacNotSentLowWater : 0;
        if (option == 0)
            return;
        int bytes = NodeDefaults.KernelSendBacklog;
        socket.SetRawSocketOption(ProtocolTcp, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in bytes)));
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
