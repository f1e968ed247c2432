using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Logos.P2P.Dialing;
using Logos.P2P.Peers;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Tests.Raw;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests;

/// <summary>Connections that come and go by the thousand, over real sockets: nothing of them may stay.</summary>
[NonParallelizable]
internal sealed class ChurnTests
{
    /// <summary>Connections made at the same time.</summary>
    private const int Workers = 8;

    private static readonly byte[] HalfAMessage = RawBytes.Frame("logos", new byte[50_000])[..20_000];

    /// <summary>What a client does with a connection before it is gone.</summary>
    private static readonly Func<RawClient, Task>[] Ways =
    [
        // Nothing.
        _ => Task.CompletedTask,
        client =>
        {
            client.Reset();
            return Task.CompletedTask;
        },
        // A whole life.
        async client =>
        {
            await client.HandshakeAsync();
            await client.SendAsync("direct", new byte[1000]);
            await client.PingAsync();
        },
        // An end in the middle of a message.
        async client =>
        {
            await client.HandshakeAsync();
            await client.SendBytesAsync(HalfAMessage);
        },
        // A half-closed connection: it still listens, and never completes its handshake.
        async client =>
        {
            await client.SendAsync("version", RawBytes.Version());
            client.EndSending();
            await client.ReadToEndAsync();
        },
        // Questions without interest in the answers.
        async client =>
        {
            await client.HandshakeAsync();
            for (int i = 0; i < 20; i++)
                await client.SendAsync("ping", RawBytes.U64(7));
            client.Reset();
        },
        // A violation.
        async client =>
        {
            await client.SendBytesAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            await client.ReadToEndAsync();
        },
        // Half a header and then nothing: the node has to end it.
        async client =>
        {
            await client.SendBytesAsync(HalfAMessage[..12]);
            await client.ReadToEndAsync();
        },
    ];

    [TestCase(500)]
    [TestCase(10_000, Explicit = true, Category = "Long", Reason = "It takes half a minute.")]
    [Conformance("H10")]
    public async Task Connections_that_end_in_every_way_leave_nothing_behind(int cycles)
    {
        var options = new P2POptions { Connect = ["0"], MaxConnections = 2000, HandshakeTimeout = TimeSpan.FromSeconds(2) };
        await using TestNode node = await TestNode.StartAsync(options);
        int port = node.Endpoint.Port;
        await CycleAsync(port, Enumerable.Range(0, 2 * Ways.Length));
        await AssertNobodyIsLeftAsync();
        ProcessResources before = ProcessResources.Measure();
        long start = Stopwatch.GetTimestamp();

        await CycleAsync(port, Enumerable.Range(0, cycles));

        TestContext.Out.WriteLine($"{cycles} connections in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
        await AssertNobodyIsLeftAsync();
        await before.WaitUntilGivenBackAsync();

        async Task AssertNobodyIsLeftAsync()
        {
            await Eventually.IsAsync(() => node.Node.GetPeers().Count == 0);
            await Eventually.IsAsync(() => node.Node.Metrics.UsedFrameBytes == 0);
            await Eventually.IsAsync(() => ProcessResources.SocketsAt(port) == 1);
        }
    }

    [TestCase(100)]
    [TestCase(1_000, Explicit = true, Category = "Long", Reason = "It takes minutes.")]
    public async Task Nodes_that_dial_each_other_at_the_same_moment_leave_nothing_behind(int cycles)
    {
        // Nonces that differ, or they would take each other for themselves.
        await using var one = new Side(seed: 1);
        await using var other = new Side(seed: 2);
        await MeetAsync(0);
        ProcessResources before = ProcessResources.Measure();
        long start = Stopwatch.GetTimestamp();

        for (int i = 1; i <= cycles; i++)
            await MeetAsync(i);

        TestContext.Out.WriteLine($"{cycles} times two dials in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
        await before.WaitUntilGivenBackAsync();

        async Task MeetAsync(int cycle)
        {
            Task<bool>[] dials = [one.DialAsync(other), other.DialAsync(one)];
            // Every other time they part in the middle of the handshakes.
            if (cycle % 2 == 0)
                await Eventually.IsAsync(() => one.Ready == 2 && other.Ready == 2);
            else
                await Eventually.IsAsync(() => one.Peers.Length > 0 || other.Peers.Length > 0);
            while (!dials.All(dial => dial.IsCompleted))
            {
                foreach (Peer peer in one.Peers.Concat(cycle % 3 == 0 ? other.Peers : []))
                    peer.Disconnect(DisconnectReason.Requested);
                await Task.WhenAny(Task.WhenAll(dials), Task.Delay(1));
            }

            foreach (Side side in new[] { one, other })
            {
                await Eventually.IsAsync(() => side.Peers.IsEmpty);
                await Eventually.IsAsync(() => side.Rig.Frames.UsedBytes == 0);
                Assert.That(side.Connector.Table.CountOf(ConnectionKind.Outbound), Is.Zero, "claims");
                await Eventually.IsAsync(() => ProcessResources.SocketsAt(side.Endpoint.Port) == 1);
            }
        }
    }

    private static async Task CycleAsync(int port, IEnumerable<int> cycles)
    {
        var waiting = new ConcurrentBag<Task>();
        await Parallel.ForEachAsync(cycles, new ParallelOptions { MaxDegreeOfParallelism = Workers }, async (cycle, _) =>
        {
            int way = cycle % Ways.Length;
            Task life = LiveAsync(port, Ways[way]);
            // Whoever waits for the node to lose patience does not hold up the others.
            if (way == Ways.Length - 1)
                waiting.Add(life);
            else
                await life;
        });
        await Task.WhenAll(waiting);

        static async Task LiveAsync(int port, Func<RawClient, Task> way)
        {
            await using RawClient client = await RawClient.ConnectAsync(port);
            await way(client);
        }
    }

    /// <summary>A node without a dialler of its own: a test says when it dials.</summary>
    private sealed class Side : IAsyncDisposable
    {
        private readonly TcpListener _listener = RawClient.Listen();
        private readonly Task _accepting;

        public Side(ulong seed)
        {
            Rig = new PeerRig(new P2POptions { Network = P2PNetwork.Regtest, RandomSeed = seed });
            Connector = new Connector(Rig.Node, new TcpTransport(), Rig.Host, CancellationToken.None);
            _accepting = AcceptAsync();
        }

        public PeerRig Rig { get; }

        public Connector Connector { get; }

        public NetEndpoint Endpoint => NetEndpoint.From((IPEndPoint)_listener.LocalEndpoint);

        public ImmutableArray<Peer> Peers => Rig.Node.Peers.All;

        public int Ready => Peers.Count(peer => peer.IsReady);

        public Task<bool> DialAsync(Side other)
        {
            Assert.That(Connector.Table.TryClaim(other.Endpoint, ConnectionKind.Outbound), "The last claim was not given back.");
            return Connector.DialAsync(other.Endpoint, ConnectionKind.Outbound);
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _accepting;
            await Rig.DisposeAsync();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                    Run(await _listener.AcceptSocketAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private void Run(Socket socket)
        {
            try
            {
                var connection = new TcpConnection(socket);
                Rig.Host.Run(connection, ConnectionKind.Inbound, connection.RemoteEndpoint);
            }
            catch (IOException)
            {
                // The other side was gone before we looked.
                socket.Dispose();
            }
        }
    }
}
