using System.Diagnostics;
using System.Globalization;
using Logos.P2P.Fuzz.Engine;
using Logos.P2P.Fuzz.Targets;

namespace Logos.P2P.Fuzz;

/// <summary>
/// All targets, each in a process of its own, so that one that dies takes no other along, and what killed it is known.
/// </summary>
/// <param name="runs">Inputs for each.</param>
/// <param name="duration">Time for each.</param>
/// <param name="seed">What chance begins with.</param>
/// <param name="directory">Where everything is kept.</param>
internal sealed class Campaign(long runs, TimeSpan duration, ulong seed, string directory)
{
    private bool _hasFailed;

    /// <summary>Tries all.</summary>
    /// <returns>Whether nothing failed.</returns>
    public async Task<bool> RunAsync(int jobs)
    {
        Directory.CreateDirectory(directory);
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            AllTargets.All, new ParallelOptions { MaxDegreeOfParallelism = jobs }, async (target, _) => await RunAsync(target.Name));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{AllTargets.All.Count} targets in {watch.Elapsed.TotalSeconds:F0} s."));
        return !_hasFailed;
    }

    private async Task RunAsync(string target)
    {
        // As `dotnet run` starts it, the process is the program; as a test does, it is dotnet, whose first argument is the program.
        string self = Environment.ProcessPath!;
        bool isProgram = Path.GetFileNameWithoutExtension(self) != "dotnet";
        string[] arguments =
        [
            .. isProgram ? [] : (string[])[typeof(Campaign).Assembly.Location], "run", target, "--corpus", directory,
            "--runs", runs.ToString(CultureInfo.InvariantCulture),
            "--seconds", duration.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            "--seed", seed.ToString(CultureInfo.InvariantCulture),
        ];
        using Process process = Process.Start(self, arguments);
        await process.WaitForExitAsync();
        if (process.ExitCode == 0)
            return;
        _hasFailed = true;
        // Whoever could report its failures has kept them.
        if (process.ExitCode == 1)
            return;
        byte[] input = LastInput.Read(Fuzzer.LastInputPath(directory, target));
        string path = Fuzzer.FailurePath(directory, target, input);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, input);
        Console.Error.WriteLine($"{target}: the process ended with {process.ExitCode}; its last input is {path}.");
    }
}
