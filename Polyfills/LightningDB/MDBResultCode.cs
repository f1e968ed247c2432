namespace LightningDB;

/// <summary>
/// What LMDB answered. Errors of the operating system come as their positive numbers and have no name here.
/// </summary>
public enum MDBResultCode
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>The key is there already and was not to be overwritten.</summary>
    KeyExist = -30799,

    /// <summary>No such key or database, or the cursor is past the end.</summary>
    NotFound = -30798,

    /// <summary>A page that must be there is not: the file is damaged.</summary>
    PageNotFound = -30797,

    /// <summary>A page is not of the kind it must be: the file is damaged.</summary>
    Corrupted = -30796,

    /// <summary>An earlier error left the environment unusable.</summary>
    Panic = -30795,

    /// <summary>The file is from an incompatible version of LMDB.</summary>
    VersionMismatch = -30794,

    /// <summary>The file is not one of LMDB's.</summary>
    Invalid = -30793,

    /// <summary>The map is full: it takes a larger one to write more.</summary>
    MapFull = -30792,

    /// <summary>More named databases than the environment was set up for.</summary>
    DbsFull = -30791,

    /// <summary>More readers at once than the environment was set up for.</summary>
    ReadersFull = -30790,

    /// <summary>The system has no thread-local key left.</summary>
    TLSFull = -30789,

    /// <summary>The transaction has changed too many pages.</summary>
    TxnFull = -30788,

    /// <summary>A tree is deeper than a cursor can follow.</summary>
    CursorFull = -30787,

    /// <summary>A page has no room for what was to go there.</summary>
    PageFull = -30786,

    /// <summary>Another process has made the file larger than the map.</summary>
    MapResized = -30785,

    /// <summary>The operation does not suit the database, or the database has changed its kind.</summary>
    Incompatible = -30784,

    /// <summary>A reader's slot is taken, as when a thread begins a second read transaction.</summary>
    BadRSlot = -30783,

    /// <summary>The transaction has failed, has a child under way, or is over.</summary>
    BadTxn = -30782,

    /// <summary>A key or a name has a length that LMDB does not take.</summary>
    BadValSize = -30781,

    /// <summary>The database handle was closed or changed in the meantime.</summary>
    BadDBI = -30780,
}
