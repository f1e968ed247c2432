using LightningDB.Native;

namespace LightningDB;

/// <summary>A database of an environment, usable in all its transactions once the one that opened it commits.</summary>
public sealed class LightningDatabase : IDisposable
{
    private readonly LightningEnvironment _environment;
    private readonly bool _closeOnDispose;
    private bool _disposed;

    internal LightningDatabase(
        LightningEnvironment environment, nint transaction, string? name, DatabaseOpenFlags flags, bool closeOnDispose)
    {
        Lmdb.mdb_dbi_open(transaction, name, (uint)flags, out uint handle).ThrowOnError();
        _environment = environment;
        _closeOnDispose = closeOnDispose;
        Handle = handle;
    }

    /// <summary>LMDB's number for it, or zero once disposed of; LMDB refuses zero.</summary>
    internal uint Handle { get; private set; }

    /// <summary>Forgets the database; the environment keeps its handle unless asked otherwise on opening.</summary>
    /// <exception cref="InvalidOperationException">
    /// The handle was to be closed, and the environment has been disposed of before.
    /// </exception>
    public void Dispose()
    {
        if (_disposed)
            return;

        _disposed = true;
        uint handle = Handle;
        Handle = 0;

        if (_closeOnDispose)
            _environment.CloseDatabase(handle);
    }
}
