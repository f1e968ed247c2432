using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;
using static Logos.P2P.Tests.Relay.GossipRig;

namespace Logos.P2P.Tests.Relay;

/// <summary>What whoever sends a message learns of how far it has come.</summary>
internal sealed class PublishReceiptTests
{
    private static readonly byte[] Ours = Message(7, 1);

    private GossipRig _node = null!;

    [SetUp]
    public void SetUp() => _node = new GossipRig();

    [TearDown]
    public async Task TearDownAsync() => await _node.DisposeAsync();

    [Test]
    public async Task It_tells_how_many_are_sent_the_message_and_how_many_told_of_it()
    {
        await _node.ConnectAsync(2);
        await _node.Rig.ConnectReadyAsync();

        Assert.That(_node.Rig.Node.Relay.Propagate(Ours, out PublishReceipt receipt), Is.True);

        Assert.That(receipt.Id, Is.EqualTo(MessageId.Compute(Ours)));
        Assert.That((receipt.Pushed, receipt.Announced), Is.EqualTo((2, 1)));
        Assert.That((receipt.KnownBy, receipt.RequestedBy, receipt.FirstEcho), Is.EqualTo((0, 0, (TimeSpan?)null)));
    }

    [Test]
    public void Without_a_peer_nothing_is_sent()
    {
        Assert.That(_node.Rig.Node.Relay.Propagate(Ours, out PublishReceipt receipt), Is.False);

        Assert.That((receipt.Pushed, receipt.Announced), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task What_was_sent_before_is_not_sent_again_and_its_receipt_is_empty()
    {
        await _node.ConnectAsync(1);
        _node.Rig.Node.Relay.Propagate(Ours);

        Assert.That(_node.Rig.Node.Relay.Propagate(Ours, out PublishReceipt receipt), Is.True);

        Assert.That((receipt.Pushed, receipt.Announced), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task Whoever_says_in_any_way_that_he_has_it_counts_once()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(3);
        ScriptedPeer plain = await _node.Rig.ConnectReadyAsync();
        _node.Rig.Node.Relay.Propagate(Ours, out PublishReceipt receipt);

        _node.Advance(40);
        await peers[0].TellAsync(Command.Have, Ours);
        Assert.That((receipt.KnownBy, receipt.FirstEcho), Is.EqualTo((1, TimeSpan.FromMilliseconds(40))));
        await peers[0].TellAsync(Command.Late, Ours);
        await DeliverAsync(peers[0], Ours);
        Assert.That(receipt.KnownBy, Is.EqualTo(1));

        _node.Advance(10);
        await peers[1].TellAsync(Command.Late, Ours);
        Assert.That(receipt.KnownBy, Is.EqualTo(2));
        await DeliverAsync(peers[2], Ours);
        Assert.That(receipt.KnownBy, Is.EqualTo(3));
        await plain.SendAsync(plain.Frames.Create(Command.Inv, [MessageId.Compute(Ours)]));
        await plain.ReadUntilPongAsync();
        Assert.That((receipt.KnownBy, receipt.FirstEcho), Is.EqualTo((4, TimeSpan.FromMilliseconds(40))));
        Assert.That(receipt.RequestedBy, Is.Zero);
    }

    [Test]
    public async Task Whoever_asks_for_it_by_a_short_id_of_the_upper_layers_is_counted_too()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(1);
        _node.Rig.Node.Relay.Propagate(Ours, out PublishReceipt receipt);
        var key = new ShortIdKey(1, 2);

        await peers[0].SendAsync(peers[0].Frames.Create(Command.WantShort, key, [ShortId.Of(receipt.Id, key)]));
        await peers[0].ReadUntilPongAsync();

        Assert.That(receipt.RequestedBy, Is.EqualTo(1));
    }

    [Test]
    public async Task Whoever_asks_for_it_is_counted_once()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(1);
        ScriptedPeer plain = await _node.Rig.ConnectReadyAsync();
        _node.Rig.Node.Relay.Propagate(Message(7, 9));
        await peers[0].TellAsync(Command.Late, Message(7, 9));
        _node.Rig.Node.Relay.Propagate(Ours, out PublishReceipt receipt);

        await peers[0].TellAsync(Command.Want, Ours);
        await peers[0].TellAsync(Command.Want, Ours);
        Assert.That(receipt.RequestedBy, Is.EqualTo(1));
        await plain.SendAsync(plain.Frames.Create(Command.GetData, [MessageId.Compute(Ours)]));
        await plain.ReadUntilPongAsync();

        Assert.That((receipt.RequestedBy, receipt.KnownBy), Is.EqualTo((2, 0)));
    }

    [TestCase(Command.Late)]
    [TestCase(Command.Have)]
    [TestCase(Command.Logos)]
    public async Task An_event_tells_of_the_first_and_of_the_third_peer_that_has_it(Command how)
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(4);
        _node.Rig.Node.Relay.Propagate(Ours);
        var told = new List<MessageSpread>();
        for (int i = 0; i < peers.Length; i++)
        {
            _node.Advance(10);
            if (how == Command.Logos)
                await DeliverAsync(peers[i], Ours);
            else
                await peers[i].TellAsync(how, Ours);
            if (i is 0 or 2)
                told.Add(await _node.Rig.WaitForAsync<MessageSpread>());
        }

        MessageId id = MessageId.Compute(Ours);
        Assert.That(told, Is.EqualTo(new[]
        {
            new MessageSpread(id, 1, TimeSpan.FromMilliseconds(10)), new MessageSpread(id, 3, TimeSpan.FromMilliseconds(30)),
        }));
    }

    [Test]
    public async Task What_is_not_our_own_has_no_events()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await DeliverAsync(peers[0], Message(8, 1));
        await peers[1].TellAsync(Command.Late, Message(8, 1));
        _node.Rig.Node.Relay.Propagate(Ours);
        await peers[1].TellAsync(Command.Late, Ours);

        Assert.That((await _node.Rig.WaitForAsync<MessageSpread>()).Id, Is.EqualTo(MessageId.Compute(Ours)));
    }

    [Test]
    public async Task After_ten_seconds_nothing_changes_any_more()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(1);
        _node.Rig.Node.Relay.Propagate(Ours, out PublishReceipt receipt);
        _node.Advance(10_000);
        _node.Rig.Node.Relay.Tick();

        await DeliverAsync(peers[0], Ours);

        Assert.That(receipt.KnownBy, Is.Zero);
    }
}
