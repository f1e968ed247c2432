using Logos.P2P.Simulation.Policies;

namespace Logos.P2P.Simulation.Report;

/// <summary>What a network report runs.</summary>
public sealed record ReportPlan
{
    /// <summary>The real one: some ten minutes of one core.</summary>
    public static ReportPlan Full { get; } = new();

    /// <summary>The same with networks that are up in a moment, to see that it works.</summary>
    public static ReportPlan Quick { get; } = new()
    {
        Repetitions = 1,
        Policies = [SimulatedPolicy.Push, SimulatedPolicy.Tree],
        Sizes = [10, 20],
        Payloads = [256, 4_000],
        PayloadNodes = 10,
        EclipseGroups = [4],
        AttackNodes = 12,
        EclipseSeconds = 20,
        SybilShares = [0, 0.3],
        StallerShares = [0.3],
        FloodMessages = 4,
        Flooders = 1,
        MaxMessages = 4,
    };

    /// <summary>What all chance comes from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Runs of each eclipse and each sybil attack, with this and the following seeds.</summary>
    public int Repetitions { get; init; } = 5;

    /// <summary>Ways to relay that are compared.</summary>
    public IReadOnlyList<SimulatedPolicy> Policies { get; init; } =
        [SimulatedPolicy.Push, SimulatedPolicy.Inv, SimulatedPolicy.Eager, SimulatedPolicy.Tree];

    /// <summary>Sizes of networks.</summary>
    public IReadOnlyList<int> Sizes { get; init; } = [100, 200, 500, 1000, 2000, 5000];

    /// <summary>The largest network that all policies are run on; larger ones see push and tree only.</summary>
    public int MostNodesOfAll { get; init; } = 1000;

    /// <summary>Sizes of messages.</summary>
    public IReadOnlyList<int> Payloads { get; init; } = [256, 1_000, 4_000, 16_000, 64_000, 256_000, 1_000_000];

    /// <summary>Nodes of the network that messages of different sizes are sent through.</summary>
    public int PayloadNodes { get; init; } = 100;

    /// <summary>/16s of the attacker in an eclipse.</summary>
    public IReadOnlyList<int> EclipseGroups { get; init; } = [2, 8, 32, 128];

    /// <summary>Honest nodes where somebody attacks.</summary>
    public int AttackNodes { get; init; } = 50;

    /// <summary>How long an eclipse is prepared.</summary>
    public int EclipseSeconds { get; init; } = 1200;

    /// <summary>Parts of all machines that are a sybil's.</summary>
    public IReadOnlyList<double> SybilShares { get; init; } = [0, 0.1, 0.3, 0.5];

    /// <summary>Parts of all machines that stall.</summary>
    public IReadOnlyList<double> StallerShares { get; init; } = [0, 0.1, 0.3];

    /// <summary>Machines that flood.</summary>
    public int Flooders { get; init; } = 8;

    /// <summary>Messages in each phase of a flood.</summary>
    public int FloodMessages { get; init; } = 80;

    /// <summary>Most messages of a run.</summary>
    public int MaxMessages { get; init; } = 400;
}
