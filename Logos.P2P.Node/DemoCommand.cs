using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Logos.P2P.Node;

/// <summary>
/// <c>logosp2p demo</c>: real processes on loopback that know only one of them, find each other by gossip and carry
/// messages. What it prints is what it saw on their standard output and in their databases.
/// </summary>
internal sealed class DemoCommand : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _interrupted = new();
    private readonly List<DemoNode> _nodes = [];
    private readonly HashSet<string> _sent = [];

    private DemoCommand()
    {
    }

    public static async Task<int> RunAsync(int nodeCount, DirectoryInfo? keep)
    {
        DirectoryInfo directory = keep ?? Directory.CreateTempSubdirectory("logosp2p-demo-");
        using var demo = new DemoCommand();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, demo.OnSignal);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, demo.OnSignal);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, demo.OnSignal);
        try
        {
            directory.Create();
            return await demo.PlayAsync(nodeCount, directory).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.WriteLine($"FAILED: {e.Message}");
            return ExitCodes.Failed;
        }
        catch (DemoFailedException e)
        {
            Console.WriteLine($"FAILED: {e.Message}");
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("Interrupted.");
            return ExitCodes.Failed;
        }
        finally
        {
            demo.EndNodes();
            if (keep is null)
                directory.Delete(recursive: true);
        }
    }

    public void Dispose()
    {
        EndNodes();
        _interrupted.Dispose();
    }

    private void EndNodes()
    {
        foreach (DemoNode node in _nodes)
            node.Dispose();
        _nodes.Clear();
    }

    private async Task<int> PlayAsync(int nodeCount, DirectoryInfo directory)
    {
        ushort[] ports = FreePorts(nodeCount);
        Console.WriteLine($"Starting {nodeCount} nodes on 127.0.0.1; all but node 1 are told of node 1 only.");
        for (int i = 0; i < nodeCount; i++)
            _nodes.Add(new DemoNode(i + 1, directory, ports[i], told: i == 0 ? null : ports[0]));

        long start = Stopwatch.GetTimestamp();
        await WaitForAsync(
            () => _nodes.TrueForAll(node => KnownPorts(node).IsSupersetOf(Others(ports, node))),
            "the nodes to find each other").ConfigureAwait(false);
        Console.WriteLine(
            $"Every node knows all {nodeCount - 1} others after {Seconds(start)}: node 1 was told none, the rest one; "
            + "the others came by gossip.");

        await SendAllAsync().ConfigureAwait(false);
        return await FinishAsync(nodeCount).ConfigureAwait(false);
    }

    /// <summary>Sends the built-in messages, or what a person types, or the lines of a pipe.</summary>
    private async Task SendAllAsync()
    {
        bool isTerminal = !Console.IsInputRedirected;
        bool hasLines = false;
        if (isTerminal)
            Console.WriteLine("Type a line to send it; an empty line ends the demo.");
        while (true)
        {
            if (isTerminal)
                Console.Write("> ");
            string? line = await Task.Run(Console.In.ReadLine).WaitAsync(_interrupted.Token).ConfigureAwait(false);
            if (line is null || (isTerminal && line.Length == 0))
                break;
            if (line.Length == 0)
                continue;
            hasLines = true;
            await SendAsync(line).ConfigureAwait(false);
        }

        // Nobody said anything: the nodes do.
        for (int i = 0; !hasLines && i < _nodes.Count; i++)
            await SendAsync($"hello from node {i + 1}").ConfigureAwait(false);
    }

    private async Task SendAsync(string line)
    {
        if (!_sent.Add(line))
        {
            Console.WriteLine($"'{line}' was sent before; a message travels once.");
            return;
        }

        DemoNode origin = _nodes[(_sent.Count - 1) % _nodes.Count];
        IEnumerable<DemoNode> others = _nodes.Where(node => node != origin);
        string shown = LineText.FromMessage(System.Text.Encoding.UTF8.GetBytes(line));
        long start = Stopwatch.GetTimestamp();
        await origin.SendAsync(line).ConfigureAwait(false);
        await WaitForAsync(
            () => others.All(node => node.ReceiptsOf(shown).Count > 0), $"'{shown}' to arrive").ConfigureAwait(false);

        IEnumerable<string> times = others.Select(node =>
        {
            double milliseconds = Stopwatch.GetElapsedTime(start, node.ReceiptsOf(shown).First).TotalMilliseconds;
            return string.Create(CultureInfo.InvariantCulture, $"node {node.Number} +{milliseconds:0.0} ms");
        });
        Console.WriteLine($"'{shown}' from node {origin.Number}: {string.Join(", ", times)}");
    }

    /// <summary>Stops the nodes and checks what can only be known at the end: nothing arrived twice.</summary>
    private async Task<int> FinishAsync(int nodeCount)
    {
        foreach (DemoNode node in _nodes)
        {
            int exitCode = await node.StopAsync().ConfigureAwait(false);
            if (exitCode != ExitCodes.Clean)
                throw new DemoFailedException($"node {node.Number} ended with exit code {exitCode}.");
        }

        int index = 0;
        foreach (string line in _sent)
        {
            string shown = LineText.FromMessage(System.Text.Encoding.UTF8.GetBytes(line));
            DemoNode origin = _nodes[index++ % nodeCount];
            foreach (DemoNode node in _nodes)
            {
                int expected = node == origin ? 0 : 1;
                int count = node.ReceiptsOf(shown).Count;
                if (count != expected)
                    throw new DemoFailedException($"node {node.Number} received '{shown}' {count} times.");
            }
        }

        Console.WriteLine(
            $"Done: {nodeCount} nodes, {_sent.Count} messages; every node received every message of the others exactly once, "
            + "and all nodes stopped cleanly.");
        return ExitCodes.Clean;
    }

    private async Task WaitForAsync(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (_nodes.Find(node => node.HasExited) is { } dead)
            {
                string log = await File.ReadAllTextAsync(dead.LogFile).ConfigureAwait(false);
                throw new DemoFailedException($"node {dead.Number} ended while waiting for {what}:\n{log}");
            }

            if (Stopwatch.GetElapsedTime(start) > Patience)
                throw new DemoFailedException($"waited {Patience.TotalSeconds:0} s for {what}.");
            await Task.Delay(Poll, _interrupted.Token).ConfigureAwait(false);
        }
    }

    private static HashSet<ushort> KnownPorts(DemoNode node) =>
        [.. node.ReadKnownAddresses().Select(address => address.Endpoint.Port)];

    private IEnumerable<ushort> Others(ushort[] ports, DemoNode node) => ports.Where((_, i) => i != _nodes.IndexOf(node));

    private static string Seconds(long start) =>
        string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");

    /// <summary>Ports that are free now; held together so that none is given twice.</summary>
    private static ushort[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (TcpListener listener in listeners)
            listener.Start();
        ushort[] ports = [.. listeners.Select(listener => (ushort)((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (TcpListener listener in listeners)
            listener.Dispose();
        return ports;
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        _interrupted.Cancel();
    }

    private sealed class DemoFailedException(string message) : Exception(message);
}
