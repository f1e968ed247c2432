namespace Logos.P2P.Testnet.Chaos.Troubles;

/// <summary>Makes one kind of trouble, and ends it.</summary>
internal interface ITroublemaker
{
    TroubleKind Kind { get; }

    /// <summary>Why it cannot be made on this machine; null when it can.</summary>
    string? Obstacle => null;

    Task BeginAsync(int node);

    Task EndAsync(int node);
}
