using Logos.P2P.Simulation.Policies;
using Logos.P2P.Simulation.Report;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Report;

/// <summary>The generator of docs/relay-report.md, with networks that are up in a moment.</summary>
internal sealed class RelayReportTests
{
    [Test]
    public void A_report_has_a_table_for_each_situation_and_measures_all_policies_by_push()
    {
        using var directory = new TemporaryDirectory();

        new RelayReport(nodes: 10, directory.Path, _ => { }).Write("c0ffee", "eng/relay-report");

        string page = File.ReadAllText(Path.Combine(directory.Path, "relay-report.md"));
        Assert.That(page, Does.Contain("`c0ffee`").And.Contain("`eng/relay-report`"));
        string[] parts = page.Split("\n## ")[1..];
        Assert.That(parts, Has.Length.EqualTo(RelayCase.All(10).Count));
        Assert.That(parts, Is.All.Contain("| `push` |").And.All.Contain("| `tree` |").And.All.Contain("(1.00)"));
        foreach (SimulatedPolicy policy in Enum.GetValues<SimulatedPolicy>())
            Assert.That(parts[0], Does.Contain($"| `{policy.ToString().ToLowerInvariant()}` |"));
        Assert.That(parts.Count(part => part.Contains("met the fault first", StringComparison.Ordinal)), Is.EqualTo(2));
    }
}
