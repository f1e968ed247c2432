using Logos.P2P.Diagnostics;
using Logos.P2P.Relay;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;
using static Logos.P2P.Tests.Relay.GossipRig;

namespace Logos.P2P.Tests.Relay;

/// <summary>The upper layer needs messages: whom the node asks for them, and when it says that it has them.</summary>
[NonParallelizable]
internal sealed class FetcherTests
{
    private static readonly ShortIdKey Key = Colliding.Key;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>The last byte of what the upper layer fails at.</summary>
    private const byte Confusing = byte.MaxValue - 1;

    private GossipRig _node = null!;
    private Action<byte[]>? _judging;

    private Fetcher Fetcher => _node.Rig.Node.Relay.Fetcher;

    [SetUp]
    public void SetUp()
    {
        _judging = null;
        _node = new GossipRig(new RecordingHandler
        {
            IsQuick = true,
            Label = message => message[0],
            Judge = message =>
            {
                _judging?.Invoke(message);
                return message[^1] switch
                {
                    byte.MaxValue => Verdict.Reject,
                    Confusing => throw new InvalidOperationException("On purpose."),
                    _ => Verdict.Propagate,
                };
            },
        });
    }

    [TearDown]
    public async Task TearDownAsync() => await _node.DisposeAsync();

    [Test]
    public async Task What_is_begun_when_the_node_has_just_stopped_ends_with_what_is_missing([Values] bool isShort)
    {
        Fetcher.Dispose();

        FetchResult result = await Fetch(isShort, null, Message(7, 1)).WaitAsync(TestNode.Patience);

        Assert.That(result.IsComplete, Is.False);
        Assert.That(Fetcher.Memory.Entries, Is.Zero);
    }

    [Test]
    public async Task What_is_here_is_found_at_once_and_nobody_is_asked([Values] bool isShort)
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await DeliverAsync(peers[0], Message(7, 1));
        await HeardAsync(peers[1]);

        Task<FetchResult> fetch = Fetch(isShort, null, Message(7, 1));

        await fetch.WaitAsync(TestNode.Patience);
        Assert.That((await fetch).Messages, Is.EqualTo(new[] { Found(Message(7, 1)) }));
        _node.Advance(1000);
        Assert.That(await HeardAsync(peers), Is.All.Empty);
    }

    [Test]
    public async Task The_preferred_peer_is_asked_for_all_at_once_and_what_it_sends_completes_the_fetch([Values] bool isShort)
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(3);
        Task<FetchResult> fetch = Fetch(isShort, peers[1], Message(7, 1), Message(7, 2));
        Assert.That(await HeardAsync(peers), Is.All.Empty, "It may come by itself.");

        Ask();

        string asked = isShort ? "wantshort" : "getdata";
        IReadOnlyList<Received> question = await peers[1].ReadUntilPongAsync();
        Assert.That(Names(question), Is.EqualTo(asked));
        Assert.That(
            question.Single(received => received.Command != Command.Ping).Payload,
            Is.EqualTo(isShort ? Query(Message(7, 1), Message(7, 2)) : Inventory(Message(7, 1), Message(7, 2))));
        await DeliverAsync(peers[1], Message(7, 2));
        Assert.That(fetch.IsCompleted, Is.False);
        await DeliverAsync(peers[1], Message(7, 1));

        FetchResult result = await fetch.WaitAsync(TestNode.Patience);
        Assert.That(result.Messages, Is.EqualTo(new[] { Found(Message(7, 1)), Found(Message(7, 2)) }), "In the order asked for.");
        Assert.That(result.IsComplete);
    }

    [Test]
    public async Task When_the_preferred_peer_is_silent_another_is_asked_and_then_the_next([Values] bool isShort)
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(3);
        Task<FetchResult> fetch = Fetch(isShort, peers[2], Message(7, 1));
        Ask();
        Assert.That(await HeardAsync(peers), Has.Exactly(1).Not.Empty);

        // Of a peer that has answered no ping a round trip of 200 ms is assumed.
        _node.Advance(264);
        Assert.That(await HeardAsync(peers), Is.All.Empty);
        _node.Advance(2);
        string[] second = await HeardAsync(peers);
        _node.Advance(266);
        string[] third = await HeardAsync(peers);

        Assert.That(second[2] + third[2], Is.Empty);
        Assert.That(second[0] + third[0], Is.Not.Empty, "Each once.");
        Assert.That(second[1] + third[1], Is.Not.Empty);
        await DeliverAsync(peers[2], Message(7, 1));
        Assert.That((await fetch.WaitAsync(TestNode.Patience)).IsComplete, "Whoever was asked first may still bring it.");
    }

    [Test]
    public async Task Whoever_does_not_have_it_makes_room_for_the_next_at_once([Values] bool isShort)
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        _ = Fetch(isShort, peers[0], Message(7, 1), Message(7, 2));
        Ask();
        await HeardAsync(peers[0]);

        await peers[0].SendAsync(isShort
            ? peers[0].Frames.Create(Command.LackShort, Key, [Name(Message(7, 2))])
            : peers[0].Frames.Create(Command.NotFound, [MessageId.Compute(Message(7, 2))]));
        await HeardAsync(peers[0]);
        _node.Advance(0);

        byte[] asked = (await peers[1].ReadUntilPongAsync()).Single(received => received.Command != Command.Ping).Payload;
        Assert.That(asked, Is.EqualTo(isShort ? Query(Message(7, 2)) : Inventory(Message(7, 2))), "For what the first one lacks.");
    }

    [Test]
    public async Task When_a_peer_that_was_asked_is_gone_the_next_is_asked_at_once()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        _ = Fetch(isShort: true, peers[0], Message(7, 1));
        Ask();
        await HeardAsync(peers[0]);

        peers[0].Close();
        await peers[0].EndAsync();
        _node.Advance(0);

        Assert.That(await HeardAsync(peers[1]), Is.EqualTo("wantshort"));
    }

    [Test]
    public async Task When_nobody_has_it_all_are_asked_again_after_a_while()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(1);
        _ = Fetch(isShort: true, peers[0], Message(7, 1));
        Ask();
        await HeardAsync(peers[0]);
        await peers[0].SendAsync(peers[0].Frames.Create(Command.LackShort, Key, [Name(Message(7, 1))]));
        await HeardAsync(peers[0]);
        _node.Advance(499);
        Assert.That(await HeardAsync(peers[0]), Is.Empty);

        _node.Advance(2);

        Assert.That(await HeardAsync(peers[0]), Is.EqualTo("wantshort"));
    }

    [Test]
    public async Task Who_says_that_it_is_sending_something_large_is_waited_for()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        _ = Fetch(isShort: true, peers[0], Message(7, 1));
        Ask();
        await HeardAsync(peers);

        await peers[0].TellAsync(Command.Coming, Message(7, 1, 1_000_000));
        _node.Advance(266);

        Assert.That(await HeardAsync(peers[1]), Is.Empty);
    }

    [Test]
    public async Task Who_goes_on_delivering_is_waited_for()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        _ = Fetch(isShort: true, peers[0], Message(7, 1), Message(7, 2), Message(7, 3));
        Ask();
        for (byte i = 1; i <= 2; i++)
        {
            _node.Advance(200);
            await DeliverAsync(peers[0], Message(7, i));
        }

        _node.Advance(200);

        Assert.That(await HeardAsync(peers[1]), Does.Not.Contain("wantshort"));
        _node.Advance(100);
        Assert.That(await HeardAsync(peers[1]), Does.Contain("wantshort"), "Not for ever.");
    }

    [Test]
    public async Task At_the_deadline_the_missing_are_named([Values] bool isShort)
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(1);
        Task<FetchResult> fetch = Fetch(isShort, peers[0], Message(7, 1), Message(7, 2));
        await DeliverAsync(peers[0], Message(7, 2));

        _node.Advance(Deadline.TotalMilliseconds - 1);
        Assert.That(fetch.IsCompleted, Is.False);
        _node.Advance(1);

        FetchResult result = await fetch.WaitAsync(TestNode.Patience);
        Assert.That(
            result.Messages.Select(message => message.Resolution), Is.EqualTo(new[] { Resolution.Missing, Resolution.Found }));
        Assert.That(result.IsComplete, Is.False);
        Assert.That(isShort || result.Messages[0].Id == MessageId.Compute(Message(7, 1)), "Of ids the missing ones are known.");
    }

    [Test]
    public async Task A_fetch_that_nobody_waits_for_ends()
    {
        using var cancellation = new CancellationTokenSource();
        Task<FetchResult> fetch = Fetcher.FetchAsync(
            new Fetch([Name(Message(7, 1))], Key, null), Deadline, cancellation.Token);

        await cancellation.CancelAsync();

        Assert.That(async () => await fetch.WaitAsync(TestNode.Patience), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Two_messages_with_the_short_id_that_was_asked_for_are_ambiguous()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        Task<FetchResult> fetch = Fetcher.FetchAsync(
            new Fetch([Colliding.Name, Name(Message(7, 1))], Key, null), Deadline, CancellationToken.None);

        await DeliverAsync(peers[0], Colliding.One);
        await DeliverAsync(peers[0], Colliding.Other);
        await DeliverAsync(peers[0], Message(7, 1));

        FetchResult result = await fetch.WaitAsync(TestNode.Patience);
        Assert.That(
            result.Messages.Select(message => message.Resolution), Is.EqualTo(new[] { Resolution.Ambiguous, Resolution.Found }));
        Assert.That(result.IsComplete, Is.False);
    }

    [Test]
    public async Task What_the_upper_layer_rejects_is_not_found()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(1);
        byte[] bad = [7, 1, byte.MaxValue];
        Task<FetchResult> fetch = Fetch(isShort: true, peers[0], bad);

        await peers[0].SendAsync(Command.Logos, bad);
        await peers[0].EndAsync();
        _node.Advance(Deadline.TotalMilliseconds);

        Assert.That((await fetch.WaitAsync(TestNode.Patience)).Messages[0].Resolution, Is.EqualTo(Resolution.Missing));
    }

    [Test]
    public async Task What_the_upper_layer_rejects_is_not_found_when_another_one_sends_it_too([Values] bool isShort)
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        byte[] bad = [7, 1, byte.MaxValue];
        Task<FetchResult> fetch = Fetch(isShort, peers[0], bad);
        await peers[0].SendAsync(Command.Logos, bad);
        await peers[0].EndAsync();

        await DeliverAsync(peers[1], bad);
        _node.Advance(Deadline.TotalMilliseconds);

        Assert.That((await fetch.WaitAsync(TestNode.Patience)).Messages[0].Resolution, Is.EqualTo(Resolution.Missing));
    }

    [Test]
    public async Task What_the_upper_layer_fails_at_counts_as_consumed_and_is_found()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(1);
        byte[] confusing = [7, 1, Confusing];
        Task<FetchResult> fetch = Fetch(isShort: false, peers[0], confusing);

        await DeliverAsync(peers[0], confusing);

        await fetch.WaitAsync(TestNode.Patience);
    }

    [Test]
    public async Task What_the_upper_layer_is_still_judging_is_not_found_by_a_second_copy()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        Task<FetchResult> fetch = Fetch(isShort: false, peers[0], Message(7, 1));
        bool? wasFound = null;
        _judging = message =>
        {
            Frame copy = _node.Rig.Frames.Create(Command.Logos, message);
            _node.Rig.Node.Relay.Receive(peers[1].Peer, copy);
            copy.Release();
            wasFound = fetch.IsCompleted;
        };

        await DeliverAsync(peers[0], Message(7, 1));

        Assert.That(wasFound, Is.False);
        await fetch.WaitAsync(TestNode.Patience);
    }

    [Test]
    public void Something_small_that_comes_first_does_not_shorten_the_wait_for_what_is_large()
    {
        var fetch = new Fetch([MessageId.Compute([1]), MessageId.Compute([2])], null);
        var link = new RelayLink(_node.Rig.Connect().Peer, 0);
        TimeSpan now = TimeSpan.FromSeconds(1);
        FetchQuestion question = fetch.Ask([link], now, out _).Single();

        fetch.Expect(link, 1_000_000, now);
        TimeSpan due = question.Due;
        fetch.NoteArrival(link, MessageId.Compute([1]), now, []);

        Assert.That(question.Due, Is.EqualTo(due));
        Assert.That(due, Is.GreaterThan(now + TimeSpan.FromSeconds(1)));
    }

    [Test]
    public void Whoever_is_gone_is_forgotten()
    {
        var fetch = new Fetch([MessageId.Compute([1])], null);
        RelayLink[] links = [.. Enumerable.Range(0, 3).Select(slot => new RelayLink(_node.Rig.Connect().Peer, slot))];
        TimeSpan now = TimeSpan.FromSeconds(1);
        foreach (RelayLink link in links)
        {
            Assert.That(fetch.Ask([link], now, out _).Single().Link, Is.EqualTo(link));
            link.Close();
            fetch.Close(link, now);
        }

        // The relay may have looked at its peers before.
        fetch.Ask(links, now, out _);

        var asked = new List<RelayLink>();
        fetch.NoteArrival(null, MessageId.Compute([1]), now, asked);
        Assert.That(asked, Is.Empty);
    }

    [Test]
    public async Task What_was_seen_before_and_is_not_kept_is_found_when_it_comes_again_and_not_given_to_the_handler_twice()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(1);
        await DeliverAsync(peers[0], Message(7, 1));
        _node.Advance(NodeDefaults.MessageStoreAge.TotalMilliseconds);
        Task<FetchResult> fetch = Fetch(isShort: false, peers[0], Message(7, 1));
        Assert.That(fetch.IsCompleted, Is.False);

        await DeliverAsync(peers[0], Message(7, 1));

        Assert.That((await fetch.WaitAsync(TestNode.Patience)).IsComplete);
        Assert.That(_node.Rig.Metrics.MessagesReceived, Is.EqualTo(1));
    }

    [Test]
    public async Task Who_was_asked_is_never_called_late_nor_is_anybody_suspected()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(3);
        await DeliverAsync(peers[0], Message(7, 1));
        _node.Settle();
        await HeardAsync(peers);
        _ = Fetch(isShort: true, peers[1], Message(7, 2), Message(7, 3));
        Ask();
        await HeardAsync(peers);

        await DeliverAsync(peers[1], Message(7, 2));
        _node.Advance(1000);
        Assert.That(await HeardAsync(peers), Has.None.Contains("graft"), "The parent of the tree did not fail.");
        await DeliverAsync(peers[0], Message(7, 3));
        Assert.That(await DeliverAsync(peers[1], Message(7, 3)), Does.Not.Contain("late"), "It was asked for.");
    }

    [Test]
    public async Task Peers_that_speak_no_short_ids_are_asked_by_ids_alone()
    {
        ScriptedPeer plain = await _node.Rig.ConnectReadyAsync();
        await plain.ReadUntilPongAsync();
        _ = Fetch(isShort: true, plain, Message(7, 1));
        _ = Fetch(isShort: false, plain, Message(7, 2));

        Ask();

        Assert.That(await HeardAsync(plain), Is.EqualTo("getdata"));
    }

    [Test]
    public void Fetches_at_once_are_bounded_and_end_with_the_node()
    {
        Task<FetchResult>[] fetches =
            [.. Enumerable.Range(0, Fetcher.MaxFetches).Select(i => Fetch(isShort: true, null, Message(7, (byte)i)))];
        Assert.That(async () => await Fetch(isShort: true, null, Message(8, 1)), Throws.InvalidOperationException);

        Fetcher.Dispose();

        Assert.That(async () => await Task.WhenAll(fetches).WaitAsync(TestNode.Patience), Throws.Nothing);
    }

    [Test]
    public void All_fetches_are_in_the_account()
    {
        _ = Fetch(isShort: true, null, Message(7, 1), Message(7, 2));
        _ = Fetch(isShort: false, null, Message(7, 3));

        Assert.That(Fetcher.Memory, Is.EqualTo(new MemoryUse(
            3, 3 * Logos.P2P.Relay.Fetch.ItemBytes, (long)Fetcher.MaxFetches * Fetcher.MaxMessages * Logos.P2P.Relay.Fetch.ItemBytes)));
    }

    [Test]
    public void A_fetch_occupies_what_it_says([Values] bool isShort)
    {
        const int count = 20_000;
        ShortId[] names = [.. Enumerable.Range(0, count).Select(i => new ShortId((ulong)i))];
        MessageId[] ids = [.. Enumerable.Range(0, count).Select(i => MessageId.Compute(BitConverter.GetBytes(i)))];
        long before = GC.GetTotalMemory(forceFullCollection: true);

        var fetch = isShort ? new Fetch(names, Key, null) : new Fetch(ids, null);

        Assert.That(
            GC.GetTotalMemory(forceFullCollection: true) - before,
            Is.InRange(count * Logos.P2P.Relay.Fetch.ItemBytes / 2, count * Logos.P2P.Relay.Fetch.ItemBytes));
        GC.KeepAlive(fetch);
    }

    [Test]
    public void More_than_a_question_may_name_is_asked_for_in_several()
    {
        var fetch = new Fetch([.. Enumerable.Range(0, 12_000).Select(i => new ShortId((ulong)i))], Key, null);
        var link = new RelayLink(_node.Rig.Connect().Peer, 0);

        List<FetchQuestion> questions = fetch.Ask([link], TimeSpan.FromSeconds(1), out _);

        Assert.That(questions.Select(question => fetch.NamesOf(question).Length), Is.EqualTo(new[] { 5000, 5000, 2000 }));
    }

    private static ShortId Name(byte[] message) => ShortId.Of(MessageId.Compute(message), Key);

    private static ResolvedId Found(byte[] message) => new(Resolution.Found, MessageId.Compute(message));

    private static byte[] Query(params byte[][] messages)
    {
        byte[] payload = new byte[ShortIdQueryCodec.GetSize(messages.Length)];
        ShortIdQueryCodec.Write(Key, [.. messages.Select(Name)], payload);
        return payload;
    }

    private static byte[] Inventory(params byte[][] messages)
    {
        byte[] payload = new byte[InventoryCodec.GetSize(messages.Length)];
        InventoryCodec.Write([.. messages.Select(message => MessageId.Compute(message))], payload);
        return payload;
    }

    /// <summary>What may come by itself has not.</summary>
    private void Ask() => _node.Advance(Fetcher.FirstWait.TotalMilliseconds);

    private Task<FetchResult> Fetch(bool isShort, ScriptedPeer? preferred, params byte[][] messages) => Fetcher.FetchAsync(
        isShort
            ? new Fetch([.. messages.Select(Name)], Key, preferred?.Peer.Id)
            : new Fetch([.. messages.Select(message => MessageId.Compute(message))], preferred?.Peer.Id),
        Deadline,
        CancellationToken.None);
}
