using Logos.P2P.Dialing;
using Logos.P2P.Tests.Conformance;
using NUnit.Framework;

namespace Logos.P2P.Tests.Dialing;

internal sealed class DialHistoryTests
{
    private static readonly TimeSpan Now = TimeSpan.FromHours(1);

    [Test]
    public void A_stranger_may_be_dialled_at_once() =>
        Assert.That(new DialHistory<string>(NodeDefaults.DialRetryMax).IsDue("a", Now, isAlone: false), Is.True);

    [TestCase(1, 1)]
    [TestCase(2, 2)]
    [TestCase(3, 4)]
    [TestCase(4, 8)]
    [TestCase(5, 16)]
    [TestCase(6, 32)]
    [TestCase(7, 60)]
    [TestCase(17, 60)]
    [TestCase(18, 60)]
    [TestCase(64, 60)]
    [TestCase(1000, 60)]
    [Conformance("M5")]
    public void The_wait_doubles_with_each_failure_up_to_the_longest(int failures, int seconds)
    {
        var history = new DialHistory<string>(TimeSpan.FromSeconds(60));
        for (int i = 0; i < failures; i++)
            history.Note("a", wasReady: false, Now, isAlone: false);

        Assert.That(history.IsDue("a", Now + TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1), isAlone: false), Is.False);
        Assert.That(history.IsDue("a", Now + TimeSpan.FromSeconds(seconds), isAlone: false), Is.True);
        Assert.That(history.IsDue("b", Now, isAlone: false), Is.True, "Others are not concerned.");
    }

    [Test]
    public void Nobody_waits_long_while_we_are_alone()
    {
        var history = new DialHistory<string>(NodeDefaults.DialRetryMax);
        for (int i = 0; i < 20; i++)
            history.Note("a", wasReady: false, Now, isAlone: false);

        Assert.That(history.IsDue("a", Now + NodeDefaults.DialRetryAlone, isAlone: false), Is.False);
        Assert.That(history.IsDue("a", Now + NodeDefaults.DialRetryAlone, isAlone: true), Is.True);
        Assert.That(history.IsDue("a", Now + TimeSpan.FromSeconds(4), isAlone: true), Is.False);
    }

    [Test]
    public void Failures_while_we_are_alone_do_not_add_up_to_a_long_wait()
    {
        var history = new DialHistory<string>(NodeDefaults.DialRetryMax);
        for (int i = 0; i < 20; i++)
            history.Note("a", wasReady: false, Now, isAlone: true);

        Assert.That(history.IsDue("a", Now + NodeDefaults.DialRetryAlone, isAlone: false), Is.True);
    }

    [Test]
    public void A_success_starts_the_doubling_anew()
    {
        var history = new DialHistory<string>(NodeDefaults.DialRetryMax);
        for (int i = 0; i < 10; i++)
            history.Note("a", wasReady: false, Now, isAlone: false);
        history.Note("a", wasReady: true, Now, isAlone: false);

        Assert.That(history.IsDue("a", Now, isAlone: false), Is.False, "Not at once: it may cut us each time.");
        Assert.That(history.IsDue("a", Now + NodeDefaults.DialRetryMin, isAlone: false), Is.True);
        history.Note("a", wasReady: false, Now, isAlone: false);
        Assert.That(history.IsDue("a", Now + NodeDefaults.DialRetryMin, isAlone: false), Is.True);
    }

    [Test]
    public void Those_who_still_have_to_wait_are_never_forgotten()
    {
        var history = new DialHistory<int>(NodeDefaults.DialRetryMax);
        for (int i = 0; i < 20; i++)
            history.Note(-1, wasReady: false, Now, isAlone: false);
        for (int i = 0; i < 5000; i++)
            history.Note(i, wasReady: false, Now + TimeSpan.FromSeconds(i / 10.0), isAlone: false);

        Assert.That(history.IsDue(-1, Now + NodeDefaults.DialRetryMax - TimeSpan.FromSeconds(1), isAlone: false), Is.False);
    }
}
