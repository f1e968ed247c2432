using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>
/// Nodes send messages that those who come later need, some of which replace others. When they are too old to be asked for as
/// other messages are, new nodes come, and some come back that remember nothing.
/// </summary>
internal sealed class Important : Scenario
{
    /// <summary>Newcomers, and as many that come back: one for so many nodes.</summary>
    private const int NodesPerLateOne = 10;

    /// <summary>Every third message has no key, and stays.</summary>
    private const int KeylessEvery = 3;

    /// <summary>
    /// A key comes again when the message that had it before is everywhere: nodes that got the two in another order would not
    /// agree on which is the last.
    /// </summary>
    private const double SecondsToKey = 2.25;

    /// <summary>How long after they could have all of them late ones are watched for what they must not get.</summary>
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public override string Name => "important";

    public override string Summary => "Whether those who come late get every important message that was not replaced, once, and at what price.";

    public override ScenarioParameters Defaults { get; } =
        new() { Nodes = 100, Graph = GraphKinds.Grown, Messages = 90, Seconds = 900 };

    internal override void Play(ScenarioRun run)
    {
        SimulatedNetwork network = run.Network;
        NetworkFactory.BringUp(network);
        SimulatedNode[] settled = [.. network.Nodes];
        network.Random.Shuffle(settled);
        SimulatedNode[] returning = settled[..Math.Max(1, settled.Length / NodesPerLateOne)];
        SimulatedNode[] newcomers = [.. returning.Select(_ => NetworkFactory.AddNode(network))];
        SendImportant(run, settled);
        SimulatedMessage[] current = [.. network.Messages.All.GroupBy(KeyOf).Select(group => group.Last())];
        // Of those that were replaced on their way it is not expected.
        foreach (SimulatedMessage message in current.Where(message => message.Reached < settled.Length))
            network.Violate($"Message {message.Number} reached {message.Reached} of {settled.Length} nodes.");
        run.Pass(run.Parameters.Duration);

        foreach (SimulatedNode node in returning)
            network.Loop.Do(node.Kill);
        run.Pass(ScenarioRun.Settle);
        foreach (SimulatedNode newcomer in newcomers)
            newcomer.Options = OptionsOf(newcomer, network);
        SimulatedNode[] late = [.. returning, .. newcomers];
        SimulatedNode[] old = [.. network.Running];
        (long copiesBefore, _, long bytesBefore) = Measurement.TrafficOf(old);
        TimeSpan start = network.Loop.Now;
        foreach (SimulatedNode node in late)
            network.Loop.Do(node.Start);
        NetworkFactory.Wait(network, () => late.All(node => current.All(message => Has(node, message))), Limit);
        run.AddFigure("secondsToAll", (network.Loop.Now - start).TotalSeconds);
        run.Pass(Watched);
        Check(network, late, current);

        double given = Math.Max(1, late.Length * current.Length);
        (long copies, _, long bytes) = Measurement.TrafficOf(late);
        (long copiesAfter, _, long bytesAfter) = Measurement.TrafficOf(old);
        run.AddFigure("importantMessages", current.Length);
        run.AddFigure("replacedMessages", network.Messages.All.Count - current.Length);
        run.AddFigure("lateNodes", late.Length);
        run.AddFigure("copiesEach", copies / given);
        run.AddFigure("copiesBackEach", (copiesAfter - copiesBefore) / given);
        run.AddFigure("bytesEach", (bytes + bytesAfter - bytesBefore) / given);
        run.StartMeasuring();
        run.ExpectWhole();
    }

    private static void SendImportant(ScenarioRun run, SimulatedNode[] nodes)
    {
        SimulatedNetwork network = run.Network;
        TimeSpan interval = TimeSpan.FromSeconds(1 / run.Parameters.Rate);
        int keyDistance = KeylessEvery * (int)Math.Ceiling(SecondsToKey * run.Parameters.Rate / KeylessEvery);
        for (int i = 0; i < run.Parameters.Messages; i++)
        {
            SimulatedNode origin = nodes[i % Math.Min(run.Parameters.Origins, nodes.Length)];
            ulong key = i % KeylessEvery == 0 ? 0 : 1 + (ulong)(i % keyDistance);
            network.Loop.After(
                i * interval, () => network.Messages.Send(origin, run.Parameters.PayloadBytes, new MessageTraits(true, key)));
        }

        run.Pass((run.Parameters.Messages * interval) + ScenarioRun.Settle);
    }

    /// <summary>Messages that replace each other have the same, and those without a key one of their own.</summary>
    private static (ulong Key, int Number) KeyOf(SimulatedMessage message) =>
        (message.Traits.Key, message.Traits.Key == 0 ? message.Number : 0);

    /// <summary>In a grown network it asks the DNS; where links are given it dials as many as others do.</summary>
    private static P2POptions OptionsOf(SimulatedNode newcomer, SimulatedNetwork network)
    {
        SimulatedNode[] others = [.. network.Running];
        if (others[0].Options.Connect.Count == 0)
            return others[0].Options;
        network.Random.Shuffle(others);
        return newcomer.Options with
        {
            Connect = [.. others.Take(NodeDefaults.OutboundConnections).Select(node => node.Endpoint.ToString())],
        };
    }

    private static bool Has(SimulatedNode node, SimulatedMessage message) =>
        message.HasReached(node.Index) && message.LifeAt(node.Index) == node.Lives;

    /// <summary>That nobody is given a message twice is watched by all scenarios.</summary>
    private static void Check(SimulatedNetwork network, SimulatedNode[] late, SimulatedMessage[] current)
    {
        foreach (SimulatedNode node in late)
        {
            foreach (SimulatedMessage message in network.Messages.All)
            {
                if (Has(node, message) != current.Contains(message))
                    network.Violate($"Message {message.Number} was {(Has(node, message) ? "" : "not ")}given to node {node.Index}.");
            }
        }
    }
}
