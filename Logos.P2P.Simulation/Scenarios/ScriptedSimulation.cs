using Logos.P2P.Simulation.Links;
using Logos.P2P.Simulation.Nodes;
using Logos.P2P.Simulation.Scripts;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>A simulated network as scripts see it.</summary>
internal sealed class ScriptedSimulation(ScenarioRun run) : IScriptedNetwork
{
    /// <summary>A node stops within two seconds, and cannot run twice.</summary>
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(2);

    private readonly SimulatedNetwork _network = run.Network;
    private int _collected;

    public int NodeCount => _network.Nodes.Count;

    public TimeSpan Elapsed => _network.Loop.Now;

    public bool IsRunning(int node) => _network.Nodes[node].IsRunning;

    public Task SendAsync(int node, int bytes) => Do(() => _network.Messages.Send(_network.Nodes[node], bytes));

    public Task KillAsync(IReadOnlyList<int> nodes) => ForEach(nodes, node => node.Kill());

    public Task RestartAsync(IReadOnlyList<int> nodes)
    {
        ForEach(nodes, node => node.Stop());
        _network.Loop.RunFor(StopWithin);
        return ForEach(nodes, node => node.Start());
    }

    public Task PartitionAsync(IReadOnlyList<IReadOnlyList<int>> sides)
    {
        _network.Internet.Partition(node => Enumerable.Range(0, sides.Count).First(side => sides[side].Contains(node)));
        return Task.CompletedTask;
    }

    public Task HealAsync()
    {
        _network.Internet.Heal();
        return Task.CompletedTask;
    }

    public Task DelayAsync(TimeSpan delay, TimeSpan jitter)
    {
        // A link has its jitter on both sides of its delay.
        TimeSpan middle = delay + (jitter / 2);
        _network.Internet.Links = new UniformLinks(middle) { Jitter = jitter == TimeSpan.Zero ? 0 : jitter / 2 / middle };
        return Task.CompletedTask;
    }

    public Task WaitAsync(TimeSpan time)
    {
        run.Pass(time);
        return Task.CompletedTask;
    }

    public Task CollectAsync()
    {
        run.AddFiguresSoFar($"collect{++_collected}");
        return Task.CompletedTask;
    }

    private Task ForEach(IReadOnlyList<int> nodes, Action<SimulatedNode> what) => Do(() =>
    {
        foreach (int node in nodes)
            what(_network.Nodes[node]);
    });

    private Task Do(Action what)
    {
        _network.Loop.Do(what);
        return Task.CompletedTask;
    }
}
