using Logos.P2P.Simulation.Nodes;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Nodes;

internal sealed class GraphShapeTests
{
    /// <summary>0 - 1 - 2 - 3, and a triangle of 3, 4, 5.</summary>
    private static readonly GraphShape Graph = GraphShape.Of(6, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 3), (3, 5)]);

    [Test]
    public void A_link_counts_once_whoever_dialled()
    {
        Assert.That(Graph.LinkCount, Is.EqualTo(6));
        Assert.That(Graph.Degrees, Is.EqualTo((int[])[1, 2, 2, 3, 2, 2]));
    }

    [Test]
    public void The_longest_way_is_from_one_end_to_the_other()
    {
        (double mean, int longest) = Graph.Paths();

        Assert.That(longest, Is.EqualTo(4));
        // 6 of length 1, 4 of 2, 3 of 3, 2 of 4.
        Assert.That(mean, Is.EqualTo((6 + 8 + 9 + 8) / 15.0).Within(1e-9));
    }

    [Test]
    public void Clustering_is_the_mean_over_nodes_with_two_neighbours() =>
        // 1 and 2 have none, 3 has one of three pairs, 4 and 5 have theirs.
        Assert.That(Graph.Clustering(), Is.EqualTo((0 + 0 + (1 / 3.0) + 1 + 1) / 5).Within(1e-9));

    [Test]
    public void Without_the_best_connected_the_graph_falls_apart()
    {
        Assert.That(Graph.LargestPartWithout(0), Is.EqualTo(1));
        Assert.That(Graph.LargestPartWithout(1 / 6.0), Is.EqualTo(3 / 5.0).Within(1e-9));
    }

    [Test]
    public void Links_between_regions_are_held_against_chance()
    {
        int[] regions = [0, 0, 0, 1, 1, 1];

        // Two of six links within 0, where chance makes 6 * 3 / 15; one between, where it makes 6 * 9 / 15.
        Assert.That(Graph.LinksAgainstChance(regions, 0, 0), Is.EqualTo(2 / 1.2).Within(1e-9));
        Assert.That(Graph.LinksAgainstChance(regions, 0, 1), Is.EqualTo(1 / 3.6).Within(1e-9));
        Assert.That(Graph.LinksAgainstChance(regions, 2, 2), Is.Zero);
    }
}
