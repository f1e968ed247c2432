namespace Logos.P2P.Testnet.Proxy;

/// <summary>How a link carries bytes, each way.</summary>
/// <param name="Delay">How long they are on their way.</param>
/// <param name="Jitter">How much longer at most, drawn anew for each piece; pieces do not overtake.</param>
/// <param name="BytesPerSecond">How many a second; 0: no limit.</param>
/// <param name="IsCut">
/// Whether nothing passes. Nobody is told: as when packets are lost, what is sent waits, and arrives when the link is whole
/// again, unless somebody's patience ended.
/// </param>
internal readonly record struct LinkConditions(TimeSpan Delay, TimeSpan Jitter, long BytesPerSecond, bool IsCut);
