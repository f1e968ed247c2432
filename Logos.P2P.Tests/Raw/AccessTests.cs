using System.Net.Sockets;
using Logos.P2P.Access;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Raw;

/// <summary>Bans, discouragement and permissions, as peers that are nothing but sockets meet them.</summary>
internal sealed class AccessTests
{
    private const string Offender = "127.0.0.2";
    private const string OffenderSeen = "192.0.2.2";

    private static readonly P2POptions Options = new();

    /// <summary>What a peer is discouraged for and a connection survives.</summary>
    private static byte[] TooManyAddresses => RawBytes.CompactSize(1001);

    [Test]
    [Conformance("E4")]
    public async Task E4_a_ban_cuts_connected_peers_and_keeps_their_hosts_out_until_it_is_lifted()
    {
        await using TestNode node = await TestNode.StartDisguisedAsync(Options);
        await using RawClient banned = await ConnectReadyAsync(node, Offender);
        await using RawClient other = await ConnectReadyAsync(node, "127.0.0.200");

        Assert.That(node.Node.Ban(Subnet.Parse("192.0.2.0/25")), Is.EqualTo(BanResult.Added));

        await banned.ReadToEndAsync();
        Assert.That((await node.WaitForAsync<PeerDisconnected>()).Reason, Is.EqualTo(DisconnectReason.Banned));
        await other.PingAsync();
        await AssertRefusedAsync(node, Offender);
        await AssertRefusedAsync(node, "127.0.0.3");
        Assert.That(node.Node.Metrics.Admissions(AdmissionDecision.Banned), Is.EqualTo(2));
        Assert.That(node.Node.GetPeers(), Has.Count.EqualTo(1));
        Assert.That(node.Node.Metrics.Admissions(AdmissionDecision.NoSlot), Is.Zero);

        Assert.That(node.Node.Unban(Subnet.Parse("192.0.2.0/25")), Is.True);
        await using RawClient forgiven = await ConnectReadyAsync(node, Offender);
        await forgiven.PingAsync();
    }

    [Test]
    [Conformance("E4")]
    public async Task E4_this_machine_can_be_banned_by_its_operator()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.ConnectReadyAsync(node.Endpoint.Port);

        Assert.That(node.Node.Ban(Subnet.Parse("127.0.0.1")), Is.EqualTo(BanResult.Added));

        await client.ReadToEndAsync();
        await AssertRefusedAsync(node);
        Assert.That(node.Node.ClearBans(), Is.EqualTo(1));
        await using RawClient forgiven = await RawClient.ConnectReadyAsync(node.Endpoint.Port);
    }

    [Test]
    [Conformance("E4")]
    public async Task E4_a_ban_outlasts_a_restart_and_ends_on_the_second()
    {
        using var directory = new TemporaryDirectory();
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));
        P2POptions options = Options with { DataDirectory = directory.Path, BanTime = TimeSpan.FromSeconds(100) };
        Ban[] bans;
        await using (TestNode node = await TestNode.StartDisguisedAsync(options, clock))
        {
            Assert.That(node.Node.Ban(Subnet.Parse(OffenderSeen)), Is.EqualTo(BanResult.Added));
            Assert.That(node.Node.Ban(Subnet.Parse("2001:db8::/32"), clock.Now.AddSeconds(200)), Is.EqualTo(BanResult.Added));
            bans = [.. node.Node.GetBans()];
            Assert.That(bans.Select(ban => ban.Duration.TotalSeconds), Is.EqualTo(new[] { 100, 200 }));
        }

        clock.Now += TimeSpan.FromSeconds(99);
        await using TestNode again = await TestNode.StartDisguisedAsync(options, clock);
        Assert.That(again.Node.GetBans(), Is.EqualTo(bans));
        Assert.That(bans[0].RemainingAt(clock.Now), Is.EqualTo(TimeSpan.FromSeconds(1)));
        await AssertRefusedAsync(again, Offender);

        clock.Now += TimeSpan.FromSeconds(1);
        Assert.That(again.Node.IsBanned(bans[0].Hosts.First), Is.False);
        await using RawClient late = await ConnectReadyAsync(again, Offender);
        Assert.That(again.Node.GetBans(), Is.EqualTo(bans[1..]));
    }

    [Test]
    [Conformance("E4")]
    public async Task E4_what_cannot_be_banned_or_unbanned_is_told()
    {
        await using TestNode node = await TestNode.StartAsync();
        node.Node.Ban(Subnet.Parse("192.0.2.0/24"));

        Assert.That(node.Node.Ban(Subnet.Parse("192.0.2.7")), Is.EqualTo(BanResult.AlreadyBanned));
        Assert.That(node.Node.Unban(Subnet.Parse("192.0.2.7")), Is.False);
        Assert.That(Subnet.TryParse("127.0.0.1/42", out _), Is.False);
        Assert.That(
            () => node.Node.Ban(Subnet.Parse("192.0.3.7"), DateTimeOffset.UtcNow.AddSeconds(-1)),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => node.Node.Ban(Subnet.Parse("192.0.3.7"), TimeSpan.Zero), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(node.Node.GetBans().Single().Duration, Is.EqualTo(NodeDefaults.BanTime));

        await node.Node.StopAsync();
        Assert.That(() => node.Node.Ban(Subnet.Parse("192.0.3.7")), Throws.InvalidOperationException);
        Assert.That(() => node.Node.Unban(Subnet.Parse("192.0.3.7")), Throws.InvalidOperationException);
        Assert.That(node.Node.ClearBans, Throws.InvalidOperationException);
        Assert.That(node.Node.GetBans(), Is.Empty);
        Assert.That(node.Node.IsBanned(Subnet.Parse("192.0.2.0/24").First), Is.False);
    }

    [Test]
    [Conformance("E4")]
    public async Task E4_peers_are_disconnected_by_address_as_well_as_by_id()
    {
        await using TestNode node = await TestNode.StartDisguisedAsync(Options);
        await using RawClient first = await ConnectReadyAsync(node, Offender);
        await using RawClient second = await ConnectReadyAsync(node, Offender);
        await using RawClient third = await ConnectReadyAsync(node, "127.0.0.3");

        Assert.That(node.Node.Disconnect(Subnet.Parse("192.0.2.9")), Is.Zero);
        Assert.That(node.Node.Disconnect(Subnet.Parse(OffenderSeen)), Is.EqualTo(2));

        await first.ReadToEndAsync();
        await second.ReadToEndAsync();
        Assert.That((await node.WaitForAsync<PeerDisconnected>()).Reason, Is.EqualTo(DisconnectReason.Requested));
        await third.PingAsync();
        await using RawClient back = await ConnectReadyAsync(node, Offender);
    }

    [Test]
    [Conformance("E5")]
    public async Task E5_one_offence_cuts_and_discourages_the_host_whatever_its_port()
    {
        await using TestNode node = await TestNode.StartDisguisedAsync(Options with { MaxConnections = 4 });
        await using RawClient offender = await ConnectReadyAsync(node, Offender);

        await offender.SendAsync("addr", TooManyAddresses);

        await offender.ReadToEndAsync();
        Assert.That((await node.WaitForAsync<PeerDisconnected>()).Reason, Is.EqualTo(DisconnectReason.TooManyAddresses));
        await using RawClient other = await ConnectReadyAsync(node, "127.0.0.3");
        await AssertRefusedAsync(node, Offender);
        Assert.That(node.Node.Metrics.Admissions(AdmissionDecision.NoSlot), Is.EqualTo(1), "The last slot is not for it.");
        await using RawClient last = await ConnectReadyAsync(node, "127.0.0.4");
        await last.PingAsync();
    }

    [Test]
    [Conformance("E5")]
    public async Task E5_a_discouraged_host_has_slots_as_long_as_there_are_some_to_spare()
    {
        await using TestNode node = await TestNode.StartDisguisedAsync(Options with { MaxConnections = 4 });
        await using (RawClient offender = await ConnectReadyAsync(node, Offender))
        {
            await offender.SendAsync("addr", TooManyAddresses);
            await offender.ReadToEndAsync();
            await node.WaitForAsync<PeerDisconnected>();
        }

        await using RawClient back = await ConnectReadyAsync(node, Offender);
        await back.PingAsync();
    }

    [Test]
    [Conformance("E5")]
    public async Task E5_this_machine_is_cut_but_not_discouraged()
    {
        await using TestNode node = await TestNode.StartDisguisedAsync(Options with { MaxConnections = 3 });
        await using RawClient offender = await ConnectReadyAsync(node, "127.0.0.1");

        await offender.SendAsync("addr", TooManyAddresses);

        await offender.ReadToEndAsync();
        Assert.That((await node.WaitForAsync<PeerDisconnected>()).Reason, Is.EqualTo(DisconnectReason.TooManyAddresses));
        await using RawClient again = await ConnectReadyAsync(node, "127.0.0.1");
        await again.PingAsync();
    }

    [TestCase("addr")]
    [TestCase("addrv2")]
    [TestCase("inv")]
    [TestCase("getdata")]
    [TestCase("notfound")]
    [TestCase("logos")]
    [Conformance("E5")]
    public async Task E5_a_peer_with_noban_is_neither_cut_nor_discouraged(string command)
    {
        await using TestNode node = await TestNode.StartDisguisedAsync(
            Options with { MaxConnections = 3, Whitelist = [$"noban@{OffenderSeen}"] },
            handler: new RecordingHandler { Judge = _ => Verdict.Reject });
        await using (RawClient peer = await ConnectReadyAsync(node, Offender))
        {
            await peer.SendAsync(command, command == "logos" ? [1] : RawBytes.CompactSize(50_001));

            await Eventually.IsAsync(() => node.Node.Metrics.Dropped(DropReason.Overlooked) == 1);
            await peer.PingAsync();

            // What leaves no connection to go on with ends it all the same.
            await peer.SendBytesAsync(new byte[24]);
            await peer.ReadToEndAsync();
            Assert.That((await node.WaitForAsync<PeerDisconnected>()).Reason, Is.EqualTo(DisconnectReason.WrongMagic));
        }

        await using RawClient again = await ConnectReadyAsync(node, Offender);
        await again.PingAsync();
    }

    [Test]
    [Conformance("E5")]
    public async Task E5_a_peer_of_the_operator_is_neither_cut_nor_discouraged()
    {
        using TcpListener listener = RawClient.Listen();
        await using TestNode node = await TestNode.StartAsync(addNodes: listener.LocalEndpoint.ToString()!);
        await using RawClient peer = await RawClient.AcceptAsync(listener);
        await peer.HandshakeAsync();

        await peer.SendAsync("addr", TooManyAddresses);

        await peer.PingAsync();
        Assert.That(node.Node.Metrics.Dropped(DropReason.Overlooked), Is.EqualTo(1));
    }

    [Test]
    [Conformance("E5")]
    public async Task E5_a_peer_with_noban_is_not_banned_either()
    {
        await using TestNode node = await TestNode.StartDisguisedAsync(Options with { Whitelist = [$"noban@{OffenderSeen}"] });
        await using RawClient peer = await ConnectReadyAsync(node, Offender);
        await using RawClient other = await ConnectReadyAsync(node, "127.0.0.3");

        node.Node.Ban(Subnet.Parse("192.0.2.0/24"));

        await other.ReadToEndAsync();
        await peer.PingAsync();
        await using RawClient again = await ConnectReadyAsync(node, Offender);
    }

    [TestCase("", PeerPermissions.NoBan | PeerPermissions.Relay)]
    [TestCase("noban@", PeerPermissions.NoBan)]
    [TestCase("relay@", PeerPermissions.Relay)]
    [TestCase("download@", PeerPermissions.Download)]
    [TestCase("addr@", PeerPermissions.Addr)]
    [TestCase("in,relay,addr@", PeerPermissions.Relay | PeerPermissions.Addr)]
    [TestCase("out,relay@", PeerPermissions.None)]
    [Conformance("E6")]
    public async Task E6_whoever_dials_from_a_listed_range_has_its_permissions(string permissions, PeerPermissions expected)
    {
        await using TestNode node = await TestNode.StartDisguisedAsync(
            Options with { Whitelist = [$"{permissions}192.0.2.0/28"] });
        await using RawClient peer = await ConnectReadyAsync(node, Offender);
        await using RawClient other = await ConnectReadyAsync(node, "127.0.0.200");

        Assert.That(node.Node.GetPeers().Select(info => info.Permissions), Is.EqualTo(new[] { expected, PeerPermissions.None }));
    }

    [TestCase("out,addr@127.0.0.1", PeerPermissions.Addr)]
    [TestCase("addr@127.0.0.1", PeerPermissions.None)]
    [Conformance("E6")]
    public async Task E6_a_peer_of_the_operator_has_the_permissions_of_direction_out(string entry, PeerPermissions expected)
    {
        using TcpListener listener = RawClient.Listen();
        await using TestNode node = await TestNode.StartAsync(
            Options with { Whitelist = [entry] }, addNodes: listener.LocalEndpoint.ToString()!);
        await using RawClient peer = await RawClient.AcceptAsync(listener);
        await peer.HandshakeAsync();

        Assert.That(node.Node.GetPeers().Single().Permissions, Is.EqualTo(expected));
    }

    [TestCase("addr@192.0.2.2", 0)]
    [TestCase("noban,relay,download@192.0.2.2", 99)]
    [Conformance("E6", "A4")]
    public async Task E6_A4_only_a_peer_with_addr_may_tell_any_number_of_addresses(string entry, int dropped)
    {
        await using TestNode node = await TestNode.StartDisguisedAsync(
            Options with { Whitelist = [entry] }, new ManualTimeProvider(DateTimeOffset.UtcNow));
        await using RawClient peer = await ConnectReadyAsync(node, Offender);

        byte[][] addresses = [.. Enumerable.Range(0, 100).Select(i => RawBytes.AddrV2Entry($"9.9.9.{i}", 14497))];
        await peer.SendAsync("addrv2", RawBytes.List(addresses));
        await peer.PingAsync();

        Assert.That(node.Node.Metrics.Dropped(DropReason.AddressRateLimited), Is.EqualTo(dropped));
        // Some have no free place in the book.
        Assert.That(node.Node.AddressCount, Is.InRange((100 - dropped + 1) / 2, 100 - dropped));
    }

    private static async Task<RawClient> ConnectReadyAsync(TestNode node, string from)
    {
        RawClient client = await RawClient.ConnectAsync(node.Endpoint.Port, from: from);
        await client.HandshakeAsync();
        // Its `verack` is handled, not just sent.
        await client.PingAsync();
        return client;
    }

    private static async Task AssertRefusedAsync(TestNode node, string from = "127.0.0.1")
    {
        await using RawClient client = await RawClient.ConnectAsync(node.Endpoint.Port, from: from);
        await client.ReadToEndAsync();
    }
}
