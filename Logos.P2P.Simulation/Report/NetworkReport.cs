using Logos.P2P.Simulation.Policies;
using Logos.P2P.Simulation.Scenarios;
using static Logos.P2P.Simulation.Report.ReportPage;

namespace Logos.P2P.Simulation.Report;

/// <summary>Runs what a plan says and writes what came of it: a page with tables, and its charts.</summary>
public sealed class NetworkReport
{
    private const string Page = "network-report.md";

    /// <summary>Nodes that send messages, in turn.</summary>
    private const int Origins = 8;

    private readonly ReportPlan _plan;
    private readonly string _directory;
    private readonly Action<string> _tell;
    private readonly ReportPage _page = new();

    /// <param name="plan">What to run.</param>
    /// <param name="directory">Where the page and its charts are written.</param>
    /// <param name="tell">Is told of each run before it begins.</param>
    public NetworkReport(ReportPlan plan, string directory, Action<string> tell)
    {
        _plan = plan;
        _directory = directory;
        _tell = tell;
    }

    /// <summary>Runs all and writes the report.</summary>
    /// <param name="version">Of what program: a commit.</param>
    /// <param name="command">How this is done again.</param>
    /// <exception cref="SimulationException">A network did not come up, or something was violated.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Write(string version, string command)
    {
        _page.Say("# Network report", "");
        _page.Say($"Written by `{command}` at commit `{version}`, seed {_plan.Seed}; do not edit. All runs are those of `logosp2p sim`,");
        _page.Say("with the node's own classes under virtual time: a run is a function of its seed. Links have lognormal delays (median");
        _page.Say("45 ms one way, sigma 0.6), uplinks 20 to 100 Mbit/s, a hop costs 0.05 ms. A relay policy is a line in each chart;");
        _page.Say("[relay.md](relay.md) says what they are. Attacks are on networks that relay by the default, `tree`.");
        WriteSizes();
        WritePayloads();
        WriteEclipse();
        WriteSybil();
        WriteFlood();
        WriteStallers();
        _page.Write(Path.Combine(_directory, Page));
    }

    private void WriteSizes()
    {
        ScenarioResult[] results =
        [
            .. from policy in _plan.Policies
               from size in _plan.Sizes
               where size <= _plan.MostNodesOfAll || policy is SimulatedPolicy.Push or SimulatedPolicy.Tree
               select Run(new Propagation(), new ScenarioParameters
               {
                   Policy = policy, Nodes = size, Messages = size > 1000 ? 16 : 40, Origins = Origins, Warmup = WarmupFor(policy), Rate = 8,
               }),
        ];
        _page.Say("", "## Against the size of the network", "");
        _page.Say("Messages of 1,000 bytes; each node dials 8 others drawn at random (`propagation`, graph `random8`).", "");
        Chart("network-size-delay", "Delay against the size of the network", "nodes", "milliseconds", results, r => r.Nodes, Delays);
        Chart("network-size-copies", "Copies of each message that a node gets", "nodes", "copies", results, r => r.Nodes, Copies);
        _page.Table(
            ["policy", "nodes", "t50", "t90", "t99", "max", "hops", "copies a node", "bytes sent a node", "reach"],
            results,
            r => [r.Policy, N(r.Nodes), F(r.T50Ms), F(r.T90Ms), F(r.T99Ms), F(r.MaxMs), F2(r.HopsMean), F2(r.CopiesPerNode), N(r.BytesPerNode), P(r.Reach)]);
    }

    /// <summary>What learns is measured when it has learnt: from the fifth message of each origin on.</summary>
    private static int WarmupFor(SimulatedPolicy policy) => policy is SimulatedPolicy.Push or SimulatedPolicy.Inv ? 0 : 4 * Origins;

    private void WritePayloads()
    {
        ScenarioResult[] results =
        [
            .. from policy in _plan.Policies
               from payload in _plan.Payloads
               let isLarge = payload > 100_000
               select Run(new Propagation(), new ScenarioParameters
               {
                   Policy = policy,
                   Nodes = _plan.PayloadNodes,
                   PayloadBytes = payload,
                   Messages = isLarge ? 5 : 40,
                   Warmup = isLarge ? WarmupFor(policy) / 4 : WarmupFor(policy),
                   Origins = Origins,
                   // One at a time: the slowest uplink needs 6 s for a megabyte to all its peers.
                   Rate = isLarge ? 0.1 : 1,
               }),
        ];
        _page.Say("", "## Against the size of messages", "");
        _page.Say($"{_plan.PayloadNodes} nodes, one message at a time. From some 16 kB on the uplinks decide: who sends a message to all peers sends for long.", "");
        Chart(
            "payload-delay", "Delay against the size of messages", "bytes", "milliseconds", results, r => r.PayloadBytes, Delays,
            isLogarithmic: true);
        Chart("payload-copies", "Copies of each message that a node gets", "bytes", "copies", results, r => r.PayloadBytes, Copies);
        _page.Table(
            ["policy", "bytes", "t50", "t90", "t99", "max", "copies a node", "bytes sent a node", "reach"],
            results,
            r => [r.Policy, N(r.PayloadBytes), F(r.T50Ms), F(r.T90Ms), F(r.T99Ms), F(r.MaxMs), F2(r.CopiesPerNode), N(r.BytesPerNode), P(r.Reach)]);
    }

    private void WriteEclipse()
    {
        var scenario = new Eclipse();
        ScenarioResult[][] results =
        [
            .. _plan.EclipseGroups.Select(groups => Repeat(scenario, scenario.Defaults with
            {
                Nodes = _plan.AttackNodes, Attackers = groups, Seconds = _plan.EclipseSeconds,
            })),
        ];
        _page.Say("", "## Eclipse", "");
        _page.Say($"One of {_plan.AttackNodes} nodes; the attacker has 16 machines in each of his /16s, all connect to it, tell it nothing but their");
        _page.Say($"addresses for {_plan.EclipseSeconds} s, and relay nothing; then it restarts with its address book and anchors. So small a network");
        _page.Say("is the attacker's dream: its book holds fewer honest addresses than his ([robustness.md](robustness.md) has the odds in a large one).");
        _page.Say($"Means of {_plan.Repetitions} runs.", "");
        _page.Table(
            ["/16s", "his part of the book", "his of 8 outbound, before", "his of 8 outbound, after", "his of 2 quiet, after", "his of the inbound, after", "honest messages that reach the victim", "mean delay to it"],
            results.Zip(_plan.EclipseGroups),
            pair =>
            [
                N(pair.Second),
                P(Mean(pair.First, "addressesOfAttackerInBook") / Math.Max(1, Mean(pair.First, "addressesInBook"))),
                F(Mean(pair.First, "outboundOfAttackerBeforeRestart")),
                F(Mean(pair.First, "outboundOfAttackerAfterRestart")),
                F(Mean(pair.First, "quietOfAttackerAfterRestart")),
                $"{N(Mean(pair.First, "inboundOfAttackerAfterRestart"))} of {N(Mean(pair.First, "inboundAfterRestart"))}",
                P(Mean(pair.First, "victimReach")),
                F(Mean(pair.First, "victimMeanMs")),
            ]);
    }

    private void WriteSybil()
    {
        var scenario = new Sybil();
        ScenarioResult[][] results =
        [
            .. _plan.SybilShares.Select(share => Repeat(scenario, scenario.Defaults with
            {
                Nodes = _plan.AttackNodes, Attackers = Attackers(_plan.AttackNodes, share),
            })),
        ];
        _page.Say("", "## Sybil", "");
        _page.Say($"{_plan.AttackNodes} honest nodes with 40 connections each. The sybils are as well known as they, fill their inbound slots, tell only each");
        _page.Say($"other's addresses, and relay nothing. Means of {_plan.Repetitions} runs.", "");
        _page.Table(
            ["part of all machines", "his of the outbound", "his of the inbound", "honest links of a node", "the fewest", "t50", "t99", "max", "reach"],
            results.Zip(_plan.SybilShares),
            pair =>
            [
                P(pair.Second),
                P(Mean(pair.First, "attackerShareOfOutbound")),
                P(Mean(pair.First, "attackerShareOfInbound")),
                F(Mean(pair.First, "honestLinksPerNode")),
                F(Mean(pair.First, "honestLinksMin")),
                F(pair.First.Average(r => r.T50Ms)), F(pair.First.Average(r => r.T99Ms)), F(pair.First.Average(r => r.MaxMs)),
                P(pair.First.Average(r => r.Reach)),
            ]);
    }

    private void WriteFlood()
    {
        var scenario = new Flood();
        ScenarioResult result = Run(scenario, scenario.Defaults with
        {
            Nodes = _plan.AttackNodes,
            Messages = _plan.FloodMessages,
            Attackers = _plan.Flooders,
        });
        _page.Say("", "## Flood", "");
        _page.Say($"{_plan.AttackNodes} nodes that take 100 messages a second from a peer (250 times less than by default, since each message of a flood is an");
        _page.Say($"event at every node); {_plan.Flooders} flooders send twice that to one node each, one kind after the other. Without them the honest p99 is");
        _page.Say($"{F(result.Figures["idleT99Ms"])} ms.", "");
        _page.Table(
            ["what they send", "honest p99, ms", "honest reach", "flooders cut", "honest links cut"],
            (string[])["newMessages", "replays", "unknownCommands", "addresses"],
            kind =>
            [
                kind switch
                {
                    "newMessages" => "new messages",
                    "unknownCommands" => "unknown commands",
                    "addresses" => "1,000 addresses at once",
                    _ => kind,
                },
                F(result.Figures[kind + "T99Ms"]),
                P(result.Figures[kind + "Reach"]),
                $"{N(result.Figures[kind + "FloodersCut"])} of {N(result.Figures[kind + "Flooders"])}",
                N(result.Figures[kind + "HonestCut"]),
            ]);
    }

    private void WriteStallers()
    {
        var scenario = new Stallers();
        int nodes = Math.Min(_plan.AttackNodes, scenario.Defaults.Nodes);
        ScenarioResult[] results =
        [
            .. _plan.StallerShares.Select(share => Run(scenario, scenario.Defaults with
            {
                Nodes = nodes,
                Attackers = Attackers(nodes, share),
                Messages = Math.Min(_plan.MaxMessages, scenario.Defaults.Messages),
            })),
        ];
        _page.Say("", "## Stallers", "");
        _page.Say($"{nodes} honest nodes, 4 messages of 25,000 bytes a second. A third of the stallers reads nothing and answers no ping, a third reads");
        _page.Say("1,000 bytes a second, a third reads nothing and sends pings, so that it seems alive. Whoever is cut comes back.", "");
        _page.Table(
            ["part of all machines", "stallers at a node", "t50", "t99", "max", "reach", "most memory for messages at a node", "allowed", "cut: no pong", "cut: takes nothing"],
            results.Zip(_plan.StallerShares),
            pair =>
            [
                P(pair.Second),
                F(pair.First.Figures["stallersPerNode"]),
                F(pair.First.T50Ms), F(pair.First.T99Ms), F(pair.First.MaxMs), P(pair.First.Reach),
                $"{F(pair.First.Figures["mostFrameBytes"] / 1e6)} MB",
                $"{N(pair.First.Figures["frameBytesAllowed"] / 1e6)} MB",
                N(pair.First.Figures["cutPingTimeout"]),
                N(pair.First.Figures["cutSendTimeout"]),
            ]);
    }

    private static int Attackers(int nodes, double share) => (int)Math.Round(nodes * share / (1 - share));

    /// <summary>Runs with the plan's seed and those that follow.</summary>
    private ScenarioResult[] Repeat(Scenario scenario, ScenarioParameters parameters) =>
        [.. Enumerable.Range(0, _plan.Repetitions).Select(run => Run(scenario, parameters, run))];

    private static double Mean(IEnumerable<ScenarioResult> results, string figure) =>
        results.Average(result => result.Figures[figure]);

    private ScenarioResult Run(Scenario scenario, ScenarioParameters parameters, int run = 0)
    {
        parameters = parameters with { Seed = _plan.Seed + (ulong)run, Messages = Math.Min(parameters.Messages, _plan.MaxMessages) };
        _tell($"{scenario.Name}: {parameters.Nodes} nodes, {parameters.Attackers} attackers, {parameters.PayloadBytes} bytes");
        ScenarioResult result = scenario.Run(parameters);
        return result.Violations.Count == 0
            ? result
            : throw new SimulationException($"{scenario.Name}: {string.Join(Environment.NewLine, result.Violations)}");
    }

    private static IEnumerable<(string Name, Func<ScenarioResult, double> Of)> Delays =>
        [("t50", r => r.T50Ms), ("t90", r => r.T90Ms), ("t99", r => r.T99Ms), ("last node", r => r.MaxMs)];

    private static IEnumerable<(string Name, Func<ScenarioResult, double> Of)> Copies => [("copies", r => r.CopiesPerNode)];

    private void Chart(
        string file,
        string title,
        string xLabel,
        string yLabel,
        IReadOnlyList<ScenarioResult> results,
        Func<ScenarioResult, double> x,
        IEnumerable<(string Name, Func<ScenarioResult, double> Of)> lines,
        bool isLogarithmic = false)
    {
        var chart = new LineChart
        {
            Title = title,
            XLabel = xLabel,
            YLabel = yLabel,
            IsLogarithmic = isLogarithmic,
            Series =
            [
                .. from policy in results.GroupBy(result => result.Policy)
                   from line in lines
                   select new ChartSeries($"{line.Name}, {policy.Key}", [.. policy.Select(r => (x(r), line.Of(r)))]),
            ],
        };
        File.WriteAllText(Path.Combine(_directory, file + ".svg"), chart.ToSvg());
        _page.Say($"![{title}]({file}.svg)", "");
    }
}
