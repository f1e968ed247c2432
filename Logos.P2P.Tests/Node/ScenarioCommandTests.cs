using System.CommandLine;
using System.Text.Json;
using Logos.P2P.Node;
using Logos.P2P.Simulation.Scenarios;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node;

/// <summary><c>logosp2p sim SCENARIO</c>.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ScenarioCommandTests
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    [Test]
    public void Of_many_seeds_the_first_that_fails_is_the_last_and_is_shrunk()
    {
        int exitCode = Run(Enumerable.Range(3, 10).Select(seed => new ScenarioParameters { Nodes = 16, Seconds = 50, Seed = (ulong)seed }));

        Assert.That(exitCode, Is.EqualTo(ExitCodes.Failed));
        ulong[] seeds =
        [
            .. _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("seed").GetUInt64()),
        ];
        Assert.That(seeds, Is.EqualTo(new ulong[] { 3, 4, 5 }));
        Assert.That(_errors.ToString(), Does.Contain("Violated with --seed 5: 0:00:00: Six nodes are too many."));
        Assert.That(
            _errors.ToString(), Does.EndWith("logosp2p sim weak --nodes 8 --seed 5 --messages 0 --seconds 1" + Environment.NewLine));
    }

    [Test]
    public void Seeds_that_all_hold_are_a_clean_end()
    {
        Assert.That(Run([new ScenarioParameters { Nodes = 16, Seed = 1 }]), Is.EqualTo(ExitCodes.Clean));
        Assert.That(_errors.ToString(), Is.Empty);
    }

    [Test]
    public void What_makes_no_sense_is_bad_usage()
    {
        Assert.That(Run([new ScenarioParameters { Nodes = 1 }]), Is.EqualTo(ExitCodes.BadUsage));
        Assert.That(_errors.ToString(), Does.StartWith("--nodes"));
    }

    [TestCaseSource(typeof(Scenario), nameof(Scenario.All))]
    public void A_printed_command_reads_as_what_it_was_made_of(Scenario scenario)
    {
        var options = new ScenarioOptions(scenario);
        var command = new RootCommand();
        foreach (Option option in options.All)
            command.Options.Add(option);
        ScenarioParameters some = scenario.Defaults with { Nodes = 7, Seed = 99, Rate = 2.5, Loss = 0.125, Graph = GraphKinds.Regions };

        string[] words = options.ToCommand(some).Split(' ');

        Assert.That(words[..3], Is.EqualTo(new[] { "logosp2p", "sim", scenario.Name }));
        Assert.That(options.Read(command.Parse(words[3..])), Is.EqualTo(some));
        Assert.That(options.ToCommand(scenario.Defaults).Split(' '), Has.Length.EqualTo(7), "nodes and seed alone");
    }

    private int Run(IEnumerable<ScenarioParameters> runs) => ScenarioCommand.Run(
        () => new Weak(), new ScenarioOptions(new Weak()), runs, json: true, traceFile: null, _output, _errors);

    /// <summary>Fails with one seed, when there are six nodes or more.</summary>
    private sealed class Weak : Scenario
    {
        public override string Name => "weak";

        public override string Summary => "Fails with some seeds.";

        internal override void Play(ScenarioRun run)
        {
            if (run.Parameters is { Nodes: >= 6, Seed: 5 })
                run.Network.Violate("Six nodes are too many.");
        }
    }
}
