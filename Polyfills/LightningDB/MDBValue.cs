namespace LightningDB;

/// <summary>A key or a value where it lies in the map of the file.</summary>
/// <remarks>
/// It may be looked at until its transaction ends or writes again, whichever is first. What is to last longer is to
/// be copied. The layout is that of C's MDB_val.
/// </remarks>
public readonly unsafe struct MDBValue
{
    private readonly nuint _length;
    private readonly byte* _bytes;

    internal MDBValue(byte* bytes, int length)
    {
        _length = (nuint)length;
        _bytes = bytes;
    }

    /// <summary>The bytes, not copied.</summary>
    /// <returns>The bytes in the map.</returns>
    public ReadOnlySpan<byte> AsSpan() => new(_bytes, checked((int)_length));

    /// <summary>The bytes, copied.</summary>
    /// <returns>An array of the caller's own.</returns>
    public byte[] CopyToNewArray() => AsSpan().ToArray();
}
