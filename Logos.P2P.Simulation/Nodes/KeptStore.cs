using Logos.P2P.AddrMan;
using Logos.P2P.Storage;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Nodes;

/// <summary>The disk of a simulated node: what was written outlasts the node, in memory.</summary>
internal sealed class KeptStore(byte[] key) : IOverlayStore
{
    private Dictionary<NetEndpoint, AddressEntry> _addresses = [];
    private string? _grouping;
    private IReadOnlyList<Anchor> _anchors = [];
    private IReadOnlyList<Ban> _bans = [];

    public byte[] Key => key;

    public bool RewritesAddresses => false;

    public string Path => "(simulated)";

    /// <summary>The disk as it is now. What is written to this one from now on does not get there.</summary>
    public KeptStore Copy() => new(key)
    {
        _addresses = new Dictionary<NetEndpoint, AddressEntry>(_addresses),
        _grouping = _grouping,
        _anchors = _anchors,
        _bans = _bans,
    };

    public StoredBook LoadAddresses() => new([.. _addresses.Values], _grouping, 0);

    public void SaveAddresses(AddressChanges changes, string grouping)
    {
        foreach (AddressEntry entry in changes.Upserted)
            _addresses[entry.Endpoint] = entry;
        foreach (NetEndpoint endpoint in changes.Removed)
            _addresses.Remove(endpoint);
        _grouping = grouping;
    }

    public void ReplaceAddresses(IReadOnlyCollection<AddressEntry> entries, string grouping)
    {
        _addresses.Clear();
        foreach (AddressEntry entry in entries)
            _addresses[entry.Endpoint] = entry;
        _grouping = grouping;
    }

    public IReadOnlyList<Anchor> TakeAnchors(out bool areDamaged)
    {
        areDamaged = false;
        IReadOnlyList<Anchor> taken = _anchors;
        _anchors = [];
        return taken;
    }

    public void SaveAnchors(IReadOnlyList<Anchor> anchors) => _anchors = anchors;

    public IReadOnlyList<Ban> LoadBans(out int unreadable)
    {
        unreadable = 0;
        return _bans;
    }

    public void SaveBans(IReadOnlyCollection<Ban> bans) => _bans = [.. bans];

    public void Dispose()
    {
        // The next life of the node goes on with it.
    }
}
