using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node;

/// <summary>The program logosp2p as its users have it: a process with three streams and an exit code.</summary>
internal sealed partial class ProgramProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _reading;

    private ProgramProcess(string file, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["DOTNET_ROOT"] = DotNetRoot;
        _process = Process.Start(start)!;
        _process.StandardInput.AutoFlush = true;
        _reading = Task.WhenAll(
            Output.FillAsync(_process.StandardOutput), Errors.FillAsync(_process.StandardError));
    }

    /// <summary>What it wrote to standard output.</summary>
    public LineLog Output { get; } = new("standard output");

    /// <summary>What it wrote to standard error.</summary>
    public LineLog Errors { get; } = new("standard error");

    /// <summary>Bytes of memory that the system has given it.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>The tests' build puts the program next to them.</summary>
    private static string ProgramFile => Path.Combine(AppContext.BaseDirectory, "logosp2p");

    /// <summary>Where the .NET that runs the tests is installed: two levels above its version's directory.</summary>
    public static string DotNetRoot => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));

    public static ProgramProcess Start(params IEnumerable<string> arguments) => new(ProgramFile, arguments);

    /// <summary>Runs it to its end, which must be with an exit code.</summary>
    public static async Task<ProgramResult> RunAsync(int exitCode, params IEnumerable<string> arguments)
    {
        await using ProgramProcess program = Start(arguments);
        int exit = await program.WaitForExitAsync();
        Assert.That(exit, Is.EqualTo(exitCode), string.Join('\n', program.Errors.Lines));
        return new ProgramResult(program.Output.Lines, program.Errors.Lines);
    }

    /// <summary>Starts another program.</summary>
    public static ProgramProcess StartTool(string file, params IEnumerable<string> arguments) => new(file, arguments);

    /// <summary>Starts it as <c>dotnet logosp2p.dll</c>.</summary>
    public static ProgramProcess StartByDotNet(params IEnumerable<string> arguments) =>
        new(Path.Combine(DotNetRoot, "dotnet"), [$"{ProgramFile}.dll", .. arguments]);

    /// <summary>Starts it in a network namespace.</summary>
    public static ProgramProcess StartIn(string networkNamespace, params IEnumerable<string> arguments) =>
        new("ip", ["netns", "exec", networkNamespace, ProgramFile, .. arguments]);

    /// <summary>
    /// Starts a regtest node that listens on a free port of the loopback interface. Without a control interface unless told
    /// otherwise: most tests have no use for one.
    /// </summary>
    public static ProgramProcess StartNode(string dataDirectory, params IEnumerable<string> arguments) =>
        Start(NodeArguments(dataDirectory, arguments));

    /// <summary>Starts such a node that may have so many descriptors.</summary>
    public static ProgramProcess StartNodeWithDescriptors(
        int most, string dataDirectory, params IEnumerable<string> arguments) => new(
            "/bin/sh",
            ["-c", $"ulimit -n {most}; exec \"$0\" \"$@\"", ProgramFile, .. NodeArguments(dataDirectory, arguments)]);

    /// <summary>Starts such a node whose thread pool has so many threads at most.</summary>
    public static ProgramProcess StartNodeWithThreads(
        int most, string dataDirectory, params IEnumerable<string> arguments) => new(
            "/usr/bin/env",
            [
                $"DOTNET_ThreadPool_ForceMaxWorkerThreads={most:x}", ProgramFile,
                .. NodeArguments(dataDirectory, arguments),
            ]);

    /// <summary>Starts it with variables in its environment, as name=value.</summary>
    public static ProgramProcess StartWith(IEnumerable<string> variables, params IEnumerable<string> arguments) =>
        new("/usr/bin/env", [.. variables, ProgramFile, .. arguments]);

    /// <summary>Waits until the node listens.</summary>
    /// <returns>The port.</returns>
    public async Task<int> WaitForPortAsync()
    {
        string line = await Errors.WaitForAsync("Listening on 127.0.0.1:");
        return int.Parse(PortAtEnd().Match(line).Value, CultureInfo.InvariantCulture);
    }

    public Task WriteLineAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Sends it a signal, by name.</summary>
    public async Task SignalAsync(string signal)
    {
        Assume.That(
            IsIgnoredHere(signal), Is.False,
            $"SIG{signal} was switched off for the tests and for all that they start, as by nohup or by '&' in a script.");
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Sets how many descriptors it may have from now on, however many it has.</summary>
    /// <returns>False when this machine has no prlimit.</returns>
    public async Task<bool> TryLimitDescriptorsAsync(int most)
    {
        using var prlimit = Process.Start("/bin/sh", ["-c", $"command -v prlimit >/dev/null && prlimit --pid {_process.Id} --nofile={most}:"]);
        await prlimit.WaitForExitAsync();
        return prlimit.ExitCode == 0;
    }

    /// <summary>Waits for its end, whatever it has written.</summary>
    public Task WaitForEndAsync(TimeSpan? patience = null) => _process.WaitForExitAsync().WaitAsync(patience ?? TestNode.Patience);

    /// <summary>Waits for its end and reads all it wrote.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync(TimeSpan? patience = null)
    {
        await WaitForEndAsync(patience);
        await _reading.WaitAsync(TestNode.Patience);
        return _process.ExitCode;
    }

    /// <summary>Asks it to stop and waits for that.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        return await WaitForExitAsync();
    }

    /// <summary>Ends it as a power failure would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    /// <summary>Whether a signal does nothing in this process. A program inherits that, and is right to leave it so.</summary>
    private static bool IsIgnoredHere(string signal)
    {
        int number = signal switch { "HUP" => 1, "INT" => 2, "TERM" => 15, _ => 0 };
        const string label = "SigIgn:";
        string? mask = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(label, StringComparison.Ordinal));
        return number > 0 && mask is not null
            && ((ulong.Parse(mask.AsSpan(label.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (number - 1)) & 1) == 1;
    }

    private static IEnumerable<string> NodeArguments(string dataDirectory, IEnumerable<string> arguments) =>
        ["run", "-regtest", "-bind=127.0.0.1", "-port=0", $"-datadir={dataDirectory}", "-logips", "-server=0", .. arguments];

    [GeneratedRegex("[0-9]+$")]
    private static partial Regex PortAtEnd();
}

/// <summary>What a program that has ended wrote, line by line.</summary>
internal sealed record ProgramResult(IReadOnlyList<string> Output, IReadOnlyList<string> Errors);
