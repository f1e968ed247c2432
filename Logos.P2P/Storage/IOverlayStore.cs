using Logos.P2P.AddrMan;

namespace Logos.P2P.Storage;

/// <summary>Where a node keeps what it must not forget. One user at a time.</summary>
internal interface IOverlayStore : IDisposable
{
    /// <summary>
    /// The secret key of the address manager, made with the store: with another key every address would have another place.
    /// </summary>
    byte[] Key { get; }

    /// <summary>Where it is, for messages.</summary>
    string Path { get; }

    /// <summary>Whether to save one change costs as much as to save all addresses.</summary>
    bool RewritesAddresses { get; }

    /// <summary>The stored addresses.</summary>
    StoredBook LoadAddresses();

    /// <summary>Writes changes, all or none of them.</summary>
    /// <param name="changes">What changed.</param>
    /// <param name="grouping">The name of the grouping that places all addresses from now on.</param>
    void SaveAddresses(AddressChanges changes, string grouping);

    /// <summary>Makes the stored addresses these and no others, or leaves them as they are.</summary>
    /// <param name="entries">The addresses.</param>
    /// <param name="grouping">The name of the grouping that placed them.</param>
    void ReplaceAddresses(IReadOnlyCollection<AddressEntry> entries, string grouping);

    /// <summary>
    /// The anchors, in the order in which they were saved. They are taken out: a peer that makes a node fail on start is not
    /// to be met again on the next one.
    /// </summary>
    /// <param name="areDamaged">Whether there were some that cannot be read; then none is returned.</param>
    IReadOnlyList<Anchor> TakeAnchors(out bool areDamaged);

    /// <summary>Makes the anchors these and no others, or leaves them as they are.</summary>
    /// <param name="anchors">At most 255.</param>
    void SaveAnchors(IReadOnlyList<Anchor> anchors);

    /// <summary>The bans, in no order.</summary>
    /// <param name="unreadable">How many more there are that are damaged. They stay until the bans are saved.</param>
    IReadOnlyList<Ban> LoadBans(out int unreadable);

    /// <summary>Makes the bans these and no others, or leaves them as they are.</summary>
    void SaveBans(IReadOnlyCollection<Ban> bans);
}
