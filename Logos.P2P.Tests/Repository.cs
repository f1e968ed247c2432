using NUnit.Framework;

namespace Logos.P2P.Tests;

/// <summary>The files of the repository, from wherever in it the tests run.</summary>
internal static class Repository
{
    public static string Find(params string[] parts)
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "LogosP2P.sln")))
            directory = Path.GetDirectoryName(directory);
        Assert.That(directory, Is.Not.Null, "The tests do not run within the repository.");
        return Path.Combine([directory!, .. parts]);
    }
}
