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
    /// Light processes: nothing profiles code that runs for minutes, and no thread stands by to collect garbage in the
    /// background.
    /// </summary>
    private static readonly Dictionary<string, string> Environment = new()
    {
        ["DOTNET_TieredPGO"] = "0",
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
    /// <exception cref="TestnetException">There is something in the directory.</exception>
    public void Create(TestnetPlan plan)
    {
        if (File.Exists(PlanFile))
            throw new TestnetException($"There is a testnet in {Path}; 'testnet down' removes it.");
        if (Directory.Exists(Path) && Directory.EnumerateFileSystemEntries(Path).Any())
            throw new TestnetException($"{Path} is not empty, and 'testnet down' would remove all of it.");
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
                // Without anybody to dial a node of a random graph must not look for others either.
                .. plan.Options.Graph == StartGraph.Random && planned.Dials.Count == 0 ? ["-connect=0"] : (string[])[],
                .. planned.Dials.Select(to => $"-{option}=127.0.0.1:{plan.PortFor(node, to)}"),
                $"-datadir={NodeDirectory(node)}",
            ]);
    }

    public Task StartNodeAsync(TestnetPlan plan, int node) => Node(plan, node).StartAsync(Environment);

    public Task StartProxyAsync() => Proxy.StartAsync(Environment);

    /// <summary>Where a node's data is.</summary>
    public string NodeDirectory(int node) => Of($"node{node}");

    /// <summary>Removes everything.</summary>
    public void Delete() => Directory.Delete(Path, recursive: true);

    private string Of(string name) => System.IO.Path.Combine(Path, name);
}
