using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// An address in the tables. The tables refer to the object itself, so there are no ids that could wrap around (in
/// Bitcoin Core 32-bit ones once did: CVE-2024-52919).
/// </summary>
/// <param name="entry">What is known of it.</param>
internal sealed class KnownAddress(AddressEntry entry)
{
    /// <summary>What is known of it. The endpoint never changes.</summary>
    public AddressEntry Entry { get; set; } = entry;

    /// <summary>The network it is on.</summary>
    public NetworkId Network => Entry.Address.Endpoint.Address.Network;

    /// <summary>Its index in the list of all addresses.</summary>
    public int Index { get; set; }

    /// <summary>
    /// When a failure was last counted, in Unix seconds. Not stored: it means something in one run only.
    /// </summary>
    public long LastCountedAttempt { get; set; }

    /// <summary>
    /// The number of the taking of changes that tells the store of it: from then on the store has it. 0 when it had it before.
    /// </summary>
    public int FirstTake { get; set; }
}
