using Logos.P2P.Simulation.Links;
using Logos.P2P.Simulation.Nodes;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>What the dialing policy makes of the graph: how far apart nodes are, and what holds them together.</summary>
internal sealed class Diameter : Scenario
{
    /// <summary>Parts of the nodes that are taken away, the best connected first, in hundredths.</summary>
    private static readonly int[] Removed = [5, 10, 20, 50];

    public override string Name => "diameter";

    public override string Summary => "What the dialing policy makes of the graph: degrees, diameter, clustering, regions.";

    public override ScenarioParameters Defaults { get; } = new() { Graph = GraphKinds.Grown, Messages = 20 };

    internal override void Play(ScenarioRun run)
    {
        NetworkFactory.BringUp(run.Network);
        run.StartMeasuring();
        run.Send(run.Parameters.Messages);

        GraphShape graph = GraphShape.Of(run.Network);
        int[] degrees = graph.Degrees;
        (double mean, int longest) = graph.Paths();
        run.AddFigure("links", graph.LinkCount);
        run.AddFigure("degreeMin", degrees.Min());
        run.AddFigure("degreeMean", degrees.Average());
        run.AddFigure("degreeMax", degrees.Max());
        run.AddFigure("diameter", longest);
        run.AddFigure("pathMean", mean);
        run.AddFigure("clustering", graph.Clustering());
        // In a graph whose links are drawn at random this is the chance of any link.
        run.AddFigure("clusteringByChance", degrees.Average() / (degrees.Length - 1));
        foreach (int percent in Removed)
            run.AddFigure($"largestPartWithoutBest{percent}Percent", graph.LargestPartWithout(percent / 100.0));

        int[] regions = [.. run.Network.Nodes.Select(node => node.Host.Region)];
        for (int one = 0; one < RegionLinks.Names.Count; one++)
        {
            for (int other = one; other < RegionLinks.Names.Count; other++)
            {
                string pair = $"{RegionLinks.Names[one]} - {RegionLinks.Names[other]}";
                run.AddFigure($"links against chance, {pair}", graph.LinksAgainstChance(regions, one, other));
            }
        }
    }
}
