namespace LightningDB;

/// <summary>How a database is opened, in LMDB's numbers.</summary>
[Flags]
public enum DatabaseOpenFlags
{
    /// <summary>It must be there.</summary>
    None = 0,

    /// <summary>It is made if it is not there.</summary>
    Create = 0x40000,
}
