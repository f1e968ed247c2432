namespace Logos.P2P.Bench.Hop;

/// <summary>What a hop bench measures.</summary>
internal sealed record HopParameters
{
    /// <summary>Bytes of payloads.</summary>
    public IReadOnlyList<int> Sizes { get; init; } = [256, 4 * 1024, 100 * 1024, 1024 * 1024];

    /// <summary>What stands between source and sink.</summary>
    public IReadOnlyList<RelayKind> Kinds { get; init; } =
        [RelayKind.Direct, RelayKind.Forwarder, RelayKind.CheckingForwarder, RelayKind.ZeroMq, RelayKind.Node];

    /// <summary>Relays one behind the other.</summary>
    public int Relays { get; init; } = 1;

    /// <summary>Sinks at the last one.</summary>
    public int Fanout { get; init; } = 1;

    /// <summary>Peers of the last relay besides, of which nothing is measured.</summary>
    public int Idle { get; init; }

    /// <summary>Messages a second where they are paced.</summary>
    public int Rate { get; init; } = 200;

    /// <summary>Paced messages in each round.</summary>
    public int Messages { get; init; } = 400;

    /// <summary>Bytes in each round at full speed; 0 for none.</summary>
    public long FlatBytes { get; init; } = 100_000_000;

    /// <summary>Rounds; in each, all kinds have their turn one after the other.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>Messages of a round at full speed.</summary>
    public int FlatMessages(int size) => (int)Math.Clamp(FlatBytes / size, FlatBytes == 0 ? 0 : 1, 400_000);
}
