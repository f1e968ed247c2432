using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Peers;

/// <summary>A peer whom the heartbeat leaves alone has what it needs at the next beat all the same.</summary>
internal sealed class QuietPeerTests
{
    private static readonly P2POptions Narrow = new()
    {
        Network = P2PNetwork.Regtest,
        MaxMessageRate = 10,
        MaxFrameMemory = NodeDefaults.MinFrameMemory,
    };

    private PeerRig _rig = null!;
    private ScriptedPeer _peer = null!;

    [SetUp]
    public async Task SetUpAsync()
    {
        _rig = new PeerRig(Narrow);
        _peer = await _rig.ConnectReadyAsync();
        Received ping = (await _peer.ReadUntilPongAsync()).First(message => message.Command == Command.Ping);
        await _peer.SendAsync(Command.Pong, ping.Payload);
        await _peer.ReadUntilPongAsync();
        _rig.Advance(NodeDefaults.Heartbeat);
    }

    [TearDown]
    public async Task TearDownAsync() => await _rig.DisposeAsync();

    [Test]
    public async Task Who_is_to_be_pinged_soon_is_pinged()
    {
        _peer.Peer.PingSoon();
        _rig.Advance(NodeDefaults.Heartbeat);

        Assert.That((await _peer.ReadUntilPongAsync()).Select(message => message.Command), Does.Contain(Command.Ping));
    }

    [Test]
    public async Task Who_begins_to_flood_is_read_from_at_the_rate()
    {
        Task flood = FloodAsync();
        await Eventually.IsAsync(() => _peer.Peer.Intake.IsPaused);
        long before = Messages();
        _rig.Advance(NodeDefaults.Heartbeat);

        await Eventually.IsAsync(() => Messages() > before);
        _peer.Close();
        Assert.That(async () => await flood, Throws.InstanceOf<IOException>());

        long Messages() => _peer.Peer.Traffic.Received(Command.Logos).Messages;
    }

    [Test]
    public async Task Who_asked_while_there_was_no_memory_gets_it_when_there_is()
    {
        byte[] message = new byte[100_000];
        ScriptedPeer other = await _rig.ConnectReadyAsync();
        await other.SendAsync(Command.Logos, message);
        await _peer.ReadAsync(Command.Logos);
        List<Frame> all = UseUpMemory();
        await _peer.SendAsync(_peer.Frames.Create(Command.GetData, [MessageId.Compute(message)]));
        Assert.That((await _peer.ReadUntilPongAsync()).Select(answer => answer.Command), Is.Empty);

        foreach (Frame frame in all)
            frame.Release();
        _rig.Advance(NodeDefaults.Heartbeat);

        Assert.That((await _peer.ReadAsync(Command.Logos)).Payload, Is.EqualTo(message));
    }

    private async Task FloodAsync()
    {
        while (true)
            await _peer.SendAsync(Command.Logos, 1, 2, 3);
    }

    private List<Frame> UseUpMemory()
    {
        var all = new List<Frame>();
        while (_rig.Node.Budget.Free > 0)
            all.Add(_rig.Frames.Rent(WireLimits.MaxPayload));
        return all;
    }
}
