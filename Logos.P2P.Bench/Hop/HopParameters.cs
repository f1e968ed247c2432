namespace Logos.P2P.Bench.Hop;

/// <summary>What <c>hop</c> measures.</summary>
internal sealed record HopParameters
{
    /// <summary>What the node of another build is called.</summary>
    public const string OtherNode = "Other node";

    /// <summary>Bytes of payloads.</summary>
    public IReadOnlyList<int> Sizes { get; init; } = [256, 4 * 1024, 100 * 1024, 1024 * 1024];

    /// <summary>What stands between source and sink.</summary>
    public IReadOnlyList<RelayKind> Kinds { get; init; } =
        [RelayKind.Direct, RelayKind.Forwarder, RelayKind.CheckingForwarder, RelayKind.ZeroMq, RelayKind.Node];

    /// <summary>Relays one behind the other.</summary>
    public int Relays { get; init; } = 1;

    /// <summary>Sinks at the last one.</summary>
    public int Fanout { get; init; } = 1;

    /// <summary>See <see cref="LinePlan.Idle"/>; nodes only.</summary>
    public int Idle { get; init; }

    public HopLoad Load { get; init; } = new();

    /// <summary>The lines that can be had.</summary>
    /// <param name="program">The program whose roles are played.</param>
    /// <param name="other">Another build of it, whose node is measured as well; null for none.</param>
    public IReadOnlyList<LinePlan> Lines(string program, string? other)
    {
        IEnumerable<LinePlan> lines = Kinds.Select(kind => Line(kind, program));
        if (other is not null)
            lines = lines.Append(Line(RelayKind.Node, other) with { Name = OtherNode });
        return [.. lines.Where(line => line.IsPossible)];
    }

    private LinePlan Line(RelayKind kind, string program) => new(kind, program)
    {
        Relays = kind == RelayKind.Direct ? 0 : Relays,
        Sinks = Fanout,
        Idle = kind == RelayKind.Node ? Idle : 0,
    };
}
