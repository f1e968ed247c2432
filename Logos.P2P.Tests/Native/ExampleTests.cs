using NUnit.Framework;

namespace Logos.P2P.Tests.Native;

/// <summary>The examples, built as their README says and run.</summary>
internal sealed class ExampleTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [TestCase("c/hello.c", "c11")]
    [TestCase("cpp/hello.cpp", "c++14")]
    public void The_examples_in_C_and_in_Cpp_run(string source, string standard)
    {
        using var directory = new TemporaryDirectory();
        string program = directory.File("hello");
        NativeBuild.Compile(Repository.Find("examples", source), standard, program);
        Assert.That(NativeBuild.Run(TestNode.Patience, program, []), Is.EqualTo((0, "Alice heard: hello\n")));
    }

    [Test]
    public void The_example_in_Csharp_runs_on_the_packages()
    {
        string packages = Repository.Find("artifacts", "packages");
        (int packed, string output) = NativeBuild.Run(
            Patience, "dotnet",
            ["pack", Repository.Find("LogosP2P.sln"), "-c", "Release", "--no-build", "-o", packages, "--nologo", "-v", "quiet"]);
        Assert.That(packed, Is.Zero, output);
        foreach (string package in new[] { "Logos.P2P", "Logos.P2P.Wire", "Logos.P2P.AddrMan" })
            Assert.That(Directory.GetFiles(packages, $"{package}.0.*").Select(Path.GetExtension), Is.SupersetOf(new[] { ".nupkg", ".snupkg" }));

        string project = Repository.Find("examples", "csharp");
        string restored = Path.Combine(project, "obj", "packages");
        foreach (string stale in Directory.Exists(restored) ? Directory.GetDirectories(restored, "logos.p2p*") : [])
            Directory.Delete(stale, recursive: true);
        (int code, string said) = NativeBuild.Run(
            Patience, "dotnet", ["run", "--project", project, "-c", "Release", "--no-cache", "-v", "quiet"]);
        Assert.That((code, said), Is.EqualTo((0, "Alice heard: hello\n")));
    }
}
