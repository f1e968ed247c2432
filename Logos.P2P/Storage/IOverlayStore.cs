using Logos.P2P.AddrMan;

namespace Logos.P2P.Storage;

/// <summary>Where a node keeps what it must not forget. One user at a time.</summary>
internal interface IOverlayStore : IDisposable
{
    /// <summary>
    /// The secret key of the address manager, made on first use: with another key every address would have another place.
    /// </summary>
    byte[] LoadKey(Func<byte[]> make);

    /// <summary>Notes by which grouping the addresses are placed from now on.</summary>
    /// <returns>Whether the stored ones were placed by the same.</returns>
    bool UseGrouping(string name);

    /// <summary>The stored addresses.</summary>
    IReadOnlyList<AddressEntry> LoadAddresses();

    /// <summary>Writes changes, all or none of them.</summary>
    void SaveAddresses(AddressChanges changes);

    /// <summary>Makes the stored addresses these and no others, or leaves them as they are.</summary>
    void ReplaceAddresses(IReadOnlyCollection<AddressEntry> entries);
}
