using Logos.P2P.Simulation;
using Logos.P2P.Simulation.AddressBook;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.AddressBook;

/// <summary>The honest nodes come and go as they are said to.</summary>
internal sealed class HonestNetworkTests
{
    private readonly SimulationClock _clock = new();
    private readonly HonestNetwork _network;

    public HonestNetworkTests() => _network = new HonestNetwork(1000, _clock, new Random(1));

    [Test]
    public void Three_fifths_are_up_and_in_a_month_most_of_them_have_moved_away()
    {
        NetEndpoint[] first = UpNow();
        for (int hour = 0; hour < 30 * 24; hour++)
        {
            _clock.Advance(TimeSpan.FromHours(1));
            _network.Tick();
        }

        NetEndpoint[] last = UpNow();
        Assert.Multiple(() =>
        {
            Assert.That(first, Has.Length.InRange(550, 650));
            Assert.That(last, Has.Length.InRange(550, 650));
            Assert.That(last.Intersect(first).Count(), Is.InRange(80, 250));
            Assert.That(first, Has.None.Matches<NetEndpoint>(endpoint => SimulatedAddresses.IsAttacker(endpoint)));
        });
        double useful = _network.DrawAnswer(10_000).Count(address => _network.IsUp(address.Endpoint)) / 10_000.0;
        Assert.That(useful, Is.InRange(0.25, 0.45), "of what others tell, with those that went for good");
    }

    private NetEndpoint[] UpNow() =>
        [.. Enumerable.Range(0, 20_000).Select(_ => _network.DrawNews().Endpoint).Distinct()];
}
