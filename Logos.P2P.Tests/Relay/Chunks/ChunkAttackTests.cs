using Logos.P2P.Relay;
using Logos.P2P.Relay.Chunks;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;
using static Logos.P2P.Tests.Relay.Chunks.ChunkRig;

namespace Logos.P2P.Tests.Relay.Chunks;

/// <summary>What peers can do to a node with lists and chunks, and what they get for it.</summary>
internal sealed class ChunkAttackTests
{
    private static readonly byte[] Large = Message();

    private static readonly ChunkList List = ListOf(Large);

    private ChunkRig _node = null!;

    [SetUp]
    public void SetUp() => _node = new ChunkRig();

    [TearDown]
    public async Task TearDownAsync() => await _node.DisposeAsync();

    [Test]
    public async Task Who_says_that_he_has_the_whole_and_whose_list_is_not_the_message_is_disconnected()
    {
        byte[] garbage = Message(seed: 2);
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        ChunkList lie = ListOf(garbage, pretended: Large);
        await TellAsync(peers[0], lie);
        await SayWholeAsync(peers[0], lie);
        for (int i = 0; i < lie.Count; i++)
            await SendChunkAsync(peers[0], garbage, i);

        Assert.That(await peers[0].EndAsync(), Is.EqualTo(DisconnectReason.WrongChunkList));
        Assert.That(_node.Handler.Messages, Is.Empty);

        await BringAsync(peers[1], Large);
        await peers[1].ReadUntilPongAsync();
        Assert.That(_node.Handler.Messages, Is.EqualTo(new[] { Large }), "Who tells the truth brings it.");
    }

    [Test]
    public async Task Who_passed_on_a_wrong_list_in_good_faith_stays_but_is_not_believed_before_all_is_here()
    {
        byte[] garbage = Message(seed: 2);
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        ChunkList lie = ListOf(garbage, pretended: Large);
        await TellAsync(peers[0], lie);
        for (int i = 0; i < lie.Count; i++)
            await SendChunkAsync(peers[0], garbage, i);
        await _node.Rig.WaitForDropsAsync(DropReason.WrongChunkList, 1);
        await peers[0].ReadUntilPongAsync();
        await peers[1].ReadUntilPongAsync();

        byte[] next = Message(seed: 3);
        await TellAsync(peers[0], ListOf(next));
        await SendChunkAsync(peers[0], next, 0);
        await peers[0].ReadUntilPongAsync();

        Assert.That(await HeardAsync(peers[1]), Is.Empty);
        Assert.That(_node.Handler.Prefixes, Has.Count.EqualTo(1));
    }

    [Test]
    [Category("Slow")]
    public async Task A_hundred_wrong_lists_in_a_minute_end_a_connection()
    {
        ScriptedPeer peer = (await _node.ConnectAsync(1))[0];
        for (byte i = 0; i < ChunkCredit.MaxWrongLists; i++)
        {
            byte[] garbage = Uniform(i, ChunkList.SmallestMessage);
            ChunkList lie = ListOf(garbage, pretended: Large);
            await TellAsync(peer, lie);
            await SendChunkAsync(peer, garbage, 0);
            await SendChunkAsync(peer, garbage, lie.Count - 1);
        }

        Assert.That(await peer.EndAsync(), Is.EqualTo(DisconnectReason.TooManyBadMessages));
    }

    [Test]
    public async Task A_wrong_list_does_not_hold_up_the_right_one_and_takes_nothing_from_it()
    {
        byte[] half = (byte[])Large.Clone();
        half[^1] ^= 1;
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        // All chunks are right but the last, which its bringer never sends.
        await TellAsync(peers[0], ListOf(half, pretended: Large));
        await peers[0].ReadUntilPongAsync();
        await BringAsync(peers[1], Large);
        await peers[1].ReadUntilPongAsync();

        Assert.That(_node.Handler.Messages, Is.EqualTo(new[] { Large }));
    }

    [Test]
    public async Task A_chunk_that_nobody_told_of_is_dropped_and_counted()
    {
        ScriptedPeer peer = (await _node.ConnectAsync(1))[0];
        await SendChunkAsync(peer, Large, 0);

        await _node.Rig.WaitForDropsAsync(DropReason.UnknownChunk, 1);
        await TellAsync(peer, List);
        await SendChunkAsync(peer, Large, 0);
        await SendChunkAsync(peer, Large, 0);
        await _node.Rig.WaitForDropsAsync(DropReason.Duplicate, 1);
        Assert.That(_node.Rig.Frames.UsedBytes, Is.LessThan(2 * Large.Length));
    }

    [Test]
    public async Task A_list_alone_gets_no_memory_for_its_message()
    {
        ScriptedPeer peer = (await _node.ConnectAsync(1))[0];
        byte[] largest = Message(size: WireLimits.MaxPayload);
        await TellAsync(peer, ListOf(largest));
        await peer.ReadUntilPongAsync();
        Assert.That(_node.Rig.Frames.UsedBytes, Is.LessThan(10_000));

        await SendChunkAsync(peer, largest, 7);
        await peer.ReadUntilPongAsync();
        Assert.That(_node.Rig.Frames.UsedBytes, Is.GreaterThan(WireLimits.MaxPayload));
    }

    [Test]
    [Category("Slow")]
    public async Task A_peer_that_tells_of_more_than_it_brings_gets_no_more_of_the_table()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        for (int i = 0; i < ChunkTable.MaxListsOfPeer + 3; i++)
            await TellAsync(peers[0], ListOf(Message(seed: i + 10)));
        await _node.Rig.WaitForDropsAsync(DropReason.TooManyChunks, 3);

        await BringAsync(peers[1], Large);
        await peers[1].ReadUntilPongAsync();
        Assert.That(_node.Handler.Messages, Is.EqualTo(new[] { Large }));

        _node.Beat(ChunkTable.GiveUpAfter.TotalMilliseconds);
        byte[] late = Message(seed: 99);
        await BringAsync(peers[0], late);
        await peers[0].ReadUntilPongAsync();
        Assert.That(_node.Handler.Messages, Has.Count.EqualTo(2), "After 30 seconds its lists are forgotten.");
    }

    [Test]
    [Category("Slow")]
    public async Task Buffers_of_one_peers_messages_are_four_of_the_largest_until_they_stand_still()
    {
        ScriptedPeer peer = (await _node.ConnectAsync(1))[0];
        byte[][] messages = [.. Enumerable.Range(0, 5).Select(i => Message(seed: i, size: WireLimits.MaxPayload))];
        foreach (byte[] message in messages)
            await TellAsync(peer, ListOf(message));
        foreach (byte[] message in messages)
            await SendChunkAsync(peer, message, 0);
        await _node.Rig.WaitForDropsAsync(DropReason.TooManyChunks, 1);
        Assert.That(_node.Rig.Frames.UsedBytes, Is.LessThan(4.3 * WireLimits.MaxPayload));

        _node.Advance(ChunkPace.Longest.TotalMilliseconds);
        await SendChunkAsync(peer, messages[4], 0);
        await peer.ReadUntilPongAsync();

        Assert.That(_node.Rig.Metrics.Dropped(DropReason.TooManyChunks), Is.EqualTo(1));
        Assert.That(_node.Rig.Frames.UsedBytes, Is.LessThan(4.3 * WireLimits.MaxPayload));
    }

    [Test]
    [Category("Slow")]
    public async Task Whoever_has_used_up_his_memory_does_not_keep_from_us_what_others_bring_by_lists_that_he_told_first()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        for (int i = 0; i < 4; i++)
        {
            byte[] hoard = Message(seed: i + 10, size: WireLimits.MaxPayload);
            await TellAsync(peers[0], ListOf(hoard));
            await SendChunkAsync(peers[0], hoard, 1);
        }

        await TellAsync(peers[0], List);
        await SendChunkAsync(peers[0], Large, 0);
        await _node.Rig.WaitForDropsAsync(DropReason.TooManyChunks, 1);

        await BringAsync(peers[1], Large);
        await peers[1].ReadUntilPongAsync();

        Assert.That(_node.Handler.Messages, Is.EqualTo(new[] { Large }));
    }

    [Test]
    public async Task What_a_message_in_chunks_occupies_is_what_is_accounted()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(1);
        RelayLink[] links = [.. Enumerable.Range(0, 16).Select(slot => new RelayLink(peers[0].Peer, slot))];
        Frame frame = _node.Rig.Frames.Create(List);
        const int count = 1000;
        var kept = new ChunkAssembly[count];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < count; i++)
        {
            ChunkList.TryRead(frame.Payload, out ChunkList? list);
            kept[i] = new ChunkAssembly(new ShortId((ulong)i), default, frame, list!, links[0], TimeSpan.Zero);
            foreach (RelayLink link in links)
                kept[i].PartOf(link);
        }

        double each = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)count;
        frame.Release();
        // Dictionaries throw away smaller tables as they grow, which is not kept.
        Assert.That(kept[0].Bytes, Is.InRange(0.6 * each, 1.3 * each));
    }

    [TestCase(Command.HaveChunk)]
    [TestCase(Command.WantChunk)]
    public async Task Indexes_beyond_the_list_are_malformed(Command command)
    {
        ScriptedPeer peer = (await _node.ConnectAsync(1))[0];
        await TellAsync(peer, List);
        await peer.SendAsync(peer.Frames.Create(command, peer.NameToNode(List), [(byte)List.Count]));

        await _node.Rig.WaitForDropsAsync(DropReason.Malformed, 1);
    }

    [Test]
    [Category("Slow")]
    public async Task What_is_remembered_of_chunks_is_in_the_account_and_within_its_bound()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(4);
        long before = _node.Rig.Node.Relay.GossipMemory.Bytes;
        for (int i = 0; i < 4 * ChunkTable.MaxListsOfPeer; i++)
            await TellAsync(peers[i / ChunkTable.MaxListsOfPeer], ListOf(Message(seed: i)), 0, 1);
        foreach (ScriptedPeer peer in peers)
            await peer.ReadUntilPongAsync();

        Logos.P2P.Diagnostics.MemoryUse memory = _node.Rig.Node.Relay.GossipMemory;
        Assert.That(memory.Bytes - before, Is.GreaterThan(4 * ChunkTable.MaxListsOfPeer * ChunkAssembly.ObjectBytes));
        Assert.That(memory.Bytes, Is.LessThan(memory.Capacity));
    }

    [Test]
    public async Task A_wrong_list_is_never_taken_for_the_one_that_a_message_came_by()
    {
        byte[] garbage = Message(seed: 2);
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        // The message comes at the moment between the last chunk of the lie and its end.
        _node.OnPrefix = () => _node.Rig.Node.Relay.Propagate(Large);
        ChunkList lie = ListOf(garbage, pretended: Large);
        await TellAsync(peers[0], lie);
        for (int i = lie.Count - 1; i >= 0; i--)
            await SendChunkAsync(peers[0], garbage, i);
        await _node.Rig.WaitForDropsAsync(DropReason.WrongChunkList, 1);

        _node.OnPrefix = null;
        _node.Rig.Node.Relay.Propagate(Large);

        Received[] lists = [.. (await ReadAllAsync(peers[1])).Where(heard => heard.Command == Command.Chunks)];
        Assert.That(lists, Has.Length.EqualTo(1));
        Assert.That(ChunkList.TryRead(lists[0].Payload, out ChunkList? list), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(list!.Ids.ToArray(), Is.EqualTo(List.Ids.ToArray()));
    }

    [Test]
    public async Task A_message_on_which_the_upper_layer_fails_is_not_kept()
    {
        ScriptedPeer peer = (await _node.ConnectAsync(1))[0];
        _node.OnWhole = () => throw new InvalidOperationException("The upper layer's fault.");
        await BringAsync(peer, Large);
        await peer.ReadUntilPongAsync();

        Assert.That(_node.Rig.Metrics.HandlerFailures, Is.EqualTo(1));
        Assert.That(_node.Rig.Frames.UsedBytes, Is.LessThan(ChunkList.SmallestMessage));
    }

    [Test]
    [Category("Slow")]
    public async Task What_waits_for_a_slow_handler_is_part_of_the_memory_of_who_brought_it()
    {
        await using var node = new ChunkRig(isQuick: false);
        using var go = new ManualResetEventSlim();
        node.OnWhole = go.Wait;
        ScriptedPeer[] peers = await node.ConnectAsync(2);
        // One tells the lists, and so is the one whose messages wait; another one sends what is in them.
        byte[][] messages = [.. Enumerable.Range(1, 8).Select(i => Uniform((byte)i))];
        foreach (byte[] message in messages)
            await TellAsync(peers[0], ListOf(message));
        await peers[0].ReadUntilPongAsync();
        foreach (byte[] message in messages)
        {
            await SendChunkAsync(peers[1], message, 0);
            await SendChunkAsync(peers[1], message, ListOf(message).Count - 1);
        }

        await peers[1].ReadUntilPongAsync();
        long used = node.Rig.Frames.UsedBytes;
        go.Set();

        Assert.That(used, Is.LessThan(1.1 * ChunkTable.MaxBufferBytesOfPeer));
    }

    [Test]
    [Category("Slow")]
    public async Task Two_peers_that_drip_do_not_keep_what_others_bring_from_us_by_holding_all_memory()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(3);
        byte[][] held = [.. Enumerable.Range(0, 8).Select(i => Message(seed: i + 10, size: WireLimits.MaxPayload))];
        for (int i = 0; i < held.Length; i++)
            await TellAsync(peers[i % 2], ListOf(held[i]));
        for (int chunk = 1; chunk < 7; chunk++)
        {
            for (int i = 0; i < held.Length; i++)
                await SendChunkAsync(peers[i % 2], held[i], chunk);
            await peers[0].ReadUntilPongAsync();
            await peers[1].ReadUntilPongAsync();
            _node.Advance(2500);
        }

        await BringAsync(peers[2], Large);
        await peers[2].ReadUntilPongAsync();

        Assert.That(_node.Handler.Messages, Is.EqualTo(new[] { Large }));
    }

    [Test]
    [Category("Slow")]
    public async Task Lists_of_which_nothing_is_here_do_not_push_out_what_is_served()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(6);
        await BringAsync(peers[0], Large);
        await peers[0].ReadUntilPongAsync();
        for (int i = 0; i < 5 * ChunkTable.MaxListsOfPeer; i++)
            await TellAsync(peers[1 + (i % 5)], ListOf(Message(seed: i + 10, size: ChunkList.SmallestMessage)));
        foreach (ScriptedPeer peer in peers)
            await peer.ReadUntilPongAsync();

        await WantAsync(peers[0], List, 3);

        Assert.That(await SentAsync(peers[0], Large), Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public async Task What_only_a_peer_that_is_gone_has_told_of_is_forgotten()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        long before = _node.Rig.Frames.UsedFrames;
        await TellAsync(peers[0], ListOf(Message(seed: 5)), 1);
        await TellAsync(peers[0], List);
        await TellAsync(peers[1], List);
        await peers[0].ReadUntilPongAsync();
        await peers[1].ReadUntilPongAsync();

        peers[0].Close();
        await peers[0].EndAsync();
        await Eventually.IsAsync(() => _node.Rig.Node.Peers.All.Length == 1);

        Assert.That(_node.Rig.Frames.UsedFrames, Is.LessThanOrEqualTo(before + 1), "The list that the other one told, too.");
        for (int i = 0; i < List.Count; i++)
            await SendChunkAsync(peers[1], Large, i);
        await peers[1].ReadUntilPongAsync();
        Assert.That(_node.Handler.Messages, Is.EqualTo(new[] { Large }));
    }

    [Test]
    public async Task A_question_for_what_is_not_here_has_one_answer_however_much_it_is_for()
    {
        ScriptedPeer peer = (await _node.ConnectAsync(1))[0];
        await TellAsync(peer, List);

        await WantAsync(peer, List, [.. Enumerable.Range(0, List.Count)]);

        IReadOnlyList<Received> heard = await ReadAllAsync(peer);
        Assert.That(heard.Select(received => received.Command), Is.EqualTo(new[] { Command.NotFound }));
        Assert.That(heard[0].Ids, Is.EqualTo(List.Ids.ToArray()));
    }

    [Test]
    [Category("Slow")]
    public async Task Lies_that_begin_well_are_passed_on_less_often_than_neighbours_forgive()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        byte[] beginning = ChunkOf(Large, 0);
        for (int i = 0; i < 100; i++)
        {
            byte[] lie = Message(seed: i + 10, size: ChunkList.SmallestMessage);
            beginning.CopyTo(lie.AsSpan());
            await TellAsync(peers[0], ListOf(lie, pretended: lie[1..]));
        }

        await SendChunkAsync(peers[0], Large, 0);
        await peers[0].ReadUntilPongAsync();

        Assert.That((await ReadAllAsync(peers[1])).Count(heard => heard.Command == Command.Chunks), Is.EqualTo(ChunkCredit.MaxUnproven));
        Assert.That(3 * ChunkCredit.MaxUnproven, Is.LessThan(ChunkCredit.MaxWrongLists));
    }
}
