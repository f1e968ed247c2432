using Logos.P2P.Wire;

namespace Logos.P2P.Access;

/// <summary>What counts when an inbound peer has to go. See <see cref="EvictionPolicy"/>.</summary>
internal readonly record struct EvictionCandidate
{
    public required long Id { get; init; }

    public required ConnectionKind Kind { get; init; }

    /// <summary>When the connection began.</summary>
    public required TimeSpan ConnectedAt { get; init; }

    /// <summary>The shortest round trip of a ping; null before the first, as for whoever has not introduced himself.</summary>
    public TimeSpan? MinRoundTrip { get; init; }

    /// <summary>When it last was the first to bring a message that the upper layer accepted; zero for never.</summary>
    public TimeSpan LastFirstDelivery { get; init; }

    /// <summary>Stands for its neighbourhood, by a hash whose key nobody else knows: who is protected cannot be computed.</summary>
    public required ulong KeyedGroup { get; init; }

    public required NetworkId Network { get; init; }

    /// <summary>Whether it connects from this machine, as a Tor service of ours would.</summary>
    public bool IsLocal { get; init; }

    /// <summary>Whether the operator has forbidden to throw it out.</summary>
    public bool IsNoBan { get; init; }

    public bool IsDiscouraged { get; init; }
}
