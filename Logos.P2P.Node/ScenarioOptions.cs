using System.CommandLine;
using System.Globalization;
using Logos.P2P.Simulation.Scenarios;

namespace Logos.P2P.Node;

/// <summary>The options of a scenario: read from a command line, and written as one that somebody can repeat.</summary>
internal sealed class ScenarioOptions
{
    private readonly Scenario _scenario;
    private readonly List<Setting> _settings = [];

    public ScenarioOptions(Scenario scenario)
    {
        _scenario = scenario;
        Add("--nodes", "How many honest nodes.", p => p.Nodes, (p, value) => p with { Nodes = value });
        Add("--seed", "What the run is a function of.", p => p.Seed, (p, value) => p with { Seed = value });
        Add(
            "--graph", "Who connects to whom: " + string.Join(", ", GraphKinds.All) + ", or a .json file of a testnet.",
            p => p.Graph, (p, value) => p with { Graph = value }, "kind");
        Add(
            "--policy", "How nodes relay messages: tree, eager, push, inv; to compare: mesh, plumtree.",
            p => p.Policy, (p, value) => p with { Policy = value }, "policy");
        Add("--payload", "Bytes of each message.", p => p.PayloadBytes, (p, value) => p with { PayloadBytes = value });
        Add("--messages", "How many messages are measured.", p => p.Messages, (p, value) => p with { Messages = value });
        Add("--warmup", "How many messages are sent before, and not counted.", p => p.Warmup, (p, value) => p with { Warmup = value });
        Add("--rate", "Messages a second, over the whole network.", p => p.Rate, (p, value) => p with { Rate = value });
        Add("--origins", "How many nodes send messages, in turn.", p => p.Origins, (p, value) => p with { Origins = value });
        Add("--labels", "Whether nodes know who originated a message.", p => p.Labels, (p, value) => p with { Labels = value }, "bool");
        Add("--urgent", "Whether messages are urgent: two copies to each node.", p => p.Urgent, (p, value) => p with { Urgent = value }, "bool");
        Add("--seconds", "How long trouble lasts, in scenarios that make some.", p => p.Seconds, (p, value) => p with { Seconds = value });
        Add("--churn", "The part of the nodes that is replaced in a minute, falls silent or dies; or of the links that is replaced.", p => p.Churn, (p, value) => p with { Churn = value });
        Add(
            "--attackers", "Machines of an attacker; in an eclipse, /16s with machines of his.",
            p => p.Attackers, (p, value) => p with { Attackers = value });
        Add("--jitter", "How far delays vary: 0.2 for 20 % more or less.", p => p.Jitter, (p, value) => p with { Jitter = value });
        Add("--loss", "The part of segments that is lost, and sent again.", p => p.Loss, (p, value) => p with { Loss = value });
    }

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => _settings.Select(setting => setting.Option);

    /// <summary>What somebody wrote.</summary>
    public ScenarioParameters Read(ParseResult result) =>
        _settings.Aggregate(_scenario.Defaults, (parameters, setting) => setting.Read(parameters, result));

    /// <summary>The shortest command that runs the scenario with these parameters; nodes and seed are always in it.</summary>
    public string ToCommand(ScenarioParameters parameters)
    {
        IEnumerable<string> written =
            from setting in _settings
            let value = setting.Write(parameters)
            where setting.Option.Name is "--nodes" or "--seed" || value != setting.Write(_scenario.Defaults)
            select $"{setting.Option.Name} {value}";
        return $"logosp2p sim {_scenario.Name} {string.Join(' ', written)}";
    }

    private void Add<T>(
        string name,
        string description,
        Func<ScenarioParameters, T> get,
        Func<ScenarioParameters, T, ScenarioParameters> set,
        string helpName = "number")
    {
        var option = new Option<T>(name)
        {
            Description = description,
            HelpName = helpName,
            DefaultValueFactory = _ => get(_scenario.Defaults),
        };
        _settings.Add(new Setting(
            option,
            (parameters, result) => set(parameters, result.GetValue(option)!),
            parameters => string.Create(CultureInfo.InvariantCulture, $"{get(parameters)}")));
    }

    private sealed record Setting(
        Option Option,
        Func<ScenarioParameters, ParseResult, ScenarioParameters> Read,
        Func<ScenarioParameters, string> Write);
}
