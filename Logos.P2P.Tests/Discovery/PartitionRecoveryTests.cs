using Logos.P2P.Discovery;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace Logos.P2P.Tests.Discovery;

internal sealed class PartitionRecoveryTests
{
    private static readonly P2POptions Seeds = new() { SeedNodes = ["seed"], DnsSeedHosts = ["dns.example.org"] };

    [Test]
    public void After_half_a_minute_without_a_peer_all_seeds_and_some_known_nodes_are_asked_at_once()
    {
        var rig = new Rig(Seeds);
        rig.Know(100);

        rig.Tick(0);
        Assert.That(rig.Tick(29.9), Is.Empty);
        string[] asked = rig.Tick(30);

        Assert.That(asked, Does.Contain("seed").And.Contain("dns.example.org"));
        string[] known = [.. asked.Except(["seed", "dns.example.org"])];
        Assert.That(known, Has.Length.InRange(2, NodeDefaults.MaxAddrFetches).And.Unique);
        Assert.That(known.Select(peer => rig.Book.Manager.Contains(Book.Endpoint(peer))), Is.All.True);
    }

    [Test]
    public void In_vain_the_wait_doubles_up_to_ten_minutes()
    {
        var rig = new Rig(Seeds);

        List<int> times = [.. Enumerable.Range(0, 4000).Where(second => rig.Tick(second).Length > 0)];

        Assert.That(times, Is.EqualTo(new[] { 30, 90, 210, 450, 930, 1530, 2130, 2730, 3330, 3930 }));
    }

    [Test]
    public void Half_a_minute_begins_anew_when_a_peer_was_there()
    {
        var rig = new Rig(Seeds);
        rig.Tick(0);
        rig.Tick(25, isAlone: false);

        Assert.That(rig.Tick(40), Is.Empty);
        Assert.That(rig.Tick(69), Is.Empty);
        Assert.That(rig.Tick(70), Is.Not.Empty);
    }

    [Test]
    public void Who_is_connected_to_the_operators_peers_only_is_not_alone()
    {
        var rig = new Rig(Seeds);
        rig.Know(10);

        Assert.That(Enumerable.Range(0, 4000).SelectMany(second => rig.Tick(second, isAlone: false)), Is.Empty);
    }

    [Test]
    public void Addresses_of_one_neighbourhood_are_asked_once()
    {
        var rig = new Rig(new P2POptions());
        for (int i = 1; i < 100; i++)
            rig.Book.Add($"20.1.1.{i}");
        rig.Tick(0);

        Assert.That(rig.Tick(30), Has.Length.EqualTo(1));
    }

    [Test]
    public void Where_the_operator_chose_the_peers_nobody_else_is_asked()
    {
        var rig = new Rig(new P2POptions { Connect = ["20.1.1.1"], DnsSeed = true, DnsSeedHosts = ["dns.example.org"] });
        rig.Know(10);
        rig.Tick(0);

        Assert.That(rig.Tick(1000), Is.Empty);
    }

    [Test]
    public void A_network_that_is_not_dialled_is_not_asked_either()
    {
        var rig = new Rig(new P2POptions { OnlyNets = ["ipv6"] });
        rig.Know(10);
        rig.Tick(0);

        Assert.That(rig.Tick(1000), Is.Empty);
    }

    /// <summary>The recovery under a clock that the test sets.</summary>
    private sealed class Rig
    {
        private readonly AddrFetchQueue _queue = new();
        private readonly PartitionRecovery _recovery;

        public Rig(P2POptions options) => _recovery = new PartitionRecovery(
            NodeSettings.From(options with { Network = P2PNetwork.Main }), Book.Manager, _queue, NullLogger.Instance);

        public Book Book { get; } = new();

        public void Know(int count)
        {
            for (int i = 0; i < count; i++)
                Book.Add($"{20 + i}.1.1.1");
        }

        /// <returns>Whom it asks.</returns>
        public string[] Tick(double second, bool isAlone = true)
        {
            _recovery.Tick(new DiscoveryState(TimeSpan.FromSeconds(second), Book.Manager.Count, OutboundPeers: 0, isAlone));
            return [.. _queue.Drain()];
        }
    }
}
