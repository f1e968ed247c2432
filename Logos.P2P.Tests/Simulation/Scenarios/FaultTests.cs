using Logos.P2P.Simulation.Policies;
using Logos.P2P.Simulation.Scenarios;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Scenarios;

/// <summary>
/// What trees make of nodes and links that fail, against pushing everything to everybody with the same nodes, messages and faults.
/// The networks are a tenth of those of docs/relay.md, so the bounds are wider.
/// </summary>
internal sealed class FaultTests
{
    private static readonly ScenarioParameters Small = new() { Nodes = 80, Messages = 32, Warmup = 40, Origins = 8, Rate = 20 };

    [Test]
    public void Nodes_that_go_silent_cost_the_first_messages_a_while_and_later_ones_nothing()
    {
        (ScenarioResult push, ScenarioResult tree) = Run<Silence>(Small with { Churn = 0.1 });

        Assert.That(tree.Figures["firstReach"], Is.EqualTo(1));
        Assert.That(tree.Figures["firstT90Ms"], Is.LessThan(2 * push.Figures["firstT90Ms"]));
        Assert.That(tree.T90Ms, Is.LessThan(1.1 * push.T90Ms));
        Assert.That(tree.CopiesPerNode, Is.LessThan(1.4));
    }

    [Test]
    public void Nodes_that_die_in_the_middle_of_a_message_keep_it_from_nobody()
    {
        (ScenarioResult push, ScenarioResult tree) = Run<Crash>(Small with { Churn = 0.05 });

        Assert.That(tree.Figures["struckReach"], Is.EqualTo(1));
        Assert.That(tree.T90Ms, Is.LessThan(1.15 * push.T90Ms));
    }

    [Test]
    public void Machines_that_announce_and_never_send_delay_nobody()
    {
        (ScenarioResult push, ScenarioResult tree) = Run<Promises>(Small with { Attackers = 8 });

        Assert.That(tree.Figures["promisersPerNode"], Is.GreaterThan(1));
        Assert.That(tree.T90Ms, Is.LessThan(1.05 * push.T90Ms));
        Assert.That(tree.CopiesPerNode, Is.LessThan(1.2));
    }

    [Test]
    public void Links_that_are_replaced_cost_little()
    {
        (ScenarioResult push, ScenarioResult tree) = Run<Rewire>(Small with { Churn = 0.05 });

        Assert.That(tree.Figures["replaced"], Is.GreaterThan(5));
        Assert.That(tree.T90Ms, Is.LessThan(1.1 * push.T90Ms));
        Assert.That(tree.CopiesPerNode, Is.LessThan(1.3));
    }

    private static (ScenarioResult Push, ScenarioResult Tree) Run<T>(ScenarioParameters parameters)
        where T : Scenario, new()
    {
        ScenarioResult push = new T().Run(parameters with { Policy = SimulatedPolicy.Push });
        ScenarioResult tree = new T().Run(parameters with { Policy = SimulatedPolicy.Tree });
        foreach (ScenarioResult result in (ScenarioResult[])[push, tree])
        {
            Assert.That(result.Violations, Is.Empty);
            Assert.That(result.Reach, Is.EqualTo(1));
        }

        return (push, tree);
    }
}
