namespace Logos.P2P.Testnet.Graphs;

/// <summary>
/// Where to draw nodes: all push each other away and connections pull, as in Fruchterman and Reingold's "Graph Drawing by
/// Force-directed Placement", from a circle on. The same graph always looks the same.
/// </summary>
internal static class ForceLayout
{
    private const int Rounds = 300;

    /// <summary>Forces of two nodes at one place have no direction.</summary>
    private const double Closest = 1e-6;

    /// <summary>The places, within the unit square.</summary>
    public static (double X, double Y)[] Place(ConnectionGraph graph)
    {
        (double X, double Y)[] places = [.. Enumerable.Range(0, graph.Nodes).Select(node =>
        {
            (double sin, double cos) = Math.SinCos(2 * Math.PI * node / graph.Nodes);
            return (cos, sin);
        })];
        // The distance at which neighbours rest.
        double rest = 2 / Math.Sqrt(graph.Nodes);
        for (int round = 0; round < Rounds; round++)
        {
            (double X, double Y)[] forces = new (double, double)[graph.Nodes];
            for (int one = 0; one < graph.Nodes; one++)
            {
                for (int other = 0; other < one; other++)
                    Push(one, other, distance => rest * rest / distance);
            }

            foreach (GraphEdge edge in graph.Edges)
                Push(edge.From, edge.To, distance => -distance * distance / rest);
            // Ever smaller steps let it come to rest.
            double longest = 0.2 * (1 - ((double)round / Rounds));
            for (int node = 0; node < graph.Nodes; node++)
            {
                (double x, double y) = forces[node];
                // Drawn to the middle a little, so that parts without a connection stay in the picture.
                (x, y) = (x - (places[node].X * rest), y - (places[node].Y * rest));
                double scale = Math.Min(1, longest / Math.Max(Math.Sqrt((x * x) + (y * y)), Closest));
                places[node] = (places[node].X + (x * scale), places[node].Y + (y * scale));
            }

            void Push(int one, int other, Func<double, double> force)
            {
                (double x, double y) = (places[one].X - places[other].X, places[one].Y - places[other].Y);
                double distance = Math.Max(Math.Sqrt((x * x) + (y * y)), Closest);
                double strength = force(distance) / distance;
                forces[one] = (forces[one].X + (x * strength), forces[one].Y + (y * strength));
                forces[other] = (forces[other].X - (x * strength), forces[other].Y - (y * strength));
            }
        }

        return Fit(places);
    }

    private static (double X, double Y)[] Fit((double X, double Y)[] places)
    {
        (double left, double top) = (places.Min(place => place.X), places.Min(place => place.Y));
        double width = Math.Max(places.Max(place => place.X) - left, Closest);
        double height = Math.Max(places.Max(place => place.Y) - top, Closest);
        return [.. places.Select(place => ((place.X - left) / width, (place.Y - top) / height))];
    }
}
