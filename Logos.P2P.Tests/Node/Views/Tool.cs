using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Views;

/// <summary>Programs of the machine that some tests work with; <c>eng/prepare --dev</c> installs them.</summary>
internal static class Tool
{
    /// <summary>The path of a program. Where it is missing the test is not run, and says so.</summary>
    public static string Require(string name)
    {
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
        if (path is null)
            Assert.Ignore($"{name} is not installed (eng/prepare --dev), so the tests with it do not run.");
        return path!;
    }
}
