using System.Net.Sockets;

namespace Logos.P2P.Bench.Hop;

/// <summary>What is next to an end of a line.</summary>
internal enum EndKind
{
    /// <summary>Another end, or a forwarder: frames and nothing else.</summary>
    Raw,

    /// <summary>A node: a handshake first.</summary>
    Node,

    /// <summary>ZeroMQ.</summary>
    Zmq,
}

/// <summary>Makes the ends of lines.</summary>
internal static class Ends
{
    public static IEnd Source(EndKind kind, int port) =>
        kind == EndKind.Zmq ? ZeroMqEnd.Source(port) : EndConnection.Dial(port, kind == EndKind.Node, _ => { });

    public static IEnd Sink(EndKind kind, int port, Action<long> onLogos) =>
        kind == EndKind.Zmq ? ZeroMqEnd.Sink(port, onLogos) : EndConnection.Dial(port, kind == EndKind.Node, onLogos);

    /// <summary>Reads until the other side is gone.</summary>
    public static void ReadAll(IEnd end)
    {
        try
        {
            while (end.Read())
            {
            }
        }
        catch (SocketException)
        {
            // The line is taken down.
        }
    }

    private sealed class ZeroMqEnd(nint socket, Action<long> onLogos) : IEnd
    {
        private readonly byte[] _buffer = new byte[HopFrames.HeaderAndNumber];

        public static ZeroMqEnd Source(int port)
        {
            nint socket = ZeroMq.Open(ZeroMq.Pub);
            ZeroMq.Connect(socket, port);
            return new ZeroMqEnd(socket, _ => { });
        }

        public static ZeroMqEnd Sink(int port, Action<long> onLogos)
        {
            nint socket = ZeroMq.Open(ZeroMq.Sub);
            ZeroMq.Connect(socket, port);
            return new ZeroMqEnd(socket, onLogos);
        }

        /// <summary>Each frame is one message.</summary>
        public void Send(ReadOnlySpan<byte> frames)
        {
            while (frames.Length > 0)
            {
                int length = HopFrames.LengthOf(frames);
                ZeroMq.Send(socket, frames[..length]);
                frames = frames[length..];
            }
        }

        public bool Read()
        {
            ZeroMq.Receive(socket, _buffer);
            onLogos(HopFrames.NumberOf(_buffer));
            return true;
        }

        public void Dispose()
        {
            // The process ends with it.
        }
    }
}
