using System.Buffers.Binary;

namespace Logos.P2P.Storage;

/// <summary>
/// Looks at an LMDB data file before LMDB does. LMDB maps the file and trusts it to be as long as its first pages say;
/// where it is not, reading kills the process (SIGBUS). A file cut short by a full disk or a bad copy must be an error
/// message instead.
/// </summary>
/// <remarks>
/// The layout is that of LMDB 0.9 on 64-bit little-endian machines (lmdb.h and mdb.c, MDB_meta): two meta pages, each a
/// page header of 16 bytes and then magic u32, version u32, address u64, map size u64, two databases of 48 bytes of which
/// the first begins with the page size u32, last page u64, transaction u64.
/// </remarks>
internal static class LmdbFile
{
    private const uint Magic = 0xBEEFC0DE;
    private const int MagicOffset = 16;
    private const int MapSizeOffset = 32;
    private const int PageSizeOffset = 40;
    private const int LastPageOffset = 136;
    private const int MetaSize = 152;
    private const int SmallestPage = 512;
    private const int LargestPage = 65536;

    /// <summary>
    /// Makes a file as long as its first pages say, with zeros, in which LMDB recognises damage where it looks at them.
    /// (A good file may be shorter too, when its last pages were given up before they were written.) Leaves alone what is
    /// not an LMDB file; LMDB says so itself.
    /// </summary>
    /// <exception cref="StoreException">The first pages contradict themselves.</exception>
    public static void Complete(string path)
    {
        if (!File.Exists(path))
            return;
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        long length = RequiredLength(path, file);
        if (file.Length < length)
            file.SetLength(length);
    }

    /// <summary>Makes sure that a file is as long as its first pages say, without touching it: another node may write it.</summary>
    /// <exception cref="StoreException">It is not.</exception>
    public static void RequireComplete(string path)
    {
        if (!File.Exists(path))
            return;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        if (file.Length < RequiredLength(path, file))
            throw Contradiction(path);
    }

    private static long RequiredLength(string path, FileStream file)
    {
        Span<byte> meta = stackalloc byte[MetaSize];
        if (!TryReadMeta(file, 0, meta))
            return 0;

        int pageSize = BinaryPrimitives.ReadInt32LittleEndian(meta[PageSizeOffset..]);
        if (pageSize is < SmallestPage or > LargestPage)
            throw Contradiction(path);
        long length = RequiredLength(path, meta, pageSize);
        return TryReadMeta(file, pageSize, meta) ? Math.Max(length, RequiredLength(path, meta, pageSize)) : length;
    }

    private static long RequiredLength(string path, ReadOnlySpan<byte> meta, int pageSize)
    {
        ulong mapSize = BinaryPrimitives.ReadUInt64LittleEndian(meta[MapSizeOffset..]);
        ulong lastPage = BinaryPrimitives.ReadUInt64LittleEndian(meta[LastPageOffset..]);
        if (mapSize > long.MaxValue || lastPage >= mapSize / (ulong)pageSize)
            throw Contradiction(path);
        return (long)(lastPage + 1) * pageSize;
    }

    private static bool TryReadMeta(FileStream file, long offset, Span<byte> meta)
    {
        file.Position = offset;
        return file.ReadAtLeast(meta, meta.Length, throwOnEndOfStream: false) == meta.Length
            && BinaryPrimitives.ReadUInt32LittleEndian(meta[MagicOffset..]) == Magic;
    }

    private static StoreException Contradiction(string path) => new(
        $"The address book '{path}' is damaged. Move it away to start with an empty one, or put back a copy.");
}
