using Logos.P2P.Relay.Chunks;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay.Chunks;

/// <summary>How long a peer has for a chunk.</summary>
internal sealed class ChunkPaceTests
{
    private static readonly TimeSpan RoundTrip = Milliseconds(100);

    /// <summary>1.25 round trips and 15 ms.</summary>
    private static readonly TimeSpan Answer = Milliseconds(140);

    private ChunkPace _pace = null!;

    [SetUp]
    public void SetUp() => _pace = new ChunkPace();

    [Test]
    public void It_has_a_round_trip_and_all_that_it_was_asked_for_at_2_Mbit_a_second()
    {
        Assert.That(DueOf(1000), Is.EqualTo(Milliseconds(1000) + Answer));
        _pace.Ask(50_000);
        Assert.That(DueOf(1000), Is.EqualTo(Milliseconds(1200) + Answer));
        _pace.Ask(25_000);
        Assert.That(DueOf(1000), Is.EqualTo(Milliseconds(1300) + Answer));
        _pace.StopAsking(75_000);
        Assert.That(DueOf(1000), Is.EqualTo(Milliseconds(1000) + Answer));
    }

    [Test]
    public void It_never_has_more_than_3_seconds()
    {
        _pace.Ask(10_000_000);

        Assert.That(DueOf(1000), Is.EqualTo(Milliseconds(4000)));
    }

    [Test]
    public void Whoever_brings_others_in_order_has_his_time_anew()
    {
        _pace.Bring(askedAt: Milliseconds(900), at: Milliseconds(1100));
        Assert.That(DueOf(1000), Is.EqualTo(Milliseconds(1100) + Answer));

        _pace.Bring(askedAt: Milliseconds(1000), at: Milliseconds(1200));
        Assert.That(DueOf(1000), Is.EqualTo(Milliseconds(1200) + Answer));
    }

    [Test]
    public void A_chunk_that_was_passed_over_is_late()
    {
        _pace.Bring(askedAt: Milliseconds(1001), at: Milliseconds(1200));

        Assert.That(DueOf(1000), Is.EqualTo(Milliseconds(1000) + Answer));
    }

    [Test]
    public void What_was_brought_before_the_question_is_no_answer()
    {
        _pace.Bring(askedAt: Milliseconds(500), at: Milliseconds(900));

        Assert.That(DueOf(1000), Is.EqualTo(Milliseconds(1000) + Answer));
    }

    private static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private TimeSpan DueOf(double askedAt) => _pace.DueOf(Milliseconds(askedAt), RoundTrip);
}
