using Logos.P2P.AddrMan;
using Logos.P2P.Simulation.AddressBook;
using NUnit.Framework;

namespace Logos.P2P.Tests.Simulation.AddressBook;

/// <summary>
/// The short form of `logosp2p sim addressbook`: the bounds that every attack must keep, whatever the seed.
/// </summary>
internal sealed class AddressBookAttackTests
{
    private static readonly AttackParameters OneGroup = Short(groups: 1);
    private static readonly Lazy<AttackResult> ByOneGroup = new(() => AddressBookAttack.Run(OneGroup));
    private static readonly Lazy<AttackResult> ByFourGroups = new(() => AddressBookAttack.Run(Short(groups: 4)));
    private static readonly Lazy<AttackResult> ByManyGroups = new(() => AddressBookAttack.Run(Short(groups: 32)));

    [Test]
    public void One_neighbourhood_gets_one_bucket_of_hearsay_and_a_hundredth_of_what_worked()
    {
        AttackResult result = ByOneGroup.Value;

        Assert.Multiple(() =>
        {
            Assert.That(result.AddressesTold, Is.EqualTo(8 * 86_400 / 10).Within(1).Percent, "the limit for eight peers");
            // One group told by one group of sources has one bucket; as many again when an outbound peer of his also tells.
            Assert.That(result.New.Attacker, Is.InRange(1, 2 * AddrManParameters.BucketSize));
            Assert.That(result.Tried.Share, Is.LessThan(0.01));
            Assert.That(result.PickAfterRestart, Is.LessThan(0.02));
        });
    }

    [Test]
    public void Who_has_fewer_neighbourhoods_than_we_have_peers_cannot_hold_them_all()
    {
        Assert.Multiple(() =>
        {
            Assert.That(ByOneGroup.Value.EclipsedBeforeRestart, Is.Zero);
            Assert.That(ByOneGroup.Value.EclipsedAfterRestart, Is.Zero);
            Assert.That(ByFourGroups.Value.EclipsedBeforeRestart, Is.Zero);
            Assert.That(ByFourGroups.Value.EclipsedAfterRestart, Is.Zero);
            Assert.That(ByFourGroups.Value.OutboundHeld, Is.LessThanOrEqualTo(4));
        });
    }

    [Test]
    public void Thirty_two_neighbourhoods_in_a_day_are_far_from_holding_all_eight_peers()
    {
        AttackResult result = ByManyGroups.Value;

        Assert.Multiple(() =>
        {
            Assert.That(result.New.Share, Is.InRange(0.05, 0.45));
            Assert.That(result.Tried.Share, Is.LessThan(0.1));
            Assert.That(result.EclipsedAfterRestart, Is.GreaterThan(0).And.LessThan(0.001));
        });
    }

    [Test]
    public void More_neighbourhoods_get_more()
    {
        AttackResult[] results = [ByOneGroup.Value, ByFourGroups.Value, ByManyGroups.Value];

        Assert.Multiple(() =>
        {
            Assert.That(results.Select(result => result.New.Share), Is.Ordered.Ascending);
            Assert.That(results.Select(result => result.Tried.Share), Is.Ordered.Ascending);
            Assert.That(results.Select(result => result.PickAfterRestart), Is.Ordered.Ascending);
        });
    }

    [Test]
    public void Feelers_are_what_fills_the_tried_table_with_honest_nodes()
    {
        AttackResult without = AddressBookAttack.Run(OneGroup with { Feelers = false });

        Assert.That(ByOneGroup.Value.Tried.Taken, Is.GreaterThan(10 * without.Tried.Taken));
    }

    [Test]
    public void A_run_is_a_function_of_its_seed()
    {
        Assert.That(AddressBookAttack.Run(OneGroup), Is.EqualTo(ByOneGroup.Value));
        AttackResult other = AddressBookAttack.Run(OneGroup with { Seed = 2 });
        Assert.That(other with { Parameters = OneGroup }, Is.Not.EqualTo(ByOneGroup.Value));
    }

    [TestCase(0, 1, 0.0)]
    [TestCase(10_001, 1, 0.0)]
    [TestCase(1, 0, 0.0)]
    [TestCase(1, 1, 1.1)]
    public void Impossible_parameters_are_refused(int groups, int peers, double polluted) =>
        Assert.That(
            () => AddressBookAttack.Run(new AttackParameters { Groups = groups, Peers = peers, PollutedGossip = polluted }),
            Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static AttackParameters Short(int groups) => new()
    {
        Groups = groups,
        Peers = 8,
        WarmUp = TimeSpan.FromDays(7),
        Attack = TimeSpan.FromDays(1),
    };
}
