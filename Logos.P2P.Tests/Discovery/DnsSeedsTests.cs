using Logos.P2P.AddrMan;
using Logos.P2P.Discovery;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace Logos.P2P.Tests.Discovery;

internal sealed class DnsSeedsTests
{
    [TestCase(0, 0)]
    [TestCase(1, 11)]
    [TestCase(999, 11)]
    [TestCase(1000, 300)]
    public void The_more_is_known_the_longer_it_is_tried_first(int known, double seconds)
    {
        var rig = new Rig(["seed.example"]);

        rig.TickUntilAsked(known);

        Assert.That(rig.Second, Is.EqualTo(seconds));
    }

    [TestCase(1, 0, true)]
    [TestCase(1, 1, true)]
    [TestCase(1, 2, false)]
    [TestCase(5000, 2, false)]
    public void Two_outbound_peers_by_then_are_enough(int known, int outbound, bool isAsked)
    {
        var rig = new Rig(["seed.example"]);
        rig.Tick(0, known);

        rig.Tick(300, known, outbound);
        Assert.That(rig.Resolver.Asked, Has.Count.EqualTo(isAsked ? 1 : 0));

        rig.Tick(3000, known);
        Assert.That(rig.Resolver.Asked, Has.Count.EqualTo(isAsked ? 1 : 0), "It is decided once.");
    }

    [Test]
    public void Peers_that_were_there_too_early_do_not_count()
    {
        var rig = new Rig(["seed.example"]);
        rig.Tick(0, known: 1);
        rig.Tick(5, known: 1, outbound: 8);

        rig.Tick(11, known: 1, outbound: 1);

        Assert.That(rig.Resolver.Asked, Has.Count.EqualTo(1));
    }

    [Test]
    public void Three_are_asked_at_a_time_with_waits_between_until_there_are_peers()
    {
        var rig = new Rig([.. Enumerable.Range(0, 8).Select(i => $"seed{i}.example")]);

        rig.Tick(0, known: 10);
        rig.Tick(11, known: 10);
        Assert.That(rig.Resolver.Asked, Has.Count.EqualTo(3));
        rig.Tick(12, known: 40);
        rig.Tick(22.9, known: 40);
        Assert.That(rig.Resolver.Asked, Has.Count.EqualTo(3));
        rig.Tick(23, known: 40);
        Assert.That(rig.Resolver.Asked, Has.Count.EqualTo(6));
        rig.Tick(24, known: 40);
        rig.Tick(35, known: 40, outbound: 2);
        rig.Tick(100, known: 40);

        Assert.That(rig.Resolver.Asked, Has.Count.EqualTo(6));
        Assert.That(rig.Resolver.Asked, Is.Unique);
    }

    [Test]
    public void With_an_empty_book_all_are_asked_without_waits_whatever_the_first_ones_bring()
    {
        var rig = new Rig([.. Enumerable.Range(0, 8).Select(i => $"seed{i}.example")]);

        rig.Tick(0, known: 0);
        rig.Tick(0.1, known: 96, outbound: 2);
        rig.Tick(0.2, known: 96, outbound: 8);

        Assert.That(rig.Resolver.Asked, Has.Count.EqualTo(8).And.Unique);
    }

    [Test]
    public async Task An_answer_that_is_late_delays_neither_the_heartbeat_nor_the_other_seeds()
    {
        var rig = new Rig(["a.example", "b.example", "c.example", "d.example"]);
        TaskCompletionSource<IReadOnlyList<NetAddress>>[] late =
            [.. rig.Settings.DnsSeeds.Select(seed => rig.Resolver.SetLate($"x1000000.{seed}"))];
        rig.Tick(0, known: 0);
        rig.Tick(1, known: 0);
        Assert.That(rig.Resolver.Asked, Has.Count.EqualTo(3), "The fourth waits for the first three.");

        foreach (TaskCompletionSource<IReadOnlyList<NetAddress>> answer in late)
            answer.SetResult([Book.Host("8.8.8.8")]);
        await Eventually.IsAsync(() =>
        {
            rig.Tick(2, known: 0);
            return rig.Resolver.Asked.Count == 4;
        });

        Assert.That(rig.Book.Manager.Count, Is.EqualTo(1));
    }

    [Test]
    public void The_subdomain_asks_for_nodes_with_our_services_and_each_seed_is_a_source_of_its_own()
    {
        var rig = new Rig(["one.example", "two.example"]);
        rig.Resolver.Set("x1000000.one.example", "8.8.8.8");
        rig.Resolver.Set("x1000000.two.example", "2600::1");

        rig.Tick(0, known: 0);

        AddressEntry first = rig.Book.Entry("8.8.8.8"), second = rig.Book.Entry("2600::1");
        Assert.That(first.Address.Endpoint.Port, Is.EqualTo(14495));
        Assert.That(first.Address.Services, Is.EqualTo(Services.Logos));
        Assert.That(first.Source, Is.EqualTo(NetAddress.FromInternalName("one.example")));
        Assert.That(second.Source, Is.EqualTo(NetAddress.FromInternalName("two.example")));
        Assert.That(
            PrefixGrouping.Instance.GroupOf(new NetEndpoint(first.Source, 0)),
            Is.Not.EqualTo(PrefixGrouping.Instance.GroupOf(new NetEndpoint(second.Source, 0))));
        Assert.That(rig.Queue.Drain(), Is.Empty);
    }

    [Test]
    public void Addresses_are_three_to_seven_days_old_each_another()
    {
        var rig = new Rig([.. Enumerable.Range(0, 20).Select(i => $"seed{i}.example")]);
        for (int i = 0; i < 20; i++)
            rig.Resolver.Set($"x1000000.seed{i}.example", $"{20 + i}.1.1.1", $"{20 + i}.2.1.1");

        for (int second = 0; second < 10; second++)
            rig.Tick(second, known: 0);

        long[] ages = [.. rig.Book.Manager.Snapshot().Select(entry => rig.Book.Now - entry.Address.Time)];
        Assert.That(ages, Has.Length.EqualTo(40).And.All.InRange(3 * Book.Day, 7 * Book.Day));
        Assert.That(ages.Min(), Is.LessThan(4 * Book.Day));
        Assert.That(ages.Max(), Is.GreaterThan(6 * Book.Day));
    }

    [Test]
    public void Of_an_answer_with_a_thousand_addresses_any_32_are_taken()
    {
        string[] answer = [.. Enumerable.Range(0, 1000).Select(i => $"{1 + (i / 250)}.{i % 250}.1.1")];
        var rigs = new[] { new Rig(["seed.example"], 1), new Rig(["seed.example"], 2) };
        foreach (Rig rig in rigs)
        {
            rig.Resolver.Set("x1000000.seed.example", answer);
            rig.Tick(0, known: 0);
            Assert.That(rig.Book.Manager.Count, Is.InRange(25, NodeDefaults.MaxAddressesPerDnsSeed), "Some may collide.");
        }

        Assert.That(Known(rigs[0]), Is.Not.EquivalentTo(Known(rigs[1])));

        static IEnumerable<NetEndpoint> Known(Rig rig) =>
            rig.Book.Manager.Snapshot().Select(entry => entry.Address.Endpoint);
    }

    [TestCase("127.0.0.1")]
    [TestCase("0.0.0.0")]
    [TestCase("10.1.1.1")]
    [TestCase("fd00::1")]
    public void Addresses_that_nobody_can_reach_are_passed_over(string address)
    {
        var rig = new Rig(["seed.example"]);
        rig.Resolver.Set("x1000000.seed.example", address);

        rig.Tick(0, known: 0);

        Assert.That(rig.Book.Manager.Count, Is.Zero);
    }

    [Test]
    public void A_seed_that_tells_no_address_is_asked_as_a_peer()
    {
        var rig = new Rig(["seed.example"]);

        rig.Tick(0, known: 0);

        Assert.That(rig.Queue.Drain(), Is.EqualTo(new[] { "seed.example" }));
    }

    [Test]
    public void But_not_when_the_operator_chose_the_peers()
    {
        var rig = new Rig(["seed.example"], options: new P2POptions { Connect = ["0"], DnsSeed = true });

        rig.Tick(0, known: 0);

        Assert.That(rig.Resolver.Asked, Has.Count.EqualTo(1));
        Assert.That(rig.Queue.Drain(), Is.Empty);
    }

    [TestCase(29.9, 0, false)]
    [TestCase(29.9, 1, false)]
    [TestCase(30, 0, true)]
    public void Seed_nodes_have_thirty_seconds_to_themselves(double second, int outbound, bool isAsked)
    {
        var rig = new Rig(["seed.example"], options: new P2POptions { SeedNodes = ["peer"] });
        rig.Tick(0, known: 0);

        rig.Tick(second, known: 0, outbound);

        Assert.That(rig.Resolver.Asked, Has.Count.EqualTo(isAsked ? 1 : 0));
    }

    [Test]
    public void When_the_seed_nodes_have_brought_peers_no_dns_seed_is_asked()
    {
        var rig = new Rig(["seed.example"], options: new P2POptions { SeedNodes = ["peer"] });
        rig.Tick(0, known: 0);
        rig.Tick(5, known: 50, outbound: 2);

        rig.Tick(16, known: 50, outbound: 8);
        rig.Tick(1000, known: 50);

        Assert.That(rig.Resolver.Asked, Is.Empty);
    }

    [Test]
    public void A_seed_that_was_named_twice_is_asked_once()
    {
        var rig = new Rig(["seed.example", "seed.example"]);

        rig.Tick(0, known: 0);

        Assert.That(rig.Resolver.Asked, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Stopping_gives_up_a_look_up_that_never_ends()
    {
        var rig = new Rig(["seed.example"]);
        rig.Resolver.SetLate("x1000000.seed.example");
        rig.Tick(0, known: 0);

        await rig.Seeds.StopAsync().WaitAsync(TestNode.Patience);

        Assert.That(rig.Queue.Drain(), Is.Empty, "That is no answer.");
    }

    /// <summary>DNS seeds under a clock that the test sets.</summary>
    private sealed class Rig
    {
        public Rig(string[] seeds, ulong random = 1, P2POptions? options = null)
        {
            Settings = NodeSettings.From((options ?? new P2POptions()) with { DnsSeedHosts = seeds });
            Seeds = new DnsSeeds(
                Settings,
                Book.Manager,
                Queue,
                Resolver,
                new NodeClock(Book.Clock),
                new RandomSource(random),
                NullLogger.Instance);
        }

        public NodeSettings Settings { get; }

        public DnsSeeds Seeds { get; }

        public Book Book { get; } = new();

        public ScriptedResolver Resolver { get; } = new();

        public AddrFetchQueue Queue { get; } = new();

        public double Second { get; private set; }

        public void Tick(double second, int known, int outbound = 0)
        {
            Second = second;
            Seeds.Tick(new DiscoveryState(TimeSpan.FromSeconds(second), known, outbound, IsAlone: outbound == 0));
        }

        public void TickUntilAsked(int known)
        {
            for (double second = 0; Resolver.Asked.Count == 0; second += 0.5)
                Tick(second, known);
        }
    }
}
