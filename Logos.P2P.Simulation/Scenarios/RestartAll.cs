using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>All nodes go down at once and come back with nothing but their address books: a bad release, or a power cut.</summary>
internal sealed class RestartAll : Scenario
{
    private static readonly TimeSpan Down = TimeSpan.FromSeconds(10);

    public override string Name => "restart-all";

    public override string Summary => "How long a network needs to come back that went down as a whole, from the books of its nodes alone.";

    public override ScenarioParameters Defaults { get; } =
        new() { Nodes = 200, Graph = GraphKinds.Grown, Messages = 50, Seconds = 600 };

    internal override void Play(ScenarioRun run)
    {
        SimulatedNetwork network = run.Network;
        NetworkFactory.BringUp(network);
        run.Pass(run.Parameters.Duration);
        network.StopAll();
        run.Pass(Down);
        foreach (SimulatedNode node in network.Nodes.Where(node => node.Options.Connect.Count == 0))
            node.Options = NetworkFactory.FromBook;
        TimeSpan start = network.Loop.Now;
        NetworkFactory.BringUp(network);
        run.AddFigure("secondsToAllPeers", (network.Loop.Now - start).TotalSeconds);
        run.ExpectWhole();
        run.StartMeasuring();
        run.Send(run.Parameters.Messages);
    }
}
