using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>The lines between two halves of the network are cut for some minutes, and mended.</summary>
internal sealed class PartitionHeal : Scenario
{
    public override string Name => "partition-heal";

    public override string Summary => "How long two halves need to find together again after the lines between them were cut.";

    public override ScenarioParameters Defaults { get; } =
        new() { Nodes = 200, Graph = GraphKinds.Grown, Messages = 50, Seconds = 300 };

    internal override void Play(ScenarioRun run)
    {
        SimulatedNetwork network = run.Network;
        NetworkFactory.BringUp(network);
        int[] sides = new int[network.Nodes.Count];
        for (int i = 0; i < sides.Length; i++)
            sides[i] = i % 2;
        network.Random.Shuffle(sides);
        run.AddFigure("crossingBefore", new LiveLinks(network).CountCrossing(node => sides[node]));

        network.Internet.Partition(node => sides[node]);
        run.Pass(run.Parameters.Duration);
        run.AddFigure("crossingAtHeal", new LiveLinks(network).CountCrossing(node => sides[node]));
        network.Internet.Heal();

        run.AddFigure(
            "secondsToCrossing",
            run.WaitFor(links => links.CountCrossing(node => sides[node]) > 0, "a link leads from one half to the other"));
        run.ExpectWhole();
        run.StartMeasuring();
        run.Send(run.Parameters.Messages);
        run.AddFigure("crossingAfter", new LiveLinks(network).CountCrossing(node => sides[node]));
    }
}
