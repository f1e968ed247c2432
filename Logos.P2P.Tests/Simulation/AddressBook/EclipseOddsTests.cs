using Logos.P2P.Simulation;
using Logos.P2P.Simulation.AddressBook;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.AddressBook;

/// <summary>Probabilities in books where they can be told without.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class EclipseOddsTests
{
    private readonly HonestNetwork _honest = new(1000, new SimulationClock(), new Random(1));
    private readonly Book _book = new();

    [Test]
    public void Who_is_alone_in_the_book_gets_as_many_peers_as_he_has_neighbourhoods()
    {
        AddAttacker(groups: 7);
        EclipseOdds odds = EclipseOdds.Of(_book.Manager, _honest);

        Assert.Multiple(() =>
        {
            Assert.That(odds.OnePick, Is.EqualTo(1));
            Assert.That(odds.AllPicks(7, onePerGroup: true, new Random(1)), Is.EqualTo(1));
            Assert.That(odds.AllPicks(8, onePerGroup: true, new Random(1)), Is.Zero);
            Assert.That(odds.AllPicks(8, onePerGroup: false, new Random(1)), Is.EqualTo(1));
        });
    }

    [Test]
    public void Each_neighbourhood_that_is_taken_leaves_him_fewer_chances()
    {
        AddAttacker(groups: 100);
        for (int i = 0; i < 100; i++)
            Add(_honest.DrawNews().Endpoint);
        EclipseOdds odds = EclipseOdds.Of(_book.Manager, _honest);

        Assert.That(odds.OnePick, Is.EqualTo(0.5).Within(0.1));
        double expected = 1;
        for (int left = 100; left > 92; left--)
            expected *= odds.OnePick * left / 100 / ((odds.OnePick * left / 100) + 1 - odds.OnePick);
        Assert.That(odds.AllPicks(8, onePerGroup: true, new Random(1)), Is.EqualTo(expected).Within(15).Percent);
        Assert.That(odds.AllPicks(8, onePerGroup: false, new Random(1)), Is.EqualTo(Math.Pow(odds.OnePick, 8)).Within(1e-12));
    }

    [Test]
    public void Honest_nodes_that_are_down_are_no_help()
    {
        AddAttacker(groups: 1);
        Add(Book.Endpoint("20.1.2.3"));

        Assert.That(EclipseOdds.Of(_book.Manager, _honest).OnePick, Is.EqualTo(1));
    }

    private void AddAttacker(int groups)
    {
        for (int group = 0; group < groups; group++)
            Add(SimulatedAddresses.OfAttacker(group, host: 1));
    }

    // Each tells itself, and answers, so that all have the same weight wherever they are.
    private void Add(NetEndpoint endpoint)
    {
        _book.Manager.Add([new TimedAddress(endpoint, Services.Logos, (uint)_book.Now)], endpoint.Address);
        _book.Manager.Good(endpoint, _book.Now - Book.Hour);
    }
}
