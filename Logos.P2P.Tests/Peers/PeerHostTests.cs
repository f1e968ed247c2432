using Logos.P2P.Access;
using Logos.P2P.Peers;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Tests.Transport;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace Logos.P2P.Tests.Peers;

internal sealed class PeerHostTests
{
    private const int MaxInbound = 5;
    private static readonly P2POptions Small = new() { Network = P2PNetwork.Regtest, MaxConnections = 15 + MaxInbound };

    [Test]
    [Conformance("E2")]
    public async Task The_limit_holds_however_many_are_accepted_at_once([Range(1, 20)] int round)
    {
        await using var rig = new PeerRig(Small);
        using var start = new Barrier(8);
        Thread[] acceptors = [.. Enumerable.Range(0, 8).Select(i => new Thread(() =>
        {
            start.SignalAndWait();
            for (int j = 0; j < 5; j++)
                rig.Host.Accept(NewConnection((ushort)((100 * i) + j + 1)));
        }))];
        foreach (Thread acceptor in acceptors)
            acceptor.Start();
        foreach (Thread acceptor in acceptors)
            acceptor.Join();

        Assert.That(rig.Node.Peers.All, Has.Length.EqualTo(MaxInbound), $"Round {round}.");
        Assert.That(rig.Metrics.Admissions(AdmissionDecision.NoSlot), Is.EqualTo(40 - MaxInbound));
    }

    [Test]
    public async Task A_slot_is_free_again_when_a_peer_has_left()
    {
        await using var rig = new PeerRig(Small);
        for (ushort i = 1; i <= MaxInbound; i++)
            rig.Host.Accept(NewConnection(i));
        Peer leaver = rig.Node.Peers.All[0];
        leaver.Disconnect(DisconnectReason.Requested);
        await leaver.Ended.WaitAsync(TestNode.Patience);

        rig.Host.Accept(NewConnection(100));

        Assert.That(rig.Node.Peers.All, Has.Length.EqualTo(MaxInbound));
        Assert.That(rig.Metrics.Admissions(AdmissionDecision.NoSlot), Is.Zero);
    }

    [Test]
    public async Task A_slot_is_free_before_anybody_hears_that_its_peer_has_left()
    {
        await using var rig = new PeerRig(Small);
        PeerHost host = null!;
        var successor = new LineWatcher(line =>
        {
            if (line.Contains("disconnected", StringComparison.Ordinal))
                host.Accept(NewConnection(100));
        });
        host = new PeerHost(rig.Node with { Logger = successor }, []);
        for (ushort i = 1; i <= MaxInbound; i++)
            host.Accept(NewConnection(i));
        Peer leaver = rig.Node.Peers.All[0];

        leaver.Disconnect(DisconnectReason.Requested);
        await leaver.Ended.WaitAsync(TestNode.Patience);

        Assert.That(rig.Metrics.Admissions(AdmissionDecision.NoSlot), Is.Zero);
        Assert.That(rig.Node.Peers.All, Has.Length.EqualTo(MaxInbound));
        await host.StopAsync();
    }

    [Test]
    public async Task A_peer_that_has_left_keeps_its_slot_until_its_messages_are_handled()
    {
        using var open = new ManualResetEventSlim();
        var slow = new RecordingHandler
        {
            Judge = _ =>
            {
                open.Wait();
                return Verdict.Consume;
            },
        };
        await using var rig = new PeerRig(Small, slow);
        for (byte i = 0; i < MaxInbound; i++)
        {
            ScriptedPeer peer = await rig.ConnectReadyAsync();
            await peer.SendAsync(Command.Logos, i);
            await peer.ReadUntilPongAsync();
            peer.Close();
        }

        await Eventually.IsAsync(() => rig.Node.Peers.All.IsEmpty);

        rig.Host.Accept(NewConnection(100));

        Assert.That(rig.Metrics.Admissions(AdmissionDecision.NoSlot), Is.EqualTo(1), "What the others cost is not free yet.");
        open.Set();
        await slow.WaitAsync(MaxInbound);
        await Eventually.IsAsync(() =>
        {
            rig.Host.Accept(NewConnection(101));
            return rig.Node.Peers.All.Length > 0;
        });
    }

    [Test]
    public async Task Whoever_broke_a_rule_does_not_get_the_last_slot()
    {
        await using var rig = new PeerRig(Small);
        MemoryConnection first = NewConnection(1);
        rig.Node.Discouragement.Add(first.RemoteEndpoint.Address);
        rig.Host.Accept(first);
        for (ushort i = 2; i < MaxInbound; i++)
            rig.Host.Accept(NewConnection(i));
        Assert.That(rig.Node.Peers.All, Has.Length.EqualTo(MaxInbound - 1), "There were slots to spare.");

        rig.Host.Accept(NewConnection(100));
        Assert.That(rig.Node.Peers.All, Has.Length.EqualTo(MaxInbound - 1));
        rig.Host.Accept(NewConnection(100, "127.0.0.3"));
        Assert.That(rig.Node.Peers.All, Has.Length.EqualTo(MaxInbound));
    }

    [Test]
    public async Task A_ban_at_the_same_time_as_connections_leaves_none([Range(1, 10)] int round)
    {
        await using var rig = new PeerRig(Small with { MaxConnections = 200 });
        using var start = new Barrier(2);
        var dialler = new Thread(() =>
        {
            start.SignalAndWait();
            for (ushort i = 1; i <= 50; i++)
                rig.Host.Accept(NewConnection(i));
        });
        dialler.Start();
        start.SignalAndWait();
        for (int i = 0; i < 10 * round; i++)
            Thread.Yield();
        rig.Node.Bans.Add(Subnet.Parse("0.0.0.0/0"), TimeSpan.FromDays(1));
        rig.Host.DisconnectBanned();
        dialler.Join();

        await Eventually.IsAsync(() => rig.Node.Peers.All.IsEmpty);
        Assert.That(rig.Metrics.Admissions(AdmissionDecision.NoSlot), Is.Zero);
    }

    [Test]
    public async Task A_host_that_is_stopping_takes_nobody()
    {
        await using var rig = new PeerRig(Small);
        await rig.Host.StopAsync();
        MemoryConnection late = NewConnection(1);

        Assert.That(rig.Host.Run(late, ConnectionKind.Outbound, late.RemoteEndpoint), Is.Null);

        Assert.That(late.IsClosed, Is.True);
        Assert.That(rig.Node.Peers.All, Is.Empty);
    }

    [Test]
    public async Task Coming_and_going_at_the_same_time_as_a_stop_leaves_nobody_behind([Range(1, 10)] int round)
    {
        await using var rig = new PeerRig();
        Task coming = Task.Run(() =>
        {
            for (ushort i = 1; i < 200; i++)
                rig.Host.Accept(NewConnection(i));
        });
        await Eventually.IsAsync(() => rig.Node.Peers.All.Length > round * 5);

        await rig.Host.StopAsync().WaitAsync(TestNode.Patience);
        await coming.WaitAsync(TestNode.Patience);

        await Eventually.IsAsync(() => rig.Node.Peers.All.IsEmpty);
    }

    [Test]
    public async Task A_peer_is_told_nothing_of_gossip_by_a_beat_before_it_is_ready_for_it()
    {
        await using var rig = new PeerRig(new P2POptions { Network = P2PNetwork.Main, ExternalIPs = ["50.1.1.1"] });
        ScriptedPeer peer = rig.Connect(host: "20.1.1.1");

        // The beat may come between the verack and what is done about it.
        rig.Node.Gossip.Tick(peer.Peer);

        Assert.That(peer.NodesEnd.BytesSent, Is.Zero);
    }

    private static MemoryConnection NewConnection(ushort port, string host = "127.0.0.2") => MemoryNetwork.Connect(
        PeerRig.Endpoint("127.0.0.1:14497"), PeerRig.Endpoint(host, port)).Dialler;

    /// <summary>Is told each line when it is logged.</summary>
    private sealed class LineWatcher(Action<string> watch) : ILogger
    {
        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            watch(formatter(state, exception));

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }
}
