namespace LightningDB;

/// <summary>How an environment is opened, in LMDB's numbers.</summary>
[Flags]
public enum EnvironmentOpenFlags
{
    /// <summary>A directory, written with every safeguard.</summary>
    None = 0,

    /// <summary>The path names the data file itself, not a directory.</summary>
    NoSubDir = 0x4000,

    /// <summary>Commits are left to the system to write: a crash of the machine may damage the file.</summary>
    NoSync = 0x10000,

    /// <summary>Nothing can be written.</summary>
    ReadOnly = 0x20000,

    /// <summary>A crash of the machine may undo the last commit, but not damage the file.</summary>
    NoMetaSync = 0x40000,

    /// <summary>Readers' slots belong to transactions, not to threads, so that tasks may move between threads.</summary>
    NoThreadLocalStorage = 0x200000,

    /// <summary>No locks are taken and no lock file is touched: whoever opens it so sees to it himself.</summary>
    NoLock = 0x400000,
}
