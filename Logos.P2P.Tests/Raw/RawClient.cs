using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using NUnit.Framework;

namespace Logos.P2P.Tests.Raw;

/// <summary>
/// A peer that is nothing but a TCP socket and the bytes that a test sends through it. Checks the header of whatever the
/// node sends: magic, padding, checksum.
/// </summary>
internal sealed class RawClient : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _magic;
    private ulong _pings = 0x0102030405060700;

    private RawClient(Socket socket, byte[] magic)
    {
        socket.NoDelay = true;
        _socket = socket;
        _magic = magic;
    }

    /// <summary>The client's end of the connection.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Dials a node of this machine.</summary>
    /// <param name="port">Where the node listens.</param>
    /// <param name="magic">The network; regtest unless told otherwise.</param>
    /// <param name="from">The address of this machine to dial from; the system's choice unless told otherwise.</param>
    public static async Task<RawClient> ConnectAsync(int port, byte[]? magic = null, string? from = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (from is not null)
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(IPAddress.Loopback, port).WaitAsync(TestNode.Patience);
        return new RawClient(socket, magic ?? RawBytes.RegtestMagic);
    }

    /// <summary>Dials a node and completes the handshake.</summary>
    /// <param name="port">Where the node listens.</param>
    /// <param name="magic">The network; regtest unless told otherwise.</param>
    /// <param name="wantsAddrV2">Whether to send `sendaddrv2`.</param>
    /// <param name="version">The client's `version`.</param>
    public static async Task<RawClient> ConnectReadyAsync(
        int port, byte[]? magic = null, bool wantsAddrV2 = true, byte[]? version = null)
    {
        RawClient client = await ConnectAsync(port, magic);
        await client.HandshakeAsync(wantsAddrV2, version);
        return client;
    }

    /// <summary>Takes a connection that a node makes to a listener of the test.</summary>
    public static async Task<RawClient> AcceptAsync(TcpListener listener, byte[]? magic = null) =>
        new(await listener.AcceptSocketAsync().WaitAsync(TestNode.Patience), magic ?? RawBytes.RegtestMagic);

    /// <summary>A listener of a test: a place for a node to dial.</summary>
    public static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    /// <summary>Completes the handshake from either side, having read until the node's `verack`.</summary>
    public async Task HandshakeAsync(bool wantsAddrV2 = true, byte[]? version = null)
    {
        await SendAsync("version", version ?? RawBytes.Version());
        if (wantsAddrV2)
            await SendAsync("sendaddrv2");
        await ReadUntilAsync("verack");
        await SendAsync("verack");
    }

    public Task SendAsync(string command, params byte[] payload) =>
        SendBytesAsync(RawBytes.Frame(command, payload, _magic));

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendBytesAsync(byte[] bytes)
    {
        using var patience = new CancellationTokenSource(TestNode.Patience);
        for (int sent = 0; sent < bytes.Length;)
            sent += await _socket.SendAsync(bytes.AsMemory(sent), SocketFlags.None, patience.Token);
    }

    /// <summary>The next frame of the node.</summary>
    public async Task<RawMessage> ReadAsync()
    {
        byte[] header = await ReadExactlyAsync(RawBytes.HeaderSize);
        Assert.That(header[..4], Is.EqualTo(_magic), "magic");
        string command = Encoding.ASCII.GetString(header[4..16]).TrimEnd('\0');
        Assert.That(command, Does.Match("^[a-z0-9]+$"), "command");
        byte[] payload = await ReadExactlyAsync((int)BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(16)));
        Assert.That(header[20..], Is.EqualTo(RawBytes.Checksum(payload)), $"checksum of {command}");
        return new RawMessage(command, payload, [.. header, .. payload]);
    }

    /// <summary>The next frame with a command; what comes before it is skipped.</summary>
    public async Task<RawMessage> ReadUntilAsync(string command, Func<RawMessage, bool>? condition = null)
    {
        while (true)
        {
            RawMessage message = await ReadAsync();
            if (message.Command == command && condition?.Invoke(message) != false)
                return message;
        }
    }

    /// <summary>Pings the node and reads until its answer: everything sent before was handled by then.</summary>
    /// <returns>What the node had sent before its answer.</returns>
    public async Task<IReadOnlyList<RawMessage>> PingAsync()
    {
        byte[] nonce = RawBytes.U64(++_pings);
        await SendAsync("ping", nonce);
        var before = new List<RawMessage>();
        while (true)
        {
            RawMessage message = await ReadAsync();
            if (message.Command == "pong" && message.Payload.AsSpan().SequenceEqual(nonce))
                return before;
            before.Add(message);
        }
    }

    /// <summary>Reads until the node has closed the connection.</summary>
    public async Task ReadToEndAsync()
    {
        byte[] buffer = new byte[4096];
        using var patience = new CancellationTokenSource(TestNode.Patience);
        try
        {
            while (await _socket.ReceiveAsync(buffer, SocketFlags.None, patience.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // The node closed without reading all: a reset is as good an end as any.
        }
    }

    /// <summary>Says that nothing more will come, and goes on listening.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends the connection the hard way.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<byte[]> ReadExactlyAsync(int count)
    {
        byte[] bytes = new byte[count];
        using var patience = new CancellationTokenSource(TestNode.Patience);
        for (int read = 0; read < count;)
        {
            int received = await _socket.ReceiveAsync(bytes.AsMemory(read), SocketFlags.None, patience.Token);
            Assert.That(received, Is.Positive, "The node closed the connection.");
            read += received;
        }

        return bytes;
    }
}
