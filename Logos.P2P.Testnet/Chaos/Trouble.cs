namespace Logos.P2P.Testnet.Chaos;

/// <summary>Something that is to befall a node.</summary>
/// <param name="Kind">What.</param>
/// <param name="Node">The node; of a partition, where the one half begins.</param>
/// <param name="From">When, after the beginning of all.</param>
/// <param name="To">When it is over.</param>
internal sealed record Trouble(TroubleKind Kind, int Node, TimeSpan From, TimeSpan To);
