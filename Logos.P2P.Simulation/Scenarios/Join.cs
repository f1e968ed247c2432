using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>
/// Nodes come to a network that is there: with a seed node's address, with the name of a DNS seed, and with nothing but the
/// address book of their last run. How long until they have their first outbound peer, and all of them.
/// </summary>
internal sealed class Join : Scenario
{
    /// <summary>Nodes that come in each way: a median of a few, of which none is alone.</summary>
    private const int Newcomers = 5;

    /// <summary>How long a node runs that is restarted afterwards: long enough to have heard of others.</summary>
    private static readonly TimeSpan FirstRun = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Away = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    public override string Name => "join";

    public override string Summary => "How long nodes need for their first peer and for all, by a seed node, by DNS, and by their own book.";

    public override ScenarioParameters Defaults { get; } = new() { Nodes = 200, Graph = GraphKinds.Grown, Messages = 20 };

    internal override void Play(ScenarioRun run)
    {
        if (run.Parameters.Graph != GraphKinds.Grown)
            throw new SimulationException($"--graph: join needs nodes that find each other, {GraphKinds.Grown}.");
        NetworkFactory.BringUp(run.Network);
        string seedNode = run.Network.Nodes[0].Endpoint.ToString();
        Measure(run, "seedNode", Create(run, NetworkFactory.FromBook with { SeedNodes = [seedNode] }));
        SimulatedNode[] nodes = Create(run, NetworkFactory.FromDns);
        Measure(run, "dns", nodes);

        run.Pass(FirstRun);
        foreach (SimulatedNode node in nodes)
        {
            run.Network.Loop.Do(node.Stop);
            node.Options = NetworkFactory.FromBook;
        }

        run.Pass(Away);
        Measure(run, "book", nodes);

        run.StartMeasuring();
        run.Send(run.Parameters.Messages);
        run.ExpectWhole();
    }

    private static SimulatedNode[] Create(ScenarioRun run, P2POptions options)
    {
        var nodes = new SimulatedNode[Newcomers];
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i] = NetworkFactory.AddNode(run.Network);
            nodes[i].Options = options;
        }

        return nodes;
    }

    private static void Measure(ScenarioRun run, string way, SimulatedNode[] nodes)
    {
        SimulatedNetwork network = run.Network;
        int all = NetworkFactory.WantedOutbound(network);
        TimeSpan start = network.Loop.Now;
        var first = new double?[nodes.Length];
        var last = new double?[nodes.Length];
        foreach (SimulatedNode node in nodes)
            network.Loop.Do(node.Start);
        bool Look()
        {
            double seconds = (network.Loop.Now - start).TotalSeconds;
            for (int i = 0; i < nodes.Length; i++)
            {
                int peers = nodes[i].CountPeers(ConnectionKind.Outbound);
                if (peers > 0)
                    first[i] ??= seconds;
                if (peers >= all)
                    last[i] ??= seconds;
            }

            return last.All(has => has is not null);
        }

        if (!NetworkFactory.Wait(network, Look, Limit))
            network.Violate($"{last.Count(has => has is null)} nodes did not get {all} outbound peers ({way}).");
        run.AddFigure(way + "FirstSeconds", Median(first));
        run.AddFigure(way + "AllSeconds", Median(last));
        run.AddFigure(way + "AllSecondsMax", last.Max() ?? Limit.TotalSeconds);
    }

    private static double Median(double?[] seconds) =>
        seconds.Select(value => value ?? Limit.TotalSeconds).Order().ElementAt(seconds.Length / 2);
}
