using Logos.P2P.AddrMan;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>The numbers may be tuned; what makes them safe together may not.</summary>
[TestFixture]
internal sealed class AddrManParametersTests
{
    [Test]
    public void The_tables_are_Bitcoin_Cores() => Assert.Multiple(() =>
    {
        Assert.That(AddrManParameters.NewBucketCount * AddrManParameters.BucketSize, Is.EqualTo(65_536));
        Assert.That(AddrManParameters.TriedBucketCount * AddrManParameters.BucketSize, Is.EqualTo(16_384));
        Assert.That(AddrManParameters.Capacity, Is.EqualTo(65_536 + 16_384));
    });

    [Test]
    public void One_word_holds_a_bit_for_every_position_of_a_bucket() =>
        Assert.That(AddrManParameters.BucketSize, Is.EqualTo(sizeof(ulong) * 8));

    [Test]
    public void A_bucket_number_fits_the_set_of_buckets() =>
        Assert.That(AddrManParameters.NewBucketCount, Is.LessThanOrEqualTo(ushort.MaxValue + 1));

    [Test]
    public void One_group_holds_a_small_part_of_either_table() => Assert.Multiple(() =>
    {
        Assert.That(
            AddrManParameters.TriedBucketsPerGroup * 32, Is.LessThanOrEqualTo(AddrManParameters.TriedBucketCount));
        Assert.That(
            AddrManParameters.NewBucketsPerSourceGroup * 16, Is.LessThanOrEqualTo(AddrManParameters.NewBucketCount));
        Assert.That(AddrManParameters.NewBucketsPerAddress, Is.LessThan(AddrManParameters.NewBucketsPerSourceGroup));
    });

    [Test]
    public void An_address_that_answered_once_is_given_more_patience_than_one_that_never_did() =>
        Assert.That(AddrManParameters.MaxFailures, Is.GreaterThan(AddrManParameters.Retries));

    [Test]
    public void Nobody_is_forgotten_for_failing_before_the_horizon_would() =>
        Assert.That(AddrManParameters.MinFailureAge, Is.LessThan(AddrManParameters.Horizon));

    [Test]
    public void Times_move_in_larger_steps_the_less_we_know_first_hand() => Assert.Multiple(() =>
    {
        Assert.That(
            AddrManParameters.ConnectedUpdateInterval, Is.LessThan(AddrManParameters.OnlineUpdateInterval));
        Assert.That(
            AddrManParameters.OnlineUpdateInterval, Is.LessThan(AddrManParameters.OfflineUpdateInterval));
        Assert.That(AddrManParameters.OnlineWindow, Is.GreaterThan(AddrManParameters.OnlineUpdateInterval));
        Assert.That(AddrManParameters.Horizon, Is.GreaterThan(AddrManParameters.OfflineUpdateInterval));
    });

    [Test]
    public void An_address_of_unknown_age_is_neither_online_nor_terrible() => Assert.That(
        AddrManParameters.UnknownAge, Is.GreaterThan(AddrManParameters.OnlineWindow).And.LessThan(AddrManParameters.Horizon));

    [Test]
    public void The_grace_of_an_attempt_ends_before_the_next_attempt_is_worth_it() =>
        Assert.That(AddrManParameters.AttemptGrace, Is.LessThan(AddrManParameters.RecentAttempt));

    [Test]
    public void All_who_wait_for_a_place_can_be_tested_before_the_window_closes()
    {
        const long feelerInterval = 2 * 60;
        Assert.That(
            AddrManParameters.MaxTriedCollisions * feelerInterval, Is.LessThan(AddrManParameters.TestWindow));
        Assert.That(AddrManParameters.TestGrace, Is.LessThan(feelerInterval));
        Assert.That(AddrManParameters.TestWindow, Is.LessThan(AddrManParameters.ReplacementAge));
    }

    [Test]
    public void Even_the_worst_candidate_is_taken_after_fifty_draws()
    {
        double worst = AddrManParameters.RecentAttemptChance
            * Math.Pow(AddrManParameters.FailureChance, AddrManParameters.MaxChanceFailures);
        Assert.That(worst, Is.GreaterThan(0));
        Assert.That(worst * Math.Pow(AddrManParameters.ChanceGrowthPerMiss, 50), Is.GreaterThanOrEqualTo(1));
    }
}
