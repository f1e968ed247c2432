namespace LightningDB;

/// <summary>How a value is put, in LMDB's numbers.</summary>
[Flags]
public enum PutOptions
{
    /// <summary>In place of any value that the key has.</summary>
    None = 0,

    /// <summary>Only if the key is not there.</summary>
    NoOverwrite = 0x10,
}
