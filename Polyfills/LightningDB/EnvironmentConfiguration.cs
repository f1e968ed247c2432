namespace LightningDB;

/// <summary>What an environment is set up with; zero leaves LMDB's default.</summary>
public sealed class EnvironmentConfiguration
{
    /// <summary>Bytes of the map, and so the most that the file can grow to.</summary>
    public long MapSize { get; set; }

    /// <summary>Named databases that can be open.</summary>
    public int MaxDatabases { get; set; }

    /// <summary>Readers that there can be at once, over all processes.</summary>
    public int MaxReaders { get; set; }
}
