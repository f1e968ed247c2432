namespace Logos.P2P.Testnet.Chaos;

/// <summary>What is asked for.</summary>
internal sealed record ChaosOptions
{
    /// <summary>How long troubles go on.</summary>
    public TimeSpan Length { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long messages are sent afterwards, in a network that is whole again.</summary>
    public TimeSpan Peace { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What all chance comes from.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>What may befall nodes; null: all that can on this machine.</summary>
    public IReadOnlyList<TroubleKind>? Kinds { get; init; }
}
