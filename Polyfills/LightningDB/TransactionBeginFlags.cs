namespace LightningDB;

/// <summary>What a transaction may do, in LMDB's numbers.</summary>
[Flags]
public enum TransactionBeginFlags
{
    /// <summary>Reads and writes; there is one of this kind at a time.</summary>
    None = 0,

    /// <summary>Its commit is left to the system to write.</summary>
    NoSync = 0x10000,

    /// <summary>Reads one state of the databases, whatever is written meanwhile.</summary>
    ReadOnly = 0x20000,
}
