using System.Diagnostics;
using NUnit.Framework;

namespace Logos.P2P.Tests.Native;

/// <summary>The shared library, published once for all tests, and programs that are compiled against it.</summary>
[SetUpFixture]
[Parallelizable]
internal sealed class NativeBuild
{
    private const int PublishMinutes = 15;

    /// <summary>Where the library is.</summary>
    public static string Directory { get; } = Repository.Find("artifacts", "native");

    public static string Library { get; } = Path.Combine(Directory, "liblogosp2p.so");

    [OneTimeSetUp]
    public void Publish()
    {
        Assume.That(OperatingSystem.IsLinux(), "The library is published for Linux.");
        Assume.That(IsInstalled("gcc"), "gcc is not installed (eng/prepare --dev).");
        (int code, string output) = Run(TimeSpan.FromMinutes(PublishMinutes), Repository.Find("eng", "publish-native"), [Directory]);
        Assert.That(code, Is.Zero, output);
        TestContext.Progress.Write(output);
    }

    /// <summary>Compiles a test program with all warnings as errors.</summary>
    /// <param name="source">Its file.</param>
    /// <param name="standard">The language: c11, c++14 and so on.</param>
    /// <param name="program">The file that comes of it.</param>
    /// <param name="libraries">What else it is linked with.</param>
    public static void Compile(string source, string standard, string program, params string[] libraries)
    {
        string compiler = standard.StartsWith("c++", StringComparison.Ordinal) ? "g++" : "gcc";
        Assume.That(IsInstalled(compiler), $"{compiler} is not installed (eng/prepare --dev).");
        (int code, string output) = Run(
            TestNode.Patience * 4,
            compiler,
            [
                $"-std={standard}", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread", $"-I{Path.Combine(Directory, "include")}",
                source, "-o", program, $"-L{Directory}", "-llogosp2p", $"-Wl,-rpath,{Directory}", .. libraries,
            ]);
        Assert.That(code, Is.Zero, output);
    }

    /// <summary>The source of a test program.</summary>
    public static string Source(string name) => Repository.Find("Logos.P2P.Tests", "Native", "Programs", name);

    /// <summary>Runs a program to its end.</summary>
    public static (int Code, string Output) Run(TimeSpan patience, string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(patience))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            return (-1, $"{Path.GetFileName(program)} did not end within {patience}.\n{output.Result}{errors.Result}");
        }

        return (process.ExitCode, output.Result + errors.Result);
    }

    public static bool IsInstalled(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Any(directory => File.Exists(Path.Combine(directory, program)));
}
