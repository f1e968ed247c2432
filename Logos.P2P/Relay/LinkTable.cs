using System.Collections.Immutable;

namespace Logos.P2P.Relay;

/// <summary>
/// Links as they are at one moment, with their slots beside them: whoever goes through all of them for each message reads one line of
/// memory for sixteen, and not one for each.
/// </summary>
/// <param name="Links">The links, in the order in which they came.</param>
/// <param name="Slots">The slot of each.</param>
internal sealed record LinkTable(ImmutableArray<RelayLink> Links, ImmutableArray<int> Slots);
