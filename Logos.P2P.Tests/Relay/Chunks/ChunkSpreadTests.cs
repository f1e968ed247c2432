using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;
using static Logos.P2P.Tests.Relay.Chunks.ChunkRig;

namespace Logos.P2P.Tests.Relay.Chunks;

/// <summary>How large messages that are here go on.</summary>
internal sealed class ChunkSpreadTests
{
    private static readonly byte[] Large = Message();

    private static readonly ChunkList List = ListOf(Large);

    private ChunkRig _node = null!;

    [SetUp]
    public void SetUp() => _node = new ChunkRig();

    [TearDown]
    public async Task TearDownAsync() => await _node.DisposeAsync();

    [Test]
    public async Task An_origin_tells_all_of_the_chunks_and_sends_each_to_two_of_them()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(5);

        Assert.That(_node.Rig.Node.Relay.Propagate(Large), Is.True);

        var sent = new List<int>();
        foreach (ScriptedPeer peer in peers)
        {
            IReadOnlyList<Received> heard = await ReadAllAsync(peer);
            Assert.That(heard[0].Command, Is.EqualTo(Command.Chunks));
            Assert.That(ChunkList.TryRead(heard[0].Payload, out ChunkList? list), Is.EqualTo(DecodeStatus.Ok));
            Assert.That(list!.Message, Is.EqualTo(MessageId.Compute(Large)));
            Assert.That(heard.Skip(1).Select(received => received.Command), Is.All.EqualTo(Command.Chunk));
            sent.AddRange(heard.Skip(1).Select(received => list.Ids.IndexOf(received.Id)));
            Assert.That(heard, Has.Count.InRange(1 + (2 * list.Count / 5), 2 + (2 * list.Count / 5)), "Each has as much to send.");
        }

        Assert.That(sent.Order(), Is.EqualTo(Enumerable.Range(0, List.Count).SelectMany(index => new[] { index, index })));
    }

    [Test]
    public async Task A_single_peer_is_sent_all_once()
    {
        ScriptedPeer peer = (await _node.ConnectAsync(1))[0];

        _node.Rig.Node.Relay.Propagate(Large);

        Assert.That(await SentAsync(peer, Large), Is.EqualTo(Enumerable.Range(0, List.Count)));
    }

    [Test]
    public async Task An_origin_offers_all_chunks_to_all_only_when_others_had_the_time_to()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(3);
        _node.Rig.Node.Relay.Propagate(Large);
        foreach (ScriptedPeer peer in peers)
            await ReadAllAsync(peer);
        await SayWholeAsync(peers[0], List);
        await peers[0].ReadUntilPongAsync();

        _node.Beat(500);
        Assert.That(await HeardAsync(peers[1]), Is.Empty);
        _node.Beat(400);

        Assert.That(await HeardAsync(peers[0]), Is.EqualTo("havechunk[]"), "So that it need not announce it.");
        Assert.That(await HeardAsync(peers[1]), Is.EqualTo("havechunk[]"));
        await WantAsync(peers[1], List, 3, 5);
        Assert.That(await SentAsync(peers[1], Large), Is.EqualTo(new[] { 3, 5 }));
    }

    [Test]
    public async Task An_origin_whose_upper_layer_waits_for_the_whole_offers_all_chunks_at_once()
    {
        await using var node = new ChunkRig(ofPrefix: Verdict.Consume);
        ScriptedPeer[] peers = await node.ConnectAsync(3);

        node.Rig.Node.Relay.Propagate(Large);

        foreach (ScriptedPeer peer in peers)
            Assert.That(await HeardAsync(peer), Is.EqualTo("chunks havechunk[]"));
    }

    [Test]
    public async Task A_message_below_128_KiB_is_sent_whole()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);

        _node.Rig.Node.Relay.Propagate(Message(size: ChunkList.SmallestMessage - 1));

        Assert.That(await HeardAsync(peers[0]), Is.EqualTo("coming logos"));
    }

    [Test]
    public async Task Peers_that_take_no_chunks_get_messages_as_ever()
    {
        ScriptedPeer inChunks = (await _node.ConnectAsync(1))[0];
        ScriptedPeer relay = await _node.Rig.ConnectRelayAsync(), plain = await _node.Rig.ConnectReadyAsync();
        await relay.ReadUntilPongAsync();
        await plain.ReadUntilPongAsync();

        await BringAsync(inChunks, Large);
        await inChunks.ReadUntilPongAsync();

        Assert.That(await HeardAsync(relay), Is.EqualTo("coming logos"));
        Assert.That(await HeardAsync(plain), Is.EqualTo("inv"));
        await plain.SendAsync(plain.Frames.Create(Command.GetData, [MessageId.Compute(Large)]));
        Assert.That((await plain.ReadAsync(Command.Logos)).Payload, Is.EqualTo(Large));
    }

    [Test]
    public async Task What_came_whole_is_offered_in_chunks_to_those_who_take_them()
    {
        ScriptedPeer inChunks = (await _node.ConnectAsync(1))[0];
        ScriptedPeer relay = await _node.Rig.ConnectRelayAsync();

        await relay.SendAsync(Command.Logos, Large);
        await relay.ReadUntilPongAsync();

        Assert.That(await HeardAsync(inChunks), Is.EqualTo("chunks havechunk[]"));
        await WantAsync(inChunks, List, 0, List.Count - 1);
        Assert.That(await SentAsync(inChunks, Large), Is.EqualTo(new[] { 0, List.Count - 1 }));
    }

    [Test]
    public async Task What_comes_whole_while_it_comes_in_chunks_is_delivered_once_and_offered()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        ScriptedPeer relay = await _node.Rig.ConnectRelayAsync();
        await TellAsync(peers[0], List, 0, 1);
        await SendChunkAsync(peers[0], Large, 0);
        await peers[0].ReadUntilPongAsync();

        await relay.SendAsync(Command.Logos, Large);
        await relay.ReadUntilPongAsync();
        await SendChunkAsync(peers[0], Large, 1);
        await peers[0].ReadUntilPongAsync();

        Assert.That(_node.Handler.Messages, Has.Count.EqualTo(1));
        Assert.That(await HeardAsync(peers[1]), Is.EqualTo("chunks havechunk[0] havechunk[]"));
    }

    [Test]
    public async Task Whoever_does_not_say_that_he_has_it_is_announced_it_after_5_seconds()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(3);
        await BringAsync(peers[0], Large);
        foreach (ScriptedPeer peer in peers)
            await peer.ReadUntilPongAsync();
        await SayWholeAsync(peers[0], List);
        await SayWholeAsync(peers[1], List);
        await peers[1].ReadUntilPongAsync();
        await peers[0].ReadUntilPongAsync();

        _node.Beat(5000);
        _node.Beat(100);

        Assert.That(await HeardAsync(peers[0]), Is.Empty);
        Assert.That(await HeardAsync(peers[1]), Is.Empty);
        Assert.That(await HeardAsync(peers[2]), Is.EqualTo("have"));
        Assert.That((await peers[2].TellAsync(Command.Want, Large))[^1].Payload, Is.EqualTo(Large), "It can be had whole.");
    }

    [Test]
    public async Task Chunks_that_are_not_here_are_not_found()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await TellAsync(peers[0], List, 0);
        await SendChunkAsync(peers[0], Large, 0);
        await peers[0].ReadUntilPongAsync();
        Assert.That(await HeardAsync(peers[1]), Is.EqualTo("chunks havechunk[0]"));

        await WantAsync(peers[1], List, 0, 1);

        IReadOnlyList<Received> heard = await ReadAllAsync(peers[1]);
        Assert.That(heard.Select(received => received.Command), Is.EquivalentTo(new[] { Command.Chunk, Command.NotFound }));
        Assert.That(heard.Single(received => received.Command == Command.NotFound).Ids, Is.EqualTo(new[] { List.Ids[1] }));
    }

    [Test]
    public async Task Whoever_has_had_enough_for_today_is_told_that_chunks_are_not_here()
    {
        var options = new P2POptions { Network = P2PNetwork.Regtest, MaxUploadTarget = 1 };
        await using var node = new ChunkRig(options: options);
        ScriptedPeer[] peers = await node.ConnectAsync(2);
        await BringAsync(peers[0], Large);
        await peers[0].ReadUntilPongAsync();
        await peers[1].ReadUntilPongAsync();

        await WantAsync(peers[1], List, 1, 3);

        Received answer = (await ReadAllAsync(peers[1])).Single();
        Assert.That((answer.Command, answer.Ids.ToArray()), Is.EqualTo((Command.NotFound, new[] { List.Ids[1], List.Ids[3] })));
        Assert.That(node.Rig.Metrics.Dropped(DropReason.UploadTargetReached), Is.EqualTo(2));
    }

    [Test]
    public async Task Chunks_are_served_for_30_seconds()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await BringAsync(peers[0], Large);
        await peers[0].ReadUntilPongAsync();
        _node.Beat(29_900);
        await WantAsync(peers[1], List, 1);
        Assert.That(await SentAsync(peers[1], Large), Is.EqualTo(new[] { 1 }));

        _node.Beat(100);
        await WantAsync(peers[1], List, 1);

        Assert.That(await SentAsync(peers[1], Large), Is.Empty);
        await _node.Rig.WaitForDropsAsync(DropReason.UnknownChunk, 1);
    }

    [Test]
    public async Task A_peer_that_tells_of_what_is_here_is_told_so()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await BringAsync(peers[0], Large);
        await peers[0].ReadUntilPongAsync();
        ScriptedPeer newcomer = (await _node.ConnectAsync(1))[0];

        await TellAsync(newcomer, List);

        Assert.That(await HeardAsync(newcomer), Is.EqualTo("havechunk[]"));
    }

    [Test]
    public async Task Copies_have_left_after_what_they_take_at_10_Mbit_a_second_and_half_a_second()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(3);
        _node.Rig.Node.Relay.Propagate(Large);
        await ReadAllAsync(peers[1]);

        // Two copies of 200,000 bytes, and a header.
        _node.Beat(820);
        Assert.That(await HeardAsync(peers[1]), Is.Empty);
        _node.Beat(1);
        Assert.That(await HeardAsync(peers[1]), Is.EqualTo("havechunk[]"));
        _node.Beat(100);
        Assert.That(await HeardAsync(peers[1]), Is.Empty);
    }

    [Test]
    public async Task Whoever_is_at_it_is_announced_it_when_he_has_fallen_silent_and_once()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await BringAsync(peers[0], Large);
        await peers[0].ReadUntilPongAsync();
        await ReadAllAsync(peers[1]);
        _node.Beat(4900);
        await WantAsync(peers[1], List, 1);
        Assert.That(await SentAsync(peers[1], Large), Is.EqualTo(new[] { 1 }));

        _node.Beat(100);
        _node.Beat(100);
        Assert.That(await HeardAsync(peers[1]), Is.Empty, "He is at it.");
        _node.Beat(4900);
        _node.Beat(100);
        Assert.That(await HeardAsync(peers[1]), Is.EqualTo("have"));

        _node.Beat(5000);
        _node.Beat(100);
        Assert.That(await HeardAsync(peers[1]), Is.Empty);
    }

    [Test]
    public async Task Whoever_is_still_at_it_when_no_more_chunks_are_served_is_announced_the_whole()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await BringAsync(peers[0], Large);
        await peers[0].ReadUntilPongAsync();
        await ReadAllAsync(peers[1]);
        for (int i = 0; i < 6; i++)
        {
            _node.Beat(4900);
            await WantAsync(peers[1], List, i);
            Assert.That(await SentAsync(peers[1], Large), Is.EqualTo(new[] { i }));
        }

        _node.Beat(600);
        _node.Beat(100);

        Assert.That(await HeardAsync(peers[1]), Is.EqualTo("have"));
    }

    [Test]
    public async Task A_message_that_was_found_to_be_bad_is_served_no_more()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await BringAsync(peers[0], Large);
        await peers[0].ReadUntilPongAsync();
        await ReadAllAsync(peers[1]);

        _node.Rig.Host.ReportInvalid(MessageId.Compute(Large));

        await WantAsync(peers[1], List, 1);
        Assert.That(await SentAsync(peers[1], Large), Is.Empty);
        await _node.Rig.WaitForDropsAsync(DropReason.UnknownChunk, 1);
    }

    [Test]
    public async Task A_peer_that_tells_of_what_an_origin_is_just_sending_is_told_nothing()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(3);
        _node.Rig.Node.Relay.Propagate(Large);
        await ReadAllAsync(peers[0]);

        await TellAsync(peers[0], List);

        Assert.That(await HeardAsync(peers[0]), Is.Empty);
    }

    [Test]
    public async Task A_peer_that_tells_twice_of_what_is_here_is_told_so_once()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(1);
        await BringAsync(peers[0], Large);
        await peers[0].ReadUntilPongAsync();
        ScriptedPeer newcomer = (await _node.ConnectAsync(1))[0];
        await TellAsync(newcomer, List);
        Assert.That(await HeardAsync(newcomer), Is.EqualTo("havechunk[]"));

        await TellAsync(newcomer, List);

        Assert.That(await HeardAsync(newcomer), Is.Empty);
    }

    [Test]
    public async Task Other_lists_of_a_message_that_is_here_are_forgotten()
    {
        ChunkList wrong = ListOf(Message(seed: 2), pretended: Large);
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await TellAsync(peers[0], wrong);
        await peers[0].ReadUntilPongAsync();
        await BringAsync(peers[1], Large);
        await peers[1].ReadUntilPongAsync();

        await WantAsync(peers[0], wrong, 0);
        await WantAsync(peers[0], List, 0);

        await _node.Rig.WaitForDropsAsync(DropReason.UnknownChunk, 1);
        Assert.That(await SentAsync(peers[0], Large), Is.EqualTo(new[] { 0 }));
        Assert.That(_node.Rig.Metrics.Dropped(DropReason.UnknownChunk), Is.EqualTo(1));
    }
}
