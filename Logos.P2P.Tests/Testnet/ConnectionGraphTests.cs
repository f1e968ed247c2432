using System.Text.Json;
using System.Xml.Linq;
using Logos.P2P.Testnet.Graphs;
using NUnit.Framework;

namespace Logos.P2P.Tests.Testnet;

/// <summary>The connection graph in its three forms.</summary>
internal sealed class ConnectionGraphTests
{
    private static readonly ConnectionGraph Graph =
        new(4, [new GraphEdge(0, 1, 20), new GraphEdge(0, 2, 0), new GraphEdge(2, 1, 1.5)]);

    [Test]
    public void As_json_it_has_nodes_and_edges_with_their_delay()
    {
        JsonElement json = JsonDocument.Parse(Graph.ToJson()).RootElement;

        Assert.That(json.GetProperty("nodes").GetInt32(), Is.EqualTo(4));
        Assert.That(
            json.GetProperty("edges").EnumerateArray().Select(edge => (
                edge.GetProperty("from").GetInt32(), edge.GetProperty("to").GetInt32(), edge.GetProperty("delayMs").GetDouble())),
            Is.EqualTo(new[] { (0, 1, 20), (0, 2, 0), (2, 1, 1.5) }));
    }

    [Test]
    public void As_dot_it_has_a_line_for_each_node_and_edge() => Assert.That(
        Graph.ToDot().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)[2..],
        Is.EqualTo(new[] { "0;", "1;", "2;", "3;", "0 -> 1 [label=\"20 ms\"];", "0 -> 2;", "2 -> 1 [label=\"1.5 ms\"];", "}" }));

    [Test]
    public void As_a_picture_it_has_a_circle_for_each_node_with_its_degree_a_line_for_each_edge_a_title_and_a_legend()
    {
        var svg = XDocument.Parse(GraphSvg.Write(Graph, "a < b & c"));
        XNamespace name = "http://www.w3.org/2000/svg";

        Assert.That(svg.Descendants(name + "line").Count(), Is.EqualTo(3));
        XElement[] nodes = [.. svg.Descendants(name + "circle").Where(circle => circle.Element(name + "title") is not null)];
        Assert.That(nodes.Select(circle => circle.Element(name + "title")!.Value), Is.EqualTo(new[]
        {
            "node 0: 2 connections", "node 1: 2 connections", "node 2: 2 connections", "node 3: 0 connections",
        }));
        Assert.That(nodes.Select(circle => (string)circle.Attribute("fill")!).Distinct().Count(), Is.EqualTo(2));
        Assert.That(svg.Descendants(name + "text").Select(text => text.Value),
            Does.Contain("a < b & c").And.Contain("4 nodes, 3 connections").And.Contain("connections"));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(50)]
    public void Places_are_within_the_picture_and_apart(int nodes)
    {
        var ring = new ConnectionGraph(nodes, [.. Enumerable.Range(0, nodes - 1).Select(node => new GraphEdge(node, node + 1, 0))]);

        (double X, double Y)[] places = ForceLayout.Place(ring);

        Assert.That(places.SelectMany(place => new[] { place.X, place.Y }), Is.All.InRange(0.0, 1.0));
        Assert.That(places.Select(place => $"{place.X:0.00} {place.Y:0.00}"), Is.Unique);
        Assert.That(ForceLayout.Place(ring), Is.EqualTo(places));
    }
}
