using Logos.P2P.Simulation;
using Logos.P2P.Simulation.Policies;
using Logos.P2P.Simulation.Scenarios;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Scenarios;

/// <summary>The simulated network as a whole: that it is one, and that it is a function of its seed.</summary>
internal sealed class PropagationTests
{
    private static readonly ScenarioParameters Small = new() { Nodes = 40, Messages = 10 };

    [TestCaseSource(typeof(GraphKinds), nameof(GraphKinds.All))]
    public void Every_message_reaches_every_node_once(string graph)
    {
        ScenarioResult result = new Propagation().Run(Small with { Graph = graph });

        Assert.That(result.Violations, Is.Empty);
        Assert.That(result.Reach, Is.EqualTo(1));
        Assert.That(result.Messages, Is.EqualTo(Small.Messages));
        Assert.That(result.T50Ms, Is.LessThan(result.T90Ms));
        Assert.That(result.T90Ms, Is.LessThan(result.MaxMs).And.LessThan(1000));
        Assert.That(result.HopsMean, Is.InRange(1, 5));
    }

    [Test]
    public void The_same_seed_gives_the_same_trace_and_another_seed_another_one()
    {
        using StringWriter first = new(), second = new();

        string hash = new Propagation().Run(Small, trace: first).TraceHash;

        Assert.That(new Propagation().Run(Small, trace: second).TraceHash, Is.EqualTo(hash));
        Assert.That(second.ToString(), Is.EqualTo(first.ToString()));
        Assert.That(new Propagation().Run(Small with { Seed = 2 }).TraceHash, Is.Not.EqualTo(hash));
    }

    [Test]
    public void Jitter_and_loss_make_messages_later_and_lose_none()
    {
        ScenarioResult calm = new Propagation().Run(Small);
        ScenarioResult rough = new Propagation().Run(Small with { Jitter = 0.2, Loss = 0.5 });

        Assert.That(rough.Reach, Is.EqualTo(1));
        Assert.That(rough.MaxMs, Is.GreaterThan(calm.MaxMs));
    }

    [Test]
    public void Every_policy_brings_every_message_everywhere_at_its_own_price([Values] SimulatedPolicy policy)
    {
        ScenarioResult result = new Propagation().Run(Small with { Nodes = 60, Messages = 40, Warmup = 40, Origins = 8, Policy = policy });

        (double least, double most) = policy switch
        {
            SimulatedPolicy.Tree or SimulatedPolicy.Inv => (0.9, 1.1),
            SimulatedPolicy.Plumtree => (0.9, 4),
            SimulatedPolicy.Eager => (2, 6),
            SimulatedPolicy.Mesh => (5, 8),
            _ => (12, 16),
        };
        Assert.That(result.Reach, Is.EqualTo(1));
        Assert.That(result.CopiesPerNode, Is.InRange(least, most));
        Assert.That(result.Policy, Is.EqualTo(policy.ToString().ToLowerInvariant()));
    }

    [Test]
    public void Large_messages_are_faster_in_chunks_than_sent_to_all_and_come_once()
    {
        ScenarioParameters large = Small with { Messages = 2, PayloadBytes = 256_000, Rate = 0.1 };

        ScenarioResult pushed = new Propagation().Run(large with { Policy = SimulatedPolicy.Push });
        ScenarioResult inChunks = new Propagation().Run(large);

        Assert.That(inChunks.Violations, Is.Empty);
        Assert.That((pushed.Reach, inChunks.Reach), Is.EqualTo((1, 1)));
        Assert.That(inChunks.T90Ms, Is.LessThan(0.7 * pushed.T90Ms));
        Assert.That(inChunks.CopiesPerNode, Is.InRange(0.95, 1.1));
    }

    [TestCase(1, 1000, GraphKinds.Random8)]
    [TestCase(10, 7, GraphKinds.Random8)]
    [TestCase(10, 1000, "none")]
    public void What_makes_no_sense_is_refused_with_the_rule(int nodes, int payload, string graph) => Assert.That(
        () => new Propagation().Run(new ScenarioParameters { Nodes = nodes, PayloadBytes = payload, Graph = graph }),
        Throws.InstanceOf<SimulationException>().With.Message.StartsWith("--"));
}
