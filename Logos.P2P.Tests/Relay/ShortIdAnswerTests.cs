using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;
using static Logos.P2P.Tests.Relay.GossipRig;

namespace Logos.P2P.Tests.Relay;

/// <summary>A peer asks by short ids under a key of the upper layer.</summary>
internal sealed class ShortIdAnswerTests
{
    private static readonly ShortIdKey Key = Colliding.Key;

    private GossipRig _node = null!;

    [SetUp]
    public void SetUp() => _node = new GossipRig();

    [TearDown]
    public async Task TearDownAsync() => await _node.DisposeAsync();

    [Test]
    public async Task What_is_kept_is_sent_and_what_is_not_is_named()
    {
        ScriptedPeer asker = await AskerAsync(Message(7, 1), Message(7, 2));

        IReadOnlyList<Received> heard = await AskAsync(asker, Name(Message(7, 9)), Name(Message(7, 2)), Name(Message(7, 1)));

        Assert.That(
            heard.Where(received => received.Command == Command.Logos).Select(received => received.Payload),
            Is.EqualTo(new[] { Message(7, 2), Message(7, 1) }));
        byte[] expected = new byte[ShortIdQueryCodec.GetSize(1)];
        ShortIdQueryCodec.Write(Key, [Name(Message(7, 9))], expected);
        Assert.That(heard.Single(received => received.Command == Command.LackShort).Payload, Is.EqualTo(expected));
    }

    [Test]
    public async Task Of_an_ambiguous_one_all_are_sent_so_that_the_peer_sees_it()
    {
        ScriptedPeer asker = await AskerAsync(Colliding.One, Colliding.Other);

        IReadOnlyList<Received> heard = await AskAsync(asker, Colliding.Name);

        Assert.That(Names(heard), Is.EqualTo("logos logos"));
    }

    [Test]
    public async Task What_was_sent_a_moment_ago_is_not_sent_again_and_later_it_is()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await DeliverAsync(peers[0], Message(7, 1));
        Assert.That(await HeardAsync(peers[1]), Is.EqualTo("logos"));
        Assert.That(Names(await AskAsync(peers[1], Name(Message(7, 1)))), Is.Empty);

        _node.Settle();

        Assert.That(Names(await AskAsync(peers[1], Name(Message(7, 1)))), Is.EqualTo("logos"));
    }

    [Test]
    public async Task What_was_sent_because_of_it_is_not_announced_besides()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(10);
        await DeliverAsync(peers[0], Message(7, 1));
        foreach (ScriptedPeer peer in peers[1..])
            await peer.TellAsync(Command.Late, Message(7, 1));
        await DeliverAsync(peers[0], Message(7, 2));
        string[] atOnce = await HeardAsync(peers);
        ScriptedPeer later = peers[1..].Where((_, i) => atOnce[i + 1].Length == 0).First();
        Assert.That(Names(await AskAsync(later, Name(Message(7, 2)))), Is.EqualTo("logos"));

        _node.Advance(200);
        _node.Rig.Node.Relay.Tick();

        Assert.That(await HeardAsync(later), Is.Empty);
    }

    [Test]
    public async Task Who_asks_too_often_is_told_at_once_that_there_is_nothing_and_is_counted()
    {
        ScriptedPeer asker = await AskerAsync(Message(7, 1));
        for (int i = 0; i < 20; i++)
            await AskAsync(asker, Name(Message(7, 9)));
        Assert.That(_node.Rig.Metrics.Dropped(DropReason.TooManyLookups), Is.Zero);

        Assert.That(Names(await AskAsync(asker, Name(Message(7, 1)))), Is.EqualTo("lackshort"));
        Assert.That(_node.Rig.Metrics.Dropped(DropReason.TooManyLookups), Is.EqualTo(1));

        _node.Advance(1000);
        Assert.That(Names(await AskAsync(asker, Name(Message(7, 1)))), Is.EqualTo("logos"));
    }

    [Test]
    public async Task What_cannot_be_read_is_counted_and_what_was_not_offered_is_unknown()
    {
        ScriptedPeer asker = await AskerAsync();
        ScriptedPeer plain = await _node.Rig.ConnectReadyAsync();
        foreach (Command command in (Command[])[Command.WantShort, Command.LackShort])
        {
            await asker.SendAsync(command, new byte[17]);
            await plain.SendAsync(plain.Frames.Create(command, Key, [Colliding.Name]));
        }

        await asker.ReadUntilPongAsync();
        await plain.ReadUntilPongAsync();

        Assert.That(_node.Rig.Metrics.Dropped(DropReason.Malformed), Is.EqualTo(2));
        Assert.That(_node.Rig.Metrics.Dropped(DropReason.UnknownCommand), Is.EqualTo(2));
    }

    [Test]
    public async Task To_lack_what_nobody_asked_for_changes_nothing()
    {
        ScriptedPeer asker = await AskerAsync();

        await asker.SendAsync(asker.Frames.Create(Command.LackShort, Key, [Colliding.Name]));

        Assert.That(await HeardAsync(asker), Is.Empty);
    }

    private static ShortId Name(byte[] message) => ShortId.Of(MessageId.Compute(message), Key);

    private static async Task<IReadOnlyList<Received>> AskAsync(ScriptedPeer asker, params ShortId[] names)
    {
        await asker.SendAsync(asker.Frames.Create(Command.WantShort, Key, names));
        return await asker.ReadUntilPongAsync();
    }

    /// <summary>A peer that came when the node had some messages.</summary>
    private async Task<ScriptedPeer> AskerAsync(params byte[][] messages)
    {
        ScriptedPeer[] from = await _node.ConnectAsync(1);
        foreach (byte[] message in messages)
            await DeliverAsync(from[0], message);
        return (await _node.ConnectAsync(1))[0];
    }
}
