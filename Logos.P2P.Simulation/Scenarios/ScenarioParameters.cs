using Logos.P2P.Simulation.Nodes;
using Logos.P2P.Simulation.Policies;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>What a scenario is run with.</summary>
public sealed record ScenarioParameters
{
    // What fits into the memory of a machine of our days, and into the numbers that are written into messages.
    private const int MaxNodes = 100_000;
    private const int MaxMessages = 1_000_000;
    private const double MaxRate = 100_000;
    private const int MaxSeconds = 7 * 24 * 60 * 60;
    private const int MaxAttackers = 1000;

    /// <summary>How many honest nodes.</summary>
    public int Nodes { get; init; } = 1000;

    /// <summary>What the run is a function of.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Who connects to whom, and how long bytes are under way: see <see cref="GraphKinds"/>.</summary>
    public string Graph { get; init; } = GraphKinds.Random8;

    /// <summary>How nodes relay messages.</summary>
    public SimulatedPolicy Policy { get; init; } = SimulatedPolicy.Tree;

    /// <summary>Bytes of each message.</summary>
    public int PayloadBytes { get; init; } = 1000;

    /// <summary>How many messages are measured.</summary>
    public int Messages { get; init; } = 200;

    /// <summary>How many are sent before those, and not counted.</summary>
    public int Warmup { get; init; }

    /// <summary>Messages a second, over the whole network.</summary>
    public double Rate { get; init; } = 4;

    /// <summary>How many nodes send messages, in turn.</summary>
    public int Origins { get; init; } = 32;

    /// <summary>Whether nodes know who originated a message.</summary>
    public bool Labels { get; init; } = true;

    /// <summary>Whether messages are urgent; see <see cref="IMessageHandler.IsUrgent"/>.</summary>
    public bool Urgent { get; init; }

    /// <summary>How long that goes on which a scenario does to the network, in seconds.</summary>
    public int Seconds { get; init; } = 120;

    /// <summary>The part of the nodes that is replaced in a minute, or falls silent, or dies; or of the links that is replaced.</summary>
    public double Churn { get; init; } = 0.1;

    /// <summary>How many machines an attacker has, or, in an eclipse, /16s with machines.</summary>
    public int Attackers { get; init; }

    /// <summary>How far delays vary, as a part of each: 0.2 for 20 % more or less.</summary>
    public double Jitter { get; init; }

    /// <summary>The part of segments that is lost, and sent again.</summary>
    public double Loss { get; init; }

    internal TimeSpan Duration => TimeSpan.FromSeconds(Seconds);

    /// <exception cref="SimulationException">A parameter makes no sense; the message says which.</exception>
    internal void Validate()
    {
        Require(Nodes is >= 2 and <= MaxNodes, $"--nodes: 2 to {MaxNodes}.");
        Require(
            GraphKinds.All.Contains(Graph) || GraphKinds.IsFile(Graph),
            $"--graph: one of {string.Join(", ", GraphKinds.All)}, or a .json file of a testnet.");
        Require(
            PayloadBytes is >= MessageLog.HeaderSize and <= WireLimits.MaxPayload,
            $"--payload: {MessageLog.HeaderSize} to {WireLimits.MaxPayload} bytes.");
        Require(Messages is >= 0 and <= MaxMessages, $"--messages: 0 to {MaxMessages}.");
        Require(Warmup is >= 0 and <= MaxMessages, $"--warmup: 0 to {MaxMessages}.");
        Require(Rate is > 0 and <= MaxRate, $"--rate: more than 0, and up to {MaxRate} messages a second.");
        Require(Origins is >= 1, "--origins: at least 1.");
        Require(Seconds is >= 1 and <= MaxSeconds, $"--seconds: 1 to {MaxSeconds}.");
        Require(Churn is >= 0 and <= 1, "--churn: 0 to 1.");
        Require(Attackers is >= 0 and <= MaxAttackers, $"--attackers: 0 to {MaxAttackers}.");
        Require(Jitter is >= 0 and < 1, "--jitter: 0 to less than 1.");
        Require(Loss is >= 0 and < 1, "--loss: 0 to less than 1.");
    }

    private static void Require(bool isMet, string rule)
    {
        if (!isMet)
            throw new SimulationException(rule);
    }
}
