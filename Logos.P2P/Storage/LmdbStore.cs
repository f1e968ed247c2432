using System.Buffers.Binary;
using System.Text;
using LightningDB;
using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P.Storage;

/// <summary>
/// An LMDB environment: database `meta` (schema version, secret key, grouping) and database `addresses` (v2 endpoint ->
/// entry).
/// A commit is on disk when it returns, and a crash in the middle of one leaves the previous state.
/// </summary>
internal sealed class LmdbStore : IOverlayStore
{
    /// <summary>Raised when the meaning of stored bytes changes.</summary>
    private const int SchemaVersion = 1;

    /// <summary>Room for a full address book several times over; grown when it is not enough.</summary>
    private const long InitialMapSize = 32L * 1024 * 1024;

    /// <summary>The longest v2 endpoint: network id, length, address, port.</summary>
    private const int MaxKeySize = 1 + 1 + NetAddress.MaxLength + sizeof(ushort);

    private const string DataFile = "data.mdb";
    private const string LockFile = "node.lock";

    private readonly string _directory;
    private readonly LightningEnvironment _environment;
    private readonly LightningDatabase _meta;
    private readonly LightningDatabase _addresses;
    private readonly FileStream? _lock;

    private LmdbStore(string directory, FileStream? directoryLock, EnvironmentOpenFlags flags, long mapSize)
    {
        _directory = directory;
        _lock = directoryLock;
        _environment = new LightningEnvironment(
            directory, new EnvironmentConfiguration { MapSize = mapSize, MaxDatabases = 2 });
        try
        {
            // Reads happen on whichever thread of the pool it is, so they must not be tied to threads.
            _environment.Open(flags | EnvironmentOpenFlags.NoThreadLocalStorage);
            bool isReadOnly = flags.HasFlag(EnvironmentOpenFlags.ReadOnly);
            using LightningTransaction transaction = _environment.BeginTransaction(
                isReadOnly ? TransactionBeginFlags.ReadOnly : TransactionBeginFlags.None);
            var configuration = new DatabaseConfiguration
            {
                Flags = isReadOnly ? DatabaseOpenFlags.None : DatabaseOpenFlags.Create,
            };
            _meta = transaction.OpenDatabase("meta", configuration);
            _addresses = transaction.OpenDatabase("addresses", configuration);
            CheckSchema(transaction, isReadOnly);
            transaction.Commit().ThrowOnError();
        }
        catch
        {
            _environment.Dispose();
            throw;
        }
    }

    private static ReadOnlySpan<byte> SchemaKey => "schema"u8;

    private static ReadOnlySpan<byte> GroupingKey => "addrman.grouping"u8;

    private static ReadOnlySpan<byte> SecretKey => "addrman.key"u8;

    /// <summary>Opens the store in a directory for a node, making both when missing.</summary>
    /// <exception cref="StoreException">It cannot be used; the message says why and what to do.</exception>
    public static LmdbStore Open(string directory, long mapSize = InitialMapSize) => Guard(directory, () =>
    {
        Directory.CreateDirectory(directory);
        FileStream directoryLock = Lock(directory);
        try
        {
            LmdbFile.Complete(Path.Combine(directory, DataFile));
            return new LmdbStore(directory, directoryLock, EnvironmentOpenFlags.None, mapSize);
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    });

    /// <summary>Whether a directory has a store.</summary>
    public static bool Exists(string directory) => File.Exists(Path.Combine(directory, DataFile));

    /// <summary>Opens the store of a node, running or not, in this process or another, only to look at it.</summary>
    /// <remarks>
    /// Without LMDB's locks: closing a second environment in the process of the node would destroy the mutex that the
    /// node's writer may be holding, and kill the process some time later. What is looked at without them could be written
    /// over only by the second commit from now; commits are a second apart, and a look takes milliseconds.
    /// </remarks>
    /// <exception cref="StoreException">It cannot be used; the message says why and what to do.</exception>
    public static LmdbStore OpenReadOnly(string directory) => Guard(directory, () =>
    {
        LmdbFile.RequireComplete(Path.Combine(directory, DataFile));
        return new LmdbStore(directory, null, EnvironmentOpenFlags.ReadOnly | EnvironmentOpenFlags.NoLock, InitialMapSize);
    });

    public byte[] LoadKey(Func<byte[]> make) => Write(transaction =>
    {
        (MDBResultCode code, _, MDBValue value) = transaction.Get(_meta, SecretKey);
        if (code.ThrowOnReadError() == MDBResultCode.Success)
        {
            return value.AsSpan().Length == AddrManParameters.KeySize
                ? value.CopyToNewArray()
                : throw new StoreException(
                    $"The address book '{Path.Combine(_directory, DataFile)}' has a damaged key. Move it away to start with "
                    + "an empty one, or put back a copy.");
        }

        byte[] key = make();
        transaction.Put(_meta, SecretKey, key).ThrowOnError();
        return key;
    });

    public bool UseGrouping(string name) => Write(transaction =>
    {
        byte[] now = Encoding.UTF8.GetBytes(name);
        (MDBResultCode code, _, MDBValue before) = transaction.Get(_meta, GroupingKey);
        bool isSame = code.ThrowOnReadError() == MDBResultCode.Success && before.AsSpan().SequenceEqual(now);
        if (!isSame)
            transaction.Put(_meta, GroupingKey, now).ThrowOnError();
        return isSame;
    });

    public IReadOnlyList<AddressEntry> LoadAddresses() => Guard(_directory, () =>
    {
        var entries = new List<AddressEntry>();
        using LightningTransaction transaction = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        using LightningCursor cursor = transaction.CreateCursor(_addresses);
        while (true)
        {
            (MDBResultCode code, _, MDBValue value) = cursor.Next();
            if (code.ThrowOnReadError() == MDBResultCode.NotFound)
                return entries;
            if (AddressEntryCodec.TryRead(value.AsSpan(), out AddressEntry? entry))
                entries.Add(entry);
        }
    });

    public void SaveAddresses(AddressChanges changes) => Write(transaction =>
    {
        Span<byte> key = stackalloc byte[MaxKeySize];
        foreach (NetEndpoint endpoint in changes.Removed)
            transaction.Delete(_addresses, WriteKey(endpoint, key)).ThrowOnReadError();
        Put(transaction, changes.Upserted);
        return true;
    });

    public void ReplaceAddresses(IReadOnlyCollection<AddressEntry> entries) => Write(transaction =>
    {
        transaction.TruncateDatabase(_addresses).ThrowOnError();
        Put(transaction, entries);
        return true;
    });

    public void Dispose()
    {
        _meta.Dispose();
        _addresses.Dispose();
        _environment.Dispose();
        _lock?.Dispose();
    }

    private void Put(LightningTransaction transaction, IReadOnlyCollection<AddressEntry> entries)
    {
        Span<byte> key = stackalloc byte[MaxKeySize];
        Span<byte> value = stackalloc byte[AddressEntryCodec.MaxSize];
        foreach (AddressEntry entry in entries)
        {
            int length = AddressEntryCodec.Write(entry, value);
            transaction.Put(_addresses, WriteKey(entry.Endpoint, key), value[..length]).ThrowOnError();
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
    private T Write<T>(Func<LightningTransaction, T> write) => Guard(_directory, () =>
    {
        while (true)
        {
            try
            {
                using LightningTransaction transaction = _environment.BeginTransaction();
                T result = write(transaction);
                transaction.Commit().ThrowOnError();
                return result;
            }
            catch (LightningException e) when (e.StatusCode == (int)MDBResultCode.MapFull)
            {
                _environment.MapSize *= 2;
            }
        }
    });

    private void CheckSchema(LightningTransaction transaction, bool isReadOnly)
    {
        Span<byte> current = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(current, SchemaVersion);
        (MDBResultCode code, _, MDBValue stored) = transaction.Get(_meta, SchemaKey);
        if (code.ThrowOnReadError() == MDBResultCode.NotFound && !isReadOnly)
            transaction.Put(_meta, SchemaKey, current).ThrowOnError();
        else if (!stored.AsSpan().SequenceEqual(current))
            throw new StoreException(
                $"'{Path.Combine(_directory, DataFile)}' was written by another version of this program. "
                + "Run that version, or move the file away to start with an empty address book.");
    }

    private static FileStream Lock(string directory)
    {
        string path = Path.Combine(directory, LockFile);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new StoreException(
                $"'{directory}' is in use by another node. Stop it, or give this one another -datadir.", e);
        }
    }

    /// <summary>Turns what LMDB and the file system say into something an operator can act on.</summary>
    private static T Guard<T>(string directory, Func<T> use)
    {
        try
        {
            return use();
        }
        catch (LightningException e)
        {
            string file = Path.Combine(directory, DataFile);
            throw new StoreException(
                $"The address book '{file}' cannot be used ({(e.InnerException ?? e).Message}). If it is damaged, move it "
                + "away to start with an empty one, or put back a copy.",
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
