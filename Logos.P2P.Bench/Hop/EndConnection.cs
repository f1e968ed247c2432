using System.Net;
using System.Net.Sockets;
using Logos.P2P.Wire;

namespace Logos.P2P.Bench.Hop;

/// <summary>
/// A blocking socket at an end of a line, on which the handshake is made if a node is at the other end. The least there can be
/// between a clock and the kernel.
/// </summary>
internal sealed class EndConnection : IEnd
{
    private const int ReadSize = 256 * 1024;
    private const int SelectMicroseconds = 1_000_000;

    private readonly Socket _socket;
    private readonly FramePool _frames = new(HopFrames.Network);
    private readonly FrameScanner _scanner;
    private readonly byte[] _buffer = new byte[ReadSize];

    /// <summary>Whoever reads answers pings, maybe in the middle of what another thread sends.</summary>
    private readonly Lock _sending = new();
    private readonly bool _isIdle;
    private bool _isReady;

    private EndConnection(Socket socket, Action<long> onLogos, bool isIdle = false)
    {
        _socket = socket;
        _isIdle = isIdle;
        _socket.NoDelay = true;
        _scanner = new FrameScanner(onLogos, Receive);
    }

    public Socket Socket => _socket;

    /// <summary>Connects to a port of this machine.</summary>
    /// <param name="port">The port.</param>
    /// <param name="isNode">Whether a node is there.</param>
    /// <param name="onLogos">Is told the number of each message that comes.</param>
    public static EndConnection Dial(int port, bool isNode, Action<long> onLogos) => Dial(port, isNode, onLogos, isIdle: false);

    private static EndConnection Dial(int port, bool isNode, Action<long> onLogos, bool isIdle)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, port);
        var connection = new EndConnection(socket, onLogos, isIdle);
        if (isNode)
            connection.ShakeHands();
        return connection;
    }

    /// <summary>Connects to a node as somebody who asks for nothing.</summary>
    public static EndConnection DialIdle(int port) => Dial(port, isNode: true, _ => { }, isIdle: true);

    public static EndConnection Accepted(Socket socket) => new(socket, _ => { });

    public void Send(ReadOnlySpan<byte> bytes)
    {
        lock (_sending)
        {
            while (bytes.Length > 0)
            {
                int sent = _socket.Send(bytes, SocketFlags.None, out SocketError error);
                // What .NET makes of EAGAIN on a blocking socket, though none here has a time limit: seen on a machine with a load of 40.
                if (error is not (SocketError.Success or SocketError.TimedOut))
                    throw new SocketException((int)error);
                bytes = bytes[sent..];
            }
        }
    }

    /// <summary>Reads once and looks at what came.</summary>
    /// <returns>False when the other end has closed the connection.</returns>
    public bool Read()
    {
        int read = _socket.Receive(_buffer);
        _scanner.Take(_buffer.AsSpan(0, read));
        return read > 0;
    }

    /// <summary>Reads of several until one of them is closed.</summary>
    public static void ReadAll(IReadOnlyList<EndConnection> connections)
    {
        Dictionary<Socket, EndConnection> bySocket = connections.ToDictionary(connection => connection.Socket);
        var readable = new List<Socket>();
        try
        {
            do
            {
                readable.Clear();
                readable.AddRange(bySocket.Keys);
                Socket.Select(readable, null, null, SelectMicroseconds);
            }
            while (readable.All(socket => bySocket[socket].Read()));
        }
        catch (SocketException)
        {
            // The line is taken down.
        }
    }

    public void Dispose() => _socket.Dispose();

    private void ShakeHands()
    {
        Send(_frames.Create(new VersionMessage
        {
            ProtocolVersion = ProtocolVersion.Current,
            Services = Services.Logos,
            Time = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            Receiver = default,
            Nonce = (ulong)Random.Shared.NextInt64(),
            UserAgent = "/hop/",
        }));
        while (!_isReady)
        {
            if (!Read())
                throw new IOException("The node closed the connection during the handshake.");
        }
    }

    private void Receive(string command, ReadOnlySpan<byte> payload)
    {
        switch (command)
        {
            case "version":
                // As somebody who can be sent payloads unasked; he never calls one late.
                byte[] key = new byte[ShortIdKey.Size];
                Send(_frames.Create(new FeatureMessage(Features.Relay.ToArray(), key)));
                Send(_frames.Create(Command.Verack));
                break;
            case "verack":
                _isReady = true;
                break;
            case "ping":
                Send(_frames.Create(Command.Pong, payload));
                break;
            case "have" when !_isIdle:
                // What did not fit into the node's queue for us, at full speed.
                Send(_frames.Create(Command.Want, payload));
                break;
        }
    }

    private void Send(Frame frame)
    {
        Send(frame.Memory.Span);
        frame.Release();
    }
}
