namespace Logos.P2P.Simulation.Nodes;

/// <summary>What a network looks like from above: who is linked to whom at one moment, whoever dialled.</summary>
internal sealed class GraphShape
{
    private readonly HashSet<int>[] _neighbours;

    private GraphShape(int nodes) => _neighbours = [.. Enumerable.Range(0, nodes).Select(_ => new HashSet<int>())];

    /// <summary>The links between nodes that messages flow over now.</summary>
    public static GraphShape Of(SimulatedNetwork network)
    {
        var graph = new GraphShape(network.Nodes.Count);
        foreach (SimulatedNode node in network.Running)
        {
            foreach (SimulatedNode? other in node.Peers.Select(peer => network.NodeAt(peer.Endpoint.Address)))
            {
                if (other is not null)
                    graph.Link(node.Index, other.Index);
            }
        }

        return graph;
    }

    /// <summary>A graph of given links.</summary>
    public static GraphShape Of(int nodes, IEnumerable<(int From, int To)> links)
    {
        var graph = new GraphShape(nodes);
        foreach ((int from, int to) in links)
            graph.Link(from, to);
        return graph;
    }

    /// <summary>How many links there are.</summary>
    public int LinkCount => _neighbours.Sum(set => set.Count) / 2;

    /// <summary>How many links each node has.</summary>
    public int[] Degrees => [.. _neighbours.Select(set => set.Count)];

    /// <summary>All links, each once.</summary>
    public IEnumerable<(int From, int To)> Links =>
        from node in Enumerable.Range(0, _neighbours.Length)
        from other in _neighbours[node]
        where node < other
        select (node, other);

    /// <summary>The mean of the ways between all that can reach each other, and the longest of them, in links.</summary>
    public (double Mean, int Longest) Paths()
    {
        long sum = 0, count = 0;
        int longest = 0;
        for (int from = 0; from < _neighbours.Length; from++)
        {
            foreach (int distance in Distances(from, isRemoved: []).Where(distance => distance > 0))
            {
                sum += distance;
                count++;
                longest = Math.Max(longest, distance);
            }
        }

        return (count == 0 ? 0 : (double)sum / count, longest);
    }

    /// <summary>The chance that two neighbours of a node are linked to each other, the mean of all nodes that have two.</summary>
    public double Clustering() => _neighbours.Where(set => set.Count > 1).Select(set =>
    {
        int[] around = [.. set];
        int linked = around.Sum(one => around.Count(other => other > one && _neighbours[one].Contains(other)));
        return linked / (around.Length * (around.Length - 1) / 2.0);
    }).DefaultIfEmpty().Average();

    /// <summary>The largest part of the nodes left that hangs together when those with the most links are gone.</summary>
    public double LargestPartWithout(double bestConnected)
    {
        int gone = (int)Math.Round(bestConnected * _neighbours.Length);
        bool[] isRemoved = new bool[_neighbours.Length];
        foreach (int node in Enumerable.Range(0, _neighbours.Length).OrderByDescending(i => _neighbours[i].Count).Take(gone))
            isRemoved[node] = true;
        var seen = (bool[])isRemoved.Clone();
        int largest = 0;
        for (int from = 0; from < seen.Length; from++)
        {
            if (seen[from])
                continue;
            int[] distances = Distances(from, isRemoved);
            int size = 0;
            for (int to = 0; to < seen.Length; to++)
            {
                if (distances[to] < 0)
                    continue;
                seen[to] = true;
                size++;
            }

            largest = Math.Max(largest, size);
        }

        return (double)largest / Math.Max(1, _neighbours.Length - gone);
    }

    /// <summary>
    /// Of the links between regions, how many there are for each that chance would make: 1 when the place plays no part.
    /// </summary>
    public double LinksAgainstChance(IReadOnlyList<int> regions, int one, int other)
    {
        int countOne = regions.Count(region => region == one), countOther = regions.Count(region => region == other);
        double pairs = one == other ? countOne * (countOne - 1) / 2.0 : (double)countOne * countOther;
        double allPairs = regions.Count * (regions.Count - 1) / 2.0;
        int links = Links.Count(link =>
            (regions[link.From] == one && regions[link.To] == other) || (regions[link.From] == other && regions[link.To] == one));
        return pairs == 0 || LinkCount == 0 ? 0 : links / (LinkCount * pairs / allPairs);
    }

    private void Link(int one, int other)
    {
        _neighbours[one].Add(other);
        _neighbours[other].Add(one);
    }

    /// <summary>Links from a node to each other one; -1 for those that it cannot reach.</summary>
    private int[] Distances(int from, bool[] isRemoved)
    {
        int[] distances = [.. Enumerable.Repeat(-1, _neighbours.Length)];
        var queue = new Queue<int>([from]);
        distances[from] = 0;
        while (queue.TryDequeue(out int node))
        {
            foreach (int other in _neighbours[node])
            {
                if (distances[other] >= 0 || (isRemoved.Length > 0 && isRemoved[other]))
                    continue;
                distances[other] = distances[node] + 1;
                queue.Enqueue(other);
            }
        }

        return distances;
    }
}
