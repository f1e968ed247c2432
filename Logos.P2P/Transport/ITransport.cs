using System.IO.Pipelines;
using Logos.P2P.Wire;

namespace Logos.P2P.Transport;

/// <summary>
/// How bytes get from node to node. TCP in production; memory in tests and simulations, so that the same node code runs
/// on both.
/// </summary>
internal interface ITransport
{
    /// <summary>Connects, or throws <see cref="IOException"/> with the reason.</summary>
    Task<IConnection> ConnectAsync(NetEndpoint remote, CancellationToken cancellationToken);

    /// <summary>Starts to listen, or throws <see cref="IOException"/> with the reason.</summary>
    IConnectionListener Listen(NetEndpoint local);
}

/// <summary>A listening endpoint.</summary>
internal interface IConnectionListener : IDisposable
{
    /// <summary>Where it listens, with the port the system chose if it was asked to.</summary>
    NetEndpoint LocalEndpoint { get; }

    /// <summary>The next inbound connection; null when the listener was disposed.</summary>
    /// <exception cref="IOException">None can be accepted now: the process has no descriptor left, as a rule.</exception>
    Task<IConnection?> AcceptAsync();

    /// <summary>
    /// Sets how many connections may be established that were not accepted yet, besides the one that Linux always allows.
    /// </summary>
    void SetBacklog(int count);
}

/// <summary>A stream of bytes in each direction.</summary>
internal interface IConnection
{
    NetEndpoint RemoteEndpoint { get; }

    NetEndpoint LocalEndpoint { get; }

    /// <summary>What the other side sends. Read by one loop.</summary>
    PipeReader Input { get; }

    /// <summary>
    /// Where <see cref="Input"/> has its bytes from, for whoever has used up those that it holds and has a place for many more;
    /// null where that would save nothing.
    /// </summary>
    Stream? Source => null;

    /// <summary>Bytes the connection took for sending so far.</summary>
    long BytesSent { get; }

    /// <summary>
    /// Sends as much as the connection takes without waiting. Called by one thread at a time.
    /// </summary>
    /// <returns>The bytes taken, 0 when none can be taken now.</returns>
    /// <exception cref="IOException">The connection is broken.</exception>
    int TrySend(ReadOnlySpan<byte> bytes);

    /// <summary>Waits until the connection takes at least one byte, and sends what it takes.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>
    /// Ends the connection in both directions. Bytes already taken are still delivered where the network allows. Pending
    /// and later operations end. Any thread, any number of times.
    /// </summary>
    void Close();
}
