using Logos.P2P.AddrMan;

namespace Logos.P2P.Storage;

/// <summary>For a node without a data directory: it starts with nothing and forgets everything.</summary>
internal sealed class MemoryStore : IOverlayStore
{
    public byte[] LoadKey(Func<byte[]> make) => make();

    public bool UseGrouping(string name) => true;

    public IReadOnlyList<AddressEntry> LoadAddresses() => [];

    public void SaveAddresses(AddressChanges changes)
    {
    }

    public void ReplaceAddresses(IReadOnlyCollection<AddressEntry> entries)
    {
    }

    public void Dispose()
    {
    }
}
