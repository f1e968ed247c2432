using System.Runtime.InteropServices;
using System.Text;

namespace Logos.P2P.Bench.Hop;

/// <summary>The few functions of libzmq that a forwarder and its two ends need.</summary>
internal static partial class ZeroMq
{
    public const int Pub = 1;
    public const int Sub = 2;
    public const int XPub = 9;
    public const int XSub = 10;

    private const string Library = "libzmq.so.5";
    private const int Subscribe = 6;
    private const int SendHighWater = 23;
    private const int ReceiveHighWater = 24;
    private const int LastEndpoint = 32;
    private const int EndpointSize = 256;
    private const int Unlimited = 0;

    private static readonly Lazy<nint> Context = new(zmq_ctx_new);

    /// <summary>Whether the library is on this machine.</summary>
    public static bool IsInstalled { get; } = NativeLibrary.TryLoad(Library, out _);

    /// <summary>Makes a socket that drops nothing.</summary>
    public static nint Open(int kind)
    {
        nint socket = zmq_socket(Context.Value, kind);
        int unlimited = Unlimited;
        Check(zmq_setsockopt(socket, SendHighWater, ref unlimited, sizeof(int)));
        Check(zmq_setsockopt(socket, ReceiveHighWater, ref unlimited, sizeof(int)));
        if (kind == Sub)
            Check(zmq_setsockopt(socket, Subscribe, ref unlimited, 0));
        return socket;
    }

    /// <summary>Listens on this machine.</summary>
    /// <returns>The port.</returns>
    public static int Bind(nint socket)
    {
        Check(zmq_bind(socket, "tcp://127.0.0.1:*"));
        byte[] endpoint = new byte[EndpointSize];
        nuint length = EndpointSize;
        Check(zmq_getsockopt(socket, LastEndpoint, endpoint, ref length));
        return int.Parse(Encoding.ASCII.GetString(endpoint, 0, (int)length - 1).Split(':')[^1]);
    }

    public static void Connect(nint socket, long port) => Check(zmq_connect(socket, $"tcp://127.0.0.1:{port}"));

    public static void Send(nint socket, ReadOnlySpan<byte> message) =>
        Check(zmq_send(socket, MemoryMarshal.GetReference(message), (nuint)message.Length, 0));

    /// <summary>Waits for a message.</summary>
    /// <returns>Its length; of what is longer than the buffer the rest is lost.</returns>
    public static int Receive(nint socket, Span<byte> buffer)
    {
        int length = zmq_recv(socket, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length, 0);
        Check(length);
        return length;
    }

    /// <summary>Forwards for ever.</summary>
    public static void Forward(nint from, nint to) => Check(zmq_proxy(from, to, 0));

    private static void Check(int result)
    {
        if (result < 0)
            throw new IOException("libzmq: " + Marshal.PtrToStringAnsi(zmq_strerror(zmq_errno())));
    }

    [LibraryImport(Library)]
    private static partial nint zmq_ctx_new();

    [LibraryImport(Library)]
    private static partial nint zmq_socket(nint context, int type);

    [LibraryImport(Library)]
    private static partial int zmq_setsockopt(nint socket, int option, ref int value, nuint length);

    [LibraryImport(Library)]
    private static partial int zmq_getsockopt(nint socket, int option, [Out] byte[] value, ref nuint length);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int zmq_bind(nint socket, string endpoint);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int zmq_connect(nint socket, string endpoint);

    [LibraryImport(Library)]
    private static partial int zmq_send(nint socket, in byte message, nuint length, int flags);

    [LibraryImport(Library)]
    private static partial int zmq_recv(nint socket, ref byte buffer, nuint length, int flags);

    [LibraryImport(Library)]
    private static partial int zmq_proxy(nint frontend, nint backend, nint capture);

    [LibraryImport(Library)]
    private static partial int zmq_errno();

    [LibraryImport(Library)]
    private static partial nint zmq_strerror(int error);
}
