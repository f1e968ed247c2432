using Logos.P2P.Relay;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

internal sealed class FloodBudgetTests
{
    [Test]
    public void Our_own_messages_cost_nothing()
    {
        var budget = new FloodBudget();

        Assert.That(Take(budget, RelayStep.Self, 10 * TreePolicy.FloodBurst, at: 0), Is.EqualTo(10 * TreePolicy.FloodBurst));
        Assert.That(Take(budget, link: 1, TreePolicy.LinkFloodBurst, at: 0), Is.EqualTo(TreePolicy.LinkFloodBurst));
    }

    [Test]
    public void A_link_that_asks_for_more_than_its_part_takes_nothing_from_the_others()
    {
        var budget = new FloodBudget();

        Assert.That(Take(budget, link: 1, 1000, at: 0), Is.EqualTo(TreePolicy.LinkFloodBurst));
        Assert.That(Take(budget, link: 2, 1000, at: 0), Is.EqualTo(TreePolicy.FloodBurst - TreePolicy.LinkFloodBurst));
    }

    [Test]
    public void What_the_node_cannot_afford_is_not_taken_from_the_link()
    {
        var budget = new FloodBudget();
        Take(budget, link: 1, 1000, at: 0);
        Take(budget, link: 2, 1000, at: 0);

        Assert.That(Take(budget, link: 3, 1000, at: 0), Is.Zero);
        Assert.That(Take(budget, link: 3, 1000, at: 1), Is.EqualTo(TreePolicy.FloodRate), "All of what the node has again.");
    }

    [Test]
    public void Each_second_brings_a_link_its_part_and_who_comes_in_its_place_begins_anew()
    {
        var budget = new FloodBudget();
        Take(budget, link: 1, 1000, at: 0);

        Assert.That(Take(budget, link: 1, 1000, at: 3), Is.EqualTo(3 * TreePolicy.LinkFloodRate));
        budget.Close(1);
        Assert.That(Take(budget, link: 1, 1000, at: 3), Is.EqualTo(TreePolicy.LinkFloodBurst));
    }

    private static int Take(FloodBudget budget, int link, int count, double at) =>
        Enumerable.Range(0, count).Count(_ => budget.TryTake(link, TimeSpan.FromSeconds(at)));
}
