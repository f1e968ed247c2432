using Logos.P2P.Tests.Peers;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;
using static Logos.P2P.Tests.Relay.GossipRig;

namespace Logos.P2P.Tests.Relay;

/// <summary>
/// What a node tells those who come later. Messages of label 9 are important; their second byte is the number, and the third,
/// where there is one, the key.
/// </summary>
internal sealed class ImportantGossipTests
{
    private RecordingHandler _handler = null!;
    private GossipRig _node = null!;

    [SetUp]
    public void SetUp()
    {
        _handler = new RecordingHandler
        {
            IsQuick = true,
            Label = message => message[0],
            Importance = message => message[0] == 9 ? message[2] : null,
        };
        _node = new GossipRig(_handler);
    }

    [TearDown]
    public async Task TearDownAsync() => await _node.DisposeAsync();

    [Test]
    public async Task Whoever_comes_later_is_told_of_what_is_important_once_and_gets_what_it_asks_for()
    {
        await BringAsync(Important(1), Message(7, 2), Important(3));
        ScriptedPeer late = (await _node.ConnectAsync(1))[0];

        Received have = await NextAsync(late);
        Assert.That((have.Command, Names(have)), Is.EqualTo((Command.Have, NamesOf(Important(1), Important(3)))));
        IReadOnlyList<Received> answer = await late.TellAsync(Command.Want, Important(3));
        Assert.That(answer.Select(received => received.Payload), Is.EqualTo(new[] { Important(3) }));

        Assert.That(await TickAsync(late), Is.Empty);
    }

    [Test]
    public async Task Peers_without_our_relay_are_told_by_full_names()
    {
        await BringAsync(Important(1), Important(2));
        ScriptedPeer late = await _node.Rig.ConnectReadyAsync();

        Received inv = await NextAsync(late);
        Assert.That(inv.Command, Is.EqualTo(Command.Inv));
        Assert.That(inv.Ids, Is.EqualTo(new[] { MessageId.Compute(Important(1)), MessageId.Compute(Important(2)) }));
    }

    [Test]
    public async Task Whoever_was_here_before_is_told_nothing_more()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await DeliverAsync(peers[0], Important(1));
        Assert.That(await HeardAsync(peers[1]), Is.EqualTo("logos"));
        _node.Settle();

        Assert.That(await HeardAsync(peers), Is.All.Empty);
    }

    [Test]
    public async Task What_is_important_is_served_when_it_is_too_old_for_the_store()
    {
        await BringAsync(Important(1), Message(7, 2));
        ScriptedPeer late = (await _node.ConnectAsync(1))[0];
        await NextAsync(late);
        _node.Rig.Clock.Advance(NodeDefaults.MessageStoreAge);
        _node.Rig.Node.Relay.Tick();

        Assert.That((await late.TellAsync(Command.Want, Important(1))).Select(r => r.Command), Is.EqualTo(new[] { Command.Logos }));
        await late.SendAsync(late.Frames.Create(Command.GetData, [MessageId.Compute(Message(7, 2))]));
        Assert.That(await HeardAsync(late), Is.EqualTo("notfound"));
    }

    [Test]
    public async Task What_was_replaced_is_neither_told_of_nor_served()
    {
        await BringAsync(Important(1, key: 5), Important(2, key: 5));
        ScriptedPeer late = (await _node.ConnectAsync(1))[0];

        Assert.That(Names(await NextAsync(late)), Is.EqualTo(NamesOf(Important(2, key: 5))));
        await late.SendAsync(late.Frames.Create(Command.GetData, [MessageId.Compute(Important(1, key: 5))]));
        Assert.That(await HeardAsync(late), Is.EqualTo("notfound"));
    }

    [Test]
    public async Task An_announcement_that_waits_is_not_sent_when_its_message_was_replaced()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(9);
        await DeliverAsync(peers[0], Message(9, 1));
        foreach (ScriptedPeer peer in peers[1..])
            await peer.TellAsync(Command.Late, Message(9, 1));
        await DeliverAsync(peers[0], Important(2, key: 5));
        string[] atOnce = await HeardAsync(peers[1..]);
        await DeliverAsync(peers[0], Important(3, key: 5));
        await HeardAsync(peers);
        _node.Advance(200);
        _node.Rig.Node.Relay.Tick();

        Assert.That(atOnce.Count(heard => heard == "have"), Is.EqualTo(6), "The others wait.");
        IReadOnlyList<Received>[] later = await Task.WhenAll(peers[1..].Select(peer => peer.ReadUntilPongAsync()));
        Assert.That(
            later.SelectMany(heard => heard).Where(heard => heard.Command == Command.Have).Select(Names),
            Is.Not.Empty.And.All.EqualTo(NamesOf(Important(3, key: 5))));
    }

    [Test]
    public async Task What_we_keep_or_kept_is_not_asked_for_when_somebody_tells_us_of_it_long_afterwards()
    {
        await BringAsync(Important(1, key: 5), Important(2, key: 5), Message(7, 3));
        _node.Advance(20_000);
        _node.Rig.Node.Relay.Tick();
        ScriptedPeer late = (await _node.ConnectAsync(1))[0];
        await NextAsync(late);

        foreach (byte[] message in (byte[][])[Important(1, key: 5), Important(2, key: 5)])
            await late.TellAsync(Command.Have, message);
        _node.Advance(10);
        Assert.That(await HeardAsync(late), Is.Empty);

        await late.TellAsync(Command.Have, Message(7, 3));
        _node.Advance(10);
        Assert.That(await HeardAsync(late), Is.EqualTo("want"), "Of others only the full names are remembered.");
    }

    [Test]
    public async Task What_is_kept_counts_as_seen_when_its_id_is_forgotten()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await DeliverAsync(peers[0], Important(1));
        await DeliverAsync(peers[0], Message(7, 2));
        _node.Advance(20_000);
        _node.Rig.Node.Relay.Tick();
        // What drops out of a handler's queue is forgotten, as ids of long ago are.
        foreach (byte[] message in (byte[][])[Important(1), Message(7, 2)])
        {
            Frame frame = _node.Rig.Frames.Create(Command.Logos, message);
            _node.Rig.Node.Relay.Abandon(peers[0].Peer, frame);
            frame.Release();
        }

        await DeliverAsync(peers[1], Important(1));
        await DeliverAsync(peers[1], Message(7, 2));

        Assert.That(
            _handler.Messages, Is.EqualTo(new[] { Important(1), Message(7, 2), Message(7, 2) }), "The other one is new again.");
    }

    [Test]
    public async Task What_we_had_to_ask_for_is_pushed_to_nobody()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(3);
        await peers[0].TellAsync(Command.Have, Important(1));
        _node.Advance(10);
        Assert.That(await DeliverAsync(peers[0], Important(1)), Is.EqualTo("want"));

        Assert.That(await HeardAsync(peers[1], peers[2]), Is.EqualTo(new[] { "have", "have" }));
    }

    [Test]
    public async Task What_there_was_no_room_to_announce_is_announced_later([Values] bool isImportant)
    {
        byte[] message = isImportant ? Important(1) : Message(7, 1);
        ScriptedPeer from = (await _node.ConnectAsync(1))[0], plain = await _node.Rig.ConnectReadyAsync();
        await plain.ReadUntilPongAsync();
        await FillAsync(plain);

        await DeliverAsync(from, message);
        _node.Rig.Node.Relay.Tick();
        Assert.That(await AnnouncedAsync(plain), Is.Empty, "In vain, twice.");
        _node.Advance(199);
        _node.Rig.Node.Relay.Tick();
        Assert.That(await AnnouncedAsync(plain), Is.Empty);
        _node.Advance(1);
        _node.Rig.Node.Relay.Tick();

        Assert.That(await AnnouncedAsync(plain), Is.EqualTo(new[] { MessageId.Compute(message) }));
    }

    [Test]
    public async Task Many_are_told_of_in_parts()
    {
        await BringAsync([.. Enumerable.Range(0, NodeDefaults.ImportantBatch + 1).Select(i => Important((byte)i))]);
        ScriptedPeer late = (await _node.ConnectAsync(1))[0];

        Assert.That((await NextAsync(late)).Payload.Length, Is.EqualTo(NodeDefaults.ImportantBatch * ShortIdCodec.Size));
        Assert.That(Names(await NextAsync(late)), Is.EqualTo(NamesOf(Important(NodeDefaults.ImportantBatch))));
        Assert.That(await TickAsync(late), Is.Empty);
    }

    [Test]
    public async Task After_a_day_and_at_the_end_nothing_of_it_is_left()
    {
        await BringAsync(Important(1));
        Assert.That(_node.Rig.Node.Relay.ImportantMemory.Entries, Is.EqualTo(1));
        _node.Rig.Clock.Advance(NodeDefaults.ImportantMessageAge);
        _node.Rig.Node.Relay.Tick();
        Assert.That(_node.Rig.Node.Relay.ImportantMemory.Entries, Is.Zero);
        Assert.That(_node.Rig.Node.Relay.StoreMemory.Entries, Is.Zero);

        await BringAsync(Important(2));
        _node.Rig.Node.Relay.Dispose();

        // That of a send which the end interrupted a moment later.
        await Eventually.IsAsync(() => _node.Rig.Frames.UsedFrames == 0);
    }

    [Test]
    public async Task Our_own_important_messages_are_told_of_too()
    {
        await _node.ConnectAsync(1);
        Assert.That(_node.Rig.Node.Relay.Propagate(Important(1)), Is.True);
        ScriptedPeer late = (await _node.ConnectAsync(1))[0];

        Assert.That(Names(await NextAsync(late)), Is.EqualTo(NamesOf(Important(1))));
    }

    private static byte[] Important(byte number, byte key = 0) => [9, number, key, .. new byte[50]];

    private static ShortId[] NamesOf(params byte[][] messages) => [.. messages.Select(ScriptedPeer.NameToPeer)];

    private static ShortId[] Names(Received received)
    {
        Assert.That(ShortIdCodec.TryRead(received.Payload, out ShortIdList list), Is.EqualTo(DecodeStatus.Ok));
        var names = new ShortId[list.Count];
        for (int i = 0; i < names.Length; i++)
            names[i] = list[i];
        return names;
    }

    /// <summary>Fills a peer's connection, and all room that there is for small frames behind it.</summary>
    private async Task FillAsync(ScriptedPeer peer)
    {
        // One that fills the connection, and one that is on its way until somebody reads.
        const int connection = 70_000;
        for (int i = 0; i < 2; i++)
            peer.Peer.Send(_node.Rig.Frames.Create(Command.Logos, new byte[connection]), SendLane.Bulk);
        await Eventually.IsAsync(() => peer.NodesEnd.BytesSent > connection && peer.Peer.Queued.Count == 0);
        Frame frame = _node.Rig.Frames.Create(Command.Have, new ShortId(1));
        while (peer.Peer.TrySend(frame, SendLane.Small))
        {
        }

        frame.Release();
    }

    private static async Task<MessageId[]> AnnouncedAsync(ScriptedPeer peer) =>
        [.. (await Chunks.ChunkRig.ReadAllAsync(peer)).Where(heard => heard.Command == Command.Inv).SelectMany(heard => heard.Ids)];

    /// <summary>Messages come from somebody who leaves again.</summary>
    private async Task BringAsync(params byte[][] messages)
    {
        ScriptedPeer peer = (await _node.ConnectAsync(1))[0];
        foreach (byte[] message in messages)
            await DeliverAsync(peer, message);
        peer.Close();
        await peer.EndAsync();
    }

    private async Task<string> TickAsync(ScriptedPeer peer)
    {
        _node.Rig.Node.Relay.Tick();
        return await HeardAsync(peer);
    }

    private async Task<Received> NextAsync(ScriptedPeer peer)
    {
        _node.Rig.Node.Relay.Tick();
        return (await peer.ReadUntilPongAsync()).Single(received => received.Command != Command.Ping);
    }
}
