using Logos.P2P.Relay;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

/// <summary>What one row of the tree makes of what it is told.</summary>
internal sealed class RelayRowTests
{
    private const double Rate = 0.25;

    [Test]
    public void Nothing_is_expected_of_a_link_not_heard_from()
    {
        var row = new RelayRow(Rate);

        Assert.That(row.ChanceOf(0), Is.Zero);
        Assert.That(row.ChanceOf(1000), Is.Zero);
        Assert.That(row.HasSamples(1000), Is.False);
    }

    [TestCase("+", 1)]
    [TestCase("-", 0)]
    [TestCase("+-", 0.75)]
    [TestCase("+--", 0.5625)]
    [TestCase("-+", 0.25)]
    [TestCase("-++", 0.4375)]
    [TestCase("+----", 0.31640625)]
    public void The_first_sample_is_all_there_is_to_know_and_each_later_one_counts_a_quarter(string samples, double chance)
    {
        var row = new RelayRow(Rate);

        foreach (char sample in samples)
            row.Learn(3, isUseful: sample == '+');

        Assert.That(row.ChanceOf(3), Is.EqualTo(chance).Within(1e-6));
        Assert.That(row.HasSamples(3), Is.True);
        Assert.That(row.HasSamples(2), Is.False, "Links do not learn from each other.");
    }

    [Test]
    public void A_flood_goes_to_all_links_there_are_and_to_none_that_comes_later()
    {
        RelayRow row = RelayRow.Flood(Rate, createdBy: 9, [0, 2]);

        Assert.That(new[] { row.ChanceOf(0), row.ChanceOf(1), row.ChanceOf(2), row.ChanceOf(3) }, Is.EqualTo(new[] { 1f, 0, 1, 0 }));
        Assert.That(row.HasSamples(0), Is.False);
        Assert.That(row.CreatedBy, Is.EqualTo(9));
    }

    [Test]
    public void After_a_flood_the_first_word_of_a_link_counts_alone()
    {
        RelayRow row = RelayRow.Flood(Rate, createdBy: 9, [0]);

        row.Learn(0, isUseful: false);

        Assert.That(row.ChanceOf(0), Is.Zero);
    }

    [Test]
    public void A_graft_outweighs_all_samples_before_it_and_the_first_one_after_it_decides()
    {
        var row = new RelayRow(Rate);
        row.Learn(0, isUseful: false);
        row.Learn(0, isUseful: false);

        row.Graft(0);
        Assert.That(row.ChanceOf(0), Is.EqualTo(1));

        row.Learn(0, isUseful: false);
        Assert.That(row.ChanceOf(0), Is.Zero);
        row.Learn(0, isUseful: true);
        Assert.That(row.ChanceOf(0), Is.EqualTo(0.25), "The next ones count as usual.");
    }

    [Test]
    public void A_link_that_ends_leaves_nothing_to_the_next_one_in_its_slot()
    {
        RelayRow row = RelayRow.Flood(Rate, createdBy: 1, [0, 1]);
        row.Learn(1, isUseful: true);
        row.Parent = 1;
        row.RunnerUp = 1;

        row.Forget(1);

        Assert.That((row.ChanceOf(1), row.HasSamples(1)), Is.EqualTo((0f, false)));
        Assert.That((row.Parent, row.RunnerUp, row.CreatedBy), Is.EqualTo(((int?)null, (int?)null, (int?)null)));
        Assert.That(row.ChanceOf(0), Is.EqualTo(1), "Others stay.");
    }

    [Test]
    public void Another_links_end_changes_neither_parent_nor_runner_up()
    {
        var row = new RelayRow(Rate) { Parent = 1, RunnerUp = 2 };

        row.Forget(7);

        Assert.That((row.Parent, row.RunnerUp), Is.EqualTo(((int?)1, (int?)2)));
    }
}
