using LightningDB.Native;

namespace LightningDB;

/// <summary>A place in a database, in the order of its keys. It ends with its transaction at the latest.</summary>
public sealed unsafe class LightningCursor : IDisposable
{
    private readonly LightningTransaction _transaction;
    private nint _handle;

    internal LightningCursor(LightningTransaction transaction, nint handle)
    {
        _transaction = transaction;
        _handle = handle;
    }

    /// <summary>Goes to the first pair.</summary>
    /// <returns>The pair, or why there is none.</returns>
    public (MDBResultCode resultCode, MDBValue key, MDBValue value) First() => Move(CursorOperation.First);

    /// <summary>Goes to the next pair; to the first if it has not gone anywhere yet.</summary>
    /// <returns>The pair, or why there is none.</returns>
    public (MDBResultCode resultCode, MDBValue key, MDBValue value) Next() => Move(CursorOperation.Next);

    /// <summary>Stays where it is.</summary>
    /// <returns>The pair, or why there is none.</returns>
    public (MDBResultCode resultCode, MDBValue key, MDBValue value) GetCurrent() => Move(CursorOperation.GetCurrent);

    /// <summary>Goes to the first pair whose key is <paramref name="key"/> or comes after it.</summary>
    /// <param name="key">The key to begin at.</param>
    /// <returns>Whether there is one.</returns>
    public MDBResultCode SetRange(ReadOnlySpan<byte> key)
    {
        fixed (byte* keyBytes = key)
        {
            return Move(CursorOperation.SetRange, new MDBValue(keyBytes, key.Length)).resultCode;
        }
    }

    /// <inheritdoc cref="SetRange(ReadOnlySpan{byte})"/>
    public MDBResultCode SetRange(byte[] key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return SetRange(key.AsSpan());
    }

    /// <summary>Closes the cursor.</summary>
    public void Dispose()
    {
        if (_handle == 0)
            return;

        _transaction.Forget(this);
        Close();
    }

    /// <summary>Closes the native cursor; to be done before the native transaction ends, which may free it.</summary>
    internal void Close()
    {
        Lmdb.mdb_cursor_close(_handle);
        _handle = 0;
    }

    private (MDBResultCode resultCode, MDBValue key, MDBValue value) Move(
        CursorOperation operation, MDBValue key = default)
    {
        if (_handle == 0)
            throw new ObjectDisposedException(nameof(LightningCursor), "The cursor, or its transaction, has ended.");

        MDBValue value = default;
        MDBResultCode result = Lmdb.mdb_cursor_get(_handle, &key, &value, operation);
        return (result, key, value);
    }
}
