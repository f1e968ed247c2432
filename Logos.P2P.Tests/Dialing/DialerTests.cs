using System.Collections.Concurrent;
using Logos.P2P.AddrMan;
using Logos.P2P.Dialing;
using Logos.P2P.Discovery;
using Logos.P2P.Peers;
using Logos.P2P.Storage;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Tests.Discovery;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Tests.Transport;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Dialing;

/// <summary>The dialler under a clock that the test moves, in a world where the test says who answers.</summary>
internal sealed class DialerTests
{
    private static readonly P2POptions Main = new() { Network = P2PNetwork.Main, Listen = false };

    [Test]
    [Conformance("H9")]
    public async Task It_fills_eight_full_and_two_quiet_slots_and_no_more_with_one_dial_each_half_second()
    {
        await using var world = new World(Main);
        world.Know(100);

        await world.AdvanceAsync(TimeSpan.FromSeconds(10));

        Assert.That(
            world.Connected.Select(peer => peer.Kind),
            Is.EqualTo(Enumerable.Repeat(ConnectionKind.Outbound, 8).Concat(Enumerable.Repeat(ConnectionKind.Quiet, 2))));
        Assert.That(world.Dials, Has.Count.EqualTo(10));
        Assert.That(world.Waits(), Is.All.GreaterThanOrEqualTo(NodeDefaults.DialInterval));
        Assert.That(world.Dials[^1].At, Is.LessThanOrEqualTo(TimeSpan.FromSeconds(6)));
    }

    [Test]
    public async Task A_lost_peer_is_replaced_within_ten_seconds()
    {
        await using var world = new World(Main);
        world.Know(15);
        await world.AdvanceAsync(TimeSpan.FromSeconds(10));
        for (int i = 0; i < 10; i++)
        {
            await world.LoseAsync(world.Connected[i % 10]);
            Assert.That(world.Connected, Has.Count.EqualTo(9));

            await world.AdvanceAsync(TimeSpan.FromSeconds(10));
            Assert.That(world.Connected, Has.Count.EqualTo(10), $"Loss {i}.");
        }
    }

    [Test]
    public async Task Dead_addresses_are_not_stormed()
    {
        await using var world = new World(Main);
        world.Know(20);
        world.Answers = _ => false;

        await world.AdvanceAsync(TimeSpan.FromMinutes(10));

        Assert.That(world.Waits(), Is.All.GreaterThanOrEqualTo(NodeDefaults.DialInterval));
        // While we are alone nobody waits longer than five seconds, and nobody shorter than after so many failures.
        foreach (IGrouping<NetEndpoint, (NetEndpoint Endpoint, TimeSpan At)> dials in world.Dials.GroupBy(dial => dial.Endpoint))
        {
            TimeSpan[] times = [.. dials.Select(dial => dial.At)];
            Assert.That(times.Zip(times.Skip(3), (earlier, later) => later - earlier), Is.All.GreaterThan(TimeSpan.FromSeconds(5)));
        }

        Assert.That(
            world.Rig.Book.Snapshot().Select(entry => entry.Attempts), Is.All.Zero, "Nobody said that our line works.");
    }

    [Test]
    public async Task A_dead_address_is_dialled_less_and_less_often_while_others_answer()
    {
        await using var world = new World(Main with { MaxConnections = 9 });
        world.Know(7);
        world.Know("70.1.1.1");
        world.Answers = endpoint => endpoint != Book.Endpoint("70.1.1.1");

        await world.AdvanceAsync(TimeSpan.FromMinutes(5));

        double[] times =
            [.. world.Dials.Where(dial => dial.Endpoint == Book.Endpoint("70.1.1.1")).Select(dial => dial.At.TotalSeconds)];
        Assert.That(times, Has.Length.InRange(4, 10));
        for (int i = 3; i < times.Length; i++)
            Assert.That(times[i] - times[i - 1], Is.GreaterThanOrEqualTo(1 << (i - 1)));
    }

    [Test]
    public async Task A_feeler_tries_a_new_address_every_two_minutes_and_leaves()
    {
        await using var world = new World(Main);
        world.Know(200);
        await world.AdvanceAsync(TimeSpan.FromSeconds(10));
        int tried = world.Rig.Book.TriedCount;

        await world.AdvanceAsync(TimeSpan.FromHours(1));

        int feelers = world.Dials.Count - 10;
        Assert.That(feelers, Is.InRange(15, 50), "About 30 in an hour, and a few newcomers.");
        Assert.That(world.Rig.Book.TriedCount, Is.InRange(tried + 15, tried + feelers), "Most proved an address.");
        Assert.That(world.Rig.Node.Peers.All.Select(peer => peer.Kind), Does.Not.Contain(ConnectionKind.Feeler));
    }

    [Test]
    [Conformance("E3")]
    public async Task The_peer_that_brings_nothing_first_is_replaced_and_only_now_and_then()
    {
        await using var world = new World(Main with { RandomSeed = 3 });
        world.Know(200);
        await world.AdvanceAsync(TimeSpan.FromSeconds(10));
        Peer idle = world.Connected.First(peer => peer.Kind == ConnectionKind.Outbound);
        var everybody = new HashSet<long>();
        for (int minute = 0; minute < 240; minute++)
        {
            foreach (Peer peer in world.Connected.Where(peer => peer != idle))
                peer.NoteFirstDelivery();
            await world.AdvanceAsync(TimeSpan.FromMinutes(1), step: TimeSpan.FromSeconds(1));
            Peer[] full = [.. world.Connected.Where(peer => peer.Kind == ConnectionKind.Outbound)];
            everybody.UnionWith(full.Select(peer => peer.Id));
            Assert.That(full, Has.Length.InRange(8, 9));
        }

        Assert.That(idle.Reason, Is.EqualTo(DisconnectReason.Replaced));
        Assert.That(everybody, Has.Count.InRange(10, 8 + 25), "About one newcomer in 20 minutes.");
    }

    [TestCase(1)]
    [TestCase(30)]
    public async Task A_network_that_this_machine_has_no_way_to_does_not_keep_idle_peers_in_place(int unreachable)
    {
        await using var world = new World(Main with { RandomSeed = 3 });
        world.Know(100);
        for (int i = 1; i <= unreachable; i++)
            world.Know($"2600:{i:x}::1");
        world.Answers = endpoint => endpoint.Address.Network == NetworkId.IPv4;
        await world.AdvanceAsync(TimeSpan.FromSeconds(30));
        Peer idle = world.Connected.First(peer => peer.Kind == ConnectionKind.Outbound);
        for (int minute = 0; minute < 240 && idle.Reason == DisconnectReason.None; minute++)
        {
            foreach (Peer peer in world.Connected.Where(peer => peer != idle))
                peer.NoteFirstDelivery();
            await world.AdvanceAsync(TimeSpan.FromMinutes(1), step: TimeSpan.FromSeconds(1));
        }

        Assert.That(idle.Reason, Is.EqualTo(DisconnectReason.Replaced));
    }

    [Test]
    [Conformance("E3")]
    public async Task A_newcomer_comes_from_a_network_that_has_no_peer_and_stays()
    {
        await using var world = new World(Main);
        world.Know(40);
        await world.AdvanceAsync(TimeSpan.FromSeconds(10));
        world.Know("2600:1::1");

        await world.AdvanceAsync(TimeSpan.FromHours(4), step: TimeSpan.FromSeconds(1));

        Assert.That(
            world.Connected.Select(peer => (peer.Kind, peer.Endpoint)),
            Does.Contain((ConnectionKind.Outbound, Book.Endpoint("2600:1::1"))));
    }

    [Test]
    public async Task Where_there_are_as_many_networks_as_peers_a_newcomer_leaves_again()
    {
        await using var world = new World(Main with { MaxOutbound = 1 });
        world.Know(40);
        await world.AdvanceAsync(TimeSpan.FromSeconds(10));
        world.Know("2600:1::1");

        await world.AdvanceAsync(TimeSpan.FromHours(4), step: TimeSpan.FromSeconds(1));

        Assert.That(world.Dials.Select(dial => dial.Endpoint), Does.Contain(Book.Endpoint("2600:1::1")));
        Assert.That(world.Connected.Count(peer => peer.Kind == ConnectionKind.Outbound), Is.LessThanOrEqualTo(2));
        Assert.That(
            world.Dials.Count(dial => dial.At > TimeSpan.FromHours(1)), Is.GreaterThan(10), "There are feelers and newcomers still.");
    }

    [Test]
    public async Task Who_is_named_by_his_address_is_asked_on_any_network_and_who_is_found_by_name_is_not()
    {
        await using var world = new World(Main with { OnlyNets = ["ipv4"] });
        world.Resolver.Set("seed.example", "2600:1::2", "72.1.1.1");
        world.FetchQueue.Add("[2600:1::1]:5");
        world.FetchQueue.Add("seed.example");

        await world.AdvanceAsync(TimeSpan.FromSeconds(3));

        Assert.That(
            world.Dials.Select(dial => dial.Endpoint),
            Is.EqualTo(new[] { Book.Endpoint("[2600:1::1]:5"), Book.Endpoint("72.1.1.1") }));
    }

    [Test]
    public async Task Of_thousands_behind_a_name_a_few_are_dialled_before_it_is_looked_up_again()
    {
        await using var world = new World(Main with { Connect = ["many.example"] });
        world.Resolver.Set("many.example", Enumerable.Range(0, 4000).Select(i => $"{20 + (i >> 8)}.{i & 255}.1.1"));
        world.Answers = _ => false;

        await world.AdvanceAsync(TimeSpan.FromMinutes(5));

        int lookUps = world.Resolver.Asked.Count;
        Assert.That(lookUps, Is.GreaterThan(2));
        Assert.That(world.Dials, Has.Count.InRange((lookUps - 1) * NodeDefaults.MaxAddressesOfName, lookUps * NodeDefaults.MaxAddressesOfName));
        Assert.That(world.Dials.Select(dial => dial.Endpoint).Distinct().Count(), Is.GreaterThan(NodeDefaults.MaxAddressesOfName));
    }

    [Test]
    public async Task Addresses_of_networks_that_are_not_dialled_take_no_draws_from_those_that_are()
    {
        await using var world = new World(Main with { OnlyNets = ["ipv6"] });
        world.Know(5000);
        for (int i = 1; i <= 30; i++)
            world.Know($"2600:{i:x}::1");

        await world.AdvanceAsync(TimeSpan.FromSeconds(6));
        Assert.That(world.Connected, Has.Count.EqualTo(10));
        await world.AdvanceAsync(TimeSpan.FromMinutes(20), step: TimeSpan.FromSeconds(1));

        Assert.That(world.Dials.Count - 10, Is.InRange(5, 25), "About ten feelers.");
        Assert.That(world.Dials.Select(dial => dial.Endpoint.Address.Network), Is.All.EqualTo(NetworkId.IPv6));
    }

    [Test]
    public async Task A_feeler_first_tests_whose_place_another_waits_for()
    {
        await using var world = new World(Main);
        world.Know(10);
        await world.AdvanceAsync(TimeSpan.FromSeconds(10));
        (NetEndpoint occupant, NetEndpoint newcomer) = world.MakeCollision();

        await world.AdvanceAsync(TimeSpan.FromMinutes(10));

        Assert.That(world.Dials.Select(dial => dial.Endpoint), Does.Contain(occupant));
        Assert.That(world.Rig.Book.TryGet(occupant, out AddressEntry? entry) && entry.InTried, Is.True, "It answered.");
        Assert.That(world.Rig.Book.TryGet(newcomer, out AddressEntry? waiting) && waiting.InTried, Is.False);
        Assert.That(world.Rig.Book.TriedCollisionCount, Is.Zero);
    }

    [Test]
    public async Task The_place_of_one_that_does_not_answer_goes_to_the_newcomer()
    {
        await using var world = new World(Main);
        world.Know(10);
        await world.AdvanceAsync(TimeSpan.FromSeconds(10));
        (NetEndpoint occupant, NetEndpoint newcomer) = world.MakeCollision();
        world.Answers = endpoint => endpoint != occupant;

        await world.AdvanceAsync(TimeSpan.FromMinutes(15));

        Assert.That(world.Rig.Book.TryGet(occupant, out AddressEntry? entry) && entry.InTried, Is.False);
        Assert.That(world.Rig.Book.TryGet(newcomer, out AddressEntry? replaced) && replaced.InTried, Is.True);
    }

    [Test]
    [Conformance("M3")]
    public async Task The_quiet_peers_of_the_last_run_are_dialled_before_any_other()
    {
        Anchor[] anchors = [Anchored("70.1.1.1"), Anchored("71.1.1.1:5")];
        await using var world = new World(Main, anchors);
        world.Know(100);

        await world.AdvanceAsync(TimeSpan.FromSeconds(10));

        Assert.That(world.Dials.Take(2).Select(dial => dial.Endpoint), Is.EqualTo(anchors.Select(anchor => anchor.Endpoint)));
        Assert.That(world.Dialer.Anchors(), Is.EquivalentTo(anchors));
        Assert.That(world.Connected, Has.Count.EqualTo(10));
    }

    [Test]
    public async Task Anchors_that_do_not_answer_are_replaced()
    {
        await using var world = new World(Main, Anchored("70.1.1.1"), Anchored("71.1.1.1"));
        world.Know(100);
        world.Answers = endpoint => !endpoint.ToString().StartsWith('7');

        await world.AdvanceAsync(TimeSpan.FromSeconds(20));

        Assert.That(world.Connected.Count(peer => peer.Kind == ConnectionKind.Quiet), Is.EqualTo(2));
        Assert.That(world.Dialer.Anchors(), Has.Count.EqualTo(2));
        Assert.That(world.Dials.Count(dial => dial.Endpoint.ToString().StartsWith('7')), Is.EqualTo(2), "Once each.");
    }

    [Test]
    public async Task Anchors_are_subject_to_the_rules_for_other_addresses()
    {
        await using var world = new World(
            Main, Anchored("70.1.1.1"), Anchored("70.1.2.2"), Anchored("71.1.1.1"), Anchored("72.1.1.1"), OnOnion());
        world.Rig.Node.Discouragement.Add(Book.Host("71.1.1.1"));

        await world.AdvanceAsync(TimeSpan.FromSeconds(10));

        Assert.That(
            world.Connected.Select(peer => peer.Endpoint),
            Is.EqualTo(new[] { Book.Endpoint("70.1.1.1"), Book.Endpoint("72.1.1.1") }));
    }

    [Test]
    public async Task A_peer_to_ask_for_addresses_is_dialled_though_nobody_is_known()
    {
        await using var world = new World(Main);
        world.FetchQueue.Add("70.1.1.1");
        world.FetchQueue.Add("71.1.1.1:5");

        await world.AdvanceAsync(TimeSpan.FromSeconds(3));

        Assert.That(
            world.Connected.Select(peer => (peer.Endpoint.ToString(), peer.Kind)),
            Is.EqualTo(new[]
            {
                ("70.1.1.1:14495", ConnectionKind.AddrFetch), ("71.1.1.1:5", ConnectionKind.AddrFetch),
            }));
        Assert.That(world.Rig.Node.Peers.Ready, Is.Empty, "It carries no messages.");
    }

    [Test]
    public async Task No_more_than_four_are_asked_at_once_and_each_once()
    {
        await using var world = new World(Main);
        for (int i = 0; i < 6; i++)
            world.FetchQueue.Add($"{70 + i}.1.1.1");

        await world.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.That(world.Connected, Has.Count.EqualTo(4));

        foreach (Peer peer in world.Connected)
            await world.LoseAsync(peer);
        await world.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.That(world.Dials, Has.Count.EqualTo(6));
        Assert.That(world.Connected, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task No_two_automatic_peers_share_a_neighbourhood()
    {
        await using var world = new World(Main);
        for (int i = 0; i < 60; i++)
            world.Know($"20.{i % 3}.{i}.1");

        await world.AdvanceAsync(TimeSpan.FromSeconds(30));

        Assert.That(
            world.Connected.Select(peer => peer.Endpoint.Address.ToString()[..5]),
            Is.EquivalentTo(new[] { "20.0.", "20.1.", "20.2." }));
    }

    [Test]
    public async Task A_private_net_is_not_one_neighbourhood()
    {
        await using var world = new World(Main with { PrivateNet = true });
        for (int i = 0; i < 20; i++)
            world.Know($"192.168.1.{i + 1}");

        await world.AdvanceAsync(TimeSpan.FromSeconds(10));

        Assert.That(world.Connected, Has.Count.EqualTo(10));
    }

    [Test]
    public async Task Neither_our_own_nor_discouraged_addresses_are_dialled()
    {
        await using var world = new World(Main);
        world.Know("20.1.1.1");
        world.Know("20.2.1.1");
        world.Know("20.3.1.1");
        world.Rig.Node.Local.AddOwn(Book.Endpoint("20.1.1.1"));
        world.Rig.Node.Discouragement.Add(Book.Host("20.2.1.1"));

        await world.AdvanceAsync(TimeSpan.FromSeconds(10));

        Assert.That(world.Dials.Select(dial => dial.Endpoint), Is.EqualTo(new[] { Book.Endpoint("20.3.1.1") }));
    }

    [Test]
    public async Task Banned_hosts_are_not_dialled_by_anybody_until_the_ban_is_over()
    {
        await using var world = new World(Main with { AddNodes = ["20.1.1.1"] }, Anchored("20.1.2.2"));
        world.Know("20.1.3.3");
        world.FetchQueue.Add("20.1.4.4");
        world.Rig.Node.Bans.Add(Subnet.Parse("20.1.0.0/16"), TimeSpan.FromMinutes(5));

        await world.AdvanceAsync(TimeSpan.FromMinutes(4));
        Assert.That(world.Dials, Is.Empty);

        await world.AdvanceAsync(TimeSpan.FromMinutes(3));
        Assert.That(
            world.Connected.Select(peer => peer.Endpoint),
            Is.EquivalentTo(new[] { Book.Endpoint("20.1.1.1"), Book.Endpoint("20.1.3.3") }));
    }

    [Test]
    public async Task A_peer_of_the_operator_that_may_not_be_banned_is_dialled()
    {
        await using var world = new World(
            Main with { AddNodes = ["20.1.1.1", "20.2.2.2"], Whitelist = ["noban,out@20.1.1.1", "noban,in@20.2.2.2"] });
        world.Rig.Node.Bans.Add(Subnet.Parse("20.0.0.0/8"), TimeSpan.FromDays(1));

        await world.AdvanceAsync(TimeSpan.FromSeconds(10));

        Assert.That(world.Connected.Select(peer => peer.Endpoint), Is.EqualTo(new[] { Book.Endpoint("20.1.1.1") }));
    }

    [Test]
    public async Task Connect_0_dials_nobody_however_many_are_known()
    {
        await using var world = new World(Main with { Connect = ["0"] });
        world.Know(100);

        await world.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.That(world.Dials, Is.Empty);
    }

    [Test]
    public async Task Connect_dials_those_and_nobody_else()
    {
        await using var world = new World(Main with { Connect = ["70.1.1.1", "71.1.1.1:5"] });
        world.Know(100);

        await world.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.That(
            world.Connected.Select(peer => peer.Endpoint.ToString()),
            Is.EquivalentTo(new[] { "70.1.1.1:14495", "71.1.1.1:5" }));
        Assert.That(world.Dials, Has.Count.EqualTo(2));
        Assert.That(world.Connected.Select(peer => peer.Kind), Is.All.EqualTo(ConnectionKind.Manual));
    }

    [Test]
    public async Task A_peer_of_the_operator_is_tried_until_it_answers_less_and_less_often()
    {
        await using var world = new World(Main with { Connect = ["71.1.1.1", "70.1.1.1"] });
        await world.AdvanceAsync(TimeSpan.FromSeconds(1));
        world.Answers = endpoint => endpoint == Book.Endpoint("71.1.1.1");
        await world.LoseAsync(world.Connected.Single(peer => peer.Endpoint == Book.Endpoint("70.1.1.1")));

        await world.AdvanceAsync(TimeSpan.FromMinutes(5));
        int[] seconds = [.. world.Dials.Skip(2).Select(dial => (int)Math.Round(dial.At.TotalSeconds))];
        // 1, 2, 4, 8, 16, 32, 60, 60 ... apart, on the beat.
        Assert.That(seconds, Is.EqualTo(new[] { 1, 2, 4, 8, 16, 32, 64, 124, 184, 244 }).Within(1));

        world.Answers = _ => true;
        await world.AdvanceAsync(NodeDefaults.ManualRetryMax);
        Assert.That(world.Connected, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task When_the_line_is_back_so_are_we_within_seconds()
    {
        await using var world = new World(Main with { AddNodes = ["90.1.1.1"] });
        world.Know(15);
        await world.AdvanceAsync(TimeSpan.FromSeconds(10));
        world.Answers = _ => false;
        foreach (Peer peer in world.Connected)
            await world.LoseAsync(peer);
        await world.AdvanceAsync(TimeSpan.FromMinutes(30), step: TimeSpan.FromSeconds(1));
        Assert.That(world.Connected, Is.Empty);
        Assert.That(world.Rig.Book.Snapshot().Select(entry => entry.Attempts), Is.All.Zero);

        world.Answers = _ => true;
        await world.AdvanceAsync(TimeSpan.FromSeconds(12));

        Assert.That(world.Connected, Has.Count.AtLeast(11));
    }

    [Test]
    public async Task A_peer_of_the_operator_that_was_lost_is_back_soon()
    {
        await using var world = new World(Main with { AddNodes = ["70.1.1.1"] });
        await world.AdvanceAsync(TimeSpan.FromSeconds(1));
        await world.LoseAsync(world.Connected.Single());
        Assert.That(world.Connected, Is.Empty);

        await world.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.That(world.Connected, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_peer_that_is_the_operators_and_in_the_book_is_dialled_once()
    {
        await using var world = new World(Main with { AddNodes = ["70.1.1.1"] });
        world.Know("70.1.1.1");
        world.HoldsDials = true;

        await world.AdvanceAsync(TimeSpan.FromSeconds(2), settles: false);
        await Eventually.IsAsync(() => world.Dials.Count > 0);
        world.LetGo();
        await world.AdvanceAsync(TimeSpan.FromSeconds(10));

        Assert.That(world.Dials, Has.Count.EqualTo(1));
        Assert.That(world.Connected.Single().Kind, Is.EqualTo(ConnectionKind.Manual));
    }

    [Test]
    public async Task A_dial_without_an_answer_is_given_up_in_time_and_holds_up_no_other()
    {
        await using var world = new World(Main);
        world.Know(8);
        world.HoldsDials = true;
        await world.AdvanceAsync(NodeDefaults.ConnectTimeout - NodeDefaults.Heartbeat, settles: false);
        await Eventually.IsAsync(() => world.Dials.Count == 8);
        Assert.That(world.Dialer.SlotsInUse, Is.EqualTo(8));

        world.HoldsDials = false;
        world.Rig.Clock.Advance(NodeDefaults.ConnectTimeout);
        await Eventually.IsAsync(() => world.Dialer.SlotsInUse == 0);
    }

    [Test]
    public async Task Stopping_gives_up_the_dials_that_are_running()
    {
        await using var world = new World(Main with { AddNodes = ["70.1.1.1"] });
        world.Know(8);
        world.HoldsDials = true;
        await world.AdvanceAsync(TimeSpan.FromSeconds(3), settles: false);
        await Eventually.IsAsync(() => world.Dials.Count >= 3);

        await world.Dialer.StopAsync().WaitAsync(TestNode.Patience);

        Assert.That(world.Dialer.SlotsInUse, Is.Zero);
        world.Dialer.Tick();
        Assert.That(world.Dialer.SlotsInUse, Is.Zero, "Nothing begins after the stop.");
    }

    [Test]
    public async Task A_transport_that_fails_in_an_unexpected_way_costs_a_wait_like_any_other()
    {
        await using var world = new World(Main with { Connect = ["70.1.1.1"] });
        world.Answers = _ => throw new InvalidOperationException("On purpose.");

        await world.AdvanceAsync(TimeSpan.FromSeconds(10));

        Assert.That(world.Dials, Has.Count.LessThanOrEqualTo(5));
    }

    [Test]
    public async Task Ourselves_are_met_once_and_never_again()
    {
        await using var world = new World(Main with { Connect = ["70.1.1.1"] });
        world.Know("70.1.1.1");
        world.LeadsToOurselves = true;

        await world.AdvanceAsync(TimeSpan.FromMinutes(5));

        Assert.That(world.Dials, Has.Count.EqualTo(1));
        Assert.That(world.Rig.Node.Local.IsOwn(Book.Endpoint("70.1.1.1")), Is.True);
        Assert.That(world.Rig.Node.Peers.All, Is.Empty);
    }

    [Test]
    public async Task A_name_that_cannot_be_looked_up_is_tried_again_later()
    {
        await using var world = new World(Main with { Connect = ["nobody.invalid"] });

        await world.AdvanceAsync(TimeSpan.FromSeconds(3));

        Assert.That(world.Dials, Is.Empty);
        Assert.That(world.Dialer.SlotsInUse, Is.Zero);
    }

    [Test]
    public async Task A_name_is_looked_up_and_dialled()
    {
        await using var world = new World(new P2POptions { Network = P2PNetwork.Regtest, Connect = ["somebody.example:5"] });
        world.Resolver.Set("somebody.example", "127.0.0.1");

        await world.AdvanceAsync(TimeSpan.FromSeconds(3));

        Assert.That(
            world.Connected.Single().Endpoint, Is.EqualTo(Book.Endpoint("127.0.0.1:5")));
    }

    private static Anchor Anchored(string host) => new(Book.Endpoint(host), Services.Logos);

    private static Anchor OnOnion() => NetAddress.TryCreate(NetworkId.TorV3, new byte[32], out NetAddress onion)
        ? new Anchor(new NetEndpoint(onion, 1), Services.Logos)
        : throw new InvalidOperationException();

    private sealed class World : ITransport, IAsyncDisposable
    {
        private readonly ConcurrentQueue<(NetEndpoint Endpoint, TimeSpan At)> _dials = new();
        private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly FramePool _frames;

        public World(P2POptions options, params Anchor[] anchors)
        {
            Rig = new PeerRig(options);
            _frames = new FramePool(options.Network);
            Dialer = new Dialer(Rig.Node, this, Resolver, Rig.Book, Rig.Host, FetchQueue, anchors);
        }

        public PeerRig Rig { get; }

        public Dialer Dialer { get; }

        public AddrFetchQueue FetchQueue { get; } = new();

        public ScriptedResolver Resolver { get; } = new();

        public Func<NetEndpoint, bool> Answers { get; set; } = _ => true;

        public bool HoldsDials { get; set; }

        public bool LeadsToOurselves { get; set; }

        public IReadOnlyList<(NetEndpoint Endpoint, TimeSpan At)> Dials => [.. _dials];

        public IReadOnlyList<Peer> Connected =>
        [
            .. Rig.Node.Peers.All.Where(
                peer => peer is { IsReady: true, Reason: DisconnectReason.None, Kind: not ConnectionKind.Inbound }),
        ];

        public void LetGo()
        {
            HoldsDials = false;
            _letGo.TrySetResult();
        }

        public void Know(int count)
        {
            for (int i = 0; Rig.Book.Count < count; i++)
                Know($"{20 + (i % 100)}.{i & 255}.{1 + (i >> 8)}.1");
        }

        public void Know(string host) => Rig.Book.Add(
            [new TimedAddress(Book.Endpoint(host), Services.Logos, (uint)Rig.Clock.UnixSeconds)], Book.Host(host));

        /// <summary>Makes an address, that answered us before, wait for the place of another in the tried table.</summary>
        public (NetEndpoint Occupant, NetEndpoint Newcomer) MakeCollision()
        {
            long longAgo = Rig.Clock.UnixSeconds - Book.Day;
            for (int i = 0; ; i++)
            {
                NetEndpoint one = Book.Endpoint($"50.{i >> 8}.{i & 255}.1");
                Rig.Book.Add([new TimedAddress(one, Services.Logos, (uint)Rig.Clock.UnixSeconds)], Book.Host($"60.{i & 255}.1.1"));
                Rig.Book.Good(one, longAgo);
                if (Rig.Book.TriedCollisionCount == 0)
                    continue;
                Rig.Book.Good(one, Rig.Clock.UnixSeconds);
                return (Rig.Book.SelectTriedCollision()!.Value.Address.Endpoint, one);
            }
        }

        public IEnumerable<TimeSpan> Waits() =>
            Dials.Zip(Dials.Skip(1), (earlier, later) => later.At - earlier.At);

        /// <summary>Lets time pass beat by beat, and after each waits for the dials to come to something.</summary>
        public async Task AdvanceAsync(TimeSpan by, bool settles = true, TimeSpan? step = null)
        {
            TimeSpan beat = step ?? NodeDefaults.Heartbeat;
            for (TimeSpan passed = TimeSpan.Zero; passed < by; passed += beat)
            {
                Dialer.Tick();
                if (settles)
                    await SettleAsync();
                Rig.Clock.Advance(beat);
            }
        }

        public async Task LoseAsync(Peer peer)
        {
            peer.Disconnect(DisconnectReason.Requested);
            await peer.Ended.WaitAsync(TestNode.Patience);
            await SettleAsync();
        }

        public Task SettleAsync() => Eventually.IsAsync(() =>
            Dialer.SlotsInUse == Connected.Count && Rig.Node.Peers.All.All(peer => peer.IsReady));

        public async Task<IConnection> ConnectAsync(NetEndpoint remote, CancellationToken cancellationToken)
        {
            _dials.Enqueue((remote, Rig.Node.Clock.Now));
            if (HoldsDials)
                await _letGo.Task.WaitAsync(cancellationToken);
            if (!Answers(remote))
                throw new IOException("Connection refused.");
            (MemoryConnection mine, MemoryConnection other) = MemoryNetwork.Connect(Book.Endpoint("30.1.1.1"), remote);
            if (LeadsToOurselves)
            {
                Rig.Host.Accept(other);
                return mine;
            }

            foreach (Frame frame in new[] { _frames.Create(ScriptedPeer.Version()), _frames.Create(Command.Verack) })
                other.TrySend(frame.Memory.Span);
            return mine;
        }

        public IConnectionListener Listen(NetEndpoint local) => throw new NotSupportedException();

        public async ValueTask DisposeAsync()
        {
            LetGo();
            await Rig.Host.StopAsync().WaitAsync(TestNode.Patience);
            await Dialer.StopAsync().WaitAsync(TestNode.Patience);
            Dialer.Dispose();
            await Rig.DisposeAsync();
        }
    }
}
