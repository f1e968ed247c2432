using Logos.P2P.Simulation.Scenarios;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Scenarios;

/// <summary>A run that fails is made smaller while it still fails.</summary>
internal sealed class ScenarioShrinkerTests
{
    private static readonly ScenarioParameters Large = new() { Nodes = 1000, Seconds = 600, Messages = 200, Seed = 7 };

    [Test]
    public void What_the_failure_does_not_need_is_halved_away()
    {
        ScenarioParameters smallest = ScenarioShrinker.Shrink(Large, run => run.Nodes >= 100 && run.Messages >= 1);

        Assert.That(smallest, Is.EqualTo(Large with { Nodes = 125, Seconds = 1, Messages = 1 }));
    }

    [Test]
    public void A_failure_that_needs_everything_stays_as_it_is() =>
        Assert.That(ScenarioShrinker.Shrink(Large, run => run == Large), Is.EqualTo(Large));

    [Test]
    public void It_ends_after_its_attempts()
    {
        int attempts = 0;

        ScenarioShrinker.Shrink(Large with { Nodes = 100_000, Seconds = 600_000, Messages = 1_000_000 }, _ =>
        {
            attempts++;
            return true;
        });

        Assert.That(attempts, Is.EqualTo(ScenarioShrinker.MaxAttempts));
    }
}
