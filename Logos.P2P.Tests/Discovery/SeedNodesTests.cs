using Logos.P2P.Discovery;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace Logos.P2P.Tests.Discovery;

internal sealed class SeedNodesTests
{
    private static readonly string[] Three = ["a", "b", "c"];

    [Test]
    public void With_an_empty_book_all_are_asked_at_once()
    {
        var rig = new Rig(Three);

        rig.Tick(0, known: 0);

        Assert.That(rig.Asked, Is.EquivalentTo(Three));
    }

    [TestCase(1)]
    [TestCase(5000)]
    public void With_known_addresses_one_is_asked_every_ten_seconds_each_once_a_round(int known)
    {
        var rig = new Rig(Three);

        for (double second = 0; second < 40; second += 0.5)
            rig.Tick(second, known);

        Assert.That(rig.Times, Is.EqualTo(new[] { 10.0, 20, 30 }));
        Assert.That(rig.Asked, Is.EquivalentTo(Three));
    }

    [TestCase(0, 0, true)]
    [TestCase(500, 0, true)]
    [TestCase(500, 1, true)]
    [TestCase(500, 2, false)]
    [TestCase(500, 8, false)]
    public void Two_outbound_peers_are_enough(int known, int outbound, bool isAsked)
    {
        var rig = new Rig(Three);
        rig.Tick(0, known: 1);

        rig.Tick(10, known, outbound);

        Assert.That(rig.Asked, Has.Count.EqualTo(isAsked ? 1 : 0));
    }

    [Test]
    public void When_the_peers_are_lost_again_the_next_one_is_asked()
    {
        var rig = new Rig(Three);
        rig.Tick(0, known: 1);
        rig.Tick(10, known: 1, outbound: 2);
        rig.Tick(500, known: 1, outbound: 2);
        Assert.That(rig.Asked, Is.Empty);

        rig.Tick(501, known: 1, outbound: 1);

        Assert.That(rig.Asked, Has.Count.EqualTo(1));
    }

    [Test]
    public void Rounds_follow_each_other_at_twice_the_wait_up_to_ten_minutes()
    {
        var rig = new Rig(["only"]);

        for (int second = 0; second < 3600; second++)
            rig.Tick(second, known: 0);

        Assert.That(rig.Times, Is.EqualTo(new[] { 0.0, 10, 30, 70, 150, 310, 630, 1230, 1830, 2430, 3030 }));
    }

    [Test]
    public void The_first_one_is_not_always_the_same()
    {
        IEnumerable<string> first = Enumerable.Range(0, 50).Select(seed =>
        {
            var rig = new Rig(Three, (ulong)seed);
            rig.Tick(0, known: 0);
            return rig.Asked[0];
        });

        Assert.That(first.Distinct(), Is.EquivalentTo(Three));
    }

    [Test]
    public void Without_any_nothing_happens()
    {
        var rig = new Rig([]);

        rig.Tick(0, known: 0);
        rig.Tick(100, known: 0);

        Assert.That(rig.Asked, Is.Empty);
    }

    /// <summary>Seed nodes under a clock that the test sets, and what they asked when.</summary>
    private sealed class Rig(string[] peers, ulong seed = 1)
    {
        private readonly AddrFetchQueue _queue = new();
        private readonly List<(double At, string Peer)> _asked = [];
        private SeedNodes? _seedNodes;

        public IReadOnlyList<string> Asked => [.. _asked.Select(one => one.Peer)];

        public IEnumerable<double> Times => _asked.Select(one => one.At);

        public void Tick(double second, int known, int outbound = 0)
        {
            _seedNodes ??= new SeedNodes([.. peers], _queue, new RandomSource(seed), NullLogger.Instance);
            _seedNodes.Tick(new DiscoveryState(TimeSpan.FromSeconds(second), known, outbound, IsAlone: outbound == 0));
            foreach (string peer in _queue.Drain())
                _asked.Add((second, peer));
        }
    }
}
