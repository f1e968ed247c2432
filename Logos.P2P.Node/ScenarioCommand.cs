using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Logos.P2P.Simulation;
using Logos.P2P.Simulation.Scenarios;
using Logos.P2P.Simulation.Scripts;

namespace Logos.P2P.Node;

/// <summary><c>logosp2p sim SCENARIO</c>: a network of the node's own classes, and what befalls it.</summary>
internal static class ScenarioCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Command Create(Scenario scenario) => Create(scenario, _ => scenario);

    /// <summary><c>logosp2p sim script FILE</c>.</summary>
    public static Command CreateScripted()
    {
        var file = new Argument<FileInfo>("file") { Description = "The script; see docs/testnet.md." };
        file.AcceptExistingOnly();
        Command command = Create(
            new Scripted(NetworkScript.Parse("")),
            result => new Scripted(NetworkScript.Parse(File.ReadAllText(result.GetRequiredValue(file).FullName))));
        command.Arguments.Add(file);
        return command;
    }

    private static Command Create(Scenario scenario, Func<ParseResult, Scenario> read)
    {
        var options = new ScenarioOptions(scenario);
        var seeds = new Option<int>("--seeds")
        {
            Description = "Runs, with this and the following seeds, up to the first that fails.",
            HelpName = "number",
            DefaultValueFactory = _ => 1,
        };
        seeds.Validators.Add(value =>
        {
            if (value.GetValueOrDefault<int>() < 1)
                value.AddError("--seeds: at least 1.");
        });
        var json = new Option<bool>("--json") { Description = "One JSON object for each run instead of a table." };
        var trace = new Option<string?>("--trace")
        {
            Description = "Write a line for all that arrives anywhere, to compare two runs with.",
            HelpName = "file",
        };
        var command = new Command(scenario.Name, scenario.Summary) { seeds, json, trace };
        foreach (Option option in options.All)
            command.Options.Add(option);
        command.SetAction(result =>
        {
            ScenarioParameters first = options.Read(result);
            return Run(
                () => read(result), options,
                Enumerable.Range(0, result.GetValue(seeds)).Select(i => first with { Seed = first.Seed + (ulong)i }),
                result.GetValue(json), result.GetValue(trace), Console.Out, Console.Error);
        });
        return command;
    }

    /// <summary>Runs a scenario with several parameters, up to the first run that fails, which is shrunk then.</summary>
    public static int Run(
        Func<Scenario> read,
        ScenarioOptions options,
        IEnumerable<ScenarioParameters> runs,
        bool json,
        string? traceFile,
        TextWriter output,
        TextWriter errors)
    {
        try
        {
            Scenario scenario = read();
            using StreamWriter? trace = traceFile is null ? null : new StreamWriter(traceFile);
            foreach (ScenarioParameters parameters in runs)
            {
                using ProgressBar? progress = ProgressBar.OnTerminal($"{scenario.Name} {parameters.Seed}");
                ScenarioResult result = scenario.Run(parameters, progress, trace);
                progress?.Dispose();
                output.WriteLine(json ? JsonSerializer.Serialize(result, Json) : ToTable(result));
                if (result.Violations.Count == 0)
                    continue;
                foreach (string violation in result.Violations)
                    errors.WriteLine($"Violated with --seed {result.Seed}: {violation}");
                ScenarioParameters smallest = ScenarioShrinker.Shrink(parameters, smaller => Fails(scenario, smaller));
                errors.WriteLine($"The smallest run that was found to fail: {options.ToCommand(smallest)}");
                return ExitCodes.Failed;
            }

            return ExitCodes.Clean;
        }
        catch (Exception e) when (e is SimulationException or ScriptException)
        {
            errors.WriteLine(e.Message);
            return ExitCodes.BadUsage;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine(e.Message);
            return ExitCodes.Failed;
        }
    }

    private static bool Fails(Scenario scenario, ScenarioParameters parameters) =>
        scenario.Run(parameters).Violations.Count > 0;

    private static string ToTable(ScenarioResult result)
    {
        var lines = new List<(string Name, string Value)>
        {
            ("scenario", $"{result.Scenario}, {result.Nodes} nodes, graph {result.Graph}, seed {result.Seed}"),
            ("messages", $"{result.Messages} of {result.PayloadBytes} bytes, policy {result.Policy}"),
            ("t50, t90, t99, max", Invariant($"{result.T50Ms:f1}, {result.T90Ms:f1}, {result.T99Ms:f1}, {result.MaxMs:f1} ms")),
            ("copies a node", Invariant($"{result.CopiesPerNode:f2}")),
            ("bytes a node", Invariant($"{result.BytesPerNode:f0} a message")),
            ("reach", Invariant($"{result.Reach:p2}")),
            ("hops", Invariant($"{result.HopsMean:f2} on average")),
            ("time", Invariant($"{result.VirtualSeconds:f0} s simulated in {result.WallSeconds:f1} s")),
            ("events", Invariant($"{result.EventsPerSecond:f0} a second")),
            ("memory", Invariant($"{result.MemoryPerNode / 1024} KiB a node")),
            ("trace", result.TraceHash),
        };
        lines.AddRange(result.Figures.Select(figure => (figure.Key, Invariant($"{figure.Value:g6}"))));
        int width = lines.Max(line => line.Name.Length);
        return string.Join(Environment.NewLine, lines.Select(line => $"{line.Name.PadRight(width)}  {line.Value}"));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
