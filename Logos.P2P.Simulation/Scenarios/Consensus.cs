using Logos.P2P.Simulation.Nodes;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>
/// The specification's own case. Clients send transactions; then a delegate sends a post-commit over all of them, as the full
/// batch or by short ids, while a part of the transactions is only just being sent. Which is sooner everywhere, and at what price.
/// </summary>
internal sealed class Consensus : Scenario
{
    private const int SmallestTransaction = 256;

    private const int LargestTransaction = 4096;

    /// <summary>How long after a post-commit its traffic is counted: what was asked for twice is there by then.</summary>
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(2);

    /// <summary>Within what time a post-commit must be complete everywhere.</summary>
    private static readonly TimeSpan CompleteWithin = TimeSpan.FromMinutes(2);

    /// <summary>The parts of the transactions that are late, in percent.</summary>
    private static readonly int[] LateParts = [0, 5, 30];

    public override string Name => "consensus";

    public override string Summary => "A post-commit as a full batch and by short ids: delay and bytes, with transactions that are late.";

    public override ScenarioParameters Defaults { get; } = new() { Nodes = 150, Messages = 1500, Seconds = 5, Warmup = 3 };

    internal override void Play(ScenarioRun run)
    {
        PostCommit? current = null;
        run.Network.MakeUpperLayer = node => new ConsensusLayer(node, run.Network, () => current);
        NetworkFactory.BringUp(run.Network);
        run.StartMeasuring();
        foreach (int late in LateParts)
        {
            Measure(run, late, isBatch: true, postCommit => current = postCommit);
            Measure(run, late, isBatch: false, postCommit => current = postCommit);
        }
    }

    private static void Measure(ScenarioRun run, int latePercent, bool isBatch, Action<PostCommit?> setCurrent)
    {
        SimulatedNetwork network = run.Network;
        SimulatedNode[] delegates = DelegatesOf(run);
        SimulatedNode sender = delegates[0];
        SimulatedNode[] clients = [.. network.Nodes.Except(delegates)];
        (SimulatedNode Client, byte[] Bytes)[] transactions =
            [.. Enumerable.Range(0, run.Parameters.Messages).Select(_ => Draw(network.Random, clients))];
        int late = transactions.Length * latePercent / 100;

        WarmUp(run, sender);
        foreach ((SimulatedNode client, byte[] bytes) in transactions.Skip(late))
            network.Loop.After(run.Parameters.Duration * network.Random.NextDouble(), () => client.Node!.Propagate(bytes));
        run.Pass(run.Parameters.Duration + Aftermath);

        var key = new ShortIdKey((ulong)network.Random.NextInt64(), (ulong)network.Random.NextInt64());
        var postCommit = new PostCommit([.. transactions.Select(transaction => transaction.Bytes)], isBatch ? null : key);
        setCurrent(postCommit);
        long[] before = [.. network.Nodes.Select(Measurement.RelayBytesSent)];
        network.Loop.Do(() =>
        {
            // A client that is late hands its transaction to its own node and to the delegate.
            foreach ((SimulatedNode client, byte[] bytes) in transactions.Take(late))
            {
                client.Node!.Propagate(bytes);
                sender.Node!.Propagate(bytes);
            }

            byte[] message = postCommit.ToBytes(sender);
            postCommit.Progress = network.Messages.Begin(sender, message.Length);
            sender.Node!.Propagate(message);
        });
        if (!network.Loop.RunUntil(() => postCommit.Progress!.Reached == network.Nodes.Count, CompleteWithin))
            network.Violate($"After {CompleteWithin} {network.Nodes.Count - postCommit.Progress!.Reached} nodes have no post-commit.");
        run.Pass(Aftermath);
        AddFigures(run, $"{(isBatch ? "batch" : "shortIds")}Late{latePercent}", postCommit, before);
        setCurrent(null);
        // Until the store has forgotten it all: the next one starts with the same memory.
        run.Pass(NodeDefaults.MessageStoreAge);
    }

    /// <summary>The run's origins, but no more than half of the nodes: the others are clients.</summary>
    private static SimulatedNode[] DelegatesOf(ScenarioRun run) =>
        [.. run.Origins.Take(run.Network.Nodes.Count / 2)];

    /// <summary>The network learns the tree of the sender, by messages as large as a post-commit by short ids.</summary>
    private static void WarmUp(ScenarioRun run, SimulatedNode sender)
    {
        int size = PostCommit.HeaderSize + ShortIdKey.Size + (run.Parameters.Messages * ShortIds.Size);
        for (int i = 0; i < run.Parameters.Warmup; i++)
        {
            byte[] message = PostCommit.NewMessage(PostCommit.Kind.Transaction, sender, size);
            run.Network.Random.NextBytes(message.AsSpan(PostCommit.HeaderSize));
            run.Network.Loop.Do(() => sender.Node!.Propagate(message));
            run.Pass(Aftermath);
        }
    }

    private static (SimulatedNode Client, byte[] Bytes) Draw(Random random, SimulatedNode[] clients)
    {
        SimulatedNode client = clients[random.Next(clients.Length)];
        byte[] bytes = PostCommit.NewMessage(
            PostCommit.Kind.Transaction, client, random.Next(SmallestTransaction, LargestTransaction + 1));
        random.NextBytes(bytes.AsSpan(PostCommit.HeaderSize));
        return (client, bytes);
    }

    private static void AddFigures(ScenarioRun run, string name, PostCommit postCommit, long[] before)
    {
        SimulatedNode[] nodes = [.. run.Network.Nodes];
        long Sent(IEnumerable<SimulatedNode> some) => some.Sum(node => Measurement.RelayBytesSent(node) - before[node.Index]);
        double[] delays =
        [
            .. nodes.Where(node => postCommit.Progress!.HasReached(node.Index))
                .Select(node => postCommit.Progress!.DelayTo(node.Index).TotalMilliseconds).Order(),
        ];
        SimulatedNode[] delegates = DelegatesOf(run);
        run.AddFigure(name + "SenderUploadBytes", Sent([delegates[0]]));
        run.AddFigure(name + "DelegateUploadBytes", Sent(delegates));
        run.AddFigure(name + "NetworkBytes", Sent(nodes));
        run.AddFigure(name + "LackedPerNode", (double)postCommit.Lacked / nodes.Length);
        foreach (int percent in (int[])[50, 90, 99])
            run.AddFigure($"{name}T{percent}Ms", Percentile.Of(delays, percent)!.Value);
    }
}
