using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Logos.P2P.Testnet.Processes;
using Logos.P2P.Testnet.Proxy;
using NUnit.Framework;

namespace Logos.P2P.Tests.Testnet;

/// <summary>The proxy that disturbs links, with real sockets and real time: that is what it is for.</summary>
[NonParallelizable]
internal sealed class LinkProxyTests : IDisposable
{
    private readonly TcpListener _target = new(IPAddress.Loopback, 0);
    private readonly List<Socket> _sockets = [];
    private LinkProxy _proxy = null!;
    private int[] _ports = null!;

    [SetUp]
    public void SetUp()
    {
        _target.Start();
        int targetPort = ((IPEndPoint)_target.LocalEndpoint).Port;
        _ports = FreePorts.Find(3, new Random());
        _proxy = new LinkProxy(
            [
                new LinkPlan(0, 1, _ports[0], targetPort),
                new LinkPlan(2, 1, _ports[1], targetPort),
                new LinkPlan(300, 1, _ports[2], targetPort),
            ],
            seed: 1);
    }

    [TearDown]
    public void Dispose()
    {
        foreach (Socket socket in _sockets)
            socket.Dispose();
        _proxy?.Dispose();
        _target.Dispose();
    }

    [TestCase(0, 0)]
    [TestCase(1, 2)]
    [TestCase(2, 300)]
    public async Task Whoever_is_dialled_sees_who_dials(int link, int node)
    {
        (_, Socket far) = await ConnectAsync(link);

        Assert.That(NodeAddress.NodeAt(((IPEndPoint)far.RemoteEndPoint!).Address), Is.EqualTo(node));
        Assert.That(NodeAddress.NodeAt(IPAddress.Loopback), Is.Null);
    }

    [Test]
    public async Task A_byte_is_on_its_way_for_as_long_as_it_is_told_each_way()
    {
        Do(ProxyAction.Shape, delayMs: 20);
        (Socket near, Socket far) = await ConnectAsync(0);
        double[] there = new double[15], back = new double[15];
        for (int i = 0; i < there.Length; i++)
        {
            there[i] = await MeasureAsync(near, far);
            back[i] = await MeasureAsync(far, near);
        }

        Assert.That(there.Concat(back), Is.All.GreaterThanOrEqualTo(20));
        // Half of them at least are not late even on a machine with other work; alone the median is 20.2 ms.
        Assert.That(there.Order().ElementAt(there.Length / 2), Is.LessThan(25));
        Assert.That(back.Order().ElementAt(back.Length / 2), Is.LessThan(25));
    }

    [Test]
    public async Task Many_pieces_are_on_their_way_at_once()
    {
        Do(ProxyAction.Shape, delayMs: 200);
        (Socket near, Socket far) = await ConnectAsync(0);
        byte[] sent = new byte[4_000_000];
        new Random(1).NextBytes(sent);
        long start = Stopwatch.GetTimestamp();

        byte[] received = new byte[sent.Length];
        await Task.WhenAll(near.SendAsync(sent), ReadAsync(far, received));

        // One after the other they would take a minute.
        Assert.That(Stopwatch.GetElapsedTime(start).TotalMilliseconds, Is.InRange(200, 5000));
        Assert.That(received.AsSpan().SequenceEqual(sent), Is.True);
    }

    [Test]
    public async Task With_jitter_bytes_stay_in_order()
    {
        Do(ProxyAction.Shape, delayMs: 0, jitterMs: 5);
        (Socket near, Socket far) = await ConnectAsync(0);
        byte[] sent = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];
        near.NoDelay = true;
        foreach (byte one in sent)
            await near.SendAsync(new[] { one });

        byte[] received = new byte[sent.Length];
        await ReadAsync(far, received);

        Assert.That(received, Is.EqualTo(sent));
    }

    [Test]
    public async Task Bandwidth_is_what_it_is_told()
    {
        Do(ProxyAction.Shape, bytesPerSecond: 1_000_000);
        (Socket near, Socket far) = await ConnectAsync(0);
        long start = Stopwatch.GetTimestamp();

        await Task.WhenAll(near.SendAsync(new byte[200_000]), ReadAsync(far, new byte[200_000]));

        Assert.That(Stopwatch.GetElapsedTime(start).TotalMilliseconds, Is.InRange(200, 2000));
    }

    [Test]
    public async Task A_cut_link_says_nothing_and_delivers_when_it_is_whole()
    {
        (Socket near, Socket far) = await ConnectAsync(0);
        (Socket otherNear, Socket otherFar) = await ConnectAsync(1);

        Do(ProxyAction.Partition, sides: [[0], [1, 2]]);
        await near.SendAsync("held"u8.ToArray());
        // What came later has arrived on the link that is whole, so the other would have had the time.
        await otherNear.SendAsync("free"u8.ToArray());
        await ReadAsync(otherFar, new byte[4]);
        Task<int> held = far.ReceiveAsync(new byte[10]);
        Assert.That(held.IsCompleted, Is.False);
        Assert.That(_proxy.Do(new ProxyRequest { Action = ProxyAction.Status }).Select(link => link.IsCut),
            Is.EqualTo(new[] { true, false, false }));

        Do(ProxyAction.Heal);
        Assert.That(await held.WaitAsync(TestNode.Patience), Is.EqualTo(4));
    }

    [Test]
    public async Task An_orderly_end_passes_after_what_was_sent_and_the_other_way_goes_on()
    {
        Do(ProxyAction.Shape, delayMs: 20);
        (Socket near, Socket far) = await ConnectAsync(0);

        await near.SendAsync("last"u8.ToArray());
        near.Shutdown(SocketShutdown.Send);
        await ReadAsync(far, new byte[4]);
        Assert.That(await far.ReceiveAsync(new byte[1]).WaitAsync(TestNode.Patience), Is.Zero);

        await far.SendAsync("back"u8.ToArray());
        await ReadAsync(near, new byte[4]);
    }

    [Test]
    public async Task A_reset_breaks_the_connections_of_the_nodes_that_are_meant_and_new_ones_may_come()
    {
        (Socket near, Socket far) = await ConnectAsync(0);
        (Socket otherNear, Socket otherFar) = await ConnectAsync(1);

        _proxy.Do(new ProxyRequest { Action = ProxyAction.Reset, Node = 1, OtherNode = 0 });

        Assert.ThrowsAsync<SocketException>(() => near.ReceiveAsync(new byte[1]).WaitAsync(TestNode.Patience));
        Assert.ThrowsAsync<SocketException>(() => far.ReceiveAsync(new byte[1]).WaitAsync(TestNode.Patience));
        await MeasureAsync(otherNear, otherFar);
        (near, far) = await ConnectAsync(0);
        await MeasureAsync(near, far);
    }

    [Test]
    public async Task Commands_come_over_a_socket_in_the_file_system()
    {
        using var directory = new TemporaryDirectory();
        using var stop = new CancellationTokenSource();
        string file = directory.File("proxy.sock");
        Task serving = ProxyControl.ServeAsync(file, _proxy, stop.Token);

        IReadOnlyList<LinkStatus> links = await ProxyControl.AskAsync(
            file, new ProxyRequest { Action = ProxyAction.Shape, Node = 2, DelayMs = 1.5, JitterMs = 0.5, BytesPerSecond = 9 });

        Assert.That(links, Is.EqualTo(new[]
        {
            new LinkStatus(0, 1, 0, 0, 0, false, 0, 0),
            new LinkStatus(2, 1, 1.5, 0.5, 9, false, 0, 0),
            new LinkStatus(300, 1, 0, 0, 0, false, 0, 0),
        }));
        await stop.CancelAsync();
        await serving;
        Assert.That(file, Does.Not.Exist);
    }

    private void Do(
        ProxyAction action, double delayMs = 0, double jitterMs = 0, long bytesPerSecond = 0, int[][]? sides = null) =>
        _proxy.Do(new ProxyRequest
        {
            Action = action,
            DelayMs = delayMs,
            JitterMs = jitterMs,
            BytesPerSecond = bytesPerSecond,
            Sides = sides ?? [],
        });

    private async Task<(Socket Near, Socket Far)> ConnectAsync(int link)
    {
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(near);
        await near.ConnectAsync(IPAddress.Loopback, _ports[link]);
        Socket far = await _target.AcceptSocketAsync().WaitAsync(TestNode.Patience);
        _sockets.Add(far);
        return (near, far);
    }

    private static async Task<double> MeasureAsync(Socket from, Socket to)
    {
        long start = Stopwatch.GetTimestamp();
        await from.SendAsync(new byte[1]);
        await ReadAsync(to, new byte[1]);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static async Task ReadAsync(Socket from, byte[] bytes)
    {
        for (int read = 0; read < bytes.Length;)
        {
            int count = await from.ReceiveAsync(bytes.AsMemory(read)).AsTask().WaitAsync(TestNode.Patience);
            Assert.That(count, Is.Positive, "the connection ended");
            read += count;
        }
    }
}
