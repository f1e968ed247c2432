using System.Diagnostics.CodeAnalysis;

namespace Logos.P2P.Wire;

/// <summary>What a node offers, as announced in `version` and carried with its address. Unknown bits are kept.</summary>
[Flags]
[SuppressMessage("Design", "CA1028", Justification = "The wire has 64 bits.")]
[SuppressMessage("Naming", "CA1720", Justification = "The names are the protocol's.")]
public enum Services : ulong
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>NODE_LOGOS: relays `logos`. Outbound peers must have it.</summary>
    Logos = 1UL << 24,
}
