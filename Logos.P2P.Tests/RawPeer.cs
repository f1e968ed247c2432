using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;

namespace Logos.P2P.Tests;

/// <summary>A peer on a blocking socket, for tests that must know each byte, or must not allocate any.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly FrameReader _reader;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private ReadOnlySequence<byte> _unread;

    private RawPeer(Socket socket, P2PNetwork network)
    {
        Socket = socket;
        Frames = new FramePool(network);
        _reader = new FrameReader(Frames) { IsHandshakeComplete = true };
    }

    public Socket Socket { get; }

    public FramePool Frames { get; }

    /// <summary>Dials a node and completes the handshake.</summary>
    public static RawPeer Connect(NetEndpoint node, P2PNetwork network = P2PNetwork.Regtest)
    {
        IPEndPoint endPoint = node.ToIPEndPoint();
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = (int)TestNode.Patience.TotalMilliseconds,
        };
        socket.Connect(endPoint);
        var peer = new RawPeer(socket, network);
        peer.Send(peer.Frames.Create(ScriptedPeer.Version()));
        peer.Send(peer.Frames.Create(Command.SendAddrV2));
        peer.Send(peer.Frames.Create(Command.Verack));
        // The ping is the first message after the handshake.
        Received ping = peer.Read(Command.Ping);
        peer.Send(peer.Frames.Create(Command.Pong, ping.Nonce));
        return peer;
    }

    public void Send(Frame frame)
    {
        Send(frame.Memory.Span);
        frame.Release();
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[Socket.Send(bytes)..];
    }

    /// <summary>The next message of a kind; others before it are thrown away.</summary>
    public Received Read(Command command)
    {
        while (true)
        {
            Received received = Read();
            if (received.Command == command)
                return received;
        }
    }

    /// <summary>The next message.</summary>
    public Received Read()
    {
        while (true)
        {
            FrameReadResult result = _reader.Read(ref _unread);
            if (result.Status == FrameReadStatus.Frame)
            {
                var received = new Received(result.Frame!.Command, result.Frame.Payload.ToArray());
                result.Frame.Release();
                return received;
            }

            if (result.Status != FrameReadStatus.NeedMore)
                throw new InvalidDataException($"The node sent something unreadable: {result.Error}.");
            int count = Socket.Receive(_buffer);
            if (count == 0)
                throw new EndOfStreamException($"The node closed the connection instead of sending something.");
            _unread = new ReadOnlySequence<byte>(_buffer.AsMemory(0, count).ToArray());
        }
    }

    /// <summary>Reads and forgets so many bytes.</summary>
    public void Skip(long count)
    {
        while (count > 0)
        {
            int read = Socket.Receive(_buffer, 0, (int)Math.Min(count, _buffer.Length), SocketFlags.None);
            if (read == 0)
                throw new EndOfStreamException();
            count -= read;
        }
    }

    /// <summary>Waits until the node has handled everything sent so far.</summary>
    public void Sync()
    {
        ulong nonce = (ulong)Random.Shared.NextInt64();
        Send(Frames.Create(Command.Ping, nonce));
        while (Read(Command.Pong).Nonce != nonce)
        {
        }
    }

    public void Dispose()
    {
        Socket.Dispose();
        _reader.Dispose();
    }
}
