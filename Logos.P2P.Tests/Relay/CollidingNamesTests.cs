using Logos.P2P.Relay;
using Logos.P2P.Relay.Chunks;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Tests.Relay.Chunks;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

/// <summary>Who knows how messages are named to a node can make two of one name. Neither may be taken for the other.</summary>
internal sealed class CollidingNamesTests
{
    private PeerRig _rig = null!;
    private GossipParts _parts = null!;
    private ScriptedPeer[] _peers = null!;
    private RelayLink _from = null!;
    private Frame _bad = null!;
    private Frame _good = null!;

    private MessageGossip Gossip => _parts.Gossip;

    [SetUp]
    public async Task SetUpAsync()
    {
        _rig = new PeerRig(mode: RelayMode.Tree);
        _rig.Clock.Advance(TimeSpan.FromSeconds(1));
        _parts = new GossipParts(_rig);
        _peers = [await _rig.ConnectRelayAsync(takesChunks: true), await _rig.ConnectRelayAsync(takesChunks: true)];
        _from = Gossip.Open(_peers[0].Peer);
        Gossip.Open(_peers[1].Peer);
        _bad = _rig.Frames.Create(Command.Logos, Colliding.One);
        _good = _rig.Frames.Create(Command.Logos, Colliding.Other);
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        _bad.Release();
        _good.Release();
        _parts.Dispose();
        await _rig.DisposeAsync();
    }

    [Test]
    public void A_message_goes_on_although_one_of_its_name_was_rejected([Values] bool cameBefore)
    {
        if (cameBefore)
            Gossip.Arrive(_from, _good, []);
        Gossip.Arrive(_from, _bad, []);
        Gossip.Reject(_bad.Id);
        Assert.That(TryRelay(_bad), Is.False);
        if (!cameBefore)
            Gossip.Arrive(_from, _good, []);

        Assert.That(TryRelay(_good), Is.True);
        Assert.That(Gossip.IsStillNew(_from, _good.Id), Is.True);
    }

    [Test]
    public void A_message_is_kept_although_one_of_its_name_was_rejected()
    {
        Gossip.Arrive(_from, _bad, []);
        Gossip.Reject(_bad.Id);

        Assert.That(Gossip.TryConsume(_bad.Id), Is.False);
        Assert.That(Gossip.TryConsume(_good.Id), Is.True);
        Assert.That(Gossip.ArriveAgain(_from, _bad.Id), Is.False);
        Assert.That(Gossip.ArriveAgain(_from, _good.Id), Is.True);
        Assert.That(Gossip.IsStillNew(_from, _bad.Id), Is.False);
        Assert.That(Gossip.IsStillNew(_from, _good.Id), Is.True);
    }

    [Test]
    public void What_is_found_to_be_bad_takes_nothing_from_one_of_its_name()
    {
        Gossip.Arrive(_from, _good, []);

        Assert.That(Gossip.Withdraw(_bad.Id), Is.False);
        Gossip.Reject(_bad.Id);

        Assert.That(TryRelay(_good), Is.True);
        Assert.That(Gossip.Withdraw(_good.Id), Is.False, "It is judged.");
        Assert.That(TryRelay(_good), Is.False);
    }

    [Test]
    public async Task A_message_does_not_go_by_a_list_that_somebody_told_under_the_name_of_its_own()
    {
        byte[] message = ChunkRig.Message();
        ChunkList its = ChunkRig.ListOf(message), wrong = ChunkRig.ListOf(ChunkRig.Message(seed: 2), pretended: message);
        Frame frame = _rig.Frames.Create(Command.Logos, message);
        Frame itsList = _rig.Frames.Create(its), wrongList = _rig.Frames.Create(wrong);
        ShortId name = ShortId.Of(itsList.Id, GossipParts.Key);
        var table = new ChunkTable();
        table.GetOrAdd(name, () => new ChunkAssembly(name, default, wrongList, wrong, _from, _parts.Clock.Now), _from);
        var spreader = new ChunkSpreader(
            table, new ChunkCredit(), _rig.Node.Relay, Gossip, _parts.Server, _rig.Frames, _parts.Clock, _rig.Node.Random, GossipParts.Key);

        Assert.That(spreader.Spread(isOwn: false, frame), Is.Zero, "It goes whole.");
        Assert.That(await ChunkRig.HeardAsync(_peers[1]), Is.Empty);

        table.End(table.All[0]);
        Assert.That(spreader.Spread(isOwn: false, frame), Is.EqualTo(2));
        Assert.That(await ChunkRig.HeardAsync(_peers[1]), Is.EqualTo("chunks havechunk[]"));
        table.End(table.All[0]);
        frame.Release();
        itsList.Release();
        wrongList.Release();
    }

    private bool TryRelay(Frame frame) =>
        Gossip.TryRelay(_from, frame, isImportant: false, isInChunks: false, _parts.Clock.Now, out _, out _);
}
