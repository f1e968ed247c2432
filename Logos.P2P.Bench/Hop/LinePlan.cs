namespace Logos.P2P.Bench.Hop;

/// <summary>What a line is made of.</summary>
/// <param name="Kind">What the relays are.</param>
/// <param name="Program">The program whose roles are played.</param>
internal sealed record LinePlan(RelayKind Kind, string Program)
{
    /// <summary>What it is called in tables.</summary>
    public string Name { get; init; } = Kind.ToString();

    /// <summary>Relays one behind the other.</summary>
    public int Relays { get; init; } = Kind == RelayKind.Direct ? 0 : 1;

    /// <summary>Sinks at the last one.</summary>
    public int Sinks { get; init; } = 1;

    /// <summary>
    /// Peers of the last relay besides, which bring and ask for nothing. They come when messages flow already, so they are no part
    /// of the tree and are told of messages only.
    /// </summary>
    public int Idle { get; init; }

    /// <summary>Whether nodes are watched by everything that there is for it; see <see cref="NodeRole"/>.</summary>
    public bool IsObserved { get; init; }

    /// <summary>Where a node, which is the only relay then, keeps what outlasts it; null for nowhere.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Whether there is such a line.</summary>
    public bool IsPossible => Kind switch
    {
        RelayKind.Direct => Sinks == 1,
        RelayKind.NativeNode => NativeNodeRole.IsPublished,
        RelayKind.ZeroMq => ZeroMq.IsInstalled && Relays == 1 && Sinks == 1,
        _ => true,
    };
}
