using Logos.P2P.AddrMan;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Peers;

/// <summary>What each kind of connection is for, and what must not pass on it.</summary>
internal sealed class ConnectionKindTests
{
    private static readonly P2POptions Main = new() { Network = P2PNetwork.Main, ExternalIPs = ["40.1.1.1"] };

    [Test]
    [Conformance("A1")]
    public async Task A_quiet_peer_is_neither_asked_for_addresses_nor_told_any()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer quiet = await rig.ConnectReadyAsync(ConnectionKind.Quiet, "60.1.1.1");
        ScriptedPeer other = await rig.ConnectReadyAsync(ConnectionKind.Outbound, "61.1.1.1");
        await other.ReadUntilPongAsync();
        await other.SendAsync(other.Frames.Create([Fresh(rig, "70.1.1.1")], v2: true));
        await other.ReadUntilPongAsync();
        var heard = new List<Command>();
        for (int i = 0; i < 60; i++)
        {
            rig.Advance(TimeSpan.FromSeconds(10));
            heard.AddRange((await quiet.ReadUntilPongAsync()).Select(message => message.Command));
            await other.ReadUntilPongAsync();
        }

        Assert.That(heard, Is.All.EqualTo(Command.Ping));
    }

    [Test]
    [Conformance("A1")]
    public async Task Addresses_from_a_quiet_peer_are_ignored_and_counted()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer quiet = await rig.ConnectReadyAsync(ConnectionKind.Quiet, "60.1.1.1");

        await quiet.SendAsync(quiet.Frames.Create([Fresh(rig, "70.1.1.1")], v2: true));
        await rig.WaitForDropsAsync(DropReason.UnwantedAddresses, 1);

        Assert.That(rig.Book.Contains(PeerRig.Endpoint("70.1.1.1")), Is.False);
        Assert.That(quiet.Peer.Reason, Is.EqualTo(DisconnectReason.None));
    }

    [Test]
    public async Task Messages_flow_to_a_quiet_peer_and_from_it()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer quiet = await rig.ConnectReadyAsync(ConnectionKind.Quiet, "60.1.1.1");

        Assert.That(rig.Node.Relay.Propagate("out"u8), Is.True);
        Assert.That((await quiet.ReadAsync(Command.Logos)).Payload, Is.EqualTo("out"u8.ToArray()));
        await quiet.SendAsync(Command.Logos, "in"u8.ToArray());
        await quiet.ReadUntilPongAsync();
        Assert.That(rig.Metrics.Dropped(DropReason.Duplicate), Is.Zero);
        await rig.WaitForAsync<MessageReceived>();
    }

    [Test]
    public async Task A_quiet_peer_enters_the_tried_table_but_its_time_does_not_give_it_away()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer quiet = rig.Connect(ConnectionKind.Quiet, "60.1.1.1");
        TimedAddress told = Fresh(rig, "60.1.1.1", quiet.Peer.Endpoint.Port);
        rig.Book.Add([told], PeerRig.Endpoint("61.1.1.1").Address);
        await quiet.ShakeHandsAsync();
        await rig.WaitForAsync<PeerReady>();
        rig.Clock.Advance(TimeSpan.FromHours(1));

        quiet.Close();
        await quiet.EndAsync();

        Assert.That(rig.Book.TryGet(told.Endpoint, out AddressEntry? entry), Is.True);
        Assert.That(entry!.InTried, Is.True);
        Assert.That(entry.Address.Time, Is.EqualTo(told.Time));
    }

    [Test]
    [Conformance("H5", "H9")]
    public async Task A_feeler_notes_that_the_address_answers_and_leaves_without_a_word()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer feeler = rig.Connect(ConnectionKind.Feeler, "60.1.1.1");
        rig.Book.Add([Fresh(rig, "60.1.1.1", feeler.Peer.Endpoint.Port)], PeerRig.Endpoint("61.1.1.1").Address);

        await feeler.ShakeHandsAsync();

        Assert.That(await feeler.EndAsync(), Is.EqualTo(DisconnectReason.FeelerDone));
        Assert.That(await feeler.ReadAsync(), Is.Null, "It asked for nothing and told nothing.");
        Assert.That(rig.Book.TriedCount, Is.EqualTo(1));
    }

    [Test]
    public async Task A_feeler_that_meets_a_node_of_another_kind_proves_nothing()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer feeler = rig.Connect(ConnectionKind.Feeler, "60.1.1.1");
        rig.Book.Add([Fresh(rig, "60.1.1.1", feeler.Peer.Endpoint.Port)], PeerRig.Endpoint("61.1.1.1").Address);

        await feeler.SendAsync(feeler.Frames.Create(ScriptedPeer.Version() with { Services = Services.None }));

        Assert.That(await feeler.EndAsync(), Is.EqualTo(DisconnectReason.MissingServices));
        Assert.That(rig.Book.TriedCount, Is.Zero);
    }

    [Test]
    public async Task A_peer_that_was_asked_for_addresses_brings_no_messages()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer seed = await rig.ConnectReadyAsync(ConnectionKind.AddrFetch, "60.1.1.1"), other = await rig.ConnectReadyAsync();
        await seed.SendAsync(Command.Logos, 1);
        await seed.SendAsync(Command.Direct, 2);
        await seed.ReadUntilPongAsync();
        Assert.That(rig.Handler.Messages, Is.Empty);
        Assert.That(rig.Metrics.Dropped(DropReason.UnknownCommand), Is.EqualTo(2));
        Assert.That((await other.ReadUntilPongAsync()).Select(heard => heard.Command), Has.None.EqualTo(Command.Logos));

        await other.SendAsync(Command.Logos, 1);
        await rig.Handler.WaitAsync();

        Assert.That(rig.Handler.Messages, Is.EqualTo(new[] { new byte[] { 1 } }), "It is as new.");
    }

    [Test]
    [Conformance("A7")]
    public async Task A_peer_that_was_asked_for_addresses_is_left_when_it_has_told_more_than_its_own()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer seed = await rig.ConnectReadyAsync(ConnectionKind.AddrFetch, "60.1.1.1");
        await seed.ReadAsync(Command.GetAddr);

        await seed.SendAsync(seed.Frames.Create([Fresh(rig, "60.1.1.1")], v2: true));
        await seed.ReadUntilPongAsync();
        Assert.That(seed.Peer.Reason, Is.EqualTo(DisconnectReason.None), "That was its own.");

        await seed.SendAsync(seed.Frames.Create([Fresh(rig, "70.1.1.1"), Fresh(rig, "71.1.1.1")], v2: true));
        Assert.That(await seed.EndAsync(), Is.EqualTo(DisconnectReason.AddrFetchDone));
        Assert.That(rig.Book.Count, Is.EqualTo(3));
    }

    [Test]
    [Conformance("A7")]
    public async Task A_peer_that_was_asked_for_addresses_and_says_nothing_is_left_after_five_minutes()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer seed = await rig.ConnectReadyAsync(ConnectionKind.AddrFetch, "60.1.1.1");

        // It is alive and answers pings; only what it was asked for does not come.
        for (TimeSpan passed = TimeSpan.Zero; passed < NodeDefaults.AddrFetchTimeout; passed += TimeSpan.FromSeconds(10))
        {
            Assert.That(seed.Peer.Reason, Is.EqualTo(DisconnectReason.None));
            await seed.ReadUntilPongAsync();
            rig.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.That(await seed.EndAsync(), Is.EqualTo(DisconnectReason.AddrFetchTimeout));
    }

    [Test]
    public async Task A_peer_that_is_asked_for_addresses_is_no_connection_for_messages()
    {
        await using var rig = new PeerRig(Main);
        ScriptedPeer seed = await rig.ConnectReadyAsync(ConnectionKind.AddrFetch, "60.1.1.1");

        Assert.That(rig.Node.Relay.Propagate("nobody"u8), Is.False);
        Assert.That(
            (await seed.ReadUntilPongAsync()).Select(message => message.Command), Does.Not.Contain(Command.Logos));
    }

    private static TimedAddress Fresh(PeerRig rig, string host, ushort port = 14495) =>
        new(PeerRig.Endpoint(host, port), Services.Logos, (uint)rig.Clock.UnixSeconds);
}
