using Logos.P2P.Simulation.Engine;
using Logos.P2P.Simulation.Links;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Links;

/// <summary>How long bytes are on their way.</summary>
internal sealed class LinkModelTests
{
    private const int Hosts = 60;

    private static readonly LinkModel[] Models =
    [
        new UniformLinks(TimeSpan.FromMilliseconds(20)),
        new LognormalLinks(TimeSpan.FromMilliseconds(45), 0.6, 1),
        new RegionLinks(1),
    ];

    private readonly SimulatedHost[] _hosts;

    public LinkModelTests()
    {
        var internet = new SimulatedInternet(new SimulationLoop(), Models[0], new Random(1), new Trace());
        _hosts =
        [
            .. Enumerable.Range(0, Hosts).Select(
                i => internet.AddHost(LinkRig.AddressOf(i), LinkRig.BytesPerSecond, i % RegionLinks.Names.Count)),
        ];
    }

    [TestCaseSource(nameof(Models))]
    public void A_link_is_as_long_in_both_directions_and_always(object model)
    {
        var links = (LinkModel)model;
        foreach ((SimulatedHost from, SimulatedHost to) in Pairs())
        {
            Assert.That(links.Latency(from, to), Is.EqualTo(links.Latency(to, from)).And.GreaterThan(TimeSpan.Zero));
            Assert.That((links with { }).Latency(from, to), Is.EqualTo(links.Latency(from, to)));
        }
    }

    [Test]
    public void Lognormal_links_have_their_median_and_spread()
    {
        double[] logs =
        [
            .. Pairs().Select(pair => Math.Log(Models[1].Latency(pair.From, pair.To).TotalMilliseconds)).Order(),
        ];

        Assert.That(Math.Exp(logs[logs.Length / 2]), Is.EqualTo(45).Within(4));
        double mean = logs.Average();
        Assert.That(Math.Sqrt(logs.Average(log => (log - mean) * (log - mean))), Is.EqualTo(0.6).Within(0.05));
    }

    [Test]
    public void Neighbours_are_nearer_than_the_other_side_of_the_world()
    {
        Assert.That(Models[2].Latency(_hosts[0], _hosts[5]), Is.LessThan(TimeSpan.FromMilliseconds(36)));
        Assert.That(Models[2].Latency(_hosts[1], _hosts[4]), Is.GreaterThan(TimeSpan.FromMilliseconds(134)));
    }

    [Test]
    public void Jitter_stays_within_its_part_and_loss_adds_whole_retransmissions()
    {
        var links = new UniformLinks(TimeSpan.FromMilliseconds(100)) { Jitter = 0.2 };
        var random = new Random(1);
        double[] delays = [.. Draw(links)];
        Assert.That(delays.Min(), Is.InRange(80, 85));
        Assert.That(delays.Max(), Is.InRange(115, 120.1));

        delays = [.. Draw(links with { Jitter = 0, Loss = 0.25 })];
        Assert.That(delays.Count(delay => delay > 101) / (double)delays.Length, Is.EqualTo(0.25).Within(0.05));
        Assert.That(delays.Where(delay => delay > 101).Min(), Is.EqualTo(400).Within(0.1));

        IEnumerable<double> Draw(LinkModel model) =>
            Enumerable.Range(0, 1000).Select(_ => model.Draw(_hosts[0], _hosts[1], random).TotalMilliseconds);
    }

    private IEnumerable<(SimulatedHost From, SimulatedHost To)> Pairs() =>
        from one in _hosts
        from two in _hosts
        where one.Index < two.Index
        select (one, two);
}
