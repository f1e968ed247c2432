using System.Diagnostics;
using NUnit.Framework;

namespace Logos.P2P.Tests.Raw;

/// <summary>Wireshark's command-line program: captures on loopback, and tells what stock Wireshark makes of it.</summary>
internal sealed class Tshark : IAsyncDisposable
{
    private static readonly string? Program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(directory => Path.Combine(directory, "tshark"))
        .FirstOrDefault(File.Exists);

    private readonly Process _capture;
    private readonly Task _reading;

    private Tshark(Process capture, Task reading, string file)
    {
        _capture = capture;
        _reading = reading;
        CaptureFile = file;
    }

    /// <summary>Whether it is here and may capture, which takes root.</summary>
    public static bool CanCapture => Program is not null && Environment.IsPrivilegedProcess;

    /// <summary>What was captured.</summary>
    public string CaptureFile { get; }

    /// <summary>A dissector in Lua to read with, besides Wireshark's own; none by default.</summary>
    public string? Script { get; init; }

    /// <summary>Starts to capture a port of the loopback interface. On return every packet is seen.</summary>
    public static async Task<Tshark> CaptureAsync(int port, string file, string? script = null)
    {
        Process process = Start("-i", "lo", "-f", $"tcp port {port}", "-w", file);
        // It says so twice: before it asks the system, and when the system has agreed.
        var lines = new List<string>();
        while (lines is not [.., var last] || !last.Contains("Capture started", StringComparison.Ordinal))
        {
            string? line = await process.StandardError.ReadLineAsync().WaitAsync(TestNode.Patience);
            Assert.That(line, Is.Not.Null, () => $"tshark does not capture:\n{string.Join('\n', lines)}");
            lines.Add(line!);
        }

        return new Tshark(process, process.StandardError.ReadToEndAsync(), file) { Script = script };
    }

    /// <summary>Captures until a packet with these bytes is in the file, and ends.</summary>
    public async Task StopAfterAsync(byte[] marker)
    {
        // The file tells nobody when it grows.
        using var patience = new CancellationTokenSource(TestNode.Patience);
        while (!File.Exists(CaptureFile) || (await ReadFileAsync()).AsSpan().IndexOf(marker) < 0)
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);

        using var kill = Process.Start("/bin/sh", ["-c", $"kill -INT {_capture.Id}"]);
        await kill.WaitForExitAsync();
        await _capture.WaitForExitAsync().WaitAsync(TestNode.Patience);
        await _reading;
    }

    /// <summary>The fields of the packets that a display filter lets through, a line a packet.</summary>
    public async Task<IReadOnlyList<string[]>> ReadAsync(string filter, params string[] fields)
    {
        // Twice over the file: only then it knows of a packet what comes of it later. On a busy machine packets may be
        // captured in another order than they were sent in.
        using Process process = Start(
        [
            .. Script is null ? (string[])[] : ["-X", $"lua_script:{Script}"],
            "-r", CaptureFile, "-2", "-o", "tcp.reassemble_out_of_order:TRUE", "-Y", filter, "-T", "fields",
            .. fields.SelectMany(field => new[] { "-e", field }),
        ]);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TestNode.Patience);
        Assert.That(process.ExitCode, Is.Zero, await errors);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))];
    }

    public async ValueTask DisposeAsync()
    {
        if (!_capture.HasExited)
        {
            _capture.Kill(entireProcessTree: true);
            await _capture.WaitForExitAsync();
        }

        _capture.Dispose();
    }

    private static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(Program!, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private async Task<byte[]> ReadFileAsync()
    {
        await using var file = new FileStream(CaptureFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var bytes = new MemoryStream();
        await file.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
