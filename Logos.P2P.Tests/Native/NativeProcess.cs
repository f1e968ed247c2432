using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;

namespace Logos.P2P.Tests.Native;

/// <summary>A node that is a program in C on the shared library: Programs/peer.c.</summary>
internal sealed class NativeProcess : IAsyncDisposable
{
    private readonly Process _process;

    private NativeProcess(Process process) => _process = process;

    /// <summary>Where it listens.</summary>
    public int Port { get; private init; }

    public string Address => $"127.0.0.1:{Port}";

    public static async Task<NativeProcess> StartAsync(string program, params string[] options)
    {
        var start = new ProcessStartInfo(program, ["-regtest", "-bind=127.0.0.1", "-port=0", .. options])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Process process = Process.Start(start)!;
        string line = await ReadAsync(process);
        return new NativeProcess(process) { Port = int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture) };
    }

    public void Write(string line) => _process.StandardInput.WriteLine(line);

    public Task<string> ReadAsync() => ReadAsync(_process);

    public async Task WaitForPeersAsync(int count)
    {
        Write($"peers {count}");
        Assert.That(await ReadAsync(), Is.EqualTo("ok"));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(TestNode.Patience);
        Assert.That(_process.ExitCode, Is.Zero, "It ends cleanly.");
        _process.Dispose();
    }

    private static async Task<string> ReadAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync().WaitAsync(TestNode.Patience)
        ?? throw new IOException("The program in C has ended.");
}
