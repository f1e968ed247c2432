using Logos.P2P.AddrMan;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

[TestFixture]
internal sealed class BucketSetTests
{
    [Test]
    public void Buckets_are_ascending_whatever_the_order_they_come_in()
    {
        BucketSet set = Of(700, 3, 1023, 0);
        Assert.That(set.Values.ToArray(), Is.EqualTo((ushort[])[0, 3, 700, 1023]));
        Assert.That(set, Is.EqualTo(Of(0, 3, 700, 1023)));
        Assert.That(set.GetHashCode(), Is.EqualTo(Of(0, 3, 700, 1023).GetHashCode()));
    }

    [Test]
    public void A_bucket_counts_once() => Assert.That(Of(5, 5, 5).Count, Is.EqualTo(1));

    [Test]
    public void A_bucket_can_be_taken_out_again() => Assert.Multiple(() =>
    {
        Assert.That(Of(1, 2, 3).Without(2), Is.EqualTo(Of(1, 3)));
        Assert.That(Of(1, 2, 3).Without(4), Is.EqualTo(Of(1, 2, 3)));
        Assert.That(Of(1).Without(1), Is.EqualTo(default(BucketSet)));
        Assert.That(Of(1, 2).Contains(2), Is.True);
        Assert.That(Of(1, 2).Contains(3), Is.False);
        Assert.That(Of(1, 2) != Of(1), Is.True);
        Assert.That(Of(1, 2) == Of(2, 1), Is.True);
        Assert.That(Of(1, 2).ToString(), Is.EqualTo("[1 2]"));
        Assert.That(Of(1).Equals((object)"1"), Is.False);
    });

    [TestCase(-1)]
    [TestCase(AddrManParameters.NewBucketCount)]
    public void A_bucket_that_does_not_exist_is_refused(int bucket) =>
        Assert.That(() => Of(bucket), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void There_is_room_for_eight()
    {
        BucketSet full = Of(1, 2, 3, 4, 5, 6, 7, 8);
        Assert.That(full.Count, Is.EqualTo(AddrManParameters.NewBucketsPerAddress));
        Assert.That(full.With(8), Is.EqualTo(full));
        Assert.That(() => full.With(9), Throws.InvalidOperationException);
    }

    private static BucketSet Of(params int[] buckets) =>
        buckets.Aggregate(default(BucketSet), (set, bucket) => set.With(bucket));
}
