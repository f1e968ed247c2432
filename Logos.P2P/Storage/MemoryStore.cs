using Logos.P2P.AddrMan;

namespace Logos.P2P.Storage;

/// <summary>For a node without a data directory: it starts with nothing and forgets everything.</summary>
internal sealed class MemoryStore(byte[] key) : IOverlayStore
{
    public byte[] Key => key;

    public bool RewritesAddresses => false;

    public string Path => "(memory)";

    public StoredBook LoadAddresses() => new([], null, 0);

    public void SaveAddresses(AddressChanges changes, string grouping)
    {
    }

    public void ReplaceAddresses(IReadOnlyCollection<AddressEntry> entries, string grouping)
    {
    }

    public IReadOnlyList<Anchor> TakeAnchors(out bool areDamaged)
    {
        areDamaged = false;
        return [];
    }

    public void SaveAnchors(IReadOnlyList<Anchor> anchors)
    {
    }

    public IReadOnlyList<Ban> LoadBans(out int unreadable)
    {
        unreadable = 0;
        return [];
    }

    public void SaveBans(IReadOnlyCollection<Ban> bans)
    {
    }

    public void Dispose()
    {
    }
}
