using System.Xml.Linq;
using Logos.P2P.Simulation.Report;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Report;

/// <summary>The generator of docs/network-report.md, with networks that are up in a moment.</summary>
internal sealed class NetworkReportTests
{
    private static readonly ReportPlan Tiny = ReportPlan.Quick with
    {
        Sizes = [4, 6],
        PayloadNodes = 4,
        AttackNodes = 12,
        SybilShares = [0.3],
        EclipseSeconds = 5,
    };

    [Test]
    public void A_report_has_all_its_parts_and_every_picture_it_shows()
    {
        using var directory = new TemporaryDirectory();

        new NetworkReport(Tiny, directory.Path, _ => { }).Write("c0ffee", "eng/network-report");

        string page = File.ReadAllText(Path.Combine(directory.Path, "network-report.md"));
        Assert.That(page, Does.Contain("`c0ffee`").And.Contain("`eng/network-report`"));
        foreach (string part in (string[])["size of the network", "size of messages", "Eclipse", "Sybil", "Flood", "Stallers"])
            Assert.That(page, Does.Match($"## .*{part}"));
        string[] pictures = [.. page.Split("](").Skip(1).Select(rest => rest.Split(')')[0]).Where(name => name.EndsWith(".svg", StringComparison.Ordinal))];
        Assert.That(pictures, Has.Length.EqualTo(4));
        foreach (string picture in pictures)
            Assert.That(() => XDocument.Load(Path.Combine(directory.Path, picture)), Throws.Nothing, picture);
        Assert.That(page, Does.Contain("| push | 4 |").And.Contain("| tree | 6 |"), "a row for each size and policy");
    }
}
