namespace Logos.P2P.Simulation.Nodes;

/// <summary>Who connects to whom, where the scenario decides it: for each node the nodes that it dials.</summary>
internal sealed class NetworkGraph
{
    private readonly List<int>[] _dialled;

    private NetworkGraph(int nodes) => _dialled = [.. Enumerable.Range(0, nodes).Select(_ => new List<int>())];

    /// <summary>How many links there are.</summary>
    public int LinkCount => _dialled.Sum(list => list.Count);

    /// <summary>Each node dials a number of others, drawn at random; no two are linked twice.</summary>
    public static NetworkGraph Random(int nodes, int outbound, Random random)
    {
        var graph = new NetworkGraph(nodes);
        var neighbours = Enumerable.Range(0, nodes).Select(_ => new HashSet<int>()).ToArray();
        for (int from = 0; from < nodes; from++)
        {
            // In a small network those who come last may be linked to nearly all already.
            int most = Math.Min(outbound, nodes - 1 - neighbours[from].Count);
            while (graph._dialled[from].Count < most)
            {
                int to = random.Next(nodes);
                if (to == from || !neighbours[from].Add(to))
                    continue;
                neighbours[to].Add(from);
                graph._dialled[from].Add(to);
            }
        }

        return graph;
    }

    /// <summary>The graph of given links.</summary>
    public static NetworkGraph Of(int nodes, IEnumerable<(int From, int To)> links)
    {
        var graph = new NetworkGraph(nodes);
        foreach ((int from, int to) in links)
            graph._dialled[from].Add(to);
        return graph;
    }

    public IReadOnlyList<int> DialledBy(int node) => _dialled[node];

    /// <summary>How many links each node has, in both directions.</summary>
    public int[] Degrees()
    {
        int[] degrees = [.. _dialled.Select(list => list.Count)];
        foreach (int to in _dialled.SelectMany(list => list))
            degrees[to]++;
        return degrees;
    }
}
