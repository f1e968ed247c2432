namespace LightningDB;

/// <summary>What a database is opened with.</summary>
public sealed class DatabaseConfiguration
{
    /// <summary>Whether it is made, and of what kind.</summary>
    public DatabaseOpenFlags Flags { get; set; }
}
