using Logos.P2P.Testnet.Chaos;
using NUnit.Framework;

namespace Logos.P2P.Tests.Testnet.Chaos;

/// <summary>What befalls a network when.</summary>
internal sealed class ChaosPlanTests
{
    private const int Nodes = 20;

    private static readonly TimeSpan Length = TimeSpan.FromMinutes(10);

    private static readonly TroubleKind[] Kinds = Enum.GetValues<TroubleKind>();

    [Test]
    public void The_same_seed_draws_the_same()
    {
        IReadOnlyList<Trouble> troubles = Draw(seed: 5), again = Draw(seed: 5), others = Draw(seed: 6);

        Assert.That(again, Is.EqualTo(troubles));
        Assert.That(others, Is.Not.EqualTo(troubles));
    }

    [Test]
    public void Troubles_are_within_the_time_in_their_order_and_of_every_kind()
    {
        IReadOnlyList<Trouble> troubles = Draw(seed: 1);

        Assert.That(troubles.Select(trouble => trouble.From), Is.Ordered);
        Assert.That(troubles.Where(trouble => trouble.From >= trouble.To || trouble.To > Length), Is.Empty);
        Assert.That(troubles.Select(trouble => trouble.Kind).Distinct(), Is.EquivalentTo(Kinds));
        Assert.That(troubles.Select(trouble => trouble.Node).Distinct().Count(), Is.EqualTo(Nodes));
    }

    [Test]
    public void No_node_has_two_at_a_time_one_partition_is_enough_and_three_of_four_nodes_are_let_be([Range(1, 20)] int seed)
    {
        IReadOnlyList<Trouble> troubles = Draw(seed);
        foreach (Trouble trouble in troubles)
        {
            Trouble[] present = [.. troubles.Where(other => other.From <= trouble.From && other.To >= trouble.From)];
            int[] nodes = [.. present.Where(other => other.Kind != TroubleKind.Partition).Select(other => other.Node)];

            Assert.That(nodes, Is.Unique.And.Length.LessThanOrEqualTo(Nodes / 4));
            Assert.That(present.Count(other => other.Kind == TroubleKind.Partition), Is.LessThanOrEqualTo(1));
        }
    }

    [Test]
    public void In_a_small_network_too_something_happens() =>
        Assert.That(ChaosPlan.Draw(2, TimeSpan.FromSeconds(30), [TroubleKind.Kill], new Random(1)), Is.Not.Empty);

    private static IReadOnlyList<Trouble> Draw(int seed) => ChaosPlan.Draw(Nodes, Length, Kinds, new Random(seed));
}
