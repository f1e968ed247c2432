using System.Collections.Immutable;
using Logos.P2P.Peers;

namespace Logos.P2P.Relay;

/// <summary>
/// The links that messages flow over, by slot. Reading is free of locks: the table is immutable and replaced when a link comes
/// or goes.
/// </summary>
internal sealed class RelayLinks
{
    private readonly Lock _gate = new();
    private volatile LinkTable _table = new([], []);
    private ImmutableArray<RelayLink?> _bySlot = [];

    /// <summary>All links, with their slots.</summary>
    public LinkTable Table => _table;

    public ImmutableArray<RelayLink> All => _table.Links;

    public RelayLink? At(int slot)
    {
        ImmutableArray<RelayLink?> links = _bySlot;
        return slot >= 0 && slot < links.Length ? links[slot] : null;
    }

    /// <summary>Gives a peer the lowest slot that is free.</summary>
    public RelayLink Open(Peer peer)
    {
        lock (_gate)
        {
            int slot = _bySlot.IndexOf(null);
            if (slot < 0)
                (slot, _bySlot) = (_bySlot.Length, _bySlot.Add(null));
            var link = new RelayLink(peer, slot);
            _bySlot = _bySlot.SetItem(slot, link);
            _table = new LinkTable(All.Add(link), _table.Slots.Add(slot));
            return link;
        }
    }

    /// <summary>Messages no longer go over a link. Its slot stays taken until <see cref="Free"/>.</summary>
    public void Close(RelayLink link)
    {
        link.Close();
        lock (_gate)
        {
            int index = All.IndexOf(link);
            _table = new LinkTable(All.RemoveAt(index), _table.Slots.RemoveAt(index));
        }
    }

    /// <summary>Lets others have the slot of a link, of which nothing must be remembered any more.</summary>
    public void Free(RelayLink link)
    {
        lock (_gate)
            _bySlot = _bySlot.SetItem(link.Slot, null);
    }
}
