using System.Text.Json;
using System.Text.Json.Serialization;
using Logos.P2P.Testnet.Processes;

namespace Logos.P2P.Testnet;

/// <summary>Where a network of processes lives: its plan, and a directory for each process.</summary>
/// <param name="path">The directory.</param>
internal sealed class TestnetDirectory(string path)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>
    /// Nodes that start at the same time: each takes a quarter of a second of a processor to listen, and all at once would
    /// listen late and give up on each other's handshakes.
    /// </summary>
    private const int MaxStarting = 8;

    /// <summary>The system takes no longer names for sockets.</summary>
    private const int MaxSocketName = 107;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    /// <summary>Whoever does not listen by then is not waited for; that it has no peers will show.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Light processes, many of which share a processor: nothing profiles code that runs for minutes, and what is called often
    /// is compiled better only when all has been quiet for a minute (60,000 ms, in hex as .NET reads it), which halves the work
    /// of the start; and no thread stands by to collect garbage in the background.
    /// </summary>
    private static readonly Dictionary<string, string> Environment = new()
    {
        ["DOTNET_TieredPGO"] = "0",
        ["DOTNET_TC_CallCountingDelayMs"] = "EA60",
        ["DOTNET_gcConcurrent"] = "0",
    };

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The messages that were sent, a line each.</summary>
    public string MessagesFile => Of("messages.jsonl");

    /// <summary>The socket on which the proxy takes commands.</summary>
    public string ProxySocket => Of("proxy.sock");

    /// <summary>The process that carries the links.</summary>
    public DetachedProcess Proxy => new(Of("proxy"), ["testnet", "proxy", $"-dir={Path}"]);

    private string PlanFile => Of("testnet.json");

    /// <summary>Makes the directory and writes the plan.</summary>
    /// <exception cref="TestnetException">There is something in the directory, or its name is too long.</exception>
    public void Create(TestnetPlan plan)
    {
        if (File.Exists(PlanFile))
            throw new TestnetException($"There is a testnet in {Path}; 'testnet down' removes it.");
        if (Directory.Exists(Path) && Directory.EnumerateFileSystemEntries(Path).Any())
            throw new TestnetException($"{Path} is not empty, and 'testnet down' would remove all of it.");
        if (plan.Options.Proxy && System.Text.Encoding.UTF8.GetByteCount(ProxySocket) > MaxSocketName)
            throw new TestnetException($"{ProxySocket} is too long a name for a socket; choose another -dir.");
        Directory.CreateDirectory(Path);
        File.WriteAllText(PlanFile, JsonSerializer.Serialize(plan, Json));
    }

    /// <summary>Reads the plan.</summary>
    /// <exception cref="TestnetException">There is none, or it cannot be read.</exception>
    public TestnetPlan Load()
    {
        try
        {
            return JsonSerializer.Deserialize<TestnetPlan>(File.ReadAllText(PlanFile), Json)!;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TestnetException($"There is no testnet in {Path}; 'testnet up' makes one.");
        }
        catch (JsonException e)
        {
            throw new TestnetException($"{PlanFile} is damaged: {e.Message}");
        }
    }

    /// <summary>The process of a node.</summary>
    public DetachedProcess Node(TestnetPlan plan, int node)
    {
        NodePlan planned = plan.Nodes[node];
        string option = plan.Options.Graph == StartGraph.Random ? "connect" : "seednode";
        return new DetachedProcess(
            NodeDirectory(node),
            [
                "run", "-regtest", $"-bind=127.0.0.1:{planned.Port}", $"-rpcport={planned.RpcPort}", "-logips",
                $"-maxoutbound={plan.Options.Degree}",
                $"-relay={plan.Options.Relay.ToString().ToLowerInvariant()}",
                // Without anybody to dial a node of a random graph must not look for others either.
                .. plan.Options.Graph == StartGraph.Random && planned.Dials.Count == 0 ? ["-connect=0"] : (string[])[],
                .. planned.Dials.Select(to => $"-{option}=127.0.0.1:{plan.PortFor(node, to)}"),
                $"-datadir={NodeDirectory(node)}",
            ]);
    }

    /// <summary>
    /// Starts nodes, a few at a time, and returns when they listen or have ended. Each is on record before it runs, so an interruption
    /// loses none.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="nodes">Which.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="besides">What their environment has besides; null for nothing.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; what was started runs.</exception>
    public async Task StartNodesAsync(
        TestnetPlan plan,
        IEnumerable<int> nodes,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? besides = null)
    {
        IReadOnlyDictionary<string, string> environment =
            besides is null ? Environment : Environment.Concat(besides).ToDictionary();
        List<int> starting = [];
        foreach (int node in nodes)
        {
            await WaitForAsync(MaxStarting - 1).ConfigureAwait(false);

            // Of an earlier run.
            if (File.Exists(CookieFile(node)))
                File.Delete(CookieFile(node));
            await Node(plan, node).StartAsync(environment).ConfigureAwait(false);
            starting.Add(node);
        }

        await WaitForAsync(0).ConfigureAwait(false);

        async Task WaitForAsync(int most)
        {
            while (starting.Count > most)
            {
                await Task.Delay(Poll, cancellationToken).ConfigureAwait(false);
                starting.RemoveAll(one => File.Exists(CookieFile(one)) || IsHopeless(one));
            }
        }

        bool IsHopeless(int node)
        {
            DetachedProcess process = Node(plan, node);
            return process.IsGone || DateTimeOffset.UtcNow - process.StartedAt > StartPatience;
        }
    }

    public Task StartProxyAsync() => Proxy.StartAsync(Environment);

    /// <summary>What a node believes its operator by; it is there when the node listens.</summary>
    public string CookieFile(int node) => System.IO.Path.Combine(NodeDirectory(node), "regtest", ".cookie");

    /// <summary>Where a node keeps all that it has.</summary>
    public string NodeDirectory(int node) => Of($"node{node}");

    /// <summary>Removes everything.</summary>
    public void Delete()
    {
        SmallDisk.UnmountBelow(Path);
        Directory.Delete(Path, recursive: true);
    }

    private string Of(string name) => System.IO.Path.Combine(Path, name);
}
