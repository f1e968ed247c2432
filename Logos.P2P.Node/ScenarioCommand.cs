using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Logos.P2P.Simulation;
using Logos.P2P.Simulation.Scenarios;

namespace Logos.P2P.Node;

/// <summary><c>logosp2p sim SCENARIO</c>: a network of the node's own classes, and what befalls it.</summary>
internal static class ScenarioCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Command Create(Scenario scenario)
    {
        ScenarioParameters defaults = scenario.Defaults;
        Option<int> nodes = Setting("--nodes", "How many honest nodes.", defaults.Nodes);
        Option<ulong> seed = Setting("--seed", "What the run is a function of.", defaults.Seed);
        Option<string> graph = Setting("--graph", "Who connects to whom: " + string.Join(", ", GraphKinds.All) + ".", defaults.Graph);
        graph.HelpName = "kind";
        Option<int> payload = Setting("--payload", "Bytes of each message.", defaults.PayloadBytes);
        Option<int> messages = Setting("--messages", "How many messages are measured.", defaults.Messages);
        Option<int> warmup = Setting("--warmup", "How many messages are sent before, and not counted.", defaults.Warmup);
        Option<double> rate = Setting("--rate", "Messages a second, over the whole network.", defaults.Rate);
        Option<int> origins = Setting("--origins", "How many nodes send messages, in turn.", defaults.Origins);
        Option<double> jitter = Setting("--jitter", "How far delays vary: 0.2 for 20 % more or less.", defaults.Jitter);
        Option<double> loss = Setting("--loss", "The part of segments that is lost, and sent again.", defaults.Loss);
        Option<int> seconds = Setting("--seconds", "How long what befalls the network goes on.", defaults.Seconds);
        Option<int> attackers = Setting(
            "--attackers", "Machines of an attacker; in an eclipse, /16s with machines of his.", defaults.Attackers);
        var json = new Option<bool>("--json") { Description = "One JSON object instead of a table." };
        var trace = new Option<string?>("--trace")
        {
            Description = "Write a line for all that arrives anywhere, to compare two runs with.",
            HelpName = "file",
        };
        var command = new Command(scenario.Name, scenario.Summary)
        {
            nodes, seed, graph, payload, messages, warmup, rate, origins, jitter, loss, seconds, attackers, json, trace,
        };
        command.SetAction(result => Run(
            scenario,
            new ScenarioParameters
            {
                Nodes = result.GetValue(nodes),
                Seed = result.GetValue(seed),
                Graph = result.GetValue(graph)!,
                PayloadBytes = result.GetValue(payload),
                Messages = result.GetValue(messages),
                Warmup = result.GetValue(warmup),
                Rate = result.GetValue(rate),
                Origins = result.GetValue(origins),
                Jitter = result.GetValue(jitter),
                Loss = result.GetValue(loss),
                Seconds = result.GetValue(seconds),
                Attackers = result.GetValue(attackers),
            },
            result.GetValue(json),
            result.GetValue(trace)));
        return command;
    }

    private static int Run(Scenario scenario, ScenarioParameters parameters, bool json, string? traceFile)
    {
        try
        {
            using StreamWriter? trace = traceFile is null ? null : new StreamWriter(traceFile);
            using ProgressBar? progress = ProgressBar.OnTerminal(scenario.Name);
            ScenarioResult result = scenario.Run(parameters, progress, trace);
            progress?.Dispose();
            Console.Out.WriteLine(json ? JsonSerializer.Serialize(result, Json) : ToTable(result));
            foreach (string violation in result.Violations)
                Console.Error.WriteLine($"Violated with --seed={result.Seed}: {violation}");
            return result.Violations.Count == 0 ? ExitCodes.Clean : ExitCodes.Failed;
        }
        catch (SimulationException e)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCodes.BadUsage;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCodes.Failed;
        }
    }

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

    private static Option<T> Setting<T>(string name, string description, T value) => new(name)
    {
        Description = description,
        HelpName = "number",
        DefaultValueFactory = _ => value,
    };
}
