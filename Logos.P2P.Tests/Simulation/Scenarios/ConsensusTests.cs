using Logos.P2P.Simulation.Scenarios;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.Scenarios;

/// <summary>A post-commit as a full batch and by short ids, in a network that is small enough for a test.</summary>
internal sealed class ConsensusTests
{
    private static readonly ScenarioParameters Small =
        new Consensus().Defaults with { Nodes = 16, Origins = 6, Messages = 120, Seconds = 1 };

    [Test]
    public void By_short_ids_a_post_commit_is_complete_sooner_for_a_tenth_of_the_bytes()
    {
        ScenarioResult result = new Consensus().Run(Small);

        Assert.That(result.Violations, Is.Empty);
        Assert.That(result.Reach, Is.EqualTo(1));
        Assert.That(result.Messages, Is.EqualTo(6));
        foreach (int late in (int[])[0, 5, 30])
            Assert.That(Of("shortIds", late, "T90Ms"), Is.LessThan(Of("batch", late, "T90Ms")), $"{late} % late");
        foreach (int late in (int[])[0, 5])
        {
            foreach (string figure in (string[])["DelegateUploadBytes", "NetworkBytes"])
                Assert.That(Of("shortIds", late, figure), Is.LessThan(0.1 * Of("batch", late, figure)), $"{figure}, {late} % late");
            // In chunks even a batch leaves its sender only twice, and who lacks something asks the sender first.
            Assert.That(Of("shortIds", late, "SenderUploadBytes"), Is.LessThan(0.25 * Of("batch", late, "SenderUploadBytes")), $"{late} % late");
        }

        Assert.That(Of("shortIds", 0, "LackedPerNode"), Is.Zero);
        Assert.That(Of("shortIds", 30, "LackedPerNode"), Is.GreaterThan(5), "Or the fetch is not what is measured.");

        double Of(string kind, int late, string figure) => result.Figures[$"{kind}Late{late}{figure}"];
    }
}
