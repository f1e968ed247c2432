using Logos.P2P.Addresses;
using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;
using Logos.P2P.Discovery;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Logos.P2P.Storage;

/// <summary>
/// The address books that nodes keep on disk: to look at them, and to carry addresses from one machine to another.
/// </summary>
public static class AddressBookFiles
{
    /// <summary>Reads a `peers.dat`, which is left as it is.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">The network it is to be of; null for any.</param>
    /// <param name="found">The network it is of.</param>
    /// <exception cref="StoreException">It is missing or cannot be used; the message names it and says why.</exception>
    public static PeersImage ReadPeersFile(string path, P2PNetwork? network, out P2PNetwork found) =>
        PeersFileStore.Open(path, network, out found);

    /// <summary>Writes a `peers.dat`: after a power failure there is this one or the one before.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="image">What to write.</param>
    /// <param name="network">The network the addresses are of.</param>
    /// <exception cref="StoreException">It cannot be written; the message names it and says why.</exception>
    public static void WritePeersFile(string path, PeersImage image, P2PNetwork network) =>
        PeersFileStore.Save(path, image, network);

    /// <summary>The database of a node.</summary>
    /// <param name="dataDirectory">See <see cref="P2POptions.DataDirectory"/>.</param>
    /// <param name="network">The network of the node.</param>
    public static string DatabasePath(string dataDirectory, P2PNetwork network) =>
        Path.Combine(NodeSettings.NetworkDirectory(dataDirectory, network), LmdbStore.DataFile);

    /// <summary>The `peers.dat` of a node.</summary>
    /// <param name="dataDirectory">See <see cref="P2POptions.DataDirectory"/>.</param>
    /// <param name="network">The network of the node.</param>
    public static string PeersFilePath(string dataDirectory, P2PNetwork network) =>
        PeersSnapshot.PathIn(NodeSettings.NetworkDirectory(dataDirectory, network));

    /// <summary>Whether a node has a database. A file with nothing in it is none.</summary>
    /// <param name="dataDirectory">See <see cref="P2POptions.DataDirectory"/>.</param>
    /// <param name="network">The network of the node.</param>
    public static bool HasDatabase(string dataDirectory, P2PNetwork network) =>
        LmdbStore.Exists(NodeSettings.NetworkDirectory(dataDirectory, network));

    /// <summary>Reads the database of a node, running or not.</summary>
    /// <param name="dataDirectory">See <see cref="P2POptions.DataDirectory"/>.</param>
    /// <param name="network">The network of the node.</param>
    /// <param name="unreadable">How many addresses are damaged and left out.</param>
    /// <exception cref="StoreException">It is missing or cannot be used; the message names it and says why.</exception>
    public static PeersImage ReadDatabase(string dataDirectory, P2PNetwork network, out int unreadable)
    {
        string directory = NodeSettings.NetworkDirectory(dataDirectory, network);
        if (!HasDatabase(dataDirectory, network))
            throw new StoreException($"There is no address book of {network} in '{dataDirectory}'.");
        (PeersImage image, unreadable) = LmdbStore.Look(directory, network, store =>
        {
            StoredBook book = store.LoadAddresses();
            var read = new PeersImage
            {
                Key = store.Key,
                Grouping = book.Grouping ?? new NetworkPolicy(network, privateNet: false).GroupingName,
                Entries = book.Entries,
            };
            return (read, book.Unreadable);
        });
        return image;
    }

    /// <summary>
    /// Takes the addresses of a `peers.dat` into the database of a node that does not run. What the node knows stays; of an
    /// address that both know, each newer fact wins. Only regtest, where addresses matter to nobody else, takes those of
    /// another network.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">
    /// Those of the node; <see cref="P2POptions.DataDirectory"/> is needed, and what decides where addresses belong and
    /// which count (<see cref="P2POptions.Network"/>, <see cref="P2POptions.PrivateNet"/>,
    /// <see cref="P2POptions.AsmapFile"/>).
    /// </param>
    /// <param name="loggerFactory">Where log messages go; nowhere when null.</param>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    /// <exception cref="StoreException">
    /// The file or the database cannot be used, or the node runs; nothing was changed.
    /// </exception>
    public static MergeResult Import(string path, P2POptions options, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.DataDirectory);
        ILogger logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Logos.P2P");
        NodeSettings settings = NodeSettings.From(options).Load();
        NetworkPolicy policy = settings.Policy;
        P2PNetwork? wanted = policy.Network == P2PNetwork.Regtest ? null : policy.Network;
        PeersImage image = ReadPeersFile(path, wanted, out P2PNetwork network);
        if (network != policy.Network)
            Log.ForeignPeersFile(logger, path, network, policy.Network);

        var random = new RandomSource(settings.RandomSeed);
        string directory = settings.DataDirectory!;
        using LmdbStore store = LmdbStore.Open(
            directory, policy.Network, () => random.NextBytes(AddrManParameters.KeySize));
        // As the node itself would begin: else a peers.dat that it has not read yet would never be. The one that is read here
        // stays where it is.
        string snapshot = Path.GetFullPath(PeersSnapshot.PathIn(directory));
        bool isRead = string.Equals(Path.GetFullPath(path), snapshot, StringComparison.Ordinal);
        AddressManager book = new StoredAddresses(store, isRead ? null : snapshot, policy, logger)
            .Load(random.Fork(), TimeProvider.System);
        MergeResult result = book.Merge(image.Entries, image.WasPlacedBy(store.Key, policy.GroupingName));
        store.SaveAddresses(book.TakeChanges(), policy.GroupingName);
        return result;
    }
}
