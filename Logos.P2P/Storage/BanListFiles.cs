using Logos.P2P.Access;
using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P.Storage;

/// <summary>The bans that nodes keep on disk, for a node that does not run. A running one has them itself.</summary>
public static class BanListFiles
{
    /// <summary>Reads the bans of a node, running or not: those that are not over, those that end first first.</summary>
    /// <param name="dataDirectory">See <see cref="P2POptions.DataDirectory"/>.</param>
    /// <param name="network">The network of the node.</param>
    /// <param name="unreadable">How many bans are damaged and left out.</param>
    /// <exception cref="StoreException">
    /// There is no such directory, or they cannot be read; the message names what is wrong and says why.
    /// </exception>
    public static IReadOnlyList<Ban> Read(string dataDirectory, P2PNetwork network, out int unreadable)
    {
        RequireDirectory(dataDirectory);
        string directory = NodeSettings.NetworkDirectory(dataDirectory, network);
        if (!LmdbStore.Exists(directory))
        {
            unreadable = 0;
            return [];
        }

        (IReadOnlyList<Ban> bans, unreadable) = LmdbStore.Look(
            directory, network, store => (Load(store, out int damaged).Snapshot(), damaged));
        return bans;
    }

    /// <summary>Bans a host or subnet for a while.</summary>
    /// <param name="dataDirectory">See <see cref="P2POptions.DataDirectory"/>; made when missing.</param>
    /// <param name="network">The network of the node.</param>
    /// <param name="hosts">Whom.</param>
    /// <param name="duration">How long, at least a second; parts of a second do not count.</param>
    /// <exception cref="ArgumentOutOfRangeException">The duration is less than a second.</exception>
    /// <exception cref="StoreException">The database cannot be used, or the node runs; nothing was changed.</exception>
    public static BanResult Add(string dataDirectory, P2PNetwork network, Subnet hosts, TimeSpan duration) =>
        Change(dataDirectory, network, bans => bans.Add(hosts, duration));

    /// <summary>Bans a host or subnet until a time; else as the other.</summary>
    /// <param name="dataDirectory">See <see cref="P2POptions.DataDirectory"/>; made when missing.</param>
    /// <param name="network">The network of the node.</param>
    /// <param name="hosts">Whom.</param>
    /// <param name="until">Until when; parts of a second do not count.</param>
    /// <exception cref="ArgumentOutOfRangeException">That is past.</exception>
    /// <exception cref="StoreException">The database cannot be used, or the node runs; nothing was changed.</exception>
    public static BanResult Add(string dataDirectory, P2PNetwork network, Subnet hosts, DateTimeOffset until) =>
        Change(dataDirectory, network, bans => bans.Add(hosts, until));

    /// <summary>Lifts a ban.</summary>
    /// <param name="dataDirectory">See <see cref="P2POptions.DataDirectory"/>.</param>
    /// <param name="network">The network of the node.</param>
    /// <param name="hosts">Whose.</param>
    /// <returns>False when there is none of exactly these hosts.</returns>
    /// <exception cref="StoreException">There is no such directory, the database cannot be used, or the node runs; nothing was changed.</exception>
    public static bool Remove(string dataDirectory, P2PNetwork network, Subnet hosts)
    {
        RequireDirectory(dataDirectory);
        return Change(dataDirectory, network, bans => bans.Remove(hosts));
    }

    /// <summary>Lifts all bans.</summary>
    /// <param name="dataDirectory">See <see cref="P2POptions.DataDirectory"/>.</param>
    /// <param name="network">The network of the node.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="StoreException">There is no such directory, the database cannot be used, or the node runs; nothing was changed.</exception>
    public static int Clear(string dataDirectory, P2PNetwork network)
    {
        RequireDirectory(dataDirectory);
        return Change(dataDirectory, network, bans => bans.Clear());
    }

    /// <summary>A misspelt directory has no bans either, and is not what was meant.</summary>
    private static void RequireDirectory(string dataDirectory)
    {
        if (!Directory.Exists(dataDirectory))
            throw new StoreException($"There is no data directory '{dataDirectory}'. Name that of the node (-datadir).");
    }

    private static T Change<T>(string dataDirectory, P2PNetwork network, Func<BanList, T> change)
    {
        using LmdbStore store = LmdbStore.Open(
            NodeSettings.NetworkDirectory(dataDirectory, network),
            network,
            () => new RandomSource(seed: null).NextBytes(AddrManParameters.KeySize));
        BanList bans = Load(store, out _);
        T result = change(bans);
        if (bans.TakeChanges() is { } changed)
            store.SaveBans(changed);
        return result;
    }

    private static BanList Load(LmdbStore store, out int unreadable)
    {
        var bans = new BanList(TimeProvider.System);
        bans.Restore(store.LoadBans(out unreadable));
        return bans;
    }
}
