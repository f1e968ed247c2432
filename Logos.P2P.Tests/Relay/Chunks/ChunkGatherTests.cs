using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;
using static Logos.P2P.Tests.Relay.Chunks.ChunkRig;

namespace Logos.P2P.Tests.Relay.Chunks;

/// <summary>How messages are put together from chunks, and what goes on of them when.</summary>
internal sealed class ChunkGatherTests
{
    private static readonly byte[] Large = Message();

    private static readonly ChunkList List = ListOf(Large);

    private static readonly int Last = List.Count - 1;

    /// <summary>More than a peer has for all that it is asked for at once, and less than what is called lost.</summary>
    private const double Patience = 1000;

    private ChunkRig _node = null!;

    [SetUp]
    public void SetUp() => _node = new ChunkRig();

    [TearDown]
    public async Task TearDownAsync() => await _node.DisposeAsync();

    [Test]
    [Category("Slow")]
    public async Task A_message_is_delivered_whole_and_once_in_whatever_order_its_chunks_come()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await TellAsync(peers[0], List);
        // A chunk of what nobody has told of yet is not taken.
        await peers[0].ReadUntilPongAsync();
        for (int i = Last; i >= 0; i--)
            await SendChunkAsync(peers[i % 2], Large, i);
        await peers[0].ReadUntilPongAsync();
        await peers[1].ReadUntilPongAsync();
        await BringAsync(peers[1], Large);
        await peers[1].ReadUntilPongAsync();

        Assert.That(_node.Handler.Messages, Is.EqualTo(new[] { Large }));
        Assert.That(_node.Handler.Prefixes, Is.EqualTo(new[] { ChunkOf(Large, 0) }), "Once.");
    }

    [Test]
    public async Task Chunks_that_all_are_the_same_are_received_once()
    {
        byte[] zeros = new byte[200_000];
        ScriptedPeer peer = (await _node.ConnectAsync(1))[0];
        await TellAsync(peer, ListOf(zeros));

        await SendChunkAsync(peer, zeros, 0);
        await SendChunkAsync(peer, zeros, ListOf(zeros).Count - 1);
        await peer.ReadUntilPongAsync();

        Assert.That(_node.Handler.Messages, Is.EqualTo(new[] { zeros }));
    }

    [Test]
    public async Task What_came_in_chunks_is_received_once_and_counts_as_brought_and_known()
    {
        byte[] uniform = Uniform(5, 200_000);
        ChunkList list = ListOf(uniform);
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await TellAsync(peers[0], list);
        await SendChunkAsync(peers[0], uniform, 0);
        await SendChunkAsync(peers[0], uniform, list.Count - 1);
        await peers[0].ReadUntilPongAsync();
        Assert.That(_node.Rig.Metrics.MessagesReceived, Is.EqualTo(1));
        Assert.That(peers[0].Peer.LastFirstDelivery, Is.GreaterThan(TimeSpan.Zero));

        await peers[1].SendAsync(Command.Logos, uniform);
        await peers[1].ReadUntilPongAsync();

        Assert.That(_node.Rig.Metrics.MessagesReceived, Is.EqualTo(1));
        Assert.That(_node.Rig.Metrics.Dropped(DropReason.Duplicate), Is.EqualTo(1));
        Assert.That(_node.Handler.Messages, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Chunks_go_on_as_they_come_when_the_upper_layer_has_agreed_to_the_first()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await TellAsync(peers[0], List);
        await SendChunkAsync(peers[0], Large, 3);
        await peers[0].ReadUntilPongAsync();
        Assert.That(await HeardAsync(peers[1]), Is.Empty, "The first chunk is missing.");

        await SendChunkAsync(peers[0], Large, 0);
        await peers[0].ReadUntilPongAsync();
        Assert.That(await HeardAsync(peers[1]), Is.EqualTo("chunks havechunk[0,3]"));
        await SendChunkAsync(peers[0], Large, 5);
        await peers[0].ReadUntilPongAsync();
        Assert.That(await HeardAsync(peers[1]), Is.EqualTo("havechunk[5]"));

        await WantAsync(peers[1], List, 5, 0);
        Assert.That(await SentAsync(peers[1], Large), Is.EqualTo(new[] { 5, 0 }));
        Assert.That(_node.Handler.Messages, Is.Empty);
    }

    [TestCase(Verdict.Propagate, "chunks havechunk[]")]
    [TestCase(Verdict.Consume, "")]
    [TestCase(Verdict.Reject, "")]
    public async Task Nothing_leaves_before_the_verdict_on_the_whole_when_the_first_chunk_does_not_suffice(
        Verdict ofWhole, string then)
    {
        await using var node = new ChunkRig(ofPrefix: Verdict.Consume, ofWhole);
        ScriptedPeer[] peers = await node.ConnectAsync(2);
        ScriptedPeer relay = await node.Rig.ConnectRelayAsync();
        await relay.ReadUntilPongAsync();
        await TellAsync(peers[0], List);
        // Who is the first to bring the list is blamed for it.
        await peers[0].ReadUntilPongAsync();
        await TellAsync(peers[1], List);
        for (int i = 0; i < Last; i++)
            await SendChunkAsync(peers[0], Large, i);
        await peers[0].ReadUntilPongAsync();
        await WantAsync(peers[1], List, 0, 1);
        node.Beat(100);

        Assert.That(await HeardAsync(peers[1]), Is.EqualTo("notfound"));
        Assert.That(await HeardAsync(relay), Is.Empty);

        await SendChunkAsync(peers[0], Large, Last);
        await Eventually.IsAsync(() => node.Handler.Messages.Count == 1);
        // What it leads to follows, before the peer that brought it is answered.
        if (ofWhole == Verdict.Reject)
            await peers[0].EndAsync();
        else
            await peers[0].ReadUntilPongAsync();

        Assert.That(await HeardAsync(peers[1]), Is.EqualTo(then.Replace("chunks ", "", StringComparison.Ordinal)), "It knows the list.");
        Assert.That(await HeardAsync(relay), Is.EqualTo(ofWhole == Verdict.Propagate ? "coming logos" : ""));
    }

    [Test]
    public async Task A_handler_that_is_not_quick_judges_first_chunks_on_its_thread()
    {
        await using var node = new ChunkRig(isQuick: false);
        ScriptedPeer[] peers = await node.ConnectAsync(2);
        await TellAsync(peers[0], List);
        await SendChunkAsync(peers[0], Large, 0);
        Assert.That((await peers[1].ReadAsync(Command.HaveChunk)).Payload[6..], Is.EqualTo(new byte[] { 0 }));

        for (int i = 1; i <= Last; i++)
            await SendChunkAsync(peers[0], Large, i);
        await node.Handler.WaitAsync();

        Assert.That(node.Handler.Messages, Is.EqualTo(new[] { Large }));
    }

    [Test]
    public async Task Whoever_brings_what_the_upper_layer_rejects_is_disconnected_and_it_is_served_no_more()
    {
        await using var node = new ChunkRig(ofWhole: Verdict.Reject);
        ScriptedPeer[] peers = await node.ConnectAsync(2);
        await TellAsync(peers[0], List);
        await peers[0].ReadUntilPongAsync();
        for (int i = 0; i <= Last; i++)
            await SendChunkAsync(peers[1], Large, i);

        Assert.That(await peers[0].EndAsync(), Is.EqualTo(DisconnectReason.RejectedMessage), "It told of it first.");
        await peers[1].ReadUntilPongAsync();
        await WantAsync(peers[1], List, 0);
        Assert.That(await SentAsync(peers[1], Large), Is.Empty);
    }

    [Test]
    public async Task Whoever_brings_a_first_chunk_that_the_upper_layer_rejects_is_disconnected()
    {
        await using var node = new ChunkRig(ofPrefix: Verdict.Reject);
        ScriptedPeer peer = (await node.ConnectAsync(1))[0];
        await TellAsync(peer, List);
        await SendChunkAsync(peer, Large, 0);

        Assert.That(await peer.EndAsync(), Is.EqualTo(DisconnectReason.RejectedMessage));
        Assert.That(node.Handler.Messages, Is.Empty);
        Assert.That(node.Rig.Metrics.MessagesRejected, Is.EqualTo(1));
    }

    [Test]
    public async Task Each_chunk_is_asked_for_once_and_spread_over_those_who_have_it()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(3);
        foreach (ScriptedPeer peer in peers)
            await TellAsync(peer, List);
        // The first has them alone for a moment, and is asked for what fits into the window.
        await SayWholeAsync(peers[0], List);
        int[] first = await AskedAsync(peers[0]);
        Assert.That(first, Has.Length.EqualTo(8).And.Contains(0), "128 KiB, the first chunk among them.");

        await SayWholeAsync(peers[1], List);
        int[] second = await AskedAsync(peers[1]);
        await SayWholeAsync(peers[2], List);
        int[] third = await AskedAsync(peers[2]);

        Assert.That(first.Concat(second).Concat(third).Order(), Is.EqualTo(Enumerable.Range(0, List.Count)));
    }

    [Test]
    public async Task A_silent_announcer_is_asked_no_more_when_another_one_has_the_chunk()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await TellAsync(peers[0], List, 0, 1);
        Assert.That(await AskedAsync(peers[0]), Is.EquivalentTo(new[] { 0, 1 }));
        await TellAsync(peers[1], List, 0, 1);
        Assert.That(await AskedAsync(peers[1]), Is.Empty, "They were asked for.");

        _node.Advance(Patience);

        Assert.That(await AskedAsync(peers[1]), Is.EquivalentTo(new[] { 0, 1 }));
    }

    [Test]
    public async Task Whoever_brings_something_has_his_time_for_the_rest_from_then_on()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await TellAsync(peers[0], List, 0, 1);
        await peers[0].ReadUntilPongAsync();
        await TellAsync(peers[1], List, 0, 1);
        _node.Advance(300);
        await SendChunkAsync(peers[0], Large, 1);
        await peers[0].ReadUntilPongAsync();
        _node.Advance(300);
        Assert.That(await AskedAsync(peers[1]), Is.Empty);

        _node.Advance(300);

        Assert.That(await AskedAsync(peers[1]), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public async Task The_only_one_who_has_a_chunk_is_asked_again_when_it_is_lost()
    {
        ScriptedPeer peer = (await _node.ConnectAsync(1))[0];
        await TellAsync(peer, List, 0);
        await peer.ReadUntilPongAsync();

        for (int i = 0; i < 40; i++)
            _node.Advance(100);

        Assert.That(await AskedAsync(peer), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public async Task When_a_peer_leaves_others_are_asked_for_what_it_was_asked_for()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await TellAsync(peers[0], List, 0, 1);
        await peers[0].ReadUntilPongAsync();
        await SayWholeAsync(peers[1], List);
        int[] before = await AskedAsync(peers[1]);

        peers[0].Close();
        await peers[0].EndAsync();
        await Eventually.IsAsync(() => _node.Rig.Node.Peers.All.Length == 1);
        foreach (int index in before)
            await SendChunkAsync(peers[1], Large, index);

        int[] after = await AskedAsync(peers[1]);
        Assert.That(before.Concat(after).Order(), Is.EqualTo(Enumerable.Range(0, List.Count)));
        foreach (int index in after)
            await SendChunkAsync(peers[1], Large, index);
        await peers[1].ReadUntilPongAsync();
        Assert.That(_node.Handler.Messages, Is.EqualTo(new[] { Large }));
    }

    [Test]
    public async Task What_one_does_not_find_another_is_asked_for_at_once()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await TellAsync(peers[0], List, 0);
        await peers[0].ReadUntilPongAsync();
        await TellAsync(peers[1], List, 0);

        await peers[0].SendAsync(peers[0].Frames.Create(Command.NotFound, [List.Ids[0]]));
        await peers[0].ReadUntilPongAsync();

        Assert.That(await AskedAsync(peers[1]), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public async Task What_comes_in_chunks_is_asked_for_whole_only_after_10_seconds()
    {
        ScriptedPeer peer = (await _node.ConnectAsync(1))[0];
        ScriptedPeer relay = await _node.Rig.ConnectRelayAsync();
        await relay.ReadUntilPongAsync();
        await TellAsync(peer, List, 0);
        await peer.ReadUntilPongAsync();
        await relay.TellAsync(Command.Have, Large);
        for (int i = 0; i < 2; i++)
        {
            _node.Advance(4900);
            await SendChunkAsync(peer, Large, i);
            await peer.ReadUntilPongAsync();
        }

        Assert.That(await HeardAsync(relay), Is.Empty);
        _node.Advance(200);

        Assert.That(await HeardAsync(relay), Is.EqualTo("want"), "Whoever sends a chunk now and then cannot keep it from us.");
    }

    [TestCase(2999, "")]
    [TestCase(3000, "want")]
    public async Task What_makes_no_progress_in_chunks_for_3_seconds_is_asked_for_whole(int milliseconds, string asked)
    {
        ScriptedPeer peer = (await _node.ConnectAsync(1))[0];
        ScriptedPeer relay = await _node.Rig.ConnectRelayAsync();
        await relay.ReadUntilPongAsync();
        await TellAsync(peer, List);
        await peer.ReadUntilPongAsync();
        _node.Advance(milliseconds);

        await relay.TellAsync(Command.Have, Large);
        _node.Advance(500);

        Assert.That(await HeardAsync(relay), Is.EqualTo(asked));
    }

    [Test]
    public async Task A_list_of_what_is_known_already_is_not_taken()
    {
        ScriptedPeer peer = (await _node.ConnectAsync(1))[0];
        ScriptedPeer relay = await _node.Rig.ConnectRelayAsync();
        await relay.SendAsync(Command.Logos, Large);
        await relay.ReadUntilPongAsync();
        _node.Beat(30_000);
        _node.Beat(100);

        await TellAsync(peer, List, 0);

        await _node.Rig.WaitForDropsAsync(DropReason.Duplicate, 1);
        await _node.Rig.WaitForDropsAsync(DropReason.UnknownChunk, 1);
    }

    [Test]
    public async Task A_peer_that_does_not_speak_of_chunks_is_not_listened_to_in_it()
    {
        ScriptedPeer relay = await _node.Rig.ConnectRelayAsync();
        await TellAsync(relay, List, 0);

        await _node.Rig.WaitForDropsAsync(DropReason.UnknownCommand, 2);
        Assert.That(await HeardAsync(relay), Is.Empty);
    }
}
