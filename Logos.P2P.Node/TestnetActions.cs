using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Logos.P2P.Node.Views;
using Logos.P2P.Simulation.Scripts;
using Logos.P2P.Testnet;
using Logos.P2P.Testnet.Chaos;
using Logos.P2P.Testnet.Graphs;
using Logos.P2P.Testnet.Processes;
using Logos.P2P.Testnet.Proxy;
using Microsoft.Extensions.Logging.Abstractions;

namespace Logos.P2P.Node;

/// <summary>What the commands of <c>logosp2p testnet</c> do, and what they say about it.</summary>
internal sealed class TestnetActions
{
    private readonly TestnetDirectory _directory;
    private readonly CancellationTokenSource _interrupted;

    private TestnetActions(TestnetDirectory directory, CancellationTokenSource interrupted) =>
        (_directory, _interrupted) = (directory, interrupted);

    /// <summary>Runs a command; what goes wrong with the network is told and is no fault of the program.</summary>
    /// <param name="directory">Where the network lives.</param>
    /// <param name="mustEnd">Whether the command ends by itself soon after an interruption, and must be waited for.</param>
    /// <param name="action">The command.</param>
    public static async Task<int> RunAsync(string directory, bool mustEnd, Func<TestnetActions, Task<int>> action)
    {
        using var interrupted = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        try
        {
            Task<int> running = action(new TestnetActions(new TestnetDirectory(directory), interrupted));
            // Commands are simply left, but those that have something to put right first.
            return await (mustEnd ? running : running.WaitAsync(interrupted.Token)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TestnetException or ScriptException or NodeSilentException or IOException
            or UnauthorizedAccessException or SocketException)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Interrupted. What was started runs; 'logosp2p testnet down' removes it.");
            return ExitCodes.Failed;
        }

        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            interrupted.Cancel();
        }
    }

    public async Task<int> UpAsync(TestnetOptions options, TimeSpan patience)
    {
        long start = Stopwatch.GetTimestamp();
        // Not from the seed: two networks of one seed need different ports.
        var plan = TestnetPlan.Create(options, count => FreePorts.Find(count, new Random()));
        var testnet = new TestnetStart(_directory, plan);
        await testnet.StartAsync(_interrupted.Token).ConfigureAwait(false);
        Console.WriteLine($"{options.Nodes} nodes started after {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s.");

        int shown = -1;
        IReadOnlyList<NodeStatus> lacking = await testnet.WaitForPeersAsync(
            patience,
            ready =>
            {
                if (ready != shown)
                    Console.Error.WriteLine($"{shown = ready} of {options.Nodes} have their outbound peers");
            },
            _interrupted.Token).ConfigureAwait(false);
        if (lacking.Count == 0)
        {
            Console.WriteLine($"Every node has its outbound peers after {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s.");
            return ExitCodes.Clean;
        }

        foreach (NodeStatus node in lacking)
        {
            Console.Error.WriteLine(
                node.ProcessId is null
                    ? $"Node {node.Node} ended; see {_directory.Node(plan, node.Node).LogFile}."
                    : $"Node {node.Node} has {node.Outbound} of {node.OutboundWanted} outbound peers.");
        }

        return ExitCodes.Failed;
    }

    public async Task<int> StatusAsync()
    {
        TestnetPlan plan = _directory.Load();
        IReadOnlyList<NodeStatus> nodes = await new TestnetView(_directory, plan)
            .GetStatusAsync([.. Enumerable.Range(0, plan.Nodes.Count)]).ConfigureAwait(false);
        Console.WriteLine("node    pid  port outbound inbound  memory MB  processor s");
        foreach (NodeStatus node in nodes)
        {
            if (node.ProcessId is { } id)
            {
                string outbound = $"{node.Outbound}/{node.OutboundWanted}";
                Console.WriteLine($"{node.Node,4} {id,6} {plan.Nodes[node.Node].Port,5} {outbound,8} {node.Inbound,7} {node.Memory / 1e6,10:0.0} {node.Processor.TotalSeconds,12:0.00}");
            }
            else
            {
                Console.WriteLine($"{node.Node,4}   dead");
            }
        }

        NodeStatus[] running = [.. nodes.Where(node => node.ProcessId is not null)];
        Console.WriteLine($"{running.Length} of {nodes.Count} run, {running.Count(node => node.HasItsPeers)} have their outbound peers; "
            + $"{running.Sum(node => node.Memory) / 1e6:0} MB and {running.Sum(node => node.Processor.TotalSeconds):0.0} s of processor time in all.");
        if (plan.Options.Proxy)
        {
            IReadOnlyList<LinkStatus> links =
                await Open(plan).AskProxyAsync(new ProxyRequest { Action = ProxyAction.Status }).ConfigureAwait(false);
            Console.WriteLine($"{links.Count} links through the proxy: {links.Sum(link => link.Connections)} connections, "
                + $"{links.Count(link => link.IsCut)} cut, delay {links.Min(link => link.DelayMs)} to {links.Max(link => link.DelayMs)} ms.");
        }

        return ExitCodes.Clean;
    }

    /// <summary>Plays a line that a person gave as a command.</summary>
    public async Task<int> PlayAsync(string line)
    {
        await NetworkScript.Parse(line).PlayAsync(Open(), new Random()).ConfigureAwait(false);
        return ExitCodes.Clean;
    }

    public async Task<int> RunAsync(string file, int seed)
    {
        var script = NetworkScript.Parse(await File.ReadAllTextAsync(file).ConfigureAwait(false));
        await script.PlayAsync(Open(), new Random(seed)).ConfigureAwait(false);
        return ExitCodes.Clean;
    }

    public async Task<int> ShapeAsync(int? node, int? peer, TimeSpan delay, TimeSpan jitter, int bytesPerSecond)
    {
        await Open().AskProxyAsync(new ProxyRequest
        {
            Action = ProxyAction.Shape,
            Node = node,
            OtherNode = peer,
            DelayMs = delay.TotalMilliseconds,
            JitterMs = jitter.TotalMilliseconds,
            BytesPerSecond = bytesPerSecond,
        }).ConfigureAwait(false);
        return ExitCodes.Clean;
    }

    public async Task<int> ResetAsync(int? node, int? peer)
    {
        await Open().AskProxyAsync(new ProxyRequest { Action = ProxyAction.Reset, Node = node, OtherNode = peer })
            .ConfigureAwait(false);
        return ExitCodes.Clean;
    }

    public async Task<int> CollectAsync(bool json)
    {
        bool isComplete = false;
        var network = new ProcessNetwork(_directory, _directory.Load(), report =>
        {
            isComplete = report.IsComplete;
            if (json)
                report.PrintJson(Console.Out);
            else
                report.Print(Console.Out);
        });
        await network.CollectAsync().ConfigureAwait(false);
        return isComplete ? ExitCodes.Clean : ExitCodes.Failed;
    }

    public async Task<int> ChaosAsync(ChaosOptions options)
    {
        TestnetPlan plan = _directory.Load();
        if (!plan.Options.Proxy)
            throw new TestnetException("The nodes are linked directly; 'testnet up --proxy' makes links that can be troubled.");
        ChaosResult result = await new ChaosRun(_directory, plan, options, Console.Error.WriteLine)
            .RunAsync(_interrupted.Token).ConfigureAwait(false);
        result.Print(Console.Out);
        return result.Failures.Any() ? ExitCodes.Failed : ExitCodes.Clean;
    }

    public async Task<int> GraphAsync(string? dot, string? svg, string? json)
    {
        TestnetPlan plan = _directory.Load();
        IReadOnlyList<LinkStatus> links = plan.Options.Proxy
            ? await Open(plan).AskProxyAsync(new ProxyRequest { Action = ProxyAction.Status }).ConfigureAwait(false)
            : [];
        ConnectionGraph graph = await new TestnetView(_directory, plan).GetGraphAsync(links).ConfigureAwait(false);
        if (dot is not null)
            await File.WriteAllTextAsync(dot, graph.ToDot()).ConfigureAwait(false);
        if (svg is not null)
            await File.WriteAllTextAsync(svg, GraphSvg.Write(graph, "logosp2p testnet")).ConfigureAwait(false);
        if (json is not null)
            await File.WriteAllTextAsync(json, graph.ToJson()).ConfigureAwait(false);
        return ExitCodes.Clean;
    }

    public async Task<int> ViewAsync(int port)
    {
        TestnetPlan plan = _directory.Load();
        ViewServer view = await ViewServer.StartAsync(
            "network.html", new TestnetFeed(_directory, plan), null, port, NullLoggerFactory.Instance).ConfigureAwait(false);
        await using (view.ConfigureAwait(false))
        {
            Console.WriteLine($"The network is shown at {view.Address}");
            await Task.Delay(Timeout.Infinite, _interrupted.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return ExitCodes.Clean;
        }
    }

    public async Task<int> DownAsync()
    {
        await Open().DownAsync().ConfigureAwait(false);
        return ExitCodes.Clean;
    }

    /// <summary>The process that carries the links.</summary>
    public async Task<int> ProxyAsync()
    {
        TestnetPlan plan = _directory.Load();
        using var proxy = new LinkProxy(plan.Links, plan.Options.Seed);
        await ProxyControl.ServeAsync(_directory.ProxySocket, proxy, _interrupted.Token).ConfigureAwait(false);
        return ExitCodes.Clean;
    }

    private ProcessNetwork Open() => Open(_directory.Load());

    private ProcessNetwork Open(TestnetPlan plan) => new(_directory, plan, report => report.Print(Console.Out));
}
