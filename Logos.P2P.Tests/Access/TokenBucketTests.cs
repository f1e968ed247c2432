using Logos.P2P.Access;
using NUnit.Framework;

namespace Logos.P2P.Tests.Access;

internal sealed class TokenBucketTests
{
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(100);

    [Test]
    public void It_starts_with_what_it_was_given_and_no_more()
    {
        var bucket = new TokenBucket(1, 10, initial: 3, Start);

        Assert.That(Take(ref bucket, Start), Is.EqualTo(3));
    }

    [Test]
    public void Tokens_come_back_at_the_rate()
    {
        var bucket = new TokenBucket(0.1, 1000, initial: 0, Start);

        Assert.That(Take(ref bucket, Start + TimeSpan.FromSeconds(9.9)), Is.Zero);
        Assert.That(Take(ref bucket, Start + TimeSpan.FromSeconds(10)), Is.EqualTo(1));
        Assert.That(Take(ref bucket, Start + TimeSpan.FromSeconds(110)), Is.EqualTo(10));
        Assert.That(Take(ref bucket, Start + TimeSpan.FromSeconds(1110)), Is.EqualTo(100));
    }

    [Test]
    public void Many_small_waits_give_as_much_as_one_long_one()
    {
        var bucket = new TokenBucket(0.1, 1000, initial: 0, Start);
        int taken = 0;
        for (int i = 1; i <= 10_000; i++)
            taken += bucket.TryTake(Start + TimeSpan.FromMilliseconds(100 * i)) ? 1 : 0;

        Assert.That(taken, Is.EqualTo(100).Within(1));
    }

    [Test]
    public void It_never_holds_more_than_its_capacity()
    {
        var bucket = new TokenBucket(1, 10, initial: 0, Start);

        Assert.That(Take(ref bucket, Start + TimeSpan.FromDays(10_000)), Is.EqualTo(10));
    }

    [Test]
    public void A_grant_goes_above_the_capacity_and_is_not_topped_up()
    {
        var bucket = new TokenBucket(1, 10, initial: 10, Start);
        bucket.Grant(1000);

        Assert.That(Take(ref bucket, Start + TimeSpan.FromSeconds(5)), Is.EqualTo(1010));
    }

    [Test]
    public void A_clock_that_goes_backwards_gives_nothing_and_takes_nothing()
    {
        var bucket = new TokenBucket(1, 10, initial: 2, Start);

        Assert.That(Take(ref bucket, Start - TimeSpan.FromHours(1)), Is.EqualTo(2));
        Assert.That(Take(ref bucket, TimeSpan.MinValue), Is.Zero);
        Assert.That(Take(ref bucket, TimeSpan.MaxValue), Is.EqualTo(10));
    }

    private static int Take(ref TokenBucket bucket, TimeSpan now)
    {
        int taken = 0;
        while (bucket.TryTake(now))
            taken++;
        return taken;
    }
}
