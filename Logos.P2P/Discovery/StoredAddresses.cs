using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;
using Logos.P2P.Storage;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Discovery;

/// <summary>
/// The first way of discovery: what this node knew before, from its database; where that has nothing, what another node
/// knew, from a `peers.dat` that somebody put here. Nothing is left out, nor written over later, without a word.
/// </summary>
/// <param name="store">The database.</param>
/// <param name="snapshotPath">The `peers.dat`; null for none.</param>
/// <param name="policy">Whose network, and by which grouping.</param>
/// <param name="logger">Where it is told what became of the addresses.</param>
internal sealed class StoredAddresses(IOverlayStore store, string? snapshotPath, NetworkPolicy policy, ILogger logger)
{
    /// <summary>Makes the address book of a node and fills it.</summary>
    /// <param name="random">Its chance.</param>
    /// <param name="clock">Its clock.</param>
    /// <exception cref="StoreException">The addresses cannot be read; the message names the file and says what to do.</exception>
    public AddressManager Load(Random random, TimeProvider clock)
    {
        var book = new AddressManager(new AddressManagerOptions
        {
            Key = store.Key,
            Random = random,
            Clock = clock,
            Grouping = policy.Grouping,
            IsRoutable = policy.IsStorable,
        });
        StoredBook stored = store.LoadAddresses();
        if (stored.Unreadable > 0)
            Log.AddressesUnreadable(logger, stored.Unreadable, store.Path);
        if (snapshotPath is not null)
            PeersFileStore.DeleteLeftovers(snapshotPath);
        if (stored.Entries.Count > 0)
        {
            LoadDatabase(book, stored);
            SetAsideForeignSnapshot();
        }
        else
        {
            LoadSnapshot(book);
        }

        return book;
    }

    private void LoadDatabase(AddressManager book, StoredBook stored)
    {
        bool isSameGrouping = string.Equals(stored.Grouping, policy.GroupingName, StringComparison.Ordinal);
        RestoreResult result = book.Restore(stored.Entries, keepBuckets: isSameGrouping);
        if (result.Dropped > 0)
            Log.AddressesDropped(logger, result.Dropped, store.Path);
        if (result.Unroutable > 0)
            Log.AddressesUnroutable(logger, result.Unroutable, store.Path, policy.Network);
    }

    /// <summary>The node's own snapshot will be written where the file is, so one that is another's goes out of the way.</summary>
    private void SetAsideForeignSnapshot()
    {
        if (snapshotPath is not null
            && PeersFileStore.SetAsideForeign(snapshotPath, policy.Network, store.Key) is { } aside)
        {
            Log.SnapshotSetAside(logger, snapshotPath, aside.Why, aside.Path);
        }
    }

    private void LoadSnapshot(AddressManager book)
    {
        if (snapshotPath is null)
            return;
        PeersImage? image = PeersFileStore.Load(snapshotPath, policy.Network, out PeersFileAside? aside);
        if (aside is not null)
            Log.SnapshotSetAside(logger, snapshotPath, aside.Why, aside.Path);
        if (image is null)
            return;
        MergeResult result = book.Merge(image.Entries, image.WasPlacedBy(store.Key, policy.GroupingName));
        Log.SnapshotRead(logger, result.Added, snapshotPath);
        if (result.Unusable > 0)
            Log.SnapshotUnroutable(
                logger, result.Unusable, snapshotPath, policy.Network, PeersFileStore.KeepCopy(snapshotPath));
        if (result.Crowded > 0)
            Log.SnapshotCrowded(logger, result.Crowded, snapshotPath);
    }
}
