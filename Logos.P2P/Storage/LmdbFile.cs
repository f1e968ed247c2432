using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Logos.P2P.Storage;

/// <summary>
/// Looks at an LMDB data file before LMDB does. LMDB maps the file into memory and trusts it: where it was cut short,
/// copied badly or written over, reading or writing through it kills the process. Damage must be an error message instead.
/// </summary>
/// <remarks>
/// The layout is that of LMDB 0.9 on 64-bit little-endian machines (lmdb.h and mdb.c, MDB_meta): two meta pages, each a
/// page header of 16 bytes and then magic u32, version u32, address u64, map size u64, two databases of 48 bytes of which
/// the first begins with the page size u32, last page u64, transaction u64. The meta page of the later transaction counts.
/// </remarks>
internal static class LmdbFile
{
    private const uint Magic = 0xBEEFC0DE;
    private const uint Version = 1;
    private const int MetaFlag = 0x08;
    private const int FlagsOffset = 10;
    private const int MagicOffset = 16;
    private const int VersionOffset = 20;
    private const int MapSizeOffset = 32;
    private const int FreeListOffset = 40;
    private const int MainOffset = FreeListOffset + LmdbPages.RecordSize;
    private const int LastPageOffset = 136;
    private const int TransactionOffset = 144;
    private const int MetaSize = 152;
    private const int SmallestPage = 512;
    private const int LargestPage = 32768;

    /// <summary>Looks at a file while another process may be writing it: a commit in the middle of that is no damage.</summary>
    private const int Attempts = 5;

    /// <summary>Makes sure that LMDB can use a file, without touching it. A file that is not there or empty is one it makes.</summary>
    /// <exception cref="StoreException">The file is damaged.</exception>
    public static void Check(string path)
    {
        if (!File.Exists(path))
            return;
        using SafeFileHandle file = File.OpenHandle(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        for (int attempt = 1; ; attempt++)
        {
            byte[] before = ReadMetas(file);
            if (before.Length == 0)
                return;
            try
            {
                Check(file, before);
                return;
            }
            catch (InvalidDataException e)
            {
                bool wasWritten = !before.AsSpan().SequenceEqual(ReadMetas(file));
                if (!wasWritten || attempt == Attempts)
                    throw Damaged(path, e.Message);
            }
        }
    }

    /// <summary>The number of the last transaction that was committed to a file; 0 when it is not there or damaged.</summary>
    public static ulong LastTransaction(string path)
    {
        if (!File.Exists(path))
            return 0;
        using SafeFileHandle file = File.OpenHandle(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] metas = ReadMetas(file);
        int pageSize = PageSize(metas);
        return pageSize is >= SmallestPage and <= LargestPage && metas.Length >= pageSize + MetaSize
            ? Math.Max(Transaction(metas), Transaction(metas.AsSpan(pageSize)))
            : 0;
    }

    /// <summary>The error that a damaged file is.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What is wrong with it.</param>
    public static StoreException Damaged(string path, string what) => new(
        $"The address book '{path}' is damaged ({what}). To start from peers.dat, or with an empty one, move it away; or put "
        + "back a copy.");

    private static void Check(SafeFileHandle file, byte[] metas)
    {
        int pageSize = PageSize(metas);
        LmdbPages.Require(
            pageSize is >= SmallestPage and <= LargestPage && (pageSize & (pageSize - 1)) == 0
            && metas.Length >= pageSize + MetaSize,
            "it does not begin like one");
        ReadOnlySpan<byte> first = metas.AsSpan(0, MetaSize), second = metas.AsSpan(pageSize, MetaSize);
        RequireMeta(first, pageSize);
        RequireMeta(second, pageSize);

        // As LMDB chooses: on equal terms the first.
        ReadOnlySpan<byte> meta = Transaction(first) < Transaction(second) ? second : first;
        var pages = new LmdbPages(file, pageSize, LastPage(meta));
        pages.CheckDatabases(meta.Slice(MainOffset, LmdbPages.RecordSize));
        pages.CheckFreeList(meta.Slice(FreeListOffset, LmdbPages.RecordSize));
    }

    private static void RequireMeta(ReadOnlySpan<byte> meta, int pageSize)
    {
        LmdbPages.Require(
            BinaryPrimitives.ReadUInt16LittleEndian(meta[FlagsOffset..]) == MetaFlag
            && BinaryPrimitives.ReadUInt32LittleEndian(meta[MagicOffset..]) == Magic
            && BinaryPrimitives.ReadUInt32LittleEndian(meta[VersionOffset..]) == Version
            && BinaryPrimitives.ReadInt32LittleEndian(meta[FreeListOffset..]) == pageSize,
            "it does not begin like one");
        ulong mapSize = BinaryPrimitives.ReadUInt64LittleEndian(meta[MapSizeOffset..]);
        LmdbPages.Require(
            mapSize <= long.MaxValue && LastPage(meta) < mapSize / (ulong)pageSize, "it says that it has impossible sizes");
    }

    private static int PageSize(ReadOnlySpan<byte> metas) =>
        metas.Length >= MetaSize ? BinaryPrimitives.ReadInt32LittleEndian(metas[FreeListOffset..]) : 0;

    private static ulong LastPage(ReadOnlySpan<byte> meta) => BinaryPrimitives.ReadUInt64LittleEndian(meta[LastPageOffset..]);

    private static ulong Transaction(ReadOnlySpan<byte> meta) =>
        BinaryPrimitives.ReadUInt64LittleEndian(meta[TransactionOffset..]);

    /// <summary>What the file begins with, up to the end of the second meta page of the largest size.</summary>
    private static byte[] ReadMetas(SafeFileHandle file)
    {
        byte[] bytes = new byte[LargestPage + MetaSize];
        return bytes[..RandomAccess.Read(file, bytes, 0)];
    }
}
