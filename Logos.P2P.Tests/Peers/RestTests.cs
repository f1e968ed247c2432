using Logos.P2P.Peers;
using NUnit.Framework;

namespace Logos.P2P.Tests.Peers;

/// <summary>When something is looked at that mostly has nothing to do.</summary>
internal sealed class RestTests
{
    private static readonly TimeSpan Now = TimeSpan.FromSeconds(1000);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private Rest _rest;

    [SetUp]
    public void Make() => _rest = default;

    [Test]
    public void The_first_look_is_due_at_once()
    {
        Assert.That(_rest.TryBeginLook(TimeSpan.Zero), Is.True);
    }

    [Test]
    public void A_look_that_ends_in_no_rest_is_followed_by_another()
    {
        _rest.TryBeginLook(Now);

        Assert.That(_rest.TryBeginLook(Now), Is.True);
    }

    [Test]
    public void A_rest_lasts_until_the_first_of_its_times()
    {
        _rest.TryBeginLook(Now);
        _rest.Until(Now + (3 * Second), Now + (2 * Second), TimeSpan.MaxValue);

        Assert.That(_rest.TryBeginLook(Now + (2 * Second) - TimeSpan.FromTicks(1)), Is.False);
        Assert.That(_rest.TryBeginLook(Now + (2 * Second)), Is.True);
    }

    [Test]
    public void Whoever_is_roused_is_looked_at_before_the_rest_is_over()
    {
        _rest.TryBeginLook(Now);
        _rest.Until(Now + Second);
        _rest.Rouse();

        Assert.That(_rest.TryBeginLook(Now), Is.True);
    }

    [Test]
    public void What_happens_during_a_look_is_not_slept_through()
    {
        _rest.TryBeginLook(Now);
        _rest.Rouse();
        _rest.Until(Now + Second);

        Assert.That(_rest.TryBeginLook(Now), Is.True);
    }
}
