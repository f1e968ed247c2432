using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Logos.P2P.Testnet.Graphs;

/// <summary>A connection.</summary>
/// <param name="From">Who dialled.</param>
/// <param name="To">Who was dialled.</param>
/// <param name="DelayMs">How long bytes are on their way, each way, in milliseconds.</param>
internal readonly record struct GraphEdge(int From, int To, double DelayMs);

/// <summary>Who is connected with whom.</summary>
/// <param name="nodes">How many nodes there are; they have the numbers from 0.</param>
/// <param name="edges">The connections.</param>
internal sealed class ConnectionGraph(int nodes, IReadOnlyList<GraphEdge> edges)
{
    public int Nodes => nodes;

    public IReadOnlyList<GraphEdge> Edges => edges;

    /// <summary>How many connections each node has, by number.</summary>
    public int[] Degrees()
    {
        int[] degrees = new int[nodes];
        foreach (GraphEdge edge in edges)
        {
            degrees[edge.From]++;
            degrees[edge.To]++;
        }

        return degrees;
    }

    /// <summary>For programs: the simulator reads this.</summary>
    public string ToJson() => JsonSerializer.Serialize(new { nodes, edges }, JsonSerializerOptions.Web);

    /// <summary>For Graphviz: an arrow from who dialled.</summary>
    public string ToDot()
    {
        var dot = new StringBuilder("digraph testnet {\n  node [shape=circle];\n");
        for (int node = 0; node < nodes; node++)
            dot.Append(CultureInfo.InvariantCulture, $"  {node};\n");
        foreach (GraphEdge edge in edges)
        {
            dot.Append(CultureInfo.InvariantCulture, $"  {edge.From} -> {edge.To}");
            if (edge.DelayMs > 0)
                dot.Append(CultureInfo.InvariantCulture, $" [label=\"{edge.DelayMs} ms\"]");
            dot.Append(";\n");
        }

        return dot.Append("}\n").ToString();
    }
}
