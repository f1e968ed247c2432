using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Logos.P2P.Storage;
using Logos.P2P.Testnet.Processes;
using Logos.P2P.Wire;

namespace Logos.P2P.Node;

/// <summary>One node of the demo: a process of this very program, watched through its standard streams.</summary>
internal sealed partial class DemoNode : IDisposable
{
    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly string _dataDirectory;
    private readonly ConcurrentDictionary<string, Receipts> _received = new();

    /// <summary>Starts a node.</summary>
    /// <param name="number">Its number, for people.</param>
    /// <param name="directory">Where it keeps its data and log.</param>
    /// <param name="port">The port it listens on.</param>
    /// <param name="told">The only node it is told of; null for the first.</param>
    public DemoNode(int number, DirectoryInfo directory, ushort port, ushort? told)
    {
        Number = number;
        _dataDirectory = Path.Combine(directory.FullName, string.Create(CultureInfo.InvariantCulture, $"node{number}"));
        Directory.CreateDirectory(_dataDirectory);
        _log = new StreamWriter(Path.Combine(_dataDirectory, "log")) { AutoFlush = true };
        var start = new ProcessStartInfo(ThisProgram.Command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Until the end of its input, which comes when this process is gone, however it went.
        string[] arguments =
        [
            .. ThisProgram.Command.Skip(1), "run", "-regtest", $"-bind=127.0.0.1:{port}", $"-datadir={_dataDirectory}", "-logips", "-untileof", "-server=0",
        ];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        if (told is not null)
            start.ArgumentList.Add($"-addnode=127.0.0.1:{told}");

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Receive(line.Data);
        _process.ErrorDataReceived += (_, line) => Log(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Number { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>Where the node's log is, for a message about a failure.</summary>
    public string LogFile => Path.Combine(_dataDirectory, "log");

    /// <summary>The addresses in the node's database, read while it runs.</summary>
    public IReadOnlyList<TimedAddress> ReadKnownAddresses()
    {
        try
        {
            return P2PNode.ReadStoredAddresses(_dataDirectory, P2PNetwork.Regtest);
        }
        catch (StoreException)
        {
            // The node is just making it.
            return [];
        }
    }

    /// <summary>Has the node send a line.</summary>
    public async Task SendAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line).ConfigureAwait(false);
        await _process.StandardInput.FlushAsync().ConfigureAwait(false);
    }

    /// <summary>How often the node has printed a line, and when first (see <see cref="Stopwatch.GetTimestamp"/>).</summary>
    public Receipts ReceiptsOf(string line) => _received.GetValueOrDefault(line);

    /// <summary>Asks the node to stop and waits for it.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited && Kill(_process.Id, SigTerm) != 0)
            _process.Kill();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        // Until its last line has been read, for the log is closed below.
        _process.WaitForExit();
        _process.Dispose();
        _log.Dispose();
    }

    private const int SigTerm = 15;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);

    private void Receive(string? line)
    {
        if (line is null)
            return;
        long now = Stopwatch.GetTimestamp();
        _received.AddOrUpdate(line, new Receipts(1, now), (_, before) => before with { Count = before.Count + 1 });
    }

    private void Log(string? line)
    {
        if (line is null)
            return;
        lock (_log)
            _log.WriteLine(line);
    }

    /// <summary>What a node has received of one line.</summary>
    /// <param name="Count">How often.</param>
    /// <param name="First">When first, as <see cref="Stopwatch.GetTimestamp"/> tells it.</param>
    internal readonly record struct Receipts(int Count, long First);
}
