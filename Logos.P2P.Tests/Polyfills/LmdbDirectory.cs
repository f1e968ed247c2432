using LightningDB;

namespace Logos.P2P.Tests.Polyfills;

/// <summary>A directory for one test's environment, gone when the test is over.</summary>
internal sealed class LmdbDirectory : IDisposable
{
    internal const string Database = "things";

    internal string Path { get; } = Directory.CreateTempSubdirectory("logosp2p-lmdb-").FullName;

    internal string DataFile => System.IO.Path.Combine(Path, "data.mdb");

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>An environment that is set up but not open.</summary>
    internal LightningEnvironment Prepare(long mapSize = 1 << 20, int maxDatabases = 4) =>
        new(Path, new EnvironmentConfiguration { MapSize = mapSize, MaxDatabases = maxDatabases });

    internal LightningEnvironment Open(
        long mapSize = 1 << 20, EnvironmentOpenFlags flags = EnvironmentOpenFlags.NoThreadLocalStorage)
    {
        LightningEnvironment environment = Prepare(mapSize);
        environment.Open(flags);
        return environment;
    }
}

/// <summary>What most tests do with an environment, in a line each.</summary>
internal static class LmdbShorthand
{
    /// <summary>Makes the tests' database, in a transaction of its own.</summary>
    internal static LightningDatabase CreateDatabase(
        this LightningEnvironment environment, string? name = LmdbDirectory.Database)
    {
        using LightningTransaction transaction = environment.BeginTransaction();
        LightningDatabase database = transaction.OpenDatabase(name, Creating());
        transaction.Commit().ThrowOnError();
        return database;
    }

    internal static DatabaseConfiguration Creating() => new() { Flags = DatabaseOpenFlags.Create };

    internal static void PutAndCommit(this LightningEnvironment environment, LightningDatabase database, params byte[] keys)
    {
        using LightningTransaction transaction = environment.BeginTransaction();

        foreach (byte key in keys)
            transaction.Put(database, [key], [key]).ThrowOnError();

        transaction.Commit().ThrowOnError();
    }

    internal static byte[][] ReadKeys(this LightningEnvironment environment, LightningDatabase database)
    {
        using LightningTransaction transaction = environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        return transaction.ReadKeys(database);
    }

    internal static byte[][] ReadKeys(this LightningTransaction transaction, LightningDatabase database)
    {
        using LightningCursor cursor = transaction.CreateCursor(database);
        var keys = new List<byte[]>();

        while (true)
        {
            (MDBResultCode result, MDBValue key, _) = cursor.Next();

            if (result.ThrowOnReadError() == MDBResultCode.NotFound)
                return [.. keys];

            keys.Add(key.CopyToNewArray());
        }
    }

    internal static byte[] Read(this LightningTransaction transaction, LightningDatabase database, params byte[] key)
    {
        (MDBResultCode result, _, MDBValue value) = transaction.Get(database, key);
        result.ThrowOnError();
        return value.CopyToNewArray();
    }
}
