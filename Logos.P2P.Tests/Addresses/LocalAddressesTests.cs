using Logos.P2P.Addresses;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Addresses;

/// <summary>Which address we tell whom: Bitcoin Core's GetLocalAddrForPeer.</summary>
internal sealed class LocalAddressesTests
{
    private const string Onion = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:1";
    private static readonly P2POptions Main = new() { Network = P2PNetwork.Main };

    [Test]
    public void What_the_operator_says_what_we_listen_on_and_what_led_to_us_is_ours()
    {
        LocalAddresses local = Make([Book.Endpoint("50.1.1.1")]);
        local.Listening(Book.Endpoint("127.0.0.1:5"));
        local.AddOwn(Book.Endpoint("60.1.1.1:6"));

        foreach (string own in new[] { "50.1.1.1:14495", "127.0.0.1:5", "60.1.1.1:6" })
            Assert.That(local.IsOwn(Book.Endpoint(own)), Is.True, own);
        Assert.That(local.IsOwn(Book.Endpoint("60.1.1.1:7")), Is.False);
    }

    [Test]
    public void Whoever_makes_us_meet_ourselves_by_ever_new_names_does_not_fill_the_memory()
    {
        LocalAddresses local = Make([]);
        for (int port = 1; port <= 2000; port++)
            local.AddOwn(Book.Endpoint("60.1.1.1", (ushort)port));

        Assert.That(local.IsOwn(Book.Endpoint("60.1.1.1:1000")), Is.True);
        Assert.That(local.IsOwn(Book.Endpoint("60.1.1.1:1001")), Is.False);
    }

    [TestCase("30.1.1.1:5", "40.1.1.1", null, "30.1.1.1:999", TestName = "Our_end_of_the_connection_with_the_port_we_listen_on")]
    [TestCase("192.168.1.1:5", "40.1.1.1", "50.2.2.2:5", "50.2.2.2:999", TestName = "What_the_peer_sees_when_our_end_is_private")]
    [TestCase("192.168.1.1:5", "40.1.1.1", "10.2.2.2:5", null, TestName = "Nothing_when_both_are_private")]
    [TestCase("192.168.1.1:5", "40.1.1.1", null, null, TestName = "Nothing_when_nobody_knows")]
    [TestCase("30.1.1.1:5", "40.1.1.1", "10.2.2.2:5", "30.1.1.1:999", TestName = "Ours_when_what_the_peer_sees_is_private")]
    [TestCase("30.1.1.1:5", "10.1.1.1", "50.2.2.2:5", "30.1.1.1:999", TestName = "Ours_when_the_peer_is_private_and_can_know_nothing")]
    [TestCase("[2a00:1450::1]:5", "40.1.1.1", "50.2.2.2:5", "50.2.2.2:999", TestName = "What_the_peer_sees_when_we_listen_on_another_network")]
    public async Task Told(string ours, string theirs, string? seen, string? expected)
    {
        await using var rig = new PeerRig(Main);
        rig.Node.Local.Listening(Book.Endpoint("0.0.0.0:999"));
        ScriptedPeer peer = await rig.ConnectReadyAsync(
            ConnectionKind.Outbound, theirs, ours: ours, seen: seen is null ? default : Book.Endpoint(seen));

        Assert.That(Tell(rig, peer, 100).Keys, Is.EqualTo(expected is null ? [] : new[] { expected }));
    }

    [Test]
    public async Task Who_dialled_us_knows_the_port_too()
    {
        await using var rig = new PeerRig(Main);
        rig.Node.Local.Listening(Book.Endpoint("0.0.0.0:999"));
        ScriptedPeer peer = await rig.ConnectReadyAsync(host: "40.1.1.1", ours: "10.0.0.1:999", seen: Book.Endpoint("50.2.2.2:7777"));
        ScriptedPeer without = await rig.ConnectReadyAsync(host: "41.1.1.1", ours: "10.0.0.1:999", seen: new NetEndpoint(Book.Host("50.2.2.2"), 0));

        Assert.That(Tell(rig, peer, 100).Keys, Is.EqualTo(new[] { "50.2.2.2:7777" }), "A router may map it.");
        Assert.That(Tell(rig, without, 100).Keys, Is.EqualTo(new[] { "50.2.2.2:999" }));
    }

    [TestCase("0.0.0.0:999", 1, TestName = "The_address_of_an_interface_is_told_nearly_always_when_four_confirmed_it")]
    [TestCase("30.1.1.1:999", 2, TestName = "An_address_that_we_bound_is_told_nearly_always_when_three_confirmed_it")]
    public async Task Confirmed(string bind, int score)
    {
        await using var rig = new PeerRig(Main);
        rig.Node.Local.Listening(Book.Endpoint(bind));
        ScriptedPeer peer = await rig.ConnectReadyAsync(
            ConnectionKind.Outbound, "40.1.1.1", ours: "30.1.1.1:5", seen: Book.Endpoint("50.2.2.2:5"));
        for (int i = 1; score <= 4; i++, score++)
        {
            Assert.That(Tell(rig, peer, 4000)["50.2.2.2:999"], Is.EqualTo(2000).Within(200), "Every other time.");
            await rig.ConnectReadyAsync(host: $"41.{i}.1.1", ours: "30.1.1.1:999", seen: Book.Endpoint("30.1.1.1:999"));
        }

        Dictionary<string, int> told = Tell(rig, peer, 4000);
        Assert.That(told["50.2.2.2:999"], Is.EqualTo(500).Within(100), "One time of eight.");
        Assert.That(told["30.1.1.1:999"], Is.EqualTo(3500).Within(100));
    }

    [Test]
    public async Task Whom_we_dialled_and_who_sees_something_else_confirm_nothing()
    {
        await using var rig = new PeerRig(Main);
        rig.Node.Local.Listening(Book.Endpoint("0.0.0.0:999"));
        ScriptedPeer peer = await rig.ConnectReadyAsync(
            ConnectionKind.Outbound, "40.1.1.1", ours: "30.1.1.1:5", seen: Book.Endpoint("50.2.2.2:5"));
        for (int i = 1; i <= 10; i++)
        {
            await rig.ConnectReadyAsync(ConnectionKind.Outbound, $"41.{i}.1.1", ours: "30.1.1.1:5", seen: Book.Endpoint("30.1.1.1:5"));
            await rig.ConnectReadyAsync(host: $"42.{i}.1.1", ours: "30.1.1.1:999", seen: Book.Endpoint("66.6.6.6:999"));
        }

        Dictionary<string, int> told = Tell(rig, peer, 4000);
        Assert.That(told["50.2.2.2:999"], Is.EqualTo(2000).Within(200));
        Assert.That(told.Keys, Has.None.StartsWith("66."), "One peer's view is told to that peer at most.");
    }

    [Test]
    public async Task Each_peer_is_told_the_address_that_it_reaches_best()
    {
        await using var rig = new PeerRig(Main);
        rig.Node.Local.Listening(Book.Endpoint("0.0.0.0:999"));
        rig.Node.Local.Listening(Book.Endpoint("[::]:999"));
        ScriptedPeer v4 = await rig.ConnectReadyAsync(host: "40.1.1.1", ours: "30.1.1.1:999");
        ScriptedPeer v6 = await rig.ConnectReadyAsync(host: "2a00:1450::7", ours: "[2a00:1450::1]:999");

        Assert.That(Tell(rig, v4, 100).Keys, Is.EqualTo(new[] { "30.1.1.1:999" }));
        Assert.That(Tell(rig, v6, 100).Keys, Is.EqualTo(new[] { "[2a00:1450::1]:999" }));
    }

    [Test]
    public async Task Of_equal_addresses_the_latest_is_told_until_another_is_confirmed()
    {
        await using var rig = new PeerRig(Main);
        rig.Node.Local.Listening(Book.Endpoint("[::]:999"));
        ScriptedPeer before = await rig.ConnectReadyAsync(host: "2a00:1450::7", ours: "[2a00:1450::1]:999");
        await rig.ConnectReadyAsync(host: "2a00:1450::8", ours: "[2a00:1450::2]:999");
        Assert.That(Tell(rig, before, 100).Keys, Is.EqualTo(new[] { "[2a00:1450::2]:999" }), "Machines change theirs.");

        await rig.ConnectReadyAsync(host: "2a00:1450::9", ours: "[2a00:1450::1]:999", seen: Book.Endpoint("[2a00:1450::1]:999"));
        Assert.That(Tell(rig, before, 100).Keys, Is.EqualTo(new[] { "[2a00:1450::1]:999" }));
    }

    [Test]
    public async Task Where_we_do_not_listen_is_not_told()
    {
        await using var rig = new PeerRig(Main);
        rig.Node.Local.Listening(Book.Endpoint("127.0.0.1:999"));
        ScriptedPeer peer = await rig.ConnectReadyAsync(ConnectionKind.Outbound, "40.1.1.1", ours: "30.1.1.1:5");

        Assert.That(Tell(rig, peer, 100), Is.Empty);
    }

    [Test]
    public async Task Whoever_does_not_listen_tells_nothing_whatever_is_said_of_him()
    {
        await using var rig = new PeerRig(Main with { ExternalIPs = ["50.1.1.1"] });
        ScriptedPeer peer = await rig.ConnectReadyAsync(host: "40.1.1.1", ours: "30.1.1.1:5", seen: Book.Endpoint("50.2.2.2:5"));

        Assert.That(Tell(rig, peer, 100), Is.Empty);
    }

    [TestCase("40.1.1.1", "50.1.1.1:14495")]
    [TestCase("10.1.1.1", "192.168.1.1:14495")]
    public async Task The_operators_word_outranks_all_as_far_as_the_peer_can_use_it(string theirs, string expected)
    {
        await using var rig = new PeerRig(
            Main with { PrivateNet = true, ExternalIPs = ["192.168.1.1", "50.1.1.1"] });
        rig.Node.Local.Listening(Book.Endpoint("0.0.0.0:999"));
        ScriptedPeer peer = await rig.ConnectReadyAsync(host: theirs, ours: "30.1.1.1:5", seen: Book.Endpoint("50.2.2.2:5"));

        Assert.That(Tell(rig, peer, 100).Keys, Is.EqualTo(new[] { expected }));
    }

    [Test]
    public async Task An_address_that_hides_who_we_are_is_not_told_where_we_are_not_hidden()
    {
        await using var rig = new PeerRig(Main with { ExternalIPs = [Onion] });
        rig.Node.Local.Listening(Book.Endpoint("0.0.0.0:999"));
        ScriptedPeer peer = await rig.ConnectReadyAsync(host: "40.1.1.1", ours: "30.1.1.1:5", seen: Book.Endpoint("50.2.2.2:5"));

        Assert.That(Tell(rig, peer, 100), Is.Empty);
    }

    [Test]
    public async Task A_private_address_is_told_to_private_peers_of_a_private_net_and_to_no_others()
    {
        await using var rig = new PeerRig(Main with { PrivateNet = true });
        rig.Node.Local.Listening(Book.Endpoint("0.0.0.0:999"));
        ScriptedPeer neighbour = await rig.ConnectReadyAsync(host: "10.0.0.2", ours: "10.0.0.1:999");
        ScriptedPeer stranger = await rig.ConnectReadyAsync(host: "40.1.1.1", ours: "10.0.0.1:999", seen: Book.Endpoint("10.0.0.1:999"));

        Assert.That(Tell(rig, neighbour, 100).Keys, Is.EqualTo(new[] { "10.0.0.1:999" }));
        Assert.That(Tell(rig, stranger, 100), Is.Empty);
    }

    [Test]
    public async Task On_one_machine_nobody_sees_us_better_than_we_do()
    {
        await using var rig = new PeerRig();
        rig.Node.Local.Listening(Book.Endpoint("127.0.0.1:999"));
        ScriptedPeer peer = await rig.ConnectReadyAsync(ours: "127.0.0.1:999", seen: Book.Endpoint("127.0.0.1:7"));

        Assert.That(Tell(rig, peer, 100).Keys, Is.EqualTo(new[] { "127.0.0.1:999" }));
    }

    [Test]
    public async Task A_whole_prefix_that_leads_to_us_is_not_learnt()
    {
        await using var rig = new PeerRig(Main);
        rig.Node.Local.Listening(Book.Endpoint("0.0.0.0:999"));
        for (int i = 1; i <= 80; i++)
            await rig.ConnectReadyAsync(host: $"40.{i}.1.1", ours: $"30.1.1.{i}:999");

        Assert.That(Enumerable.Range(1, 80).Count(i => rig.Node.Local.IsOwn(Book.Endpoint($"30.1.1.{i}:999"))), Is.EqualTo(64));
    }

    private static LocalAddresses Make(NetEndpoint[] external) =>
        new(new NetworkPolicy(P2PNetwork.Main, false), [.. external], new RandomSource(1));

    /// <summary>How often each address is told of so many times.</summary>
    private static Dictionary<string, int> Tell(PeerRig rig, ScriptedPeer peer, int times) => Enumerable.Range(0, times)
        .Select(_ => rig.Node.Local.ToTell(peer.Peer))
        .OfType<NetEndpoint>()
        .CountBy(endpoint => endpoint.ToString())
        .ToDictionary();
}
