using Logos.P2P.Simulation;
using Logos.P2P.Simulation.Nodes;
using Logos.P2P.Simulation.Policies;
using Logos.P2P.Simulation.Scenarios;
using Logos.P2P.Simulation.Scripts;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Scenarios;

/// <summary>What befalls a network, and that it is well afterwards.</summary>
internal sealed class ScenarioTests
{
    private static readonly ScenarioParameters Small =
        new() { Nodes = 16, Graph = GraphKinds.Grown, Messages = 10, Seconds = 30 };

    [Test]
    public void Whoever_joins_finds_all_its_peers_in_each_way()
    {
        ScenarioResult result = Run<Join>(Small);

        foreach (string way in new[] { "seedNode", "dns", "book" })
        {
            Assert.That(result.Figures[way + "FirstSeconds"], Is.InRange(0.1, 10));
            Assert.That(result.Figures[way + "AllSeconds"], Is.InRange(result.Figures[way + "FirstSeconds"], 60));
        }

        Assert.That(result.Reach, Is.EqualTo(1));
    }

    [Test]
    public void Joining_is_for_those_who_find_each_other() => Assert.That(
        () => new Join().Run(Small with { Graph = GraphKinds.Random8 }),
        Throws.InstanceOf<SimulationException>().With.Message.StartsWith("--graph"));

    [Test]
    public void Whoever_stays_misses_nothing_while_others_come_and_go()
    {
        ScenarioResult result = Run<Churn>(Small with { Churn = 0.5, Rate = 1 });

        Assert.That(result.Figures["replaced"], Is.EqualTo(4));
        Assert.That(result.Reach, Is.GreaterThan(0.9));
    }

    [Test]
    public void Two_halves_find_together_again()
    {
        ScenarioResult result = Run<PartitionHeal>(Small with { Seconds = 120 });

        Assert.That(result.Figures["crossingBefore"], Is.Positive);
        Assert.That(result.Figures["crossingAtHeal"], Is.Zero);
        Assert.That(result.Figures["crossingAfter"], Is.Positive);
        Assert.That(result.Reach, Is.EqualTo(1));
    }

    /// <summary>Of the policies that never ask and those that do one each: what is important is told beside them.</summary>
    [Test]
    public void Whoever_comes_late_gets_what_is_important_once_and_nothing_that_was_replaced(
        [Values(SimulatedPolicy.Tree, SimulatedPolicy.Push)] SimulatedPolicy policy)
    {
        ScenarioResult result = Run<Important>(Small with { Policy = policy, Messages = 60, Seconds = 700 });

        Assert.That(result.Figures["importantMessages"], Is.EqualTo(26), "20 without a key, and of 6 keys the last.");
        Assert.That(result.Figures["replacedMessages"], Is.EqualTo(34));
        Assert.That(result.Figures["lateNodes"], Is.EqualTo(2));
        Assert.That(result.Figures["secondsToAll"], Is.InRange(0.1, 5));
        Assert.That(result.Figures["copiesEach"], Is.InRange(1, 1.2));
        Assert.That(result.Figures["copiesBackEach"], Is.LessThan(0.1), "Nobody is asked for what he has.");
    }

    [Test]
    public void A_network_comes_back_from_the_books_of_its_nodes()
    {
        ScenarioResult result = Run<RestartAll>(Small with { Seconds = 60 });

        Assert.That(result.Figures["secondsToAllPeers"], Is.InRange(1, 120));
        Assert.That(result.Reach, Is.EqualTo(1));
    }

    [Test]
    public void After_random_faults_of_ten_seeds_everything_is_well([Range(1, 10)] int seed)
    {
        ScenarioResult result = Run<Mixed>(Small with { Seed = (ulong)seed });

        Assert.That(result.Figures["faults"], Is.Positive);
    }

    [Test]
    public void Random_faults_are_a_function_of_the_seed() => Assert.That(
        Run<Mixed>(Small with { Seed = 3 }).TraceHash, Is.EqualTo(Run<Mixed>(Small with { Seed = 3 }).TraceHash));

    [Test]
    public void A_script_plays_on_a_simulated_network()
    {
        NetworkScript script = NetworkScript.Parse(
            "delay 20ms\nsend random 1000 x5 every 1s\nwait 5s\ncollect\nkill 3\nwait 1s\nrestart 3\nwait 60s\nsend 0 500\nwait 5s\ncollect\n");

        ScenarioResult result = new Scripted(script).Run(Small with { Graph = GraphKinds.Random8 });

        Assert.That(result.Violations, Is.Empty);
        Assert.That((result.Figures["collect1Messages"], result.Figures["collect2Messages"]), Is.EqualTo((5, 6)));
        Assert.That((result.Figures["collect1Reach"], result.Figures["collect2Reach"]), Is.EqualTo((1, 1)));
        Assert.That(result.Figures["collect1T50Ms"], Is.InRange(20, 45));
    }

    [Test]
    public void A_script_that_names_a_node_that_is_not_there_is_refused() => Assert.That(
        () => new Scripted(NetworkScript.Parse("kill 99")).Run(Small), Throws.InstanceOf<ScriptException>());

    [Test]
    public void A_network_that_stays_in_pieces_is_a_violation()
    {
        IReadOnlyList<string> violations = new CutForGood().Run(new ScenarioParameters { Nodes = 4 }).Violations;

        Assert.That(violations, Has.Exactly(1).Contains("every node can reach every other"));
        Assert.That(violations, Has.Some.Contains("did not reach"));
    }

    [Test]
    public void A_fault_of_the_program_is_a_violation() =>
        Assert.That(new Faulty().Run(Small).Violations, Has.Exactly(1).Contains("impossible"));

    private static ScenarioResult Run<T>(ScenarioParameters parameters)
        where T : Scenario, new()
    {
        ScenarioResult result = new T().Run(parameters);
        Assert.That(result.Violations, Is.Empty);
        return result;
    }

    private sealed class CutForGood : Scenario
    {
        public override string Name => "cut-for-good";

        public override string Summary => "A line is cut and never mended.";

        internal override void Play(ScenarioRun run)
        {
            NetworkFactory.BringUp(run.Network);
            run.Network.Internet.Partition(node => node % 2);
            run.Pass(TimeSpan.FromMinutes(2));
            run.ExpectWhole();
        }
    }

    private sealed class Faulty : Scenario
    {
        public override string Name => "faulty";

        public override string Summary => "Something fails that cannot.";

        internal override void Play(ScenarioRun run) => run.Network.Loop.Do(() => throw new InvalidOperationException("impossible"));
    }
}
