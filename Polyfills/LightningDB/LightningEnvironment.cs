using LightningDB.Native;

namespace LightningDB;

/// <summary>The databases in one directory, mapped into memory.</summary>
/// <remarks>
/// A process opens a directory once at a time: LMDB's file locks are the process's, and the first to close would
/// drop them for both. An environment is always to be disposed of, also after <see cref="Open"/> has failed.
/// </remarks>
public sealed class LightningEnvironment : IDisposable
{
    // EINVAL, the same number on every system.
    private const MDBResultCode InvalidArgument = (MDBResultCode)22;

    private readonly Lock _gate = new();
    private readonly EnvironmentConfiguration _configuration;
    private nint _handle;
    private int _transactions;
    private bool _disposed;

    /// <summary>Sets up an environment, without touching the directory yet.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="configuration">
    /// What it is set up with. The environment keeps it and writes later changes of its own properties there.
    /// </param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public LightningEnvironment(string path, EnvironmentConfiguration? configuration = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);

        Path = path;
        _configuration = configuration ?? new EnvironmentConfiguration();
        Lmdb.mdb_env_create(out _handle).ThrowOnError();

        try
        {
            Configure();
        }
        catch (LightningException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>Whether it has been opened and not yet disposed of.</summary>
    public bool IsOpened { get; private set; }

    /// <summary>
    /// Bytes of the map as last set, or zero for LMDB's default. It can be set while the environment is open, but not
    /// while there is a transaction. A size that is refused is kept all the same, and setting it again does nothing.
    /// </summary>
    /// <exception cref="LightningException">LMDB refuses the size, or there is a transaction.</exception>
    public long MapSize
    {
        get => _configuration.MapSize;
        set
        {
            if (value == _configuration.MapSize)
                return;

            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                _configuration.MapSize = value;

                // LMDB itself refuses this only for a transaction that writes, and takes the map away from readers.
                if (_transactions != 0)
                    throw new LightningException(InvalidArgument);

                Lmdb.mdb_env_set_mapsize(_handle, (nuint)value).ThrowOnError();
            }
        }
    }

    /// <summary>Named databases that can be open. Set before the environment is opened.</summary>
    /// <exception cref="InvalidOperationException">It is open.</exception>
    public int MaxDatabases
    {
        get => _configuration.MaxDatabases;
        set
        {
            if (IsOpened)
                throw new InvalidOperationException("The environment is open: it is too late for this.");

            ObjectDisposedException.ThrowIf(_disposed, this);

            if (value == _configuration.MaxDatabases)
                return;

            Lmdb.mdb_env_set_maxdbs(_handle, (uint)value).ThrowOnError();
            _configuration.MaxDatabases = value;
        }
    }

    /// <summary>Opens the files in the directory, and makes both if they are not there.</summary>
    /// <param name="openFlags">How it is opened.</param>
    /// <param name="accessMode">Whom new files let do what.</param>
    /// <exception cref="LightningException">It cannot be opened; the inner exception has the reason.</exception>
    /// <exception cref="InvalidOperationException">It is open.</exception>
    public void Open(
        EnvironmentOpenFlags openFlags = EnvironmentOpenFlags.None,
        UnixAccessMode accessMode = UnixAccessMode.Default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);

        if (IsOpened)
            throw new InvalidOperationException("The environment is open.");

        if (!openFlags.HasFlag(EnvironmentOpenFlags.NoSubDir))
            Directory.CreateDirectory(Path);

        MDBResultCode result = Lmdb.mdb_env_open(_handle, Path, (uint)openFlags, (uint)accessMode);

        if (result != MDBResultCode.Success)
        {
            throw new LightningException(
                $"Failed to open environment at path {Path}", new LightningException(result));
        }

        IsOpened = true;
    }

    /// <summary>Begins a transaction.</summary>
    /// <param name="parent">The transaction that it is part of, if any; that one waits until this one ends.</param>
    /// <param name="beginFlags">Whether it only reads.</param>
    /// <returns>The transaction.</returns>
    /// <exception cref="InvalidOperationException">The environment is not open.</exception>
    /// <exception cref="LightningException">It cannot begin.</exception>
    public LightningTransaction BeginTransaction(
        LightningTransaction? parent = null, TransactionBeginFlags beginFlags = TransactionBeginFlags.None) =>
        new(this, parent, beginFlags);

    /// <summary>Begins a transaction that is not part of another.</summary>
    /// <param name="beginFlags">Whether it only reads.</param>
    /// <returns>The transaction.</returns>
    /// <exception cref="InvalidOperationException">The environment is not open.</exception>
    /// <exception cref="LightningException">It cannot begin.</exception>
    public LightningTransaction BeginTransaction(TransactionBeginFlags beginFlags) => new(this, null, beginFlags);

    /// <summary>
    /// Closes the environment. All transactions are to have ended; where one has not, the files and the map stay
    /// until it does, so that it finds what it looks at, but it can only be aborted.
    /// </summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;

            _disposed = true;
            IsOpened = false;

            if (_transactions == 0)
                Close();
        }
    }

    /// <summary>Counts a transaction in.</summary>
    /// <returns>The native environment, which stays until as many have left.</returns>
    internal nint Enter()
    {
        lock (_gate)
        {
            if (!IsOpened)
                throw new InvalidOperationException("The environment is not open.");

            _transactions++;
            return _handle;
        }
    }

    /// <summary>Counts a transaction out that has ended.</summary>
    internal void Leave()
    {
        lock (_gate)
        {
            if (--_transactions == 0 && _disposed)
                Close();
        }
    }

    internal void CloseDatabase(uint database)
    {
        lock (_gate)
        {
            if (!IsOpened)
                throw new InvalidOperationException("A database is to be disposed of before its environment.");

            Lmdb.mdb_dbi_close(_handle, database);
        }
    }

    private void Configure()
    {
        if (_configuration.MapSize != 0)
            Lmdb.mdb_env_set_mapsize(_handle, (nuint)_configuration.MapSize).ThrowOnError();

        if (_configuration.MaxDatabases != 0)
            Lmdb.mdb_env_set_maxdbs(_handle, (uint)_configuration.MaxDatabases).ThrowOnError();

        if (_configuration.MaxReaders != 0)
            Lmdb.mdb_env_set_maxreaders(_handle, (uint)_configuration.MaxReaders).ThrowOnError();
    }

    private void Close()
    {
        Lmdb.mdb_env_close(_handle);
        _handle = 0;
    }
}
