using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Logos.P2P.Node;
using Logos.P2P.Tests.Node;
using NUnit.Framework;

namespace Logos.P2P.Tests.Testnet;

/// <summary><c>logosp2p testnet</c>, as its users have it: programs that run one after the other, and what they leave.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class TestnetCommandTests
{
    private TemporaryDirectory _temporary = null!;

    private string Net => _temporary.File("net");

    [SetUp]
    public void SetUp() => _temporary = new TemporaryDirectory();

    [TearDown]
    public async Task TearDown()
    {
        await RunAsync("down");
        _temporary.Dispose();
    }

    [Test]
    public async Task Six_nodes_carry_messages_through_kill_restart_partition_and_heal_and_nothing_is_left_of_them()
    {
        string up = await SucceedAsync("up", "--nodes=6", "--degree=2", "--proxy");
        Assert.That(up, Does.Contain("Every node has its outbound peers"));
        int[] processes = [.. Pids()];
        Assert.That(processes, Has.Length.EqualTo(7));
        Assert.That(await RunAsync("up"), Is.EqualTo(ExitCodes.Failed), "there is one already");

        await SucceedAsync("delay", "20ms");
        await SucceedAsync("send", "--node=1", "--count=3", "--size=1000");
        JsonElement total = await CollectedAsync(owed: 15);
        // The shortest way has one link, the longest five.
        Assert.That(total.GetProperty("t50Ms").GetDouble(), Is.GreaterThanOrEqualTo(20));
        Assert.That(total.GetProperty("hopsKnown").GetInt32(), Is.EqualTo(15));
        Assert.That(total.GetProperty("hopsMean").GetDouble(), Is.InRange(1, 5));
        await SucceedAsync("delay", "0ms");

        await SucceedAsync("graph", "--dot", PathOf("g.dot"), "--svg", PathOf("g.svg"), "--json", PathOf("g.json"));
        JsonElement graph = JsonDocument.Parse(await File.ReadAllTextAsync(PathOf("g.json"))).RootElement;
        Assert.That(graph.GetProperty("edges").GetArrayLength(), Is.InRange(10, 12));
        Assert.That(await File.ReadAllTextAsync(PathOf("g.dot")), Does.Contain("->"));
        Assert.That(XDocument.Load(PathOf("g.svg")).Root!.Name.LocalName, Is.EqualTo("svg"));

        await SucceedAsync("kill", "5");
        Assert.That(await SucceedAsync("status"), Does.Contain("   5   dead").And.Contain("5 of 6 run"));
        await SucceedAsync("send", "--node=0");
        await CollectedAsync(owed: (3 * 4) + 4);

        await SucceedAsync("restart", "dead");
        await Eventually.IsAsync(() => SucceedAsync("status").Result.Contains("6 of 6 run, 6 have", StringComparison.Ordinal));

        await SucceedAsync("partition", "0-2 | rest");
        await SucceedAsync("send", "--node=0");
        // Nothing passes, so what is on the other side is missing, node 3 among it.
        (int exitCode, string collected) = await RunWithOutputAsync("collect");
        Assert.That(exitCode, Is.EqualTo(ExitCodes.Failed));
        Assert.That(collected, Does.Match("not at( [0-9])* 3( [0-9])*\n"));
        await SucceedAsync("heal");
        // What was sent before the restart node 5 is not owed; what was sent after it, it is.
        await CollectedAsync(owed: (3 * 4) + 4 + 5);

        await SucceedAsync("down");
        Assert.That(Net, Does.Not.Exist);
        Assert.That(processes.Where(IsAlive), Is.Empty);
        Assert.That(await RunAsync("down"), Is.EqualTo(ExitCodes.Failed), "there is nothing any more");
    }

    [Test]
    public async Task Whatever_befalls_nodes_all_is_well_afterwards()
    {
        await SucceedAsync("up", "--nodes=5", "--proxy");

        await using ProgramProcess chaos = Start("chaos", "--length=10s", "--peace=2s", $"--seed={TestContext.CurrentContext.Random.Next()}");

        // To heal may take three minutes, twice: a node whose dials failed waits longer and longer until the next.
        Assert.That(await chaos.WaitForExitAsync(TimeSpan.FromMinutes(7)), Is.Zero, $"{chaos.Errors.Text}{chaos.Output.Text}");
        Assert.That(chaos.Output.Text, Does.Contain("Troubles: ").And.Contain("All is as it must be."));
        await SucceedAsync("down");
        Assert.That(Net, Does.Not.Exist);
    }

    [Test]
    public async Task Chaos_that_is_interrupted_leaves_no_node_in_trouble()
    {
        await SucceedAsync("up", "--nodes=4", "--proxy");
        await using (ProgramProcess chaos = Start("chaos", "--kinds", "Freeze", "FullDisk"))
        {
            await chaos.Errors.WaitForAsync("Freeze at");
            await chaos.SignalAsync("INT");
            Assert.That(await chaos.WaitForExitAsync(), Is.EqualTo(ExitCodes.Failed));
        }

        int[] processes = [.. Pids()];
        Assert.That(processes, Has.Length.EqualTo(5));
        Assert.That(processes.Select(StateOf), Has.None.EqualTo('T'), "Nobody stands still.");
        Assert.That(await File.ReadAllTextAsync("/proc/mounts"), Does.Not.Contain(Net));
        Assert.That(Directory.EnumerateDirectories(Net, "*.kept"), Is.Empty);
    }

    [Test]
    public async Task Links_without_a_proxy_are_not_troubled()
    {
        await SucceedAsync("up", "--nodes=2");

        await using ProgramProcess chaos = Start("chaos");

        Assert.That(await chaos.WaitForExitAsync(), Is.EqualTo(ExitCodes.Failed));
        Assert.That(chaos.Errors.Text, Does.Contain("testnet up --proxy"));
    }

    [Test]
    public async Task Nodes_that_know_one_find_the_others_and_down_needs_none_of_them_alive()
    {
        await SucceedAsync("up", "--nodes=5", "--graph=seed", "--degree=3");
        int[] processes = [.. Pids()];
        Assert.That(processes, Has.Length.EqualTo(5));

        await File.WriteAllTextAsync(PathOf("script"), "send random 100 x2\nkill 50%\nwait 10ms\nsend random 100\n");
        await SucceedAsync("run", PathOf("script"));
        // A half of five, rounded.
        Assert.That(processes.Count(IsAlive), Is.EqualTo(2));

        await SucceedAsync("down");
        Assert.That(Net, Does.Not.Exist);
        Assert.That(processes.Where(IsAlive), Is.Empty);
    }

    [Test]
    [Explicit("Takes two minutes and eight gigabytes each.")]
    [Category("Long")]
    public async Task A_hundred_nodes_have_their_peers_within_a_minute_and_lose_no_message_with_a_third_of_them(
        [Values("random", "seed")] string graph)
    {
        await SucceedAsync("up", "--nodes=100", $"--graph={graph}");
        int[] processes = [.. Pids()];
        await SucceedAsync("send", "--count=20", "--every=100ms");
        await CollectedAsync(owed: 20 * 99);

        await SucceedAsync("kill", "30%");
        await SucceedAsync("send", "--count=20", "--every=500ms");
        await Eventually.IsAsync(() => RunAsync("collect").Result == ExitCodes.Clean);

        await SucceedAsync("down");
        Assert.That(Net, Does.Not.Exist);
        Assert.That(processes.Where(IsAlive), Is.Empty);
    }

    [TestCase("INT")]
    [TestCase("KILL")]
    public async Task What_an_interrupted_up_has_started_is_found_by_down(string signal)
    {
        await using (ProgramProcess up = Start("up", "--nodes=6", "--proxy"))
        {
            await Eventually.IsAsync(() => Pids().Count() >= 3);
            await up.SignalAsync(signal);
            await up.WaitForEndAsync();
        }

        int[] processes = [.. Pids()];
        Assert.That(processes.Any(IsAlive), Is.True);

        await SucceedAsync("down");
        Assert.That(Net, Does.Not.Exist);
        Assert.That(processes.Where(IsAlive), Is.Empty);
    }

    [Test]
    public async Task What_is_in_the_way_is_left_alone()
    {
        Directory.CreateDirectory(Net);
        await File.WriteAllTextAsync(PathOf("net/precious"), "");

        Assert.That(await RunAsync("up"), Is.EqualTo(ExitCodes.Failed));
        Assert.That(await RunAsync("down"), Is.EqualTo(ExitCodes.Failed));

        Assert.That(PathOf("net/precious"), Does.Exist);
    }

    [Test]
    public async Task A_directory_with_too_long_a_name_for_the_socket_is_refused_before_anything_is_made()
    {
        string directory = PathOf(new string('x', 100));
        await using ProgramProcess up = ProgramProcess.Start("testnet", "up", "--proxy", $"-dir={directory}");

        Assert.That(await up.WaitForExitAsync(), Is.EqualTo(ExitCodes.Failed));
        Assert.That(up.Errors.Text, Does.Contain("too long a name"));
        Assert.That(directory, Does.Not.Exist);
    }

    [TestCase("up", "--nodes=1")]
    [TestCase("up", "--graph=seed", "--proxy")]
    [TestCase("delay", "20")]
    [TestCase("graph")]
    [TestCase("kill")]
    [TestCase("chaos", "--kinds=Earthquake")]
    public async Task Bad_usage_is_said_so(params string[] arguments) =>
        Assert.That(await RunAsync(arguments), Is.EqualTo(ExitCodes.BadUsage));

    private string PathOf(string name) => _temporary.File(name);

    private ProgramProcess Start(params string[] arguments) =>
        ProgramProcess.Start(["testnet", .. arguments, $"-dir={Net}"]);

    private async Task<int> RunAsync(params string[] arguments) => (await RunWithOutputAsync(arguments)).ExitCode;

    private async Task<(int ExitCode, string Output)> RunWithOutputAsync(params string[] arguments)
    {
        await using ProgramProcess program = Start(arguments);
        int exitCode = await program.WaitForExitAsync();
        return (exitCode, program.Output.Text);
    }

    private async Task<string> SucceedAsync(params string[] arguments)
    {
        await using ProgramProcess program = Start(arguments);
        int exitCode = await program.WaitForExitAsync();
        Assert.That(exitCode, Is.Zero, $"testnet {string.Join(' ', arguments)}: {program.Output.Text}{program.Errors.Text}");
        return program.Output.Text;
    }

    /// <summary>Collects until every message is where it is owed.</summary>
    private async Task<JsonElement> CollectedAsync(int owed)
    {
        var total = default(JsonElement);
        await Eventually.IsAsync(() =>
        {
            (int exitCode, string output) = RunWithOutputAsync("collect", "--json").Result;
            total = JsonDocument.Parse(output).RootElement.GetProperty("total");
            return exitCode == ExitCodes.Clean;
        });
        Assert.That(total.GetProperty("owed").GetInt32(), Is.EqualTo(owed));
        return total;
    }

    private IEnumerable<int> Pids()
    {
        if (!Directory.Exists(Net))
            yield break;
        foreach (string file in Directory.EnumerateFiles(Net, "pid", SearchOption.AllDirectories))
        {
            if (int.TryParse(File.ReadAllText(file), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int pid))
                yield return pid;
        }
    }

    /// <summary>Whether a process runs; one that has ended and whose parent has not asked how does not.</summary>
    private static bool IsAlive(int pid) => StateOf(pid) is not (null or 'Z');

    /// <summary>The letter for what a process does; null when there is none.</summary>
    private static char? StateOf(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1][0];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
