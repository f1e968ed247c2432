using Logos.P2P.Simulation.Scenarios;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Scenarios;

/// <summary>The scenarios in which somebody means harm, in networks that are small enough for a test.</summary>
internal sealed class AttackTests
{
    private static readonly ScenarioParameters Small = new()
    {
        Nodes = 14,
        Graph = GraphKinds.Grown,
        Messages = 10,
        Seconds = 40,
    };

    [Test]
    public void An_attacker_who_fills_a_book_and_all_slots_does_not_cut_the_victim_off()
    {
        ScenarioResult result = new Eclipse().Run(Small with { Attackers = 8 });

        Assert.That(result.Violations, Is.Empty);
        Assert.That(
            result.Figures["addressesOfAttackerInBook"], Is.GreaterThan(result.Figures["addressesInBook"] / 2), "he told his addresses");
        Assert.That(result.Figures["inboundOfAttackerAfterRestart"], Is.GreaterThan(50), "he fills the slots");
        Assert.That(result.Figures["outboundOfAttackerAfterRestart"], Is.GreaterThan(0), "he is found in the book");
        Assert.That(result.Figures["quietOfAttackerAfterRestart"], Is.LessThan(2), "an anchor is honest");
        Assert.That(result.Figures["victimReach"], Is.EqualTo(1));
    }

    [Test]
    public void Without_an_attacker_nobody_is_the_attackers()
    {
        ScenarioResult result = new Eclipse().Run(Small with { Attackers = 0, Seconds = 10 });

        Assert.That(result.Figures["addressesOfAttackerInBook"], Is.Zero);
        Assert.That(result.Figures["outboundOfAttackerAfterRestart"], Is.Zero);
        Assert.That(result.Figures["victimReach"], Is.EqualTo(1));
    }

    [Test]
    public void Sybils_take_places_and_make_messages_later_and_lose_none()
    {
        ScenarioResult alone = new Sybil().Run(Small);
        ScenarioResult crowded = new Sybil().Run(Small with { Attackers = 14 });

        Assert.That(crowded.Violations, Is.Empty);
        Assert.That(alone.Figures["attackerShareOfOutbound"], Is.Zero);
        Assert.That(crowded.Figures["attackerShareOfOutbound"], Is.GreaterThan(0.1));
        Assert.That(crowded.Figures["attackerShareOfInbound"], Is.GreaterThan(0.5));
        Assert.That(crowded.Figures["honestLinksPerNode"], Is.LessThan(alone.Figures["honestLinksPerNode"]));
        Assert.That(crowded.T50Ms, Is.GreaterThan(alone.T50Ms));
        Assert.That(crowded.Reach, Is.EqualTo(1));
    }

    [Test]
    public void Flooders_of_what_nobody_needs_are_cut_and_honest_peers_are_not()
    {
        ScenarioResult result = new Flood().Run(Small with { Nodes = 12, Messages = 40, Attackers = 1 });

        Assert.That(result.Violations, Is.Empty);
        foreach (string kind in (string[])["replays", "unknownCommands"])
        {
            Assert.That(result.Figures[kind + "Flooders"], Is.EqualTo(1), kind);
            Assert.That(result.Figures[kind + "FloodersCut"], Is.EqualTo(1), kind);
            Assert.That(result.Figures[kind + "HonestCut"], Is.Zero, kind);
            Assert.That(result.Figures[kind + "T99Ms"], Is.LessThan(2 * result.Figures["idleT99Ms"]), kind);
        }

        Assert.That(result.Reach, Is.EqualTo(1));
    }

    [Test]
    public void Peers_that_read_nothing_are_cut_and_cost_little_memory()
    {
        ScenarioResult result = new Stallers().Run(Small with { PayloadBytes = 10_000, Messages = 100, Attackers = 6 });

        Assert.That(result.Violations, Is.Empty);
        Assert.That(result.Figures["stallersPerNode"], Is.GreaterThan(1));
        Assert.That(result.Figures["cutPingTimeout"], Is.GreaterThan(5));
        Assert.That(result.Figures["mostFrameBytes"], Is.InRange(100_000, 20_000_000));
        Assert.That(result.Reach, Is.EqualTo(1));
    }

    [Test]
    public void What_dialing_makes_of_a_network_hangs_together()
    {
        ScenarioResult result = new Diameter().Run(Small with { Nodes = 40 });

        Assert.That(result.Violations, Is.Empty);
        Assert.That(result.Figures["degreeMin"], Is.GreaterThanOrEqualTo(10));
        Assert.That(result.Figures["diameter"], Is.InRange(2, 3));
        Assert.That(result.Figures["largestPartWithoutBest20Percent"], Is.EqualTo(1));
        Assert.That(result.Figures["clustering"], Is.EqualTo(result.Figures["clusteringByChance"]).Within(0.15));
    }

    [Test]
    public void An_attack_is_a_function_of_its_seed_too()
    {
        ScenarioParameters parameters = Small with { Attackers = 4, Seconds = 10 };

        string hash = new Sybil().Run(parameters).TraceHash;

        Assert.That(new Sybil().Run(parameters).TraceHash, Is.EqualTo(hash));
    }
}
