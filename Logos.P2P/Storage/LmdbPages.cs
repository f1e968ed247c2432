using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Logos.P2P.Storage;

/// <summary>
/// Walks everything in an LMDB data file that LMDB would ever follow: the trees of its databases and its list of free pages.
/// No page may be in two places, and nothing may point out of its page or out of the file; LMDB then neither reads nor
/// writes where it should not.
/// </summary>
/// <remarks>
/// mdb.c of LMDB 0.9. A page: number u64, pad u16, flags u16, lower u16 and upper u16 (the free room) or, of an overflow
/// page, how many pages u32; then offsets of its nodes u16. A node: low u16, high u16, flags u16, key size u16, key, and in
/// a leaf the value, whose size is low and high, or the number of the overflow page it is on; in a branch low, high and
/// flags are the number of the child. A database: pad u32, flags u16, depth u16, branch, leaf and overflow pages u64,
/// entries u64, root u64.
/// </remarks>
internal sealed class LmdbPages(SafeFileHandle file, int pageSize, ulong lastPage)
{
    /// <summary>Bytes of the record of a database.</summary>
    public const int RecordSize = 48;

    private const ulong NoPage = ulong.MaxValue;
    private const int PageHeaderSize = 16;
    private const int NodeHeaderSize = 8;
    private const int BranchFlag = 0x01;
    private const int LeafFlag = 0x02;
    private const int OverflowFlag = 0x04;
    private const int BigValueFlag = 0x01;
    private const int DatabaseFlag = 0x02;
    private const int IntegerKeyFlag = 0x08;
    private const int MaxKeySize = 511;

    /// <summary>LMDB's CURSOR_STACK.</summary>
    private const int MaxDepth = 32;

    private readonly ulong _length = (ulong)RandomAccess.GetLength(file);

    // The two meta pages are the first that are taken.
    private readonly HashSet<ulong> _taken = [0, 1];

    private enum Kind
    {
        /// <summary>The database whose values are the records of the others.</summary>
        Main,

        /// <summary>A database with a name.</summary>
        Named,

        /// <summary>Transaction u64 -> the pages it freed: how many u64, and their numbers u64, the highest first.</summary>
        FreeList,
    }

    /// <exception cref="InvalidDataException">It is.</exception>
    public static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw new InvalidDataException(otherwise);
    }

    /// <summary>Checks all databases.</summary>
    /// <param name="main">The record of the one whose values are the records of the others.</param>
    /// <exception cref="InvalidDataException">Something is damaged; the message says what.</exception>
    public void CheckDatabases(ReadOnlySpan<byte> main) => CheckTree(main, Kind.Main);

    /// <summary>Checks the list of free pages. To be done after the databases: what is theirs is not free.</summary>
    /// <exception cref="InvalidDataException">Something is damaged; the message says what.</exception>
    public void CheckFreeList(ReadOnlySpan<byte> record) => CheckTree(record, Kind.FreeList);

    private void CheckTree(ReadOnlySpan<byte> record, Kind kind)
    {
        int flags = U16(record, 4), depth = U16(record, 6);
        ulong entries = U64(record, 32), root = U64(record, 40);
        Require(flags == (kind == Kind.FreeList ? IntegerKeyFlag : 0), "a database has flags that it should not have");
        var order = new KeyOrder(kind == Kind.FreeList);
        if (root != NoPage)
        {
            Require(depth is >= 1 and <= MaxDepth, "a database is too deep");
            CheckPage(root, depth, kind, order);
        }

        Require(order.Count == entries, $"a database has {order.Count} entries, and should have {entries}");
    }

    private void CheckPage(ulong number, int depth, Kind kind, KeyOrder order)
    {
        bool isLeaf = depth == 1;
        byte[] page = ReadPage(number, isLeaf ? LeafFlag : BranchFlag);
        int lower = U16(page, 12), upper = U16(page, 14);
        bool isRoomSound = lower >= PageHeaderSize && lower % 2 == 0 && lower <= upper && upper <= pageSize;
        Require(isRoomSound, $"page {number} has impossible bounds");

        int count = (lower - PageHeaderSize) / 2;
        int used = 0;
        // LMDB takes it for granted that a branch has two ways, except in the list of free pages.
        Require(count >= (isLeaf || kind == Kind.FreeList ? 1 : 2), $"page {number} has too few entries");
        for (int i = 0; i < count; i++)
        {
            int at = U16(page, PageHeaderSize + (2 * i));
            Require(at >= upper && at + NodeHeaderSize <= pageSize, $"an entry of page {number} is out of its place");
            int keySize = U16(page, at + 6);
            int valueSize = isLeaf ? ValueSize(page, at) : 0;
            int room = pageSize - at - NodeHeaderSize - keySize;
            Require(valueSize >= 0 && valueSize <= room, $"an entry of page {number} is longer than its page");
            used += (NodeHeaderSize + keySize + valueSize + 1) & ~1;
            Require(used <= pageSize - upper, $"entries of page {number} overlap");

            ReadOnlySpan<byte> key = page.AsSpan(at + NodeHeaderSize, keySize);
            if (isLeaf)
            {
                Require(keySize is >= 1 and <= MaxKeySize && order.TryTake(key), $"a key of page {number} is out of order");
                CheckValue(page, at, kind);
            }
            else
            {
                Require(i == 0 || order.TryDivide(key), $"a key of page {number} is out of order");
                CheckPage(U32(page, at) | ((ulong)U16(page, at + 4) << 32), depth - 1, kind, order);
            }
        }
    }

    /// <summary>The bytes that a value takes in its page; what is too large for an int is below 0.</summary>
    private static int ValueSize(byte[] page, int at) => U16(page, at + 4) == BigValueFlag ? sizeof(ulong) : (int)U32(page, at);

    private void CheckValue(byte[] page, int at, Kind kind)
    {
        int flags = U16(page, at + 4);
        ReadOnlySpan<byte> value = page.AsSpan(at + NodeHeaderSize + U16(page, at + 6), ValueSize(page, at));
        if (kind == Kind.Main)
        {
            Require(flags == DatabaseFlag && value.Length == RecordSize, "a database has no sound record");
            CheckTree(value, Kind.Named);
            return;
        }

        Require(flags is 0 or BigValueFlag, "a value has flags that it should not have");
        if (flags == BigValueFlag)
            value = ReadOverflow(U64(value, 0), U32(page, at));
        if (kind == Kind.FreeList)
            CheckFreePages(value);
    }

    private ReadOnlySpan<byte> ReadOverflow(ulong number, uint size)
    {
        uint count = U32(ReadPage(number, OverflowFlag), 12);
        bool isInFile = count > 0 && number + count <= _length / (ulong)pageSize;
        bool hasRoom = isInFile && size <= Array.MaxLength && size <= ((ulong)count * (ulong)pageSize) - PageHeaderSize;
        Require(hasRoom, $"page {number} is too short");
        for (ulong next = number + 1; next < number + count; next++)
            Take(next);
        byte[] value = new byte[size];
        int read = RandomAccess.Read(file, value, checked((long)number * pageSize) + PageHeaderSize);
        Require(read == value.Length, "it is cut short");
        return value;
    }

    private void CheckFreePages(ReadOnlySpan<byte> list)
    {
        Require(list.Length >= sizeof(ulong), "a list of free pages is cut short");
        ulong count = U64(list, 0);
        Require(count <= ((ulong)list.Length / sizeof(ulong)) - 1, "a list of free pages is cut short");
        ulong above = lastPage + 1;
        for (int i = 1; i <= (int)count; i++)
        {
            ulong number = U64(list, i * sizeof(ulong));
            Require(number < above, "a list of free pages is out of order");
            Take(number);
            above = number;
        }
    }

    private byte[] ReadPage(ulong number, int kind)
    {
        Take(number);
        byte[] page = new byte[pageSize];
        Require(number < _length / (ulong)pageSize, "it is cut short");
        int read = RandomAccess.Read(file, page, (long)number * pageSize);
        Require(read == pageSize, "it is cut short");
        Require(U64(page, 0) == number && U16(page, 10) == kind, $"page {number} is another kind of page");
        return page;
    }

    private void Take(ulong number) =>
        Require(number <= lastPage && _taken.Add(number), $"page {number} is in two places, or in none");

    private static int U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    /// <summary>Sees to it that the keys of a tree ascend, and that those of its branches divide them.</summary>
    /// <param name="areNumbers">Whether they are numbers of 8 bytes; else they go by their bytes.</param>
    private sealed class KeyOrder(bool areNumbers)
    {
        private byte[] _last = [];
        private byte[] _atLeast = [];

        public ulong Count { get; private set; }

        /// <summary>Takes the next key of a leaf.</summary>
        public bool TryTake(ReadOnlySpan<byte> key)
        {
            if (areNumbers && key.Length != sizeof(ulong))
                return false;
            bool ascends = (Count == 0 || Compare(_last, key) < 0) && (_atLeast.Length == 0 || Compare(_atLeast, key) <= 0);
            _last = key.ToArray();
            _atLeast = [];
            Count++;
            return ascends;
        }

        /// <summary>Takes the key of a branch that all keys so far are below, and all others not.</summary>
        public bool TryDivide(ReadOnlySpan<byte> key)
        {
            if (areNumbers && key.Length != sizeof(ulong))
                return false;
            _atLeast = key.ToArray();
            return Compare(_last, key) < 0;
        }

        private int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
            areNumbers ? U64(left, 0).CompareTo(U64(right, 0)) : left.SequenceCompareTo(right);
    }
}
