using System.Collections.Concurrent;
using Logos.P2P.Simulation.Policies;
using Logos.P2P.Simulation.Scenarios;
using static Logos.P2P.Simulation.Report.ReportPage;

namespace Logos.P2P.Simulation.Report;

/// <summary>Compares the relay policies in many situations and writes a table of what came of it.</summary>
/// <param name="nodes">Nodes of the networks; one has five times as many.</param>
/// <param name="directory">Where the page is written.</param>
/// <param name="tell">Is told of each run before it begins. Any thread.</param>
public sealed class RelayReport(int nodes, string directory, Action<string> tell)
{
    /// <summary>As many nodes as the targets are for.</summary>
    public const int FullNodes = 1000;

    private const string Page = "relay-report.md";

    /// <summary>What a scenario calls the messages that meet a fault first, if it measures them apart.</summary>
    private static readonly string[] FirstMessages = ["first", "struck"];

    /// <summary>Runs all, as many at a time as there are processors, and writes the report.</summary>
    /// <param name="version">Of what program: a commit.</param>
    /// <param name="command">How this is done again.</param>
    /// <exception cref="SimulationException">A network did not come up, or something was violated.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(string version, string command)
    {
        IReadOnlyList<RelayCase> cases = RelayCase.All(nodes);
        (RelayCase Case, SimulatedPolicy Policy)[] runs =
        [
            .. from situation in cases
               from policy in (IEnumerable<SimulatedPolicy>)[SimulatedPolicy.Push, SimulatedPolicy.Tree, .. situation.Others]
               select (situation, policy),
        ];
        var results = new ScenarioResult[runs.Length];
        var threads = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        // One by one, the last case first: it takes longest.
        OrderablePartitioner<int> turns = Partitioner.Create(
            Enumerable.Range(0, runs.Length).Reverse(), EnumerablePartitionerOptions.NoBuffering);
        Parallel.ForEach(turns, threads, i => results[i] = Run(runs[i].Case, runs[i].Policy));

        var page = new ReportPage();
        page.Say("# Relay report", "");
        page.Say($"Written by `{command}` at commit `{version}`, seed 1; do not edit. {N(nodes)} nodes, the node's own classes under virtual");
        page.Say("time, graph `random8` unless stated: 8 random links each, lognormal delays with a median of 45 ms, uplinks of 20 to 100 Mbit/s.");
        page.Say("32 origins, each measured from its fifth message on, unless stated. Milliseconds; in brackets against `push` with the same");
        page.Say("messages, nodes and faults. [relay.md](relay.md) says what the policies are, [simulation.md](simulation.md) what the scenarios are.");
        foreach (RelayCase situation in cases)
        {
            ScenarioResult[] ofCase = [.. results.Where((_, i) => runs[i].Case == situation)];
            page.Say("", $"## {situation.Name}", "");
            page.Say($"Target of `tree`: {situation.Target}. {Command(situation)}", "");
            Write(page, ofCase);
        }

        page.Write(Path.Combine(directory, Page));
    }

    private static void Write(ReportPage page, ScenarioResult[] results)
    {
        ScenarioResult push = results[0];
        page.Table(
            ["policy", "t50", "t90", "t99", "last node", "copies a node", "bytes sent a node", "of the payload", "reach"],
            results,
            r =>
            [
                $"`{r.Policy}`",
                Against(r.T50Ms, push.T50Ms), Against(r.T90Ms, push.T90Ms), Against(r.T99Ms, push.T99Ms), Against(r.MaxMs, push.MaxMs),
                F2(r.CopiesPerNode), N(r.BytesPerNode), $"{F2(r.BytesPerNode / r.PayloadBytes)} x", P(r.Reach),
            ]);
        foreach (string first in FirstMessages.Where(first => push.Figures.ContainsKey(first + "T90Ms")))
        {
            page.Say("", "The messages that met the fault first:", "");
            page.Table(
                ["policy", "t50", "t90", "last node", "reach"],
                results,
                r =>
                [
                    $"`{r.Policy}`",
                    .. from delay in (string[])["T50Ms", "T90Ms", "MaxMs"] select Against(r.Figures[first + delay], push.Figures[first + delay]),
                    P(r.Figures[first + "Reach"]),
                ]);
        }
    }

    private static string Against(double value, double push) => $"{F(value)} ({F2(value / push)})";

    private static string Command(RelayCase situation)
    {
        ScenarioParameters p = situation.Parameters;
        return $"`{situation.Scenario.Name}`, {p.PayloadBytes:#,0} bytes, {p.Rate} messages a second, {p.Messages} of them.";
    }

    private ScenarioResult Run(RelayCase situation, SimulatedPolicy policy)
    {
        tell($"{situation.Name}: {policy}");
        bool learns = policy is SimulatedPolicy.Tree or SimulatedPolicy.Eager or SimulatedPolicy.Plumtree;
        ScenarioParameters parameters = situation.Parameters with { Policy = policy };
        // What does not learn is as fast from the first message on, and its warm-up is dear.
        ScenarioResult result = situation.Scenario.Run(learns ? parameters : parameters with { Warmup = 0 });
        return result.Violations.Count == 0
            ? result
            : throw new SimulationException($"{situation.Name}, {policy}: {string.Join(Environment.NewLine, result.Violations)}");
    }
}
