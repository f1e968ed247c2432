namespace Logos.P2P.Simulation.Scenarios;

/// <summary>What a scenario measured. Delays are milliseconds from the call that sends a message to the handler.</summary>
public sealed record ScenarioResult
{
    /// <summary>The scenario's name.</summary>
    public required string Scenario { get; init; }

    /// <summary>See <see cref="ScenarioParameters.Nodes"/>.</summary>
    public required int Nodes { get; init; }

    /// <summary>See <see cref="ScenarioParameters.Seed"/>.</summary>
    public required ulong Seed { get; init; }

    /// <summary>See <see cref="ScenarioParameters.Graph"/>.</summary>
    public required string Graph { get; init; }

    /// <summary>How messages are relayed.</summary>
    public required string Policy { get; init; }

    /// <summary>See <see cref="ScenarioParameters.PayloadBytes"/>.</summary>
    public required int PayloadBytes { get; init; }

    /// <summary>How many messages were measured.</summary>
    public required int Messages { get; init; }

    /// <summary>A number that two runs share only when all bytes of both arrived at the same times.</summary>
    public required string TraceHash { get; init; }

    /// <summary>When half of the nodes had a message; the mean of all messages.</summary>
    public required double T50Ms { get; init; }

    /// <summary>When nine of ten nodes had a message; the mean of all messages.</summary>
    public required double T90Ms { get; init; }

    /// <summary>When 99 of 100 nodes had a message; the mean of all messages.</summary>
    public required double T99Ms { get; init; }

    /// <summary>When the last node had a message; the mean of all messages.</summary>
    public required double MaxMs { get; init; }

    /// <summary>How often a node received each payload.</summary>
    public required double CopiesPerNode { get; init; }

    /// <summary>Bytes that a node sent for each message, announcements and requests included.</summary>
    public required double BytesPerNode { get; init; }

    /// <summary>
    /// The part of the nodes that a message reached, of those that ran all the time that it had; the mean of all messages.
    /// </summary>
    public required double Reach { get; init; }

    /// <summary>Over how many connections a message came, on average.</summary>
    public required double HopsMean { get; init; }

    /// <summary>How long the run took.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>How much virtual time passed.</summary>
    public required double VirtualSeconds { get; init; }

    /// <summary>Events that happened in each second of the run.</summary>
    public required double EventsPerSecond { get; init; }

    /// <summary>Bytes of memory in use at the end, for each node.</summary>
    public required long MemoryPerNode { get; init; }

    /// <summary>What else the scenario measured, by name.</summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = new Dictionary<string, double>();

    /// <summary>What must never be and was. None in a good run.</summary>
    public required IReadOnlyList<string> Violations { get; init; }
}
