using Logos.P2P.Access;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Access;

/// <summary>overlay.md row 37 and E7: each class protects exactly its number, and what is left is decided as in Core.</summary>
internal sealed class EvictionPolicyTests
{
    private const int Always = EvictionPolicy.AlwaysProtected;

    [Test]
    [Conformance("E7")]
    public void E7_up_to_20_peers_nobody_is_evicted_and_from_21_on_somebody_always_is()
    {
        var random = new Random(7);
        for (int count = 0; count <= 60; count++)
        {
            for (int round = 0; round < 20; round++)
            {
                EvictionCandidate[] peers = [.. Enumerable.Range(1, count).Select(id => Any(random, id))];

                Assert.That(EvictionPolicy.Choose(peers).HasValue, Is.EqualTo(count > Always), $"{count} peers, seed 7.");
            }
        }
    }

    [Test]
    [Conformance("E7")]
    public void E7_whoever_is_evicted_is_one_of_the_peers_inbound_and_not_vouched_for()
    {
        var random = new Random(8);
        for (int round = 0; round < 1000; round++)
        {
            EvictionCandidate[] peers =
            [
                .. Enumerable.Range(1, random.Next(100)).Select(id => Any(random, id) with
                {
                    IsNoBan = random.Next(3) == 0,
                    Kind = random.Next(3) == 0 ? (ConnectionKind)random.Next(6) : ConnectionKind.Inbound,
                }),
            ];
            EvictionCandidate[] mayGo = [.. peers.Where(peer => peer is { Kind: ConnectionKind.Inbound, IsNoBan: false })];

            long? chosen = EvictionPolicy.Choose(peers);

            Assert.That(chosen.HasValue, Is.EqualTo(mayGo.Length > Always), $"Round {round}, seed 8.");
            Assert.That(chosen is null || mayGo.Any(peer => peer.Id == chosen), Is.True, $"Round {round}, seed 8.");
        }
    }

    [Test]
    public void The_order_in_which_peers_are_named_does_not_matter()
    {
        var random = new Random(9);
        EvictionCandidate[] peers = [.. Enumerable.Range(1, 50).Select(id => Any(random, id))];
        long? chosen = EvictionPolicy.Choose(peers);

        for (int round = 0; round < 20; round++)
        {
            random.Shuffle(peers);
            Assert.That(EvictionPolicy.Choose(peers), Is.EqualTo(chosen));
        }
    }

    /// <summary>
    /// All go one after the other until nobody may; whoever is then left was protected. In each class exactly its number
    /// of those who are best is among them, whatever else becomes of the rest.
    /// </summary>
    [TestCase("group", 4)]
    [TestCase("round trip", 8)]
    [TestCase("delivery", 8)]
    public void The_best_of_each_class_outlast_all_others_and_no_more_than_its_number(string quality, int count)
    {
        // The later, the better: of those that are equal in all else the later ones go first.
        EvictionCandidate[] peers =
        [
            .. Enumerable.Range(1, 60).Select(id => quality switch
            {
                "group" => Plain(id) with { KeyedGroup = (ulong)id },
                "round trip" => Plain(id) with { MinRoundTrip = TimeSpan.FromMilliseconds(1000 - id) },
                _ => Plain(id) with { LastFirstDelivery = TimeSpan.FromSeconds(id) },
            }),
        ];

        long[] survivors = Survivors(peers);

        Assert.That(survivors, Has.Length.EqualTo(Always));
        long[] best = [.. Enumerable.Range(61 - count, count).Select(id => (long)id)];
        Assert.That(survivors, Is.SupersetOf(best));
        Assert.That(survivors, Has.None.EqualTo(60 - count), "The next best is protected by nothing.");
    }

    [Test]
    public void Whoever_never_answered_a_ping_is_behind_all_who_did()
    {
        EvictionCandidate[] peers = [.. Enumerable.Range(1, 40).Select(id => Plain(id) with
        {
            MinRoundTrip = id > 32 ? TimeSpan.FromSeconds(10) : null,
        })];

        Assert.That(Survivors(peers), Is.SupersetOf(Enumerable.Range(33, 8).Select(id => (long)id)));
    }

    [Test]
    public void Of_the_rest_the_longer_connected_half_stays()
    {
        // 20 are protected in any case: the oldest, since all are equal. Of the other 20 the older 10 stay.
        EvictionCandidate[] peers = [.. Enumerable.Range(1, 40).Select(id => Plain(id) with { KeyedGroup = id > 30 ? 0ul : 1 })];
        EvictionCandidate[] oneGroupEach = [.. peers.Select(peer => peer with { KeyedGroup = (ulong)peer.Id })];

        Assert.That(EvictionPolicy.Choose(peers), Is.EqualTo(40));
        Assert.That(EvictionPolicy.Choose(oneGroupEach), Is.GreaterThan(28));
    }

    [TestCase(NetworkId.TorV3, false)]
    [TestCase(NetworkId.I2P, false)]
    [TestCase(NetworkId.Cjdns, false)]
    [TestCase(NetworkId.IPv4, true)]
    public void A_quarter_of_the_rest_are_places_for_networks_that_are_slow_by_nature(NetworkId network, bool isLocal)
    {
        // After the 20 oldest, 40 are left: 20 places, 10 of them for the slow, who are the youngest by far.
        EvictionCandidate[] peers = [.. Enumerable.Range(1, 60).Select(id => id > 45
            ? Plain(id) with { Network = network, IsLocal = isLocal }
            : Plain(id))];

        long evicted = EvictionPolicy.Choose(peers)!.Value;

        Assert.That(evicted, Is.EqualTo(60), "The youngest, but among the 5 of the slow that found no place.");
        EvictionCandidate[] fewer = [.. peers.Where(peer => peer.Id <= 55)];
        Assert.That(EvictionPolicy.Choose(fewer), Is.EqualTo(55), "Now 8 places for 10.");
        EvictionCandidate[] few = [.. peers.Where(peer => peer.Id <= 50)];
        Assert.That(EvictionPolicy.Choose(few), Is.EqualTo(45), "7 places for 5: the youngest of the others goes.");
    }

    /// <summary>After the 20 oldest a quarter of the rest are places for the slow, and as many of the others find one.</summary>
    [TestCase(20, 10, 10, 0, 5, 5, 0, Description = "Evenly.")]
    [TestCase(20, 1, 2, 17, 1, 2, 7, Description = "What the smaller ones have no need of is left to the largest.")]
    [TestCase(20, 1, 9, 10, 1, 5, 4, Description = "The odd one goes to the smaller.")]
    [TestCase(2, 1, 2, 3, 1, 1, 0, Description = "Two places for three networks.")]
    public void Slow_networks_share_their_places_and_the_smallest_is_served_first(
        int fast, int tor, int i2p, int cjdns, int torStays, int i2pStays, int cjdnsStays)
    {
        // The slow are the youngest: by how long they are connected none of them would stay.
        NetworkId[] networks =
        [
            .. Enumerable.Repeat(NetworkId.IPv4, Always + fast), .. Enumerable.Repeat(NetworkId.Cjdns, cjdns),
            .. Enumerable.Repeat(NetworkId.I2P, i2p), .. Enumerable.Repeat(NetworkId.TorV3, tor),
        ];
        EvictionCandidate[] peers = [.. networks.Select((network, i) => Plain(i + 1) with { Network = network })];

        long[] mayGo = MayGo(peers);

        long[] StayOf(NetworkId network) => [.. peers.Where(peer => peer.Network == network).Select(peer => peer.Id).Except(mayGo)];
        long[] OldestOf(NetworkId network, int count) =>
            [.. peers.Where(peer => peer.Network == network).Select(peer => peer.Id).Take(count)];
        Assert.That(StayOf(NetworkId.TorV3), Is.EqualTo(OldestOf(NetworkId.TorV3, torStays)));
        Assert.That(StayOf(NetworkId.I2P), Is.EqualTo(OldestOf(NetworkId.I2P, i2pStays)));
        Assert.That(StayOf(NetworkId.Cjdns), Is.EqualTo(OldestOf(NetworkId.Cjdns, cjdnsStays)));
        Assert.That(StayOf(NetworkId.IPv4), Is.EqualTo(OldestOf(NetworkId.IPv4, Always + torStays + i2pStays + cjdnsStays)));
    }

    [Test]
    public void What_connects_from_this_machine_is_one_slow_network_by_whichever_protocol_it_comes()
    {
        // 40 are left after the 20 oldest, 10 places: 2 of Tor, 3 of I2P and 5 of the 15 local ones.
        EvictionCandidate[] peers = [.. Enumerable.Range(1, 60).Select(id => Plain(id) with
        {
            Network = id switch { > 58 => NetworkId.TorV3, > 55 => NetworkId.I2P, > 40 when id % 2 == 1 => NetworkId.IPv6, _ => NetworkId.IPv4 },
            IsLocal = id is > 40 and <= 55,
        })];

        Assert.That(MayGo(peers), Is.EqualTo(Enumerable.Range(31, 10).Concat(Enumerable.Range(46, 10))));
    }

    [Test]
    public void The_discouraged_go_first_unless_they_are_the_best_at_something()
    {
        EvictionCandidate[] peers = [.. Enumerable.Range(1, 40).Select(Plain)];
        peers[34] = peers[34] with { IsDiscouraged = true };
        Assert.That(EvictionPolicy.Choose(peers), Is.EqualTo(35));

        peers[34] = peers[34] with { MinRoundTrip = TimeSpan.Zero };
        Assert.That(EvictionPolicy.Choose(peers), Is.EqualTo(40));
    }

    [Test]
    public void The_youngest_of_the_largest_neighbourhood_goes()
    {
        // The group of the youngest three against one of five.
        EvictionCandidate[] peers = [.. Enumerable.Range(1, 60).Select(id => Plain(id) with
        {
            KeyedGroup = id switch { > 57 => 0, > 52 => 1, _ => (ulong)(1000 - id) },
        })];

        Assert.That(EvictionPolicy.Choose(peers), Is.EqualTo(57));
    }

    [Test]
    public void Of_neighbourhoods_of_one_size_the_one_with_the_youngest_member_loses_it()
    {
        EvictionCandidate[] peers = [.. Enumerable.Range(1, 60).Select(id => Plain(id) with { KeyedGroup = (ulong)(1000 - id) })];

        Assert.That(EvictionPolicy.Choose(peers), Is.EqualTo(60));
    }

    [Test]
    public void Of_two_pairs_of_neighbours_the_one_with_the_youngest_member_loses_it_whoever_its_older_ones_are()
    {
        // 20 are protected, and of the other 28 the older half. Four are left that have a neighbour: 45 and 48, 46 and 47.
        EvictionCandidate[] peers = [.. Enumerable.Range(1, 48).Select(id => Plain(id) with
        {
            KeyedGroup = id switch { 45 or 48 => 1, 46 or 47 => 2, _ => (ulong)(1000 - id) },
        })];
        Assert.That(EvictionPolicy.Choose(peers), Is.EqualTo(48));

        EvictionCandidate[] atOnce = [.. peers.Select(peer => peer with { ConnectedAt = peers[^1].ConnectedAt })];
        Assert.That(EvictionPolicy.Choose(atOnce), Is.EqualTo(48), "Of those that came at once the one with the higher number.");
    }

    /// <summary>All whom nothing protects: the discouraged go first, so each is chosen once it is the only one of them.</summary>
    private static long[] MayGo(EvictionCandidate[] peers) =>
    [
        .. peers.Select(peer => peer.Id).Where(id =>
            EvictionPolicy.Choose(peers.Select(peer => peer with { IsDiscouraged = peer.Id == id })) == id),
    ];

    private static long[] Survivors(EvictionCandidate[] peers)
    {
        var left = peers.ToList();
        while (EvictionPolicy.Choose(left) is { } id)
            left.RemoveAll(peer => peer.Id == id);
        return [.. left.Select(peer => peer.Id)];
    }

    private static EvictionCandidate Plain(int id) => new()
    {
        Id = id,
        Kind = ConnectionKind.Inbound,
        ConnectedAt = TimeSpan.FromSeconds(id),
        KeyedGroup = 0,
        Network = NetworkId.IPv4,
    };

    private static EvictionCandidate Any(Random random, int id) => Plain(id) with
    {
        ConnectedAt = TimeSpan.FromSeconds(random.Next(100)),
        MinRoundTrip = random.Next(2) == 0 ? null : TimeSpan.FromMilliseconds(random.Next(100)),
        LastFirstDelivery = random.Next(2) == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(random.Next(100)),
        KeyedGroup = (ulong)random.Next(10),
        Network = (NetworkId)random.Next(1, 7),
        IsLocal = random.Next(4) == 0,
        IsDiscouraged = random.Next(4) == 0,
    };
}
