using Logos.P2P.Tests.Conformance;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;
using static Logos.P2P.Tests.Relay.GossipRig;

namespace Logos.P2P.Tests.Relay;

/// <summary>What a node that relays by trees says to its peers, and what it learns from them. The clock is the test's.</summary>
internal sealed class MessageGossipTests
{
    private GossipRig _node = null!;

    [SetUp]
    public void SetUp() => _node = new GossipRig();

    [TearDown]
    public async Task TearDownAsync() => await _node.DisposeAsync();

    [Test]
    public async Task The_first_message_of_an_origin_is_sent_to_all_that_speak_our_relay_and_announced_to_the_others()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(3);
        ScriptedPeer plain = await _node.Rig.ConnectReadyAsync();
        await plain.ReadUntilPongAsync();

        Assert.That(await DeliverAsync(peers[0], Message(7, 1)), Is.Empty);

        Assert.That(await HeardAsync(peers[1], peers[2], plain), Is.EqualTo(new[] { "logos", "logos", "inv" }));
    }

    [Test]
    [Conformance("R7")]
    public async Task Whoever_calls_a_payload_late_is_announced_to_from_then_on()
    {
        ScriptedPeer[] peers = await FloodedAsync(3);

        await peers[1].TellAsync(Command.Late, Message(7, 1));
        await DeliverAsync(peers[0], Message(7, 2));

        IReadOnlyList<Received> heard = await peers[1].ReadUntilPongAsync();
        Assert.That(Names(heard), Is.EqualTo("have"));
        Assert.That(ReadName(heard[0]), Is.EqualTo(ScriptedPeer.NameToPeer(Message(7, 2))), "By the name that the peer knows.");
        Assert.That(await HeardAsync(peers[2]), Is.EqualTo("logos"));
    }

    [Test]
    public async Task Whoever_says_nothing_was_glad_of_the_payload_and_needs_not_the_announcement()
    {
        ScriptedPeer[] peers = await FloodedAsync(3);
        await peers[1].TellAsync(Command.Late, Message(7, 1));
        for (byte i = 2; i < 10; i++)
        {
            await DeliverAsync(peers[0], Message(7, i));
            _node.Settle();
            Assert.That(await HeardAsync(peers[1], peers[2]), Is.EqualTo(new[] { "have", "logos" }));
        }
    }

    [Test]
    public async Task A_new_peer_is_announced_to_until_it_asks_and_is_sent_what_it_asks_for()
    {
        ScriptedPeer[] peers = await FloodedAsync(2);
        ScriptedPeer newcomer = (await _node.ConnectAsync(1))[0];
        await DeliverAsync(peers[0], Message(7, 2));
        Assert.That(await HeardAsync(newcomer), Is.EqualTo("have"));

        IReadOnlyList<Received> answer = await newcomer.TellAsync(Command.Want, Message(7, 2));
        Assert.That(answer.Select(received => received.Payload), Is.EqualTo(new[] { Message(7, 2) }));

        await DeliverAsync(peers[0], Message(7, 3));
        Assert.That(await HeardAsync(newcomer), Is.EqualTo("logos"));
    }

    [Test]
    [Conformance("R7")]
    public async Task Whoever_calls_an_announcement_early_is_sent_the_next_payload()
    {
        ScriptedPeer[] peers = await FloodedAsync(2);
        ScriptedPeer newcomer = (await _node.ConnectAsync(1))[0];
        await DeliverAsync(peers[0], Message(7, 2));
        Assert.That(await HeardAsync(newcomer), Is.EqualTo("have"));

        Assert.That(Names(await newcomer.TellAsync(Command.Early, Message(7, 2))), Is.Empty);
        await DeliverAsync(peers[0], Message(7, 3));

        Assert.That(await HeardAsync(newcomer), Is.EqualTo("logos"));
    }

    [Test]
    public async Task What_is_announced_is_asked_for_after_10_ms_and_not_if_it_comes_before()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await peers[0].TellAsync(Command.Have, Message(7, 1));
        await peers[0].TellAsync(Command.Have, Message(7, 2));
        _node.Advance(9.9);
        Assert.That(await HeardAsync(peers[0]), Is.Empty);

        await DeliverAsync(peers[1], Message(7, 1));
        _node.Advance(0.1);

        IReadOnlyList<Received> heard = await peers[0].ReadUntilPongAsync();
        Received want = heard.Single(received => received.Command == Command.Want);
        Assert.That(ReadName(want), Is.EqualTo(peers[0].NameToNode(Message(7, 2))), "By the name that it was announced with.");
    }

    [Test]
    public async Task A_payload_that_nobody_asked_for_and_that_is_here_is_called_late_by_so_much()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await DeliverAsync(peers[0], Message(7, 1));
        await peers[1].ReadUntilPongAsync();
        _node.Advance(37.8);

        await peers[1].SendAsync(Command.Logos, Message(7, 1));

        Received late = (await peers[1].ReadUntilPongAsync()).Single();
        Assert.That((late.Command, ReadName(late)), Is.EqualTo((Command.Late, ScriptedPeer.NameToPeer(Message(7, 1)))));
        Assert.That(BitConverter.ToUInt16(late.Payload, 6), Is.EqualTo(37));
    }

    [Test]
    public async Task A_payload_that_was_asked_for_is_never_called_late()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await peers[0].TellAsync(Command.Have, Message(7, 1));
        _node.Advance(10);
        await DeliverAsync(peers[1], Message(7, 1));

        Assert.That(await DeliverAsync(peers[0], Message(7, 1)), Does.Not.Contain("late"));
    }

    [TestCase(5, "early")]
    [TestCase(4.9, "")]
    public async Task An_announcement_5_ms_before_the_payload_is_called_early(double lead, string heard)
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await peers[0].TellAsync(Command.Have, Message(7, 1));
        _node.Advance(lead);

        await DeliverAsync(peers[1], Message(7, 1));

        IReadOnlyList<Received> said = await peers[0].ReadUntilPongAsync();
        Assert.That(Names(said), Is.EqualTo(heard));
        if (said.Count > 0)
            Assert.That(ReadName(said[0]), Is.EqualTo(ScriptedPeer.NameToPeer(Message(7, 1))));
    }

    [TestCase(4096, 5)]
    [TestCase(4097, 5.9, Description = "5 ms, and what it takes at 40 Mbit/s.")]
    [TestCase(16_383, 8.3)]
    [TestCase(16_384, 13.3)]
    public async Task The_larger_a_payload_is_the_sooner_the_announcement_must_have_been(int frameLength, double lead)
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(3);
        byte[][] messages = [Message(7, 1, frameLength - WireLimits.HeaderSize), Message(7, 2, frameLength - WireLimits.HeaderSize)];

        Assert.That(await HeardAfterAsync(messages[0], lead - 0.1), Is.Empty);
        Assert.That(await HeardAfterAsync(messages[1], lead), Is.EqualTo("early"));

        async Task<string> HeardAfterAsync(byte[] message, double milliseconds)
        {
            // Another one is asked already: who is asked cannot have been early.
            await peers[0].TellAsync(Command.Have, message);
            _node.Advance(10);
            await peers[1].TellAsync(Command.Have, message);
            _node.Advance(milliseconds);
            await DeliverAsync(peers[2], message);
            return await HeardAsync(peers[1]);
        }
    }

    [Test]
    public async Task Only_the_earliest_announcement_is_called_early()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(3);
        await peers[1].TellAsync(Command.Have, Message(7, 1));
        _node.Advance(1);
        await peers[0].TellAsync(Command.Have, Message(7, 1));
        _node.Advance(8);

        await DeliverAsync(peers[2], Message(7, 1));

        Assert.That(await HeardAsync(peers[0], peers[1]), Is.EqualTo(new[] { "", "early" }));
    }

    [Test]
    public async Task Who_was_asked_is_not_called_early()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await peers[0].TellAsync(Command.Have, Message(7, 1));
        _node.Advance(20);

        await DeliverAsync(peers[1], Message(7, 1));

        Assert.That(await HeardAsync(peers[0]), Is.EqualTo("want"));
    }

    [Test]
    public async Task Who_announces_and_never_delivers_is_called_early_three_times_and_no_more_until_it_delivers()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        Assert.That(await EarlyAsync(0, 6), Is.EqualTo(3));

        await DeliverAsync(peers[0], Message(9, 100));
        Assert.That(await EarlyAsync(10, 2), Is.EqualTo(2));

        async Task<int> EarlyAsync(byte first, int count)
        {
            int early = 0;
            for (int i = 0; i < count; i++)
            {
                byte[] message = Message(8, (byte)(first + i));
                await peers[0].TellAsync(Command.Have, message);
                _node.Advance(9);
                await DeliverAsync(peers[1], message);
                early += (await HeardAsync(peers[0])).Split(' ').Count(command => command == "early");
            }

            return early;
        }
    }

    [Test]
    public async Task A_large_payload_is_told_of_before_it_is_sent_and_a_small_one_is_not()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        byte[] small = Message(7, 1, 8191 - WireLimits.HeaderSize), large = Message(7, 2, 8192 - WireLimits.HeaderSize);

        await DeliverAsync(peers[0], small);
        Assert.That(await HeardAsync(peers[1]), Is.EqualTo("logos"));
        await DeliverAsync(peers[0], large);

        IReadOnlyList<Received> heard = await peers[1].ReadUntilPongAsync();
        Assert.That(Names(heard), Is.EqualTo("coming logos"));
        Assert.That(ReadName(heard[0]), Is.EqualTo(ScriptedPeer.NameToPeer(large)));
        Assert.That(BitConverter.ToUInt32(heard[0].Payload, 6), Is.EqualTo(8192));
    }

    [Test]
    public async Task The_second_peer_to_send_a_large_message_is_held()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        byte[] large = Message(7, 1, 20_000);

        Assert.That(Names(await peers[0].TellAsync(Command.Coming, large)), Is.Empty);
        IReadOnlyList<Received> heard = await peers[1].TellAsync(Command.Coming, large);

        Assert.That(Names(heard), Is.EqualTo("hold"));
        Assert.That(ReadName(heard[0]), Is.EqualTo(peers[1].NameToNode(large)), "By the name that it was told of with.");
    }

    [Test]
    public async Task Who_holds_a_large_payload_is_announced_to_from_then_on()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await DeliverAsync(peers[0], Message(7, 1, 20_000));

        await peers[1].TellAsync(Command.Hold, Message(7, 1, 20_000));
        await DeliverAsync(peers[0], Message(7, 2, 20_000));

        Assert.That(await HeardAsync(peers[1]), Is.EqualTo("have"));
    }

    [Test]
    public async Task A_large_payload_that_waits_is_not_sent_to_a_peer_that_holds_it_meanwhile()
    {
        var handler = new RecordingHandler { IsQuick = true, Label = message => message[0] };
        await using var node = new GossipRig(handler);
        ScriptedPeer[] peers = await node.ConnectAsync(2);
        byte[][] messages = await FillAsync(peers[0]);

        await peers[1].SendAsync(
            peers[1].Frames.Create(Command.Hold, ScriptedPeer.NameToPeer(messages[2])),
            peers[1].Frames.Create(Command.Logos, Message(8, 1)));
        await handler.WaitAsync(4);

        await DeliverAsync(peers[0], Message(9, 1));

        foreach (byte[] sent in (byte[][])[messages[0], messages[1], Message(9, 1)])
            Assert.That((await peers[1].ReadAsync(Command.Logos)).Payload, Is.EqualTo(sent));
    }

    [Test]
    public async Task A_large_payload_that_waits_is_not_sent_to_a_peer_that_says_meanwhile_that_it_has_it()
    {
        var handler = new RecordingHandler { IsQuick = true, Label = message => message[0] };
        await using var node = new GossipRig(handler);
        ScriptedPeer[] peers = await node.ConnectAsync(2);
        byte[][] messages = await FillAsync(peers[0]);

        await peers[1].SendAsync(
            peers[1].Frames.Create(Command.Have, peers[1].NameToNode(messages[2])), peers[1].Frames.Create(Command.Logos, Message(8, 1)));
        await handler.WaitAsync(4);
        await DeliverAsync(peers[0], Message(9, 1));

        foreach (byte[] sent in (byte[][])[messages[0], messages[1], Message(9, 1)])
            Assert.That((await peers[1].ReadAsync(Command.Logos)).Payload, Is.EqualTo(sent));
        await DeliverAsync(peers[0], Message(7, 4, 20_000));
        Assert.That(await HeardAsync(peers[1]), Is.EqualTo("have"), "It gets such from elsewhere.");
    }

    [Test]
    public async Task A_large_payload_that_waits_is_sent_to_a_peer_that_asks_for_it_whatever_it_had_said_before()
    {
        var handler = new RecordingHandler { IsQuick = true, Label = message => message[0] };
        await using var node = new GossipRig(handler);
        ScriptedPeer[] peers = await node.ConnectAsync(2);
        byte[][] messages = await FillAsync(peers[0]);

        await peers[1].SendAsync(
            peers[1].Frames.Create(Command.Have, peers[1].NameToNode(messages[2])),
            peers[1].Frames.Create(Command.Want, ScriptedPeer.NameToPeer(messages[2])),
            peers[1].Frames.Create(Command.Logos, Message(8, 1)));
        await handler.WaitAsync(4);

        foreach (byte[] sent in messages)
            Assert.That((await peers[1].ReadAsync(Command.Logos)).Payload, Is.EqualTo(sent));
    }

    [Test]
    public async Task Six_peers_are_told_at_once_and_the_others_200_ms_later_if_they_have_not_told_us()
    {
        ScriptedPeer[] peers = await FloodedAsync(10);
        foreach (ScriptedPeer peer in peers[1..])
            await peer.TellAsync(Command.Late, Message(7, 1));

        await DeliverAsync(peers[0], Message(7, 2));
        string[] atOnce = await HeardAsync(peers[1..]);
        Assert.That(atOnce.Count(heard => heard == "have"), Is.EqualTo(6));
        ScriptedPeer[] untold = [.. peers[1..].Where((_, i) => atOnce[i].Length == 0)];
        await untold[0].TellAsync(Command.Have, Message(7, 2));

        _node.Advance(199);
        _node.Rig.Node.Relay.Tick();
        Assert.That(await HeardAsync(untold), Is.All.Empty);
        _node.Advance(1);
        _node.Rig.Node.Relay.Tick();
        Assert.That(await HeardAsync(untold), Is.EqualTo(new[] { "", "have", "have" }));
    }

    [Test]
    public async Task What_a_peer_is_told_later_it_is_told_in_one_frame()
    {
        ScriptedPeer[] peers = await FloodedAsync(9);
        foreach (ScriptedPeer peer in peers[1..])
            await peer.TellAsync(Command.Late, Message(7, 1));
        for (byte number = 2; number < 12; number++)
            await DeliverAsync(peers[0], Message(7, number));
        await HeardAsync(peers[1..]);

        _node.Advance(200);
        _node.Rig.Node.Relay.Tick();

        foreach (ScriptedPeer peer in peers[1..])
            Assert.That((await peer.ReadUntilPongAsync()).Count(heard => heard.Command == Command.Have), Is.AtMost(1));
    }

    [Test]
    public async Task Who_grafts_an_origin_is_sent_its_payloads()
    {
        ScriptedPeer[] peers = await FloodedAsync(2);
        await peers[1].TellAsync(Command.Late, Message(7, 1));

        await peers[1].SendAsync(peers[1].Frames.CreateGraft(7u));
        await peers[1].ReadUntilPongAsync();
        await DeliverAsync(peers[0], Message(7, 2));

        Assert.That(await HeardAsync(peers[1]), Is.EqualTo("logos"));
    }

    [Test]
    public async Task When_the_peer_leaves_that_brought_an_origin_the_next_best_is_grafted()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(3);
        await DeliverAsync(peers[0], Message(7, 1));
        await DeliverAsync(peers[0], Message(7, 2));
        await peers[1].TellAsync(Command.Have, Message(7, 2));
        _node.Settle();
        await HeardAsync(peers[1], peers[2]);

        peers[0].Close();
        await peers[0].EndAsync();

        Received graft = await peers[1].ReadAsync(Command.Graft);
        Assert.That(BitConverter.ToUInt32(graft.Payload), Is.EqualTo(7));
        Assert.That(await HeardAsync(peers[2]), Is.Empty);
    }

    [TestCase(false, "graft")]
    [TestCase(true, "")]
    public async Task When_the_peer_fails_that_brought_an_origin_others_are_grafted_for_all_that_it_brought(
        bool isMerelySlower, string heard)
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(3);
        foreach (byte[] message in (byte[][])[Message(7, 1), Message(7, 2), Message(8, 1)])
            await DeliverAsync(peers[0], message);
        await peers[2].TellAsync(Command.Have, Message(8, 2));
        await DeliverAsync(peers[0], Message(8, 2));
        _node.Settle();
        await HeardAsync(peers);

        await peers[1].TellAsync(Command.Have, Message(7, 3));
        _node.Advance(10);
        await DeliverAsync(peers[1], Message(7, 3));
        _node.Advance(19.9);
        if (isMerelySlower)
            await DeliverAsync(peers[0], Message(7, 3));
        Assert.That(await HeardAsync(peers[2]), Is.EqualTo("logos"), "Nothing has failed yet.");
        _node.Advance(0.1);

        Assert.That(await HeardAsync(peers[2]), Is.EqualTo(heard));
    }

    [Test]
    public async Task Lies_about_messages_that_are_unknown_or_went_another_way_change_nothing()
    {
        ScriptedPeer[] peers = await FloodedAsync(3);
        await peers[1].TellAsync(Command.Late, Message(7, 1));

        foreach (Command command in (Command[])[Command.Late, Command.Early, Command.Want, Command.Hold])
        {
            foreach (byte[] message in (byte[][])[Message(7, 1), Message(7, 99)])
            {
                foreach (ScriptedPeer peer in peers[..2])
                    Assert.That(Names(await peer.TellAsync(command, message)), Is.Empty, $"{command} gets no answer");
            }
        }

        await DeliverAsync(peers[0], Message(7, 2));
        Assert.That(await HeardAsync(peers[1], peers[2]), Is.EqualTo(new[] { "have", "logos" }), "As before.");
        Assert.That(peers.Select(peer => peer.Peer.Reason), Is.All.EqualTo(DisconnectReason.None));
    }

    [Test]
    public async Task What_one_peer_says_changes_nothing_for_another()
    {
        ScriptedPeer[] peers = await FloodedAsync(3);

        await peers[1].TellAsync(Command.Late, Message(7, 1));
        await peers[1].TellAsync(Command.Late, Message(7, 1));
        await peers[1].SendAsync(peers[1].Frames.CreateGraft(8u));
        await peers[1].ReadUntilPongAsync();
        await DeliverAsync(peers[0], Message(7, 2));

        Assert.That(await HeardAsync(peers[2]), Is.EqualTo("logos"));
    }

    [Test]
    public async Task An_announcement_of_a_message_of_long_ago_costs_one_copy_and_not_one_of_each_announcer()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(3);
        await DeliverAsync(peers[0], Message(7, 1));
        await HeardAsync(peers);
        _node.Advance(11_000);
        _node.Rig.Node.Relay.Tick();

        await peers[1].TellAsync(Command.Have, Message(7, 1));
        await peers[2].TellAsync(Command.Have, Message(7, 1));
        _node.Advance(10);
        Assert.That(await HeardAsync(peers[1], peers[2]), Is.EqualTo(new[] { "want", "" }));
        await DeliverAsync(peers[1], Message(7, 1));
        _node.Advance(10_000);

        Assert.That(await HeardAsync(peers[2]), Is.Empty);
    }

    [Test]
    public async Task A_peer_that_leaves_before_it_was_asked_delays_nothing()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        await peers[0].TellAsync(Command.Have, Message(7, 1));
        await peers[1].TellAsync(Command.Have, Message(7, 1));

        peers[0].Close();
        await peers[0].EndAsync();
        await Eventually.IsAsync(() => _node.Rig.Node.Peers.All.Length == 1);
        _node.Advance(10);

        Assert.That(await HeardAsync(peers[1]), Is.EqualTo("want"));
    }

    [Test]
    public async Task A_peer_that_does_not_speak_our_relay_is_not_listened_to_in_it()
    {
        ScriptedPeer plain = await _node.Rig.ConnectReadyAsync();
        await plain.SendAsync(plain.Frames.Create(Command.Have, new ShortId(1)));
        await plain.SendAsync(plain.Frames.CreateGraft(7u));

        await _node.Rig.WaitForDropsAsync(DropReason.UnknownCommand, 2);
        _node.Advance(10);
        Assert.That(await HeardAsync(plain), Is.Empty);
    }

    private static ShortId ReadName(Received received)
    {
        Assert.That(ShortIdCodec.TryRead(received.Payload.AsSpan(0, 6), out ShortIdList list), Is.EqualTo(DecodeStatus.Ok));
        return list[0];
    }

    /// <summary>A peer brings a message that fills the other's connection, one that is on its way, and one that waits.</summary>
    private static async Task<byte[][]> FillAsync(ScriptedPeer from)
    {
        byte[][] messages = [Message(7, 1, 70_000), Message(7, 2, 70_000), Message(7, 3, 20_000)];
        foreach (byte[] message in messages)
            await DeliverAsync(from, message);
        return messages;
    }

    /// <summary>Peers after the first message of an origin, which the first of them brought.</summary>
    private async Task<ScriptedPeer[]> FloodedAsync(int count)
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(count);
        await DeliverAsync(peers[0], Message(7, 1));
        Assert.That(await HeardAsync(peers[1..]), Is.All.EqualTo("logos"));
        return peers;
    }
}
