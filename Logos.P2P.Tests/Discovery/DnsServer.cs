using System.Diagnostics;
using Logos.P2P.Tests.Node;
using NUnit.Framework;

namespace Logos.P2P.Tests.Discovery;

/// <summary>dnsmasq, a real DNS server, on 127.0.0.1 of a namespace. It knows what a test tells it, and nothing else.</summary>
internal sealed class DnsServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _reading;
    private readonly LineLog _log = new("dnsmasq's log");

    private DnsServer(Process process)
    {
        _process = process;
        _reading = _log.FillAsync(process.StandardError);
    }

    /// <summary>Starts the server. On return it answers.</summary>
    /// <param name="network">Where.</param>
    /// <param name="file">Where to keep what it knows.</param>
    /// <param name="records">What it knows: `ADDRESS NAME`, where names end in .example.</param>
    public static async Task<DnsServer> StartAsync(
        NetworkNamespace network, string file, params IEnumerable<string> records)
    {
        await File.WriteAllLinesAsync(file, records);
        var process = Process.Start(new ProcessStartInfo("ip",
        [
            "netns", "exec", network.Name, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=",
            "--user=root", "--listen-address=127.0.0.1", "--bind-interfaces", "--no-resolv", "--no-hosts",
            "--local=/example/", $"--addn-hosts={file}", "--log-facility=-",
        ])
        {
            RedirectStandardError = true,
        })!;
        var server = new DnsServer(process);
        await server._log.WaitForAsync($"read {file}");
        return server;
    }

    /// <summary>From now on it answers nothing, though its port is there.</summary>
    public async Task FallSilentAsync()
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -STOP {_process.Id}"]);
        await kill.WaitForExitAsync();
        Assert.That(kill.ExitCode, Is.Zero);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }
}
