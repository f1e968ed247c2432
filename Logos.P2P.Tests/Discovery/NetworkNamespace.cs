using System.Diagnostics;
using Logos.P2P.Tests.Node;
using NUnit.Framework;

namespace Logos.P2P.Tests.Discovery;

/// <summary>
/// A network of its own (Linux' ip-netns): a loopback interface, no way out, its own resolv.conf. Gone with the test.
/// </summary>
internal sealed class NetworkNamespace : IAsyncDisposable
{
    private static readonly Lazy<bool> Probe = new(CanMake);
    private static int _made;

    private NetworkNamespace()
    {
        Name = $"logosp2p-{Environment.ProcessId}-{Interlocked.Increment(ref _made)}";
        Configuration = $"/etc/netns/{Name}";
    }

    /// <summary>Whether this machine has what it takes: ip, dnsmasq and the right to make namespaces.</summary>
    public static bool CanUse => Probe.Value;

    public string Name { get; }

    /// <summary>What lies here replaces the files of /etc in the namespace.</summary>
    private string Configuration { get; }

    /// <summary>Makes one in which names are asked of a server at 127.0.0.1.</summary>
    public static async Task<NetworkNamespace> CreateAsync()
    {
        var made = new NetworkNamespace();
        try
        {
            await RunAsync("ip", "netns", "add", made.Name);
            Directory.CreateDirectory(made.Configuration);
            await File.WriteAllTextAsync(
                Path.Combine(made.Configuration, "resolv.conf"), "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
            await made.IPAsync("link", "set", "lo", "up");
            return made;
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lays a cable named "cable" to another namespace.</summary>
    public async Task ConnectAsync(NetworkNamespace other)
    {
        await RunAsync(
            "ip", "link", "add", "cable", "netns", Name, "type", "veth", "peer", "name", "cable", "netns", other.Name);
        await SetCableAsync(isUp: true);
        await other.SetCableAsync(isUp: true);
    }

    /// <summary>Takes our end of the cable up or down.</summary>
    public Task SetCableAsync(bool isUp) => IPAsync("link", "set", "cable", isUp ? "up" : "down");

    /// <summary>Runs `ip` in the namespace.</summary>
    public Task IPAsync(params string[] arguments) => RunAsync("ip", ["-n", Name, .. arguments]);

    /// <summary>Runs a program in the namespace to its end.</summary>
    public Task ExecuteAsync(params string[] command) => RunAsync("ip", ["netns", "exec", Name, .. command]);

    /// <summary>Starts a regtest node on an address in the namespace and the network's port.</summary>
    public ProgramProcess StartNode(string host, string dataDirectory, params IEnumerable<string> arguments) =>
        ProgramProcess.StartIn(
            Name,
            ["run", "-regtest", $"-bind={host}", $"-externalip={host}", $"-datadir={dataDirectory}", "-logips", "-server=0", .. arguments]);

    public async ValueTask DisposeAsync()
    {
        if (Directory.Exists(Configuration))
            Directory.Delete(Configuration, recursive: true);
        await RunAsync("ip", "netns", "delete", Name);
    }

    private static async Task RunAsync(string file, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardError = true })!;
        string errors = await process.StandardError.ReadToEndAsync().WaitAsync(TestNode.Patience);
        await process.WaitForExitAsync().WaitAsync(TestNode.Patience);
        Assert.That(process.ExitCode, Is.Zero, () => $"{file} {string.Join(' ', arguments)}: {errors}");
    }

    private static bool CanMake()
    {
        const string script =
            "command -v ip && command -v dnsmasq && ip netns add $0 && ip netns delete $0";
        if (!Environment.IsPrivilegedProcess)
            return false;
        using var process = Process.Start(new ProcessStartInfo(
            "/bin/sh", ["-c", $"{{ {script}; }} >/dev/null 2>&1", $"logosp2p-{Environment.ProcessId}-probe"]))!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
