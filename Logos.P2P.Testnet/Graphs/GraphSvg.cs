using System.Globalization;
using System.Text;

namespace Logos.P2P.Testnet.Graphs;

/// <summary>A picture of a graph: nodes coloured by how many connections they have, with a title and a legend.</summary>
internal static class GraphSvg
{
    private const int Side = 840;
    private const int Margin = 50;
    private const int Header = 60;
    private const int Footer = 60;

    /// <summary>From few connections to many; told apart by the colour-blind too, and in grey.</summary>
    private static readonly (int R, int G, int B)[] Colours = [(253, 224, 120), (53, 160, 135), (62, 35, 110)];

    public static string Write(ConnectionGraph graph, string title)
    {
        int[] degrees = graph.Degrees();
        (int least, int most) = (degrees.Min(), degrees.Max());
        (double X, double Y)[] places = [.. ForceLayout.Place(graph).Select(place =>
            (Margin + (place.X * (Side - (2 * Margin))), Header + Margin + (place.Y * (Side - (2 * Margin)))))];
        var svg = new StringBuilder();
        Add($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Side} {Header + Side + Footer}" font-family="sans-serif">""");
        Add($"""<rect width="100%" height="100%" fill="#fff"/>""");
        Add($"""<text x="{Side / 2}" y="38" font-size="22" text-anchor="middle" fill="#222">{Escape(title)}</text>""");
        Add($"""<text x="{Side / 2}" y="{Header}" font-size="14" text-anchor="middle" fill="#666">{graph.Nodes} nodes, {graph.Edges.Count} connections</text>""");
        Add($"""<g stroke="#8a8f98" stroke-opacity="0.35">""");
        foreach (GraphEdge edge in graph.Edges)
        {
            ((double x1, double y1), (double x2, double y2)) = (places[edge.From], places[edge.To]);
            Add($"""<line x1="{x1:0.0}" y1="{y1:0.0}" x2="{x2:0.0}" y2="{y2:0.0}"/>""");
        }

        Add($"""</g><g stroke="#fff" text-anchor="middle">""");
        double radius = graph.Nodes <= 60 ? 12 : 8;
        for (int node = 0; node < graph.Nodes; node++)
        {
            double share = Share(degrees[node]);
            (double x, double y) = places[node];
            Add($"""<circle cx="{x:0.0}" cy="{y:0.0}" r="{radius}" fill="{Colour(share)}"><title>node {node}: {degrees[node]} connections</title></circle>""");
            Add($"""<text x="{x:0.0}" y="{y + (radius / 3):0.0}" font-size="{radius * 0.9:0.0}" stroke="none" fill="{(share > 0.4 ? "#fff" : "#222")}" pointer-events="none">{node}</text>""");
        }

        Add($"</g>");
        AddLegend();
        Add($"</svg>");
        return svg.ToString();

        void AddLegend()
        {
            double y = Header + Side + 14;
            int[] shown = [.. Enumerable.Range(least, most - least + 1).Where((_, i) => i % (1 + ((most - least) / 12)) == 0)];
            double x = (Side - (shown.Length * 44)) / 2.0;
            Add($"""<text x="{x - 14:0}" y="{y + 5}" font-size="13" text-anchor="end" fill="#444">connections</text>""");
            foreach (int degree in shown)
            {
                Add($"""<circle cx="{x + 8:0.0}" cy="{y}" r="8" fill="{Colour(Share(degree))}"/>""");
                Add($"""<text x="{x + 20:0.0}" y="{y + 5}" font-size="13" fill="#444">{degree}</text>""");
                x += 44;
            }
        }

        double Share(int degree) => most == least ? 0.5 : (double)(degree - least) / (most - least);

        void Add(FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Colour(double share)
    {
        double place = share * (Colours.Length - 1);
        int index = Math.Min((int)place, Colours.Length - 2);
        ((int r1, int g1, int b1), (int r2, int g2, int b2)) = (Colours[index], Colours[index + 1]);
        return $"#{Mix(r1, r2, place - index):x2}{Mix(g1, g2, place - index):x2}{Mix(b1, b2, place - index):x2}";
    }

    private static int Mix(int from, int to, double share) => (int)Math.Round(from + ((to - from) * share));

    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
