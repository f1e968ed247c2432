using System.Collections.Immutable;
using Logos.P2P.AddrMan;
using Logos.P2P.Discovery;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace Logos.P2P.Tests.Discovery;

internal sealed class FixedSeedsTests
{
    private static IEnumerable<TestCaseData> Options()
    {
        yield return Row("nothing else", 0, new P2POptions());
        yield return Row("no dns seed to ask", 0, new P2POptions { DnsSeed = true });
        yield return Row("dns seeds that are switched off", 0, new P2POptions { DnsSeed = false, DnsSeedHosts = ["a.example"] });
        yield return Row("dns seeds", 60, new P2POptions { DnsSeedHosts = ["a.example"] });
        yield return Row("seed nodes", 60, new P2POptions { SeedNodes = ["a.example"] });
        yield return Row("added nodes", 60, new P2POptions { AddNodes = ["a.example"] });

        static TestCaseData Row(string ways, int second, P2POptions options) =>
            new TestCaseData(options, second).SetArgDisplayNames(ways);
    }

    [TestCaseSource(nameof(Options))]
    public void They_are_used_at_once_when_they_are_the_only_way_and_else_after_a_minute(P2POptions options, int second)
    {
        var rig = new Rig(options, "8.8.8.8:14495");
        int used = 0;
        while (rig.Book.Manager.Count == 0 && used < 1000)
            rig.Tick(used++);

        Assert.That(used - 1, Is.EqualTo(second));
    }

    [Test]
    public void A_single_known_address_keeps_them_unused()
    {
        var rig = new Rig(new P2POptions(), "8.8.8.8:14495");

        rig.Tick(0, known: 1);
        rig.Tick(1000, known: 1);
        Assert.That(rig.Book.Manager.Count, Is.Zero);

        rig.Tick(1001);
        Assert.That(rig.Book.Manager.Count, Is.EqualTo(1), "When it is forgotten they are all that is left.");
    }

    [Test]
    public void They_are_used_once()
    {
        var rig = new Rig(new P2POptions(), "8.8.8.8:14495");
        rig.Tick(0);
        long time = rig.Book.Entry("8.8.8.8").Address.Time;
        rig.Book.Clock.Advance(TimeSpan.FromDays(5));

        rig.Tick(1000);

        Assert.That(rig.Book.Entry("8.8.8.8").Address.Time, Is.EqualTo(time));
    }

    [Test]
    public void They_are_one_to_two_weeks_old_and_from_one_source()
    {
        var rig = new Rig(new P2POptions(), [.. Enumerable.Range(1, 40).Select(i => $"{i}.1.1.1:{i}")]);

        rig.Tick(0);

        AddressEntry[] entries = [.. rig.Book.Manager.Snapshot()];
        Assert.That(entries, Has.Length.GreaterThan(30));
        Assert.That(
            entries.Select(entry => rig.Book.Now - entry.Address.Time), Is.All.InRange(7 * Book.Day, 14 * Book.Day));
        Assert.That(
            entries.Select(entry => entry.Source), Is.All.EqualTo(NetAddress.FromInternalName("fixedseeds")));
        Assert.That(entries.Select(entry => entry.Address.Services), Is.All.EqualTo(Services.Logos));
    }

    [Test]
    public void Those_on_networks_that_are_not_dialled_are_left_out()
    {
        var rig = new Rig(new P2POptions { OnlyNets = ["ipv6"] }, "8.8.8.8:14495", "[2600::1]:14495");

        rig.Tick(0);

        Assert.That(
            rig.Book.Manager.Snapshot().Select(entry => entry.Address.Endpoint.ToString()),
            Is.EqualTo(new[] { "[2600::1]:14495" }));
    }

    /// <summary>Fixed seeds under a clock that the test sets.</summary>
    private sealed class Rig
    {
        private readonly FixedSeeds _seeds;

        public Rig(P2POptions options, params string[] list)
        {
            ImmutableArray<NetEndpoint> parsed = FixedSeedList.Parse(string.Join('\n', list), 14495);
            _seeds = new FixedSeeds(
                NodeSettings.From(options) with { FixedSeeds = parsed },
                Book.Manager,
                new NodeClock(Book.Clock),
                new RandomSource(1),
                NullLogger.Instance);
        }

        public Book Book { get; } = new();

        public void Tick(double second, int known = 0) =>
            _seeds.Tick(new DiscoveryState(TimeSpan.FromSeconds(second), known, OutboundPeers: 0, IsAlone: true));
    }
}
