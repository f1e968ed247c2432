using Logos.P2P.Peers;
using Logos.P2P.Tests.Conformance;
using NUnit.Framework;

namespace Logos.P2P.Tests.Peers;

/// <summary>Pings, round trips and death, by the clock alone (overlay.md, P1).</summary>
internal sealed class KeepAliveTests
{
    private const ulong Nonce = 42;

    private static readonly TimeSpan Start = TimeSpan.FromSeconds(1000);
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    [Test]
    public void The_first_ping_goes_out_at_once_and_only_once()
    {
        var keepAlive = new KeepAlive();

        Assert.That(keepAlive.Tick(Start, Start, Nonce), Is.EqualTo(KeepAliveAction.Ping));
        Assert.That(keepAlive.Tick(Start, Start, Nonce + 1), Is.EqualTo(KeepAliveAction.None));
    }

    [Test]
    [Conformance("P2")]
    public void The_next_ping_follows_an_interval_after_the_last_and_not_before()
    {
        KeepAlive keepAlive = Answered();
        TimeSpan due = Start + NodeDefaults.PingInterval;

        Assert.That(keepAlive.Tick(due - Millisecond, due, 7), Is.EqualTo(KeepAliveAction.None));
        Assert.That(keepAlive.Tick(due, due, 7), Is.EqualTo(KeepAliveAction.Ping));
    }

    [Test]
    public void When_the_next_ping_is_due_is_known_as_soon_as_the_last_one_is_answered()
    {
        Assert.That(new KeepAlive().NextPing, Is.EqualTo(TimeSpan.Zero));
        Assert.That(Pinged().NextPing, Is.Null);
        Assert.That(Answered().NextPing, Is.EqualTo(Start + NodeDefaults.PingInterval));
    }

    [Test]
    public void A_pong_with_the_nonce_measures_the_round_trip()
    {
        KeepAlive keepAlive = Pinged();

        Assert.That(keepAlive.ReceivePong(Start + (12 * Millisecond), Nonce), Is.True);

        Assert.That(keepAlive.RoundTrip, Is.EqualTo(12 * Millisecond));
        Assert.That(keepAlive.MinRoundTrip, Is.EqualTo(12 * Millisecond));
    }

    [Test]
    [Conformance("P2")]
    public void The_shortest_round_trip_is_kept_beside_the_latest()
    {
        var keepAlive = new KeepAlive();
        TimeSpan now = Start;
        foreach (int milliseconds in new[] { 30, 10, 20 })
        {
            keepAlive.Tick(now, now, Nonce);
            keepAlive.ReceivePong(now + (milliseconds * Millisecond), Nonce);
            now += NodeDefaults.PingInterval;
        }

        Assert.That(keepAlive.RoundTrip, Is.EqualTo(20 * Millisecond));
        Assert.That(keepAlive.MinRoundTrip, Is.EqualTo(10 * Millisecond));
    }

    [TestCase(Nonce + 1, false, TestName = "A_pong_with_another_nonce_does_not_cancel_the_ping")]
    [TestCase(0UL, true, TestName = "A_pong_with_nonce_zero_cancels_the_ping")]
    [TestCase(null, true, TestName = "A_pong_too_short_for_a_nonce_cancels_the_ping")]
    public void A_pong_that_does_not_fit_measures_nothing(ulong? nonce, bool cancels)
    {
        KeepAlive keepAlive = Pinged();

        Assert.That(keepAlive.ReceivePong(Start + Millisecond, nonce), Is.EqualTo(cancels));

        Assert.That(keepAlive.RoundTrip, Is.Null);
        TimeSpan late = Start + NodeDefaults.PingTimeout;
        Assert.That(
            keepAlive.Tick(late, Start, 9),
            Is.EqualTo(cancels ? KeepAliveAction.None : KeepAliveAction.Dead));
    }

    [Test]
    public void A_pong_that_nobody_asked_for_is_told_apart()
    {
        Assert.That(new KeepAlive().ReceivePong(Start, Nonce), Is.False);
        Assert.That(new KeepAlive().ReceivePong(Start, 0), Is.False);
        Assert.That(new KeepAlive().ReceivePong(Start, null), Is.False);
        Assert.That(Answered().ReceivePong(Start + Millisecond, Nonce), Is.False, "It was answered before.");
    }

    [Test]
    public void A_peer_that_falls_silent_right_after_a_pong_is_dead_within_interval_and_timeout()
    {
        KeepAlive keepAlive = Answered();
        TimeSpan deadline = Start + NodeDefaults.PingInterval + NodeDefaults.PingTimeout;
        TimeSpan? died = null;
        for (TimeSpan now = Start; now <= deadline + TimeSpan.FromMinutes(1); now += NodeDefaults.Heartbeat)
        {
            if (keepAlive.Tick(now, Start, 1) != KeepAliveAction.Dead)
                continue;
            died = now;
            break;
        }

        Assert.That(died, Is.EqualTo(deadline));
    }

    [Test]
    public void Any_byte_received_counts_as_life_while_a_pong_is_outstanding()
    {
        KeepAlive keepAlive = Pinged();
        TimeSpan lastReceived = Start;
        for (int i = 0; i < 100; i++)
        {
            TimeSpan now = lastReceived + NodeDefaults.PingTimeout - Millisecond;
            Assert.That(keepAlive.Tick(now, lastReceived, 1), Is.EqualTo(KeepAliveAction.None));
            lastReceived = now;
        }

        Assert.That(
            keepAlive.Tick(lastReceived + NodeDefaults.PingTimeout, lastReceived, 1), Is.EqualTo(KeepAliveAction.Dead));
    }

    [Test]
    public void Silence_before_the_ping_does_not_count()
    {
        var keepAlive = new KeepAlive();
        keepAlive.Tick(Start, Start - TimeSpan.FromHours(1), Nonce);

        Assert.That(
            keepAlive.Tick(Start + NodeDefaults.PingTimeout - Millisecond, Start - TimeSpan.FromHours(1), 1),
            Is.EqualTo(KeepAliveAction.None));
    }

    private static KeepAlive Pinged()
    {
        var keepAlive = new KeepAlive();
        keepAlive.Tick(Start, Start, Nonce);
        return keepAlive;
    }

    private static KeepAlive Answered()
    {
        KeepAlive keepAlive = Pinged();
        keepAlive.ReceivePong(Start, Nonce);
        return keepAlive;
    }
}
