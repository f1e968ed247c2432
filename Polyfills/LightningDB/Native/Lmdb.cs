using System.Reflection;
using System.Runtime.InteropServices;

namespace LightningDB.Native;

/// <summary>The functions of liblmdb that the stand-in calls, under their C names.</summary>
internal static unsafe partial class Lmdb
{
    private const string Library = "lmdb";

    // A system has the plain name only where the development package is installed; this is the one that always is.
    private const string VersionedLibrary = "liblmdb.so.0";

    static Lmdb() => NativeLibrary.SetDllImportResolver(typeof(Lmdb).Assembly, Resolve);

    [LibraryImport(Library)]
    internal static partial MDBResultCode mdb_env_create(out nint env);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial MDBResultCode mdb_env_open(nint env, string path, uint flags, uint mode);

    [LibraryImport(Library)]
    internal static partial void mdb_env_close(nint env);

    [LibraryImport(Library)]
    internal static partial MDBResultCode mdb_env_set_mapsize(nint env, nuint size);

    [LibraryImport(Library)]
    internal static partial MDBResultCode mdb_env_set_maxdbs(nint env, uint databases);

    [LibraryImport(Library)]
    internal static partial MDBResultCode mdb_env_set_maxreaders(nint env, uint readers);

    [LibraryImport(Library)]
    internal static partial MDBResultCode mdb_txn_begin(nint env, nint parent, uint flags, out nint txn);

    [LibraryImport(Library)]
    internal static partial MDBResultCode mdb_txn_commit(nint txn);

    [LibraryImport(Library)]
    internal static partial void mdb_txn_abort(nint txn);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial MDBResultCode mdb_dbi_open(nint txn, string? name, uint flags, out uint dbi);

    [LibraryImport(Library)]
    internal static partial void mdb_dbi_close(nint env, uint dbi);

    [LibraryImport(Library)]
    internal static partial MDBResultCode mdb_stat(nint txn, uint dbi, out Statistics statistics);

    [LibraryImport(Library)]
    internal static partial MDBResultCode mdb_drop(nint txn, uint dbi, int delete);

    [LibraryImport(Library)]
    internal static partial MDBResultCode mdb_get(nint txn, uint dbi, MDBValue* key, MDBValue* value);

    [LibraryImport(Library)]
    internal static partial MDBResultCode mdb_put(nint txn, uint dbi, MDBValue* key, MDBValue* value, uint flags);

    [LibraryImport(Library)]
    internal static partial MDBResultCode mdb_del(nint txn, uint dbi, MDBValue* key, MDBValue* value);

    [LibraryImport(Library)]
    internal static partial MDBResultCode mdb_cursor_open(nint txn, uint dbi, out nint cursor);

    [LibraryImport(Library)]
    internal static partial void mdb_cursor_close(nint cursor);

    [LibraryImport(Library)]
    internal static partial MDBResultCode mdb_cursor_get(
        nint cursor, MDBValue* key, MDBValue* value, CursorOperation operation);

    /// <summary>What LMDB or the C library says about a result.</summary>
    internal static string Describe(MDBResultCode result) =>
        Marshal.PtrToStringUTF8(mdb_strerror((int)result)) ?? $"LMDB error {(int)result}";

    [LibraryImport(Library)]
    private static partial nint mdb_strerror(int error);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name != Library)
            return 0;

        if (NativeLibrary.TryLoad(Library, assembly, searchPath, out nint library)
            || NativeLibrary.TryLoad(VersionedLibrary, assembly, searchPath, out library))
        {
            return library;
        }

        // The runtime's own search fails in turn, and its exception lists the places where it looked.
        return 0;
    }

    /// <summary>The figures that LMDB keeps about a database.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct Statistics
    {
        internal readonly uint PageSize;
        internal readonly uint Depth;
        internal readonly nuint BranchPages;
        internal readonly nuint LeafPages;
        internal readonly nuint OverflowPages;
        internal readonly nuint Entries;
    }
}
