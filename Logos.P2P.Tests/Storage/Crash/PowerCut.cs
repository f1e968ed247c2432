using System.Diagnostics;
using System.Globalization;
using Logos.P2P.Fuzz.Storage;
using Logos.P2P.Tests.Node;
using NUnit.Framework;

namespace Logos.P2P.Tests.Storage.Crash;

/// <summary>How a process that stores something is ended; see `powercut.c`.</summary>
internal enum CutMode
{
    /// <summary>It is killed just before it does something to a file.</summary>
    Before,

    /// <summary>It is killed when half of a write is done.</summary>
    Torn,

    /// <summary>The power fails: what was not flushed is lost, all or some of it.</summary>
    Lost,
}

/// <summary>Runs the script of <see cref="StorageScript"/> in a process of its own, and ends it.</summary>
internal sealed class PowerCut : IDisposable
{
    /// <summary>The exit status of a process that was ended.</summary>
    private const int Ended = 77;

    private readonly TemporaryDirectory _built = new();
    private readonly string _library;

    /// <summary>Whether there is a C compiler.</summary>
    public static bool CanBuild => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Any(directory => File.Exists(Path.Combine(directory, "gcc")));

    /// <summary>Builds what is loaded into the process.</summary>
    public PowerCut()
    {
        _library = Path.Combine(_built.Path, "powercut.so");
        string source = Repository.Find("Logos.P2P.Tests", "Storage", "Crash", "powercut.c");
        using Process compiler = Process.Start("gcc", ["-shared", "-fPIC", "-O1", "-o", _library, source, "-ldl", "-lpthread"]);
        compiler.WaitForExit();
        Assert.That(compiler.ExitCode, Is.Zero, "gcc cannot build powercut.c.");
    }

    /// <summary>Runs the script to its end.</summary>
    /// <returns>How many operations it does to its files.</returns>
    public async Task<int> CountAsync(string directory)
    {
        string count = Path.Combine(_built.Path, "count");
        (int status, int _) = await RunAsync(directory, at: 0, CutMode.Before, seed: 0, count);
        Assert.That(status, Is.Zero);
        return int.Parse(await File.ReadAllTextAsync(count), CultureInfo.InvariantCulture);
    }

    /// <summary>Runs the script until an operation.</summary>
    /// <returns>How many steps it had said to be done.</returns>
    public async Task<int> CutAsync(string directory, int at, CutMode mode, int seed)
    {
        (int status, int steps) = await RunAsync(directory, at, mode, seed, count: null);
        Assert.That(status, Is.EqualTo(Ended), $"operation {at}, {mode}, seed {seed}");
        return steps;
    }

    public void Dispose() => _built.Dispose();

    private async Task<(int Status, int Steps)> RunAsync(string directory, int at, CutMode mode, int seed, string? count)
    {
        var start = new ProcessStartInfo(
            Path.Combine(ProgramProcess.DotNetRoot, "dotnet"),
            [Path.Combine(AppContext.BaseDirectory, "Logos.P2P.Fuzz.dll"), "session", directory])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["LD_PRELOAD"] = _library;
        start.Environment["POWERCUT_DIR"] = directory;
        start.Environment["POWERCUT_AT"] = at.ToString(CultureInfo.InvariantCulture);
        start.Environment["POWERCUT_MODE"] = mode.ToString().ToLowerInvariant();
        start.Environment["POWERCUT_SEED"] = seed.ToString(CultureInfo.InvariantCulture);
        if (count is not null)
            start.Environment["POWERCUT_COUNT"] = count;
        // The socket for debuggers is of no use to what lives a tenth of a second.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (process.ExitCode, lines.Length == 0 ? 0 : int.Parse(lines[^1], CultureInfo.InvariantCulture));
    }
}
