using System.Globalization;
using Logos.P2P.Simulation.Scripts;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Scripts;

/// <summary>The scripts that the simulator and networks of real processes play.</summary>
internal sealed class NetworkScriptTests
{
    [TestCase("send 3 1024", "0s send 3 1024")]
    [TestCase("send 3 10 x3", "0s send 3 10|0s send 3 10|0s send 3 10")]
    [TestCase("send 3 10 x3 every 100ms", "0s send 3 10|0.1s send 3 10|0.2s send 3 10")]
    [TestCase("wait 2s\nsend 0 8", "2s send 0 8")]
    [TestCase("at 5s send 0 8\nat 6s send 1 8", "5s send 0 8|6s send 1 8")]
    [TestCase("wait 9s\nat 5s send 0 8", "9s send 0 8")]
    [TestCase("kill 3 7-9", "0s kill 3,7,8,9")]
    [TestCase("kill 1\nkill 2\nrestart dead", "0s kill 1|0s kill 2|0s restart 1,2")]
    [TestCase("restart all", "0s restart 0,1,2,3,4,5,6,7,8,9")]
    [TestCase("partition 0-3 | 4 6 | rest", "0s partition 0,1,2,3/4,6/5,7,8,9")]
    [TestCase("partition 0 | 1", "0s partition 0/1")]
    [TestCase("heal\ncollect", "0s heal|0s collect")]
    [TestCase("delay 20ms", "0s delay 20 0")]
    [TestCase("delay 0.5s jitter 250us", "0s delay 500 0.25")]
    [TestCase("\n  # all of this says nothing\n\theal # but this\r\n", "0s heal")]
    [TestCase("", "")]
    public async Task A_line_does_what_it_says(string script, string expected) =>
        Assert.That(await PlayAsync(script), Is.EqualTo(expected));

    [TestCase("jump 3", 1, "'jump' is none of send, kill,")]
    [TestCase("heal\n\nheal now", 3, "'heal' stands alone")]
    [TestCase("send", 1, "write: send NODE|random BYTES")]
    [TestCase("send x 1", 1, "'x' is not a node's number")]
    [TestCase("send 1 4000001", 1, "'4000001' is not a length from 8 to 4000000")]
    [TestCase("send 1 8 20", 1, "'20' is not a count such as x20")]
    [TestCase("send 1 8 x0", 1, "'0' is not a count")]
    [TestCase("send 1 8 x2 every 5", 1, "'5' is not a time")]
    [TestCase("kill", 1, "which nodes?")]
    [TestCase("kill 0%", 1, "'0%' is not a share")]
    [TestCase("kill 101%", 1, "'101%' is not a share")]
    [TestCase("kill 9-7", 1, "'9-7' is neither")]
    [TestCase("kill 1-2-3", 1, "'1-2-3' is neither")]
    [TestCase("kill -1", 1, "'-1' is neither")]
    [TestCase("kill all 3", 1, "'all' is neither")]
    [TestCase("partition 0-3", 1, "two sides or more")]
    [TestCase("partition rest", 1, "two sides or more")]
    [TestCase("partition 50% | rest", 1, "sides of a partition are numbers")]
    [TestCase("partition 1 | | 2", 1, "which nodes?")]
    [TestCase("delay", 1, "write: delay TIME")]
    [TestCase("delay 25h", 1, "'25h' is not a time")]
    [TestCase("delay 1..2s", 1, "'1..2s' is not a time")]
    [TestCase("delay ms", 1, "'ms' is not a time")]
    [TestCase("wait", 1, "write: wait TIME")]
    [TestCase("at 5s", 1, "what is to be done then?")]
    [TestCase("at 5s heal\nat 4s heal", 2, "before the line above")]
    public void An_error_is_named_with_its_line(string script, int line, string problem)
    {
        ScriptException error = Assert.Throws<ScriptException>(() => NetworkScript.Parse(script))!;

        Assert.That(error.Message, Does.StartWith($"line {line}: ").And.Contains(problem));
    }

    [TestCase("heal\nsend 10 8", 2, "there is no node 10; the last one is 9")]
    [TestCase("heal\nkill 3 10", 2, "there is no node 10")]
    [TestCase("partition 0-10 | rest", 1, "there is no node 10")]
    [TestCase("partition 0-4 | 4-9", 1, "node 4 is on two sides")]
    [TestCase("kill 3\nsend 3 8", 2, "node 3 does not run")]
    [TestCase("kill all\nsend random 8", 2, "no node runs")]
    public void What_this_network_cannot_do_is_named_with_its_line(string script, int line, string problem)
    {
        ScriptException error = Assert.ThrowsAsync<ScriptException>(() => PlayAsync(script))!;

        Assert.That(error.Message, Does.StartWith($"line {line}: ").And.Contains(problem));
    }

    [Test]
    public async Task Chance_comes_from_the_seed_and_hits_only_those_that_run()
    {
        const string Script = "kill 0-4\nkill 40%\nsend random 8 x5";

        string once = await PlayAsync(Script, seed: 1);

        Assert.That(await PlayAsync(Script, seed: 1), Is.EqualTo(once));
        Assert.That(await PlayAsync(Script, seed: 2), Is.Not.EqualTo(once));
        string[] steps = once.Split('|');
        int[] killed = [.. steps[1].Split(' ')[2].Split(',').Select(int.Parse)];
        int[] senders = [.. steps[2..].Select(step => int.Parse(step.Split(' ')[2], CultureInfo.InvariantCulture))];
        Assert.That(killed, Has.Length.EqualTo(2).And.All.InRange(5, 9));
        Assert.That(senders, Has.Length.EqualTo(5).And.All.InRange(5, 9));
        Assert.That(senders.Intersect(killed), Is.Empty);
    }

    private static async Task<string> PlayAsync(string script, int seed = 1)
    {
        var network = new RecordedNetwork();
        await NetworkScript.Parse(script).PlayAsync(network, new Random(seed));
        return string.Join('|', network.Steps);
    }

    /// <summary>Ten nodes that only exist in name, under a clock that jumps.</summary>
    private sealed class RecordedNetwork : IScriptedNetwork
    {
        private readonly HashSet<int> _dead = [];

        public List<string> Steps { get; } = [];

        public int NodeCount => 10;

        public TimeSpan Elapsed { get; private set; }

        public bool IsRunning(int node) => !_dead.Contains(node);

        public Task SendAsync(int node, int bytes) => Note($"send {node} {bytes}");

        public Task KillAsync(IReadOnlyList<int> nodes)
        {
            _dead.UnionWith(nodes);
            return Note($"kill {string.Join(',', nodes)}");
        }

        public Task RestartAsync(IReadOnlyList<int> nodes)
        {
            _dead.ExceptWith(nodes);
            return Note($"restart {string.Join(',', nodes)}");
        }

        public Task PartitionAsync(IReadOnlyList<IReadOnlyList<int>> sides) =>
            Note($"partition {string.Join('/', sides.Select(side => string.Join(',', side)))}");

        public Task HealAsync() => Note("heal");

        public Task DelayAsync(TimeSpan delay, TimeSpan jitter) => Note(string.Create(
            CultureInfo.InvariantCulture, $"delay {delay.TotalMilliseconds} {jitter.TotalMilliseconds}"));

        public Task WaitAsync(TimeSpan time)
        {
            Elapsed += time;
            return Task.CompletedTask;
        }

        public Task CollectAsync() => Note("collect");

        private Task Note(string step)
        {
            Steps.Add(string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds}s {step}"));
            return Task.CompletedTask;
        }
    }
}
