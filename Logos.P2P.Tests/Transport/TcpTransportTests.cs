using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Transport;

/// <summary>Real sockets on the loopback interface.</summary>
internal sealed class TcpTransportTests
{
    private readonly TcpTransport _transport = new();

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task Bytes_travel_both_ways(string host)
    {
        using IConnectionListener listener = _transport.Listen(At(host));
        Assert.That(listener.LocalEndpoint.Port, Is.Not.Zero);
        (IConnection dialler, IConnection accepted) = await ConnectAsync(listener);

        Assert.That(dialler.RemoteEndpoint, Is.EqualTo(listener.LocalEndpoint));
        Assert.That(accepted.RemoteEndpoint, Is.EqualTo(dialler.LocalEndpoint));
        Assert.That(accepted.LocalEndpoint, Is.EqualTo(listener.LocalEndpoint));
        Assert.That(dialler.TrySend("ping"u8), Is.EqualTo(4));
        Assert.That(await ReadAsync(accepted, 4), Is.EqualTo("ping"u8.ToArray()));
        Assert.That(accepted.TrySend("pong"u8), Is.EqualTo(4));
        Assert.That(await ReadAsync(dialler, 4), Is.EqualTo("pong"u8.ToArray()));
        Assert.That(dialler.BytesSent, Is.EqualTo(4));
        dialler.Close();
        accepted.Close();
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public void A_refused_connection_says_so(string host)
    {
        NetEndpoint nobody;
        using (IConnectionListener listener = _transport.Listen(At(host)))
            nobody = listener.LocalEndpoint;

        Assert.That(
            async () => await _transport.ConnectAsync(nobody, CancellationToken.None).WaitAsync(TestNode.Patience),
            Throws.InstanceOf<IOException>().With.Message.Contains("refused"));
    }

    [Test]
    public void A_dial_can_be_given_up() => Assert.That(
        async () => await _transport.ConnectAsync(At("127.0.0.1", 1), new CancellationToken(canceled: true)),
        Throws.InstanceOf<OperationCanceledException>());

    [Test]
    public void There_is_no_way_to_an_address_that_is_not_ip()
    {
        Assert.That(NetAddress.TryCreate(NetworkId.I2P, new byte[32], out NetAddress address));

        Assert.That(
            async () => await _transport.ConnectAsync(new NetEndpoint(address, 1), CancellationToken.None),
            Throws.InstanceOf<IOException>().With.Message.Contains("I2P"));
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public void A_port_in_use_is_named(string host)
    {
        using IConnectionListener listener = _transport.Listen(At(host));

        Assert.That(
            () => _transport.Listen(listener.LocalEndpoint),
            Throws.InstanceOf<IOException>()
                .With.Message.Contains($"{listener.LocalEndpoint.Port}").And.Message.Contains("in use"));
    }

    [Test]
    public void An_address_that_is_not_ours_cannot_be_listened_on() =>
        Assert.That(() => _transport.Listen(At("192.0.2.1")), Throws.InstanceOf<IOException>());

    [Test]
    public async Task A_port_is_free_again_at_once_even_after_connections()
    {
        NetEndpoint endpoint;
        using (IConnectionListener listener = _transport.Listen(At("127.0.0.1")))
        {
            endpoint = listener.LocalEndpoint;
            (IConnection dialler, IConnection accepted) = await ConnectAsync(listener);
            // Whoever closes first has the port in TIME_WAIT.
            accepted.Close();
            await EndsAsync(dialler.Input.ReadAsync().AsTask());
            dialler.Close();
        }

        using IConnectionListener again = _transport.Listen(endpoint);
        Assert.That(again.LocalEndpoint, Is.EqualTo(endpoint));
    }

    [Test]
    public async Task All_of_IPv6_and_all_of_IPv4_can_share_a_port()
    {
        using IConnectionListener v4 = _transport.Listen(At("0.0.0.0"));
        using IConnectionListener v6 = _transport.Listen(new NetEndpoint(NetAddress.None, v4.LocalEndpoint.Port));

        foreach ((IConnectionListener listener, string host) in new[] { (v4, "127.0.0.1"), (v6, "::1") })
        {
            IConnection dialler = await _transport.ConnectAsync(
                At(host, listener.LocalEndpoint.Port), CancellationToken.None);
            IConnection? accepted = await listener.AcceptAsync().WaitAsync(TestNode.Patience);
            Assert.That(accepted!.RemoteEndpoint, Is.EqualTo(dialler.LocalEndpoint));
            dialler.Close();
            accepted.Close();
        }
    }

    [Test]
    public async Task A_disposed_listener_answers_null_to_whoever_waits_and_to_whoever_comes_later()
    {
        IConnectionListener listener = _transport.Listen(At("127.0.0.1"));
        Task<IConnection?> waiting = listener.AcceptAsync();

        listener.Dispose();

        Assert.That(await waiting.WaitAsync(TestNode.Patience), Is.Null);
        Assert.That(await listener.AcceptAsync().WaitAsync(TestNode.Patience), Is.Null);
    }

    [Test]
    public async Task Closing_ends_the_other_side_and_our_own_reading()
    {
        using IConnectionListener listener = _transport.Listen(At("127.0.0.1"));
        (IConnection dialler, IConnection accepted) = await ConnectAsync(listener);
        Task<ReadResult> ours = dialler.Input.ReadAsync().AsTask();

        dialler.Close();
        dialler.Close();

        ReadResult theirs = await accepted.Input.ReadAsync().AsTask().WaitAsync(TestNode.Patience);
        Assert.That(theirs.IsCompleted, Is.True);
        Assert.That(await EndsAsync(ours), Is.True);
        Assert.That(() => dialler.TrySend([1]), Throws.InstanceOf<IOException>());
        Assert.That(async () => await dialler.SendAsync(new byte[1]), Throws.InstanceOf<IOException>());
        accepted.Close();
    }

    [Test]
    public async Task A_full_socket_refuses_without_waiting_and_takes_more_once_the_other_side_reads()
    {
        using IConnectionListener listener = _transport.Listen(At("127.0.0.1"));
        (IConnection dialler, IConnection accepted) = await ConnectAsync(listener);
        byte[] block = new byte[1_000_000];
        while (dialler.TrySend(block) > 0)
        {
        }

        ValueTask<int> more = dialler.SendAsync(block);
        Assert.That(more.IsCompleted, Is.False);
        await ReadAsync(accepted, (int)Math.Min(dialler.BytesSent, int.MaxValue));

        // A part is progress: whoever reads slowly is not taken for one that does not read.
        Assert.That(await more.AsTask().WaitAsync(TestNode.Patience), Is.InRange(1, block.Length / 2));
        dialler.Close();
        accepted.Close();
    }

    [Test]
    public async Task Closing_frees_whoever_waits_to_send()
    {
        using IConnectionListener listener = _transport.Listen(At("127.0.0.1"));
        (IConnection dialler, IConnection accepted) = await ConnectAsync(listener);
        byte[] block = new byte[1_000_000];
        while (dialler.TrySend(block) > 0)
        {
        }

        Task<int> waiting = dialler.SendAsync(block).AsTask();
        dialler.Close();

        Assert.That(async () => await waiting.WaitAsync(TestNode.Patience), Throws.InstanceOf<IOException>());
        accepted.Close();
    }

    [Test]
    public async Task A_reset_connection_breaks_reading_and_sending()
    {
        using IConnectionListener listener = _transport.Listen(At("127.0.0.1"));
        using var raw = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await raw.ConnectAsync(IPAddress.Loopback, listener.LocalEndpoint.Port);
        IConnection accepted = (await listener.AcceptAsync().WaitAsync(TestNode.Patience))!;
        raw.LingerState = new LingerOption(true, 0);

        raw.Close();

        Assert.That(
            async () => await accepted.Input.ReadAsync().AsTask().WaitAsync(TestNode.Patience),
            Throws.InstanceOf<IOException>());
        Assert.That(() => accepted.TrySend([1]), Throws.InstanceOf<IOException>());
        accepted.Close();
    }

    [Test]
    public async Task Messages_do_not_wait_for_each_other()
    {
        using IConnectionListener listener = _transport.Listen(At("127.0.0.1"));
        using var raw = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await raw.ConnectAsync(IPAddress.Loopback, listener.LocalEndpoint.Port);
        Assert.That(raw.NoDelay, Is.False, "The system's choice.");

        var connection = new TcpConnection(raw);

        Assert.That(raw.NoDelay, Is.True);
        connection.Close();
    }

    private static NetEndpoint At(string host, ushort port = 0)
    {
        Assert.That(NetAddress.TryParse(host, out NetAddress address));
        return new NetEndpoint(address, port);
    }

    private async Task<(IConnection Dialler, IConnection Accepted)> ConnectAsync(IConnectionListener listener)
    {
        Task<IConnection?> accepting = listener.AcceptAsync();
        IConnection dialler = await _transport.ConnectAsync(listener.LocalEndpoint, CancellationToken.None);
        return (dialler, (await accepting.WaitAsync(TestNode.Patience))!);
    }

    private static async Task<byte[]> ReadAsync(IConnection connection, int count)
    {
        var all = new List<byte>();
        while (all.Count < count)
        {
            ReadResult result = await connection.Input.ReadAsync().AsTask().WaitAsync(TestNode.Patience);
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
                all.AddRange(segment.Span);
            connection.Input.AdvanceTo(result.Buffer.End);
            Assert.That(result.IsCompleted, Is.False);
        }

        return [.. all];
    }

    private static async Task<bool> EndsAsync(Task<ReadResult> reading)
    {
        try
        {
            return (await reading.WaitAsync(TestNode.Patience)).IsCompleted;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return true;
        }
    }
}
