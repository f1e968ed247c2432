using System.Text;
using LightningDB;
using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P.Storage;

/// <summary>
/// An LMDB environment: database `meta` (schema version, network, secret key, grouping), `peers` (v2 endpoint -> entry),
/// `anchors` (place in the order -> services, v2 endpoint) and `banlist` (<see cref="BanCodec"/>).
/// A commit is on disk when it returns, and a crash in the middle of one leaves the previous state.
/// </summary>
internal sealed class LmdbStore : IOverlayStore
{
    /// <summary>The name of the data file in the directory.</summary>
    public const string DataFile = "data.mdb";

    private const string Peers = "peers";
    private const string Anchors = "anchors";
    private const string BanList = "banlist";

    /// <summary>The directory in the directory where a store is made.</summary>
    private const string Workshop = "data.new";

    /// <summary>Room for a full address book several times over; grown when it is not enough.</summary>
    private const long InitialMapSize = 32L * 1024 * 1024;

    /// <summary>The longest v2 endpoint: network id, length, address, port.</summary>
    private const int MaxKeySize = 1 + 1 + NetAddress.MaxLength + sizeof(ushort);

    /// <summary>Services as CompactSize and the longest v2 endpoint.</summary>
    private const int MaxAnchorSize = 9 + MaxKeySize;

    /// <summary>A node commits once a second at most, and a few times when it stops: the second look is nearly always good.</summary>
    private const int LookAttempts = 5;

    private const string LockFile = "node.lock";

    /// <summary>Who knows the secret key can aim at buckets.</summary>
    private const UnixAccessMode OwnerMode = UnixAccessMode.OwnerRead | UnixAccessMode.OwnerWrite;

    private readonly string _directory;
    private readonly LightningEnvironment _environment;
    private readonly LightningDatabase _meta;
    private readonly LightningDatabase _peers;
    private readonly LightningDatabase _anchors;
    private readonly LightningDatabase _bans;
    private readonly FileStream? _lock;

    /// <summary>LMDB forbids to change the size of the map while any transaction of this process is open.</summary>
    private readonly Lock _oneTransaction = new();

    private bool _isClosed;

    /// <param name="directory">Where it is.</param>
    /// <param name="network">Whose addresses it is to hold.</param>
    /// <param name="directoryLock">What keeps others out; null to only look at it.</param>
    /// <param name="mapSize">Bytes of the map.</param>
    private LmdbStore(string directory, P2PNetwork network, FileStream? directoryLock, long mapSize)
    {
        _directory = directory;
        _lock = directoryLock;
        bool isLook = directoryLock is null;
        _environment = new LightningEnvironment(directory, Configuration(mapSize));
        try
        {
            // Reads happen on whichever thread of the pool it is, so they must not be tied to threads.
            EnvironmentOpenFlags looking = isLook
                ? EnvironmentOpenFlags.ReadOnly | EnvironmentOpenFlags.NoLock
                : EnvironmentOpenFlags.None;
            _environment.Open(looking | EnvironmentOpenFlags.NoThreadLocalStorage, OwnerMode);
            using LightningTransaction transaction = _environment.BeginTransaction(
                isLook ? TransactionBeginFlags.ReadOnly : TransactionBeginFlags.None);

            // The transaction that makes a store makes all of it: what is missing was lost.
            var there = new DatabaseConfiguration { Flags = DatabaseOpenFlags.None };
            _meta = transaction.OpenDatabase(LmdbSchema.Meta, there);
            Key = LmdbSchema.Read(transaction, _meta, network, Path);
            _peers = transaction.OpenDatabase(Peers, there);
            _anchors = transaction.OpenDatabase(Anchors, there);
            _bans = transaction.OpenDatabase(BanList, there);
            transaction.Commit().ThrowOnError();
        }
        catch
        {
            _environment.Dispose();
            throw;
        }
    }

    public byte[] Key { get; }

    public bool RewritesAddresses => false;

    public string Path => System.IO.Path.Combine(_directory, DataFile);

    private static ReadOnlySpan<byte> GroupingKey => "addrman.grouping"u8;

    /// <summary>Opens the store in a directory for a node, making both when missing.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="network">The network of the node.</param>
    /// <param name="makeKey">Makes the secret key of a new store, <see cref="AddrManParameters.KeySize"/> bytes.</param>
    /// <param name="mapSize">Bytes of the map to begin with.</param>
    /// <exception cref="StoreException">It cannot be used; the message says why and what to do.</exception>
    public static LmdbStore Open(
        string directory, P2PNetwork network, Func<byte[]> makeKey, long mapSize = InitialMapSize) => Guard(directory, () =>
    {
        OwnerOnly.CreateDirectory(directory);
        FileStream directoryLock = Lock(directory);
        try
        {
            EnsureExists(directory, network, makeKey, mapSize);
            LmdbFile.Check(System.IO.Path.Combine(directory, DataFile));
            return new LmdbStore(directory, network, directoryLock, mapSize);
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    });

    /// <summary>Whether a directory has a store.</summary>
    public static bool Exists(string directory) =>
        new FileInfo(System.IO.Path.Combine(directory, DataFile)) is { Exists: true, Length: > 0 };

    /// <summary>Opens the store of a node, running or not, in this process or another, only to look at it.</summary>
    /// <remarks>
    /// Without LMDB's locks: closing a second environment in the process of the node would destroy the mutex that the
    /// node's writer may be holding, and kill the process some time later. What is looked at without them may be written over
    /// by the second commit from now, so <see cref="Look{T}"/> is the way to read from it.
    /// </remarks>
    /// <exception cref="StoreException">It cannot be used; the message says why and what to do.</exception>
    public static LmdbStore OpenReadOnly(string directory, P2PNetwork network) => Guard(directory, () =>
    {
        LmdbFile.Check(System.IO.Path.Combine(directory, DataFile));
        return new LmdbStore(directory, network, directoryLock: null, InitialMapSize);
    });

    /// <summary>Reads from the store of a node, running or not: again when the node wrote over what was being read.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="network">The network of the node.</param>
    /// <param name="read">What to read.</param>
    /// <exception cref="StoreException">It cannot be used; the message says why and what to do.</exception>
    public static T Look<T>(string directory, P2PNetwork network, Func<LmdbStore, T> read)
    {
        string path = System.IO.Path.Combine(directory, DataFile);
        for (int attempt = 1; ; attempt++)
        {
            ulong before = Guard(directory, () => LmdbFile.LastTransaction(path));
            bool WasWrittenOver() => Guard(directory, () => LmdbFile.LastTransaction(path)) > before + 1;
            try
            {
                using LmdbStore store = OpenReadOnly(directory, network);
                T result = read(store);
                if (!WasWrittenOver())
                    return result;
            }
            catch (StoreException) when (attempt < LookAttempts && WasWrittenOver())
            {
                // What was read was no longer what it had been.
                continue;
            }

            if (attempt == LookAttempts)
                throw new StoreException($"'{path}' is written over faster than it can be read. Try again, or stop the node.");
        }
    }

    public StoredBook LoadAddresses() => Use(() =>
    {
        var entries = new List<AddressEntry>();
        int unreadable = 0;
        Span<byte> expected = stackalloc byte[MaxKeySize];
        using LightningTransaction transaction = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        (MDBResultCode found, _, MDBValue grouping) = transaction.Get(_meta, GroupingKey);
        string? name = found.ThrowOnReadError() == MDBResultCode.Success ? Encoding.UTF8.GetString(grouping.AsSpan()) : null;
        using LightningCursor cursor = transaction.CreateCursor(_peers);
        while (true)
        {
            (MDBResultCode code, MDBValue key, MDBValue value) = cursor.Next();
            if (code.ThrowOnReadError() == MDBResultCode.NotFound)
                return new StoredBook(entries, name, unreadable);
            if (AddressEntryCodec.TryRead(value.AsSpan(), out AddressEntry? entry)
                && key.AsSpan().SequenceEqual(WriteKey(entry.Endpoint, expected)))
            {
                entries.Add(entry);
            }
            else
            {
                unreadable++;
            }
        }
    });

    public void SaveAddresses(AddressChanges changes, string grouping) => Write(transaction =>
    {
        Span<byte> key = stackalloc byte[MaxKeySize];
        foreach (NetEndpoint endpoint in changes.Removed)
            transaction.Delete(_peers, WriteKey(endpoint, key)).ThrowOnReadError();
        Put(transaction, changes.Upserted, grouping);
    });

    public void ReplaceAddresses(IReadOnlyCollection<AddressEntry> entries, string grouping) => Write(transaction =>
    {
        transaction.TruncateDatabase(_peers).ThrowOnError();
        Put(transaction, entries, grouping);
    });

    public IReadOnlyList<Anchor> TakeAnchors(out bool areDamaged)
    {
        List<Anchor>? anchors = Use(() =>
        {
            using LightningTransaction transaction = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
            return ReadAnchors(transaction);
        });
        // Nothing is written for nothing: on a disk that is full not even that can be.
        if (anchors is not { Count: 0 })
            Write(transaction => transaction.TruncateDatabase(_anchors).ThrowOnError());
        areDamaged = anchors is null;
        return anchors ?? [];
    }

    public void SaveAnchors(IReadOnlyList<Anchor> anchors) => Write(transaction =>
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(anchors.Count, byte.MaxValue);
        transaction.TruncateDatabase(_anchors).ThrowOnError();
        Span<byte> value = stackalloc byte[MaxAnchorSize];
        for (int i = 0; i < anchors.Count; i++)
        {
            var writer = new WireWriter(value);
            writer.WriteCompactSize((ulong)anchors[i].Services);
            AddressCodec.WriteV2(ref writer, anchors[i].Endpoint);
            transaction.Put(_anchors, [(byte)i], value[..writer.Written]).ThrowOnError();
        }
    });

    public IReadOnlyList<Ban> LoadBans(out int unreadable)
    {
        int damaged = 0;
        List<Ban> bans = Use(() =>
        {
            var read = new List<Ban>();
            using LightningTransaction transaction = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
            using LightningCursor cursor = transaction.CreateCursor(_bans);
            while (true)
            {
                (MDBResultCode code, MDBValue key, MDBValue value) = cursor.Next();
                if (code.ThrowOnReadError() == MDBResultCode.NotFound)
                    return read;
                if (BanCodec.TryRead(key.AsSpan(), value.AsSpan(), out Ban? ban))
                    read.Add(ban);
                else
                    damaged++;
            }
        });
        unreadable = damaged;
        return bans;
    }

    public void SaveBans(IReadOnlyCollection<Ban> bans) => Write(transaction =>
    {
        transaction.TruncateDatabase(_bans).ThrowOnError();
        Span<byte> key = stackalloc byte[BanCodec.MaxKeySize];
        Span<byte> value = stackalloc byte[BanCodec.ValueSize];
        foreach (Ban ban in bans)
        {
            int length = BanCodec.WriteKey(ban, key);
            BanCodec.WriteValue(ban, value);
            transaction.Put(_bans, key[..length], value).ThrowOnError();
        }
    });

    public void Dispose()
    {
        // Whoever saves while the node stops is still at it, or comes too late.
        lock (_oneTransaction)
        {
            _isClosed = true;
            _meta.Dispose();
            _peers.Dispose();
            _anchors.Dispose();
            _bans.Dispose();
            _environment.Dispose();
            _lock?.Dispose();
        }
    }

    private void Put(LightningTransaction transaction, IReadOnlyCollection<AddressEntry> entries, string grouping)
    {
        // With the entries that it placed, or a crash would leave the places of one grouping under the name of another.
        transaction.Put(_meta, GroupingKey, Encoding.UTF8.GetBytes(grouping)).ThrowOnError();
        Span<byte> key = stackalloc byte[MaxKeySize];
        Span<byte> value = stackalloc byte[AddressEntryCodec.MaxSize];
        foreach (AddressEntry entry in entries)
        {
            int length = AddressEntryCodec.Write(entry, value);
            transaction.Put(_peers, WriteKey(entry.Endpoint, key), value[..length]).ThrowOnError();
        }
    }

    /// <summary>The anchors in their order; null when one of them cannot be read.</summary>
    private List<Anchor>? ReadAnchors(LightningTransaction transaction)
    {
        var anchors = new List<Anchor>();
        using LightningCursor cursor = transaction.CreateCursor(_anchors);
        while (true)
        {
            (MDBResultCode code, _, MDBValue value) = cursor.Next();
            if (code.ThrowOnReadError() == MDBResultCode.NotFound)
                return anchors;
            var reader = new WireReader(value.AsSpan());
            if (!reader.TryReadCompactSize(out ulong services)
                || !AddressCodec.TryReadV2(ref reader, out NetEndpoint endpoint)
                || !NetAddress.IsKnown(endpoint.Address.Network)
                || reader.Remaining > 0)
            {
                return null;
            }

            anchors.Add(new Anchor(endpoint, (Services)services));
        }
    }

    private static ReadOnlySpan<byte> WriteKey(NetEndpoint endpoint, Span<byte> buffer)
    {
        var writer = new WireWriter(buffer);
        AddressCodec.WriteV2(ref writer, endpoint);
        return buffer[..writer.Written];
    }

    /// <summary>
    /// Runs a write transaction. When the map is full it is doubled and everything is done again: nothing of the first
    /// try was written.
    /// </summary>
    private void Write(Action<LightningTransaction> write) => Use(() =>
    {
        while (true)
        {
            try
            {
                using LightningTransaction transaction = _environment.BeginTransaction();
                write(transaction);
                transaction.Commit().ThrowOnError();
                return true;
            }
            catch (LightningException e) when (e.StatusCode == (int)MDBResultCode.MapFull)
            {
                _environment.MapSize *= 2;
            }
        }
    });

    /// <summary>Addresses and bans are written and read on threads of their own: one at a time.</summary>
    private T Use<T>(Func<T> use) => Guard(_directory, () =>
    {
        lock (_oneTransaction)
        {
            return _isClosed
                ? throw new StoreException($"'{Path}' is closed: the node has stopped.")
                : use();
        }
    });

    /// <summary>
    /// Makes a store where there is none: beside its place, to be moved there when all of it is on the disk. LMDB flushes a new
    /// file with the first commit, and what a power cut before that can leave of it cannot be told from damage.
    /// </summary>
    private static void EnsureExists(string directory, P2PNetwork network, Func<byte[]> makeKey, long mapSize)
    {
        string workshop = System.IO.Path.Combine(directory, Workshop), made = System.IO.Path.Combine(workshop, DataFile);
        if (!Exists(directory))
        {
            // After a power cut a file may have its old name again: then this is the store, with all that was saved since.
            if (LmdbFile.LastTransaction(made) == 0)
            {
                OwnerOnly.CreateDirectory(workshop);
                File.Delete(made);
                Make(workshop, network, makeKey(), mapSize);
            }

            File.Move(made, System.IO.Path.Combine(directory, DataFile), overwrite: true);
        }

        if (Directory.Exists(workshop))
            Directory.Delete(workshop, recursive: true);
    }

    private static void Make(string directory, P2PNetwork network, byte[] key, long mapSize)
    {
        using var environment = new LightningEnvironment(directory, Configuration(mapSize));
        environment.Open(EnvironmentOpenFlags.NoLock | EnvironmentOpenFlags.NoThreadLocalStorage, OwnerMode);
        using LightningTransaction transaction = environment.BeginTransaction();
        var made = new DatabaseConfiguration { Flags = DatabaseOpenFlags.Create };
        using LightningDatabase meta = transaction.OpenDatabase(LmdbSchema.Meta, made);
        LmdbSchema.Write(transaction, meta, network, key);
        foreach (string name in (ReadOnlySpan<string>)[Peers, Anchors, BanList])
            transaction.OpenDatabase(name, made).Dispose();
        transaction.Commit().ThrowOnError();
    }

    private static EnvironmentConfiguration Configuration(long mapSize) => new() { MapSize = mapSize, MaxDatabases = 4 };

    private static FileStream Lock(string directory)
    {
        string path = System.IO.Path.Combine(directory, LockFile);
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
            }.ForOwnerOnly());
        }
        catch (IOException e) when (IsHeldByAnother(e))
        {
            throw new StoreException(
                $"'{directory}' is in use by another node. Stop it, or give this one another -datadir.", e);
        }
    }

    /// <summary>Windows: ERROR_SHARING_VIOLATION. Elsewhere .NET locks with flock, which says EWOULDBLOCK.</summary>
    private static bool IsHeldByAnother(IOException e) => e.HResult ==
        (OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : OperatingSystem.IsLinux() ? 11 : 35);

    /// <summary>LMDB passes on what the system says. Windows: ERROR_DISK_FULL. Elsewhere ENOSPC, the same number everywhere.</summary>
    private static bool IsDiskFull(LightningException e) =>
        ((e.InnerException as LightningException) ?? e).StatusCode == (OperatingSystem.IsWindows() ? 112 : 28);

    /// <summary>Turns what LMDB and the file system say into something an operator can act on.</summary>
    private static T Guard<T>(string directory, Func<T> use)
    {
        try
        {
            return use();
        }
        catch (LightningException e) when (IsDiskFull(e))
        {
            throw new StoreException(
                $"There is no room for the address book in '{directory}'. Make room, or choose another -datadir.", e);
        }
        catch (LightningException e)
        {
            string file = System.IO.Path.Combine(directory, DataFile);
            throw new StoreException(
                $"The address book '{file}' cannot be used ({(e.InnerException ?? e).Message}). If it is damaged, move it "
                + "away to start from peers.dat, or with an empty one; or put back a copy.",
                e);
        }
        catch (IOException e) when (e is not StoreException)
        {
            throw new StoreException(
                $"The data directory '{directory}' cannot be used ({e.Message}). Choose another -datadir.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StoreException(
                $"No permission to write to '{directory}'. Change its owner, or choose another -datadir.", e);
        }
    }
}
