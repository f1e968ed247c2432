using NUnit.Framework;

namespace Logos.P2P.Tests.Api;

/// <summary>Lists of what others depend on, in files beside this one.</summary>
internal static class Snapshot
{
    /// <summary>Compares a list with its file, or writes the file when that is asked for.</summary>
    public static void Compare(string file, IEnumerable<string> lines)
    {
        string path = Repository.Find("Logos.P2P.Tests", "Api", file);
        string[] actual = [.. lines];
        if (Environment.GetEnvironmentVariable("LOGOSP2P_ACCEPT") == "1")
            File.WriteAllLines(path, actual);
        string[] expected = File.Exists(path) ? File.ReadAllLines(path) : [];
        Assert.That(actual.Except(expected), Is.Empty, $"New in {file}");
        Assert.That(expected.Except(actual), Is.Empty, $"Gone from {file}");
        Assert.That(actual, Is.EqualTo(expected));
    }
}
