using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;

namespace Logos.P2P.Tests.Bench;

/// <summary>Counts the system calls of another process.</summary>
internal sealed class Strace
{
    private static readonly string? Program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(directory => Path.Combine(directory, "strace"))
        .FirstOrDefault(File.Exists);

    private readonly Process _process;
    private readonly string _file;

    private Strace(Process process, string file) => (_process, _file) = (process, file);

    /// <summary>Whether it is here and may look at other processes, which takes root.</summary>
    public static bool CanTrace => Program is not null && Environment.IsPrivilegedProcess;

    /// <summary>Starts to count. On return no call is missed.</summary>
    /// <param name="processId">Whose calls.</param>
    /// <param name="file">Where the counts are written.</param>
    public static async Task<Strace> AttachAsync(int processId, string file)
    {
        var start = new ProcessStartInfo(Program!, ["-f", "-c", "-o", file, "-p", $"{processId}"]) { RedirectStandardError = true };
        Process process = Process.Start(start)!;
        // "attached with 14 threads", or one line for each of them.
        string? line = await process.StandardError.ReadLineAsync().WaitAsync(TestNode.Patience);
        Assert.That(line, Does.Contain("attached"), "strace does not look at the process.");
        return new Strace(process, file);
    }

    /// <summary>Ends counting.</summary>
    /// <returns>How often each call was made.</returns>
    public async Task<IReadOnlyDictionary<string, int>> StopAsync()
    {
        using var interrupt = Process.Start("/bin/sh", ["-c", $"kill -INT {_process.Id}"]);
        await interrupt.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(TestNode.Patience);
        _process.Dispose();
        return Parse(await File.ReadAllLinesAsync(_file));
    }

    /// <summary>Reads a summary: time, seconds, microseconds a call, calls, errors if there were any, name.</summary>
    private static Dictionary<string, int> Parse(string[] lines)
    {
        const int Calls = 3;
        var counts = new Dictionary<string, int>();
        foreach (string line in lines)
        {
            string[] columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length > Calls + 1 && int.TryParse(columns[Calls], CultureInfo.InvariantCulture, out int count) && columns[^1] != "total")
                counts[columns[^1]] = count;
        }

        return counts;
    }
}
