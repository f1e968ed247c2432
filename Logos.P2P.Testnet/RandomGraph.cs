namespace Logos.P2P.Testnet;

/// <summary>Who dials whom in a random network.</summary>
internal static class RandomGraph
{
    /// <summary>
    /// Draws for each node so many others to dial, of those that it is not linked with already; fewer when there are none
    /// left. Of each node a path leads to every other.
    /// </summary>
    public static IReadOnlyList<int>[] Draw(int nodes, int degree, Random random)
    {
        while (true)
        {
            List<int>[] dials = DrawOnce(nodes, degree, random);
            // Only with very few links a part is left out, and then the next draw is better.
            if (IsConnected(dials))
                return dials;
        }
    }

    private static List<int>[] DrawOnce(int nodes, int degree, Random random)
    {
        List<int>[] dials = [.. Enumerable.Range(0, nodes).Select(_ => new List<int>())];
        int[] order = [.. Enumerable.Range(0, nodes)];
        random.Shuffle(order);
        foreach (int node in order)
        {
            int[] others = [.. Enumerable.Range(0, nodes).Where(other => other != node && !dials[other].Contains(node))];
            random.Shuffle(others);
            dials[node].AddRange(others.Take(degree).Order());
        }

        return dials;
    }

    private static bool IsConnected(List<int>[] dials)
    {
        HashSet<int> reached = [0];
        var next = new Queue<int>(reached);
        while (next.TryDequeue(out int node))
        {
            IEnumerable<int> neighbours = dials[node].Concat(
                Enumerable.Range(0, dials.Length).Where(other => dials[other].Contains(node)));
            foreach (int neighbour in neighbours)
            {
                if (reached.Add(neighbour))
                    next.Enqueue(neighbour);
            }
        }

        return reached.Count == dials.Length;
    }
}
