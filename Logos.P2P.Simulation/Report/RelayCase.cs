using Logos.P2P.Simulation.Policies;
using Logos.P2P.Simulation.Scenarios;

namespace Logos.P2P.Simulation.Report;

/// <summary>One situation in which relay policies are compared.</summary>
/// <param name="Name">What it is called in the report.</param>
/// <param name="Scenario">What happens.</param>
/// <param name="Parameters">With what.</param>
/// <param name="Target">What `tree` is to reach, against `push` with the same messages.</param>
/// <param name="Others">Policies to compare besides.</param>
internal sealed record RelayCase(
    string Name, Scenario Scenario, ScenarioParameters Parameters, string Target, params IReadOnlyList<SimulatedPolicy> Others)
{
    /// <summary>Origins of messages where they are few.</summary>
    private const int Origins = 32;

    /// <summary>Messages until what learns is measured: four of each origin.</summary>
    private const int Warmup = 4 * Origins;

    private static readonly SimulatedPolicy[] AllOthers =
        [SimulatedPolicy.Inv, SimulatedPolicy.Eager, SimulatedPolicy.Mesh, SimulatedPolicy.Plumtree];

    /// <summary>All situations, in networks of so many nodes, and one in a network five times as large.</summary>
    public static IReadOnlyList<RelayCase> All(int nodes)
    {
        var propagation = new Propagation();
        var usual = new ScenarioParameters { Nodes = nodes, Messages = 64, Warmup = Warmup, Origins = Origins, Rate = 200 };
        // One at a time: the slowest uplink needs 6 s for a megabyte to all its peers. With fewer nodes, since each keeps its messages.
        ScenarioParameters large = usual with { Nodes = nodes * 2 / 5, Messages = 4, Warmup = 0, Rate = 0.05 };
        return
        [
            new("1 kB", propagation, usual, "t90 <= 1.02, copies <= 1.05", AllOthers),
            new(
                "1 kB, five regions, 20 % jitter", propagation, usual with { Graph = GraphKinds.Regions, Jitter = 0.2 },
                "t90 <= 1.05, copies <= 1.40"),
            new("256 B", propagation, usual with { PayloadBytes = 256 }, "t90 <= 1.02, bytes <= 2.0 x payload"),
            new("8 kB", propagation, usual with { PayloadBytes = 8_000, Rate = 20 }, "t90 <= 0.97, copies <= 1.35"),
            new("32 kB", propagation, usual with { PayloadBytes = 32_000, Rate = 4 }, "t90 <= 1.03, copies <= 1.75"),
            new("256 kB, two fifths of the nodes", propagation, large with { PayloadBytes = 256_000 }, "t90 <= 1.0, copies <= 1.10"),
            new("1 MB, two fifths of the nodes", propagation, large with { PayloadBytes = 1_000_000 }, "t90 <= 0.7, copies <= 1.10"),
            new(
                "1 kB without labels, all nodes in turn", propagation, usual with { Labels = false, Origins = nodes, Warmup = nodes },
                "t90 <= 1.05, copies <= 5.5"),
            new("1 % of the links replaced in 100 messages", new Rewire(), usual with { Messages = 200, Rate = 20, Churn = 0.01 }, "t90 <= 1.03, t99 <= 1.3, copies <= 1.2"),
            new("10 % turned silent, from the 5th message on", new Silence(), usual with { Rate = 20, Churn = 0.1 }, "t90 <= 1.02, copies <= 1.2; first message t90 <= 1.3"),
            new("10 % promise and never send", new Promises(), usual with { Rate = 20, Attackers = nodes / 10 }, "t90 <= 1.02, copies <= 1.1"),
            new("5 % die in the middle of a message, and after it", new Crash(), usual with { Rate = 20, Churn = 0.05 }, "reach 100 %"),
            new("1 kB, five times as many nodes", propagation, usual with { Nodes = 5 * nodes, Messages = 16 }, "t90 <= 1.05, copies <= 1.25"),
        ];
    }
}
