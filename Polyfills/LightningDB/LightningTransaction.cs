using LightningDB.Native;

namespace LightningDB;

/// <summary>A state of the databases that one thread reads and, unless it is read-only, changes.</summary>
/// <remarks>
/// One that writes must end on the thread that began it, since LMDB holds a lock of that thread's. One that is left
/// without an end keeps that lock or its reader's slot, so it is always to be disposed of. The overloads for arrays
/// are the package's; without them calls would compile here that are ambiguous there.
/// </remarks>
public sealed unsafe class LightningTransaction : IDisposable
{
    private readonly LightningEnvironment _environment;
    private readonly LightningTransaction? _parent;
    private LightningTransaction? _child;
    private List<LightningCursor>? _cursors;
    private nint _handle;
    private bool _endedByParent;
    private bool _disposed;

    internal LightningTransaction(
        LightningEnvironment environment, LightningTransaction? parent, TransactionBeginFlags flags)
    {
        nint parentHandle = parent?.Handle ?? 0;

        // The environment is entered first: it then stays open and keeps its map until this transaction has ended.
        nint environmentHandle = environment.Enter();
        MDBResultCode result = Lmdb.mdb_txn_begin(environmentHandle, parentHandle, (uint)flags, out nint handle);

        if (result != MDBResultCode.Success)
        {
            environment.Leave();
            throw new LightningException(result);
        }

        _environment = environment;
        _parent = parent;
        _handle = handle;

        if (parent is not null)
            parent._child = this;
    }

    private nint Handle =>
        _handle != 0 ? _handle : throw new InvalidOperationException("The transaction has ended.");

    /// <summary>Opens a database, which stays open in the environment once this transaction commits.</summary>
    /// <param name="name">Its name, or null for the one that has none.</param>
    /// <param name="configuration">Whether it is made if it is not there.</param>
    /// <param name="closeOnDispose">Whether its handle goes with it. The environment keeps the handle otherwise.</param>
    /// <returns>The database.</returns>
    /// <exception cref="LightningException">It is not there, or cannot be opened.</exception>
    public LightningDatabase OpenDatabase(
        string? name = null, DatabaseConfiguration? configuration = null, bool closeOnDispose = false) =>
        new(_environment, Handle, name, configuration?.Flags ?? DatabaseOpenFlags.None, closeOnDispose);

    /// <summary>Deletes everything in a database, and keeps the database.</summary>
    /// <param name="database">The database.</param>
    /// <returns>What LMDB answered.</returns>
    public MDBResultCode TruncateDatabase(LightningDatabase database)
    {
        ArgumentNullException.ThrowIfNull(database);
        return Lmdb.mdb_drop(Handle, database.Handle, delete: 0);
    }

    /// <summary>Makes a cursor over a database.</summary>
    /// <param name="db">The database.</param>
    /// <returns>A cursor that has not gone anywhere yet.</returns>
    /// <exception cref="LightningException">There cannot be one.</exception>
    public LightningCursor CreateCursor(LightningDatabase db)
    {
        ArgumentNullException.ThrowIfNull(db);
        Lmdb.mdb_cursor_open(Handle, db.Handle, out nint handle).ThrowOnError();

        var cursor = new LightningCursor(this, handle);
        (_cursors ??= []).Add(cursor);
        return cursor;
    }

    /// <summary>Finds the value of a key.</summary>
    /// <param name="db">The database.</param>
    /// <param name="key">The key.</param>
    /// <returns>
    /// The value if there is one. The key is the memory that was passed, which the caller may since have moved.
    /// </returns>
    public (MDBResultCode resultCode, MDBValue key, MDBValue value) Get(LightningDatabase db, ReadOnlySpan<byte> key)
    {
        ArgumentNullException.ThrowIfNull(db);

        fixed (byte* keyBytes = key)
        {
            var mdbKey = new MDBValue(keyBytes, key.Length);
            MDBValue mdbValue = default;
            MDBResultCode result = Lmdb.mdb_get(Handle, db.Handle, &mdbKey, &mdbValue);
            return (result, mdbKey, mdbValue);
        }
    }

    /// <inheritdoc cref="Get(LightningDatabase, ReadOnlySpan{byte})"/>
    public (MDBResultCode resultCode, MDBValue key, MDBValue value) Get(LightningDatabase db, byte[] key) =>
        Get(db, key.AsSpan());

    /// <summary>Gives a key its value.</summary>
    /// <param name="db">The database.</param>
    /// <param name="key">The key, 1 to 511 bytes.</param>
    /// <param name="value">The value, which may be empty.</param>
    /// <param name="options">Whether a value that is there stays.</param>
    /// <returns>What LMDB answered. After a failure the transaction can often only be aborted.</returns>
    public MDBResultCode Put(
        LightningDatabase db, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, PutOptions options = PutOptions.None)
    {
        ArgumentNullException.ThrowIfNull(db);

        fixed (byte* keyBytes = key)
        fixed (byte* valueBytes = value)
        {
            var mdbKey = new MDBValue(keyBytes, key.Length);
            var mdbValue = new MDBValue(valueBytes, value.Length);
            return Lmdb.mdb_put(Handle, db.Handle, &mdbKey, &mdbValue, (uint)options);
        }
    }

    /// <inheritdoc cref="Put(LightningDatabase, ReadOnlySpan{byte}, ReadOnlySpan{byte}, PutOptions)"/>
    public MDBResultCode Put(
        LightningDatabase db, byte[] key, byte[] value, PutOptions options = PutOptions.None) =>
        Put(db, key.AsSpan(), value.AsSpan(), options);

    /// <summary>Deletes a key and its value.</summary>
    /// <param name="db">The database.</param>
    /// <param name="key">The key.</param>
    /// <returns>What LMDB answered: <see cref="MDBResultCode.NotFound"/> if it was not there.</returns>
    public MDBResultCode Delete(LightningDatabase db, ReadOnlySpan<byte> key)
    {
        ArgumentNullException.ThrowIfNull(db);

        fixed (byte* keyBytes = key)
        {
            var mdbKey = new MDBValue(keyBytes, key.Length);
            return Lmdb.mdb_del(Handle, db.Handle, &mdbKey, value: null);
        }
    }

    /// <inheritdoc cref="Delete(LightningDatabase, ReadOnlySpan{byte})"/>
    public MDBResultCode Delete(LightningDatabase db, byte[] key) => Delete(db, key.AsSpan());

    /// <summary>Counts the pairs of a database.</summary>
    /// <param name="db">The database.</param>
    /// <returns>How many there are.</returns>
    /// <exception cref="LightningException">They cannot be counted.</exception>
    public long GetEntriesCount(LightningDatabase db)
    {
        ArgumentNullException.ThrowIfNull(db);
        Lmdb.mdb_stat(Handle, db.Handle, out Lmdb.Statistics statistics).ThrowOnError();
        return (long)statistics.Entries;
    }

    /// <summary>Makes the changes last. The transaction is over, whatever the answer.</summary>
    /// <returns>What LMDB answered; unless it is success, nothing has changed.</returns>
    /// <exception cref="InvalidOperationException">It was over, or its environment has been disposed of.</exception>
    public MDBResultCode Commit()
    {
        if (TakeEndByParent())
            return MDBResultCode.BadTxn;

        nint handle = Handle;

        if (!_environment.IsOpened)
            throw new InvalidOperationException("The environment has been disposed of: this can only be aborted.");

        Detach();

        // LMDB frees the transaction even if this fails, so nothing is left to be aborted.
        MDBResultCode result = Lmdb.mdb_txn_commit(handle);
        _environment.Leave();
        return result;
    }

    /// <summary>Drops the changes. The transaction is over.</summary>
    /// <exception cref="InvalidOperationException">It was over.</exception>
    public void Abort()
    {
        if (!TakeEndByParent())
            AbortNative(Handle);
    }

    /// <summary>Aborts the transaction unless it is over.</summary>
    /// <exception cref="InvalidOperationException">Its environment has been disposed of before it.</exception>
    public void Dispose()
    {
        if (_disposed)
            return;

        _disposed = true;
        bool tooLate = !_environment.IsOpened;

        if (_handle != 0)
            AbortNative(_handle);

        // As in the package, so that nobody comes to rely on the order in which this stand-in happens to be safe.
        if (tooLate)
            throw new InvalidOperationException("A transaction is to be disposed of before its environment.");
    }

    internal void Forget(LightningCursor cursor) => _cursors?.Remove(cursor);

    private void AbortNative(nint handle)
    {
        Detach();
        Lmdb.mdb_txn_abort(handle);
        _environment.Leave();
    }

    /// <summary>Lets go of the native transaction and of what ends with it, children first.</summary>
    private void Detach()
    {
        if (_child is { } child)
        {
            child.Detach();
            child._endedByParent = true;
            _environment.Leave();
        }

        foreach (LightningCursor cursor in _cursors ?? [])
            cursor.Close();

        _cursors = null;
        _handle = 0;

        if (_parent is not null)
            _parent._child = null;
    }

    private bool TakeEndByParent()
    {
        bool ended = _endedByParent;
        _endedByParent = false;
        return ended;
    }
}
