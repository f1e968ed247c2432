using System.Globalization;
using System.Text;

namespace Logos.P2P.Simulation.Report;

/// <summary>One line of a chart.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Points">From left to right.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>
/// A chart of lines as SVG, to be read on light and on dark pages. The x axis is logarithmic with a mark at each point, the y
/// axis begins at zero, or is logarithmic too.
/// </summary>
public sealed record LineChart
{
    private const int Width = 720;
    private const int Height = 400;
    private const int Left = 80;
    private const int Right = 150;
    private const int Top = 52;
    private const int Bottom = 60;
    private const int Marks = 5;

    private static readonly int[] RoundDigits = [1, 2, 5, 10];

    /// <summary>Okabe and Ito's, which those who are colour-blind can tell apart.</summary>
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];

    /// <summary>What it shows.</summary>
    public required string Title { get; init; }

    /// <summary>What is along the x axis.</summary>
    public required string XLabel { get; init; }

    /// <summary>What is along the y axis.</summary>
    public required string YLabel { get; init; }

    /// <summary>Whether each mark of the y axis is ten times the one below.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>The lines.</summary>
    public required IReadOnlyList<ChartSeries> Series { get; init; }

    /// <summary>The chart as an SVG document.</summary>
    public string ToSvg()
    {
        double[] xs = [.. Series.SelectMany(line => line.Points).Select(point => point.X).Distinct().Order()];
        double[] ys = YMarks();
        var svg = new StringBuilder();
        Add(svg, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="13">""");
        Add(svg, $"""<title>{Escape(Title)}</title>""");
        Add(svg, $"""<rect width="{Width}" height="{Height}" rx="8" fill="#ffffff"/>""");
        Add(svg, $"""<text x="{Left}" y="28" font-size="16" font-weight="bold" fill="#222222">{Escape(Title)}</text>""");
        foreach (double y in ys)
        {
            double at = YOf(y, ys);
            Add(svg, $"""<line x1="{Left}" x2="{Width - Right}" y1="{at:f1}" y2="{at:f1}" stroke="#e0e0e0"/>""");
            Add(svg, $"""<text x="{Left - 8}" y="{at + 4:f1}" text-anchor="end" fill="#555555">{Number(y)}</text>""");
        }

        foreach (double x in xs)
        {
            double at = XOf(x, xs);
            Add(svg, $"""<line x1="{at:f1}" x2="{at:f1}" y1="{Height - Bottom}" y2="{Height - Bottom + 5}" stroke="#555555"/>""");
            Add(svg, $"""<text x="{at:f1}" y="{Height - Bottom + 20}" text-anchor="middle" fill="#555555">{Number(x)}</text>""");
        }

        Add(svg, $"""<line x1="{Left}" x2="{Width - Right}" y1="{Height - Bottom}" y2="{Height - Bottom}" stroke="#555555"/>""");
        Add(svg, $"""<text x="{(Left + Width - Right) / 2}" y="{Height - 14}" text-anchor="middle" fill="#222222">{Escape(XLabel)}</text>""");
        Add(svg, $"""<text transform="translate(20 {(Top + Height - Bottom) / 2}) rotate(-90)" text-anchor="middle" fill="#222222">{Escape(YLabel)}</text>""");
        for (int i = 0; i < Series.Count; i++)
            AddLine(svg, i, xs, ys);
        svg.AppendLine("</svg>");
        return svg.ToString();
    }

    private void AddLine(StringBuilder svg, int number, double[] xs, double[] ys)
    {
        string colour = Colours[number % Colours.Length];
        (double X, double Y)[] points = [.. Series[number].Points.Select(point => (XOf(point.X, xs), YOf(point.Y, ys)))];
        string path = string.Join(' ', points.Select(point => Invariant($"{point.X:f1},{point.Y:f1}")));
        Add(svg, $"""<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5" stroke-linejoin="round"/>""");
        foreach ((double x, double y) in points)
            Add(svg, $"""<circle cx="{x:f1}" cy="{y:f1}" r="3.5" fill="{colour}"/>""");
        // Lines end in different heights as a rule, but a legend in the order of the lines is never on top of itself.
        int legend = Top + 10 + (22 * number);
        Add(svg, $"""<line x1="{Width - Right + 14}" x2="{Width - Right + 36}" y1="{legend}" y2="{legend}" stroke="{colour}" stroke-width="2.5"/>""");
        Add(svg, $"""<text x="{Width - Right + 42}" y="{legend + 4}" fill="#222222">{Escape(Series[number].Name)}</text>""");
    }

    private double[] YMarks()
    {
        double[] values = [.. Series.SelectMany(line => line.Points).Select(point => point.Y)];
        if (IsLogarithmic)
        {
            int low = (int)Math.Floor(Math.Log10(values.Min())), high = (int)Math.Ceiling(Math.Log10(values.Max()));
            return [.. Enumerable.Range(low, Math.Max(1, high - low) + 1).Select(power => Math.Pow(10, power))];
        }

        double step = RoundUp(Math.Max(values.Max(), double.Epsilon) / Marks);
        int count = (int)Math.Ceiling(values.Max() / step);
        return [.. Enumerable.Range(0, Math.Max(1, count) + 1).Select(i => i * step)];
    }

    /// <summary>The next number that is 1, 2 or 5 with zeros.</summary>
    private static double RoundUp(double value)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return RoundDigits.First(digit => digit * power >= value * 0.999) * power;
    }

    private static double XOf(double x, double[] xs)
    {
        double span = Math.Log(xs[^1] / xs[0]);
        return Left + (span == 0 ? 0.5 : Math.Log(x / xs[0]) / span) * (Width - Right - Left);
    }

    private double YOf(double y, double[] ys)
    {
        double part = IsLogarithmic ? Math.Log(y / ys[0]) / Math.Log(ys[^1] / ys[0]) : y / ys[^1];
        return Height - Bottom - (part * (Height - Bottom - Top));
    }

    private static string Number(double value) => value switch
    {
        >= 1e6 => Invariant($"{value / 1e6:0.#} M"),
        >= 1e4 => Invariant($"{value / 1e3:0.#} k"),
        _ => Invariant($"{value:0.###}"),
    };

    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal);

    private static void Add(StringBuilder svg, FormattableString line) => svg.AppendLine(Invariant(line));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
