using System.Collections.Immutable;
using Logos.P2P.Wire;

namespace Logos.P2P.Access;

/// <summary>Who may do more than others. Never changes while a node runs.</summary>
internal sealed record Whitelist(ImmutableArray<WhitelistEntry> Entries)
{
    public static Whitelist Empty { get; } = new([]);

    /// <summary>
    /// The permissions of a peer: those of all entries that its address is in. Whoever we chose to dial ourselves has none,
    /// as in Bitcoin Core: entries speak of those who dial us, and of the operator's own peers.
    /// </summary>
    public PeerPermissions Of(in NetAddress address, ConnectionKind kind)
    {
        PeerPermissions permissions = PeerPermissions.None;
        foreach (WhitelistEntry entry in Entries)
        {
            bool applies = kind switch
            {
                ConnectionKind.Inbound => entry.Inbound,
                ConnectionKind.Manual => entry.Outbound,
                _ => false,
            };
            if (applies && entry.Hosts.Contains(address))
                permissions |= entry.Permissions;
        }

        return permissions;
    }
}
