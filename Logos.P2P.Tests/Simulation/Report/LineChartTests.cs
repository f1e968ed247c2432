using System.Globalization;
using System.Xml.Linq;
using Logos.P2P.Simulation.Report;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Report;

internal sealed class LineChartTests
{
    private static readonly LineChart Chart = new()
    {
        Title = "a < b & c",
        XLabel = "nodes",
        YLabel = "ms",
        Series = [new("one", [(10, 1), (100, 2), (1000, 4)]), new("two", [(10, 4), (1000, 3)])],
    };

    [Test]
    public void A_chart_is_well_formed_and_has_all_lines_and_labels()
    {
        XElement svg = XDocument.Parse(Chart.ToSvg()).Root!;

        Assert.That(Elements(svg, "polyline").Count(), Is.EqualTo(2));
        Assert.That(Elements(svg, "circle").Count(), Is.EqualTo(5));
        Assert.That(
            Elements(svg, "text").Select(text => text.Value), Is.SupersetOf((string[])["a < b & c", "nodes", "ms", "one", "two", "1000"]));
    }

    [Test]
    public void The_axis_to_the_right_is_logarithmic_and_up_is_more()
    {
        double[][] points = Points(Chart);

        Assert.That(points[1][0] - points[0][0], Is.EqualTo(points[2][0] - points[1][0]).Within(0.2));
        Assert.That(points[0][1] - points[1][1], Is.EqualTo((points[1][1] - points[2][1]) / 2).Within(0.2));
    }

    [Test]
    public void The_axis_upwards_can_be_logarithmic_too()
    {
        double[][] points = Points(Chart with { IsLogarithmic = true });

        Assert.That(points[0][1] - points[1][1], Is.EqualTo(points[1][1] - points[2][1]).Within(0.2));
    }

    [Test]
    public void One_point_of_nothing_can_be_drawn() => Assert.That(
        () => XDocument.Parse((Chart with { Series = [new ChartSeries("none", [(5, 0)])] }).ToSvg()), Throws.Nothing);

    private static double[][] Points(LineChart chart) =>
    [
        .. Elements(XDocument.Parse(chart.ToSvg()).Root!, "polyline").First().Attribute("points")!.Value.Split(' ')
            .Select(point => point.Split(',').Select(part => double.Parse(part, CultureInfo.InvariantCulture)).ToArray()),
    ];

    private static IEnumerable<XElement> Elements(XElement svg, string name) =>
        svg.Descendants().Where(element => element.Name.LocalName == name);
}
