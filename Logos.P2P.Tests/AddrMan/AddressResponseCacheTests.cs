using Logos.P2P.AddrMan;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>Core's p2p_getaddr_caching.py, and the edges of the rule.</summary>
[TestFixture]
internal sealed class AddressResponseCacheTests
{
    private static readonly NetEndpoint Here = Book.Endpoint("250.1.1.1:8333");
    private static readonly NetEndpoint There = Book.Endpoint("250.1.1.1:8334");

    [Test]
    public void Whoever_asks_at_one_address_gets_one_answer_and_at_another_another()
    {
        var book = new Book();
        for (int i = 0; i < 10_000; i++)
            book.Add($"{20 + (i / 2560)}.{i / 10 % 256}.{i % 10}.1", $"{20 + (i / 2560)}.{i / 10 % 256}.1.1");
        Assert.That(book.Manager.Count, Is.GreaterThan(5_000));
        var cache = new AddressResponseCache(() => book.Manager.GetAddresses(1000, 23), new Random(1));

        TimedAddress[] answer = cache.Get(Here, NetworkId.IPv4, TimeSpan.Zero).ToArray();
        TimedAddress[] elsewhere = cache.Get(There, NetworkId.IPv4, TimeSpan.Zero).ToArray();
        TimedAddress[] toTor = cache.Get(Here, NetworkId.TorV3, TimeSpan.Zero).ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(answer, Has.Length.EqualTo(1000));
            Assert.That(elsewhere, Has.Length.EqualTo(1000).And.Not.EqualTo(answer));
            Assert.That(toTor, Is.Not.EqualTo(answer).And.Not.EqualTo(elsewhere));
        });

        for (int hour = 1; hour < 21; hour++)
        {
            TimeSpan now = TimeSpan.FromHours(hour);
            Assert.That(cache.Get(Here, NetworkId.IPv4, now).ToArray(), Is.EqualTo(answer));
            Assert.That(cache.Get(There, NetworkId.IPv4, now).ToArray(), Is.EqualTo(elsewhere));
        }

        TimeSpan later = TimeSpan.FromDays(3);
        Assert.That(cache.Get(Here, NetworkId.IPv4, later).ToArray(), Has.Length.EqualTo(1000).And.Not.EqualTo(answer));
        Assert.That(cache.Get(There, NetworkId.IPv4, later).ToArray(), Is.Not.EqualTo(elsewhere));
    }

    [Test]
    [Conformance("A9")]
    public void An_answer_lives_for_21_to_27_hours_evenly()
    {
        int drawn = 0;
        var cache = new AddressResponseCache(() => new TimedAddress[++drawn], new Random(7));
        TimeSpan now = TimeSpan.Zero;
        var lifetimes = new List<double>();
        TimeSpan begin = now;
        cache.Get(Here, NetworkId.IPv4, now);
        while (drawn <= 500)
        {
            int before = drawn;
            now += TimeSpan.FromMinutes(5);
            cache.Get(Here, NetworkId.IPv4, now);
            if (drawn == before)
                continue;
            lifetimes.Add((now - begin).TotalHours);
            begin = now;
        }

        Assert.Multiple(() =>
        {
            Assert.That(lifetimes.Min(), Is.InRange(21, 21.2));
            Assert.That(lifetimes.Max(), Is.InRange(26.8, 27.1));
            Assert.That(lifetimes.Average(), Is.EqualTo(24).Within(0.3));
        });
    }

    [Test]
    public void Asking_does_not_prolong_an_answer()
    {
        int drawn = 0;
        var cache = new AddressResponseCache(() => new TimedAddress[++drawn], new Random(1));
        for (int minute = 0; minute < 27 * 60; minute++)
            cache.Get(Here, NetworkId.IPv4, TimeSpan.FromMinutes(minute));
        cache.Get(Here, NetworkId.IPv4, TimeSpan.FromHours(27));
        Assert.That(drawn, Is.EqualTo(2));
    }

    [Test]
    public void Answers_are_bounded_and_the_one_that_ends_first_goes()
    {
        int drawn = 0;
        var cache = new AddressResponseCache(() => new TimedAddress[++drawn], new Random(1));
        var ends = new Random(1);
        var expected = new Dictionary<int, TimeSpan>();
        // All within the life of the first one, so that none goes for its age.
        for (int i = 0; i < 1000; i++)
        {
            TimeSpan now = TimeSpan.FromMinutes(i);
            if (expected.Count == AddressResponseCache.MaxAnswers)
                expected.Remove(expected.MinBy(answer => answer.Value).Key);
            expected[i] = now + AddressResponseCache.MinLifetime + (AddressResponseCache.MaxExtraLifetime * ends.NextDouble());

            Assert.That(Get(i, now), Is.EqualTo(i + 1));
            Assert.That(cache.Count, Is.EqualTo(expected.Count));
        }

        foreach (int i in expected.Keys)
            Assert.That(Get(i, TimeSpan.FromMinutes(1000)), Is.EqualTo(i + 1), "It was kept.");
        Assert.That(drawn, Is.EqualTo(1000));

        int Get(int asked, TimeSpan now) => cache.Get(Book.Endpoint($"250.{asked / 256}.{asked % 256}.1"), NetworkId.IPv6, now).Length;
    }

    [Test]
    public void Peers_that_ask_at_once_get_the_same()
    {
        int drawn = 0;
        AddressResponseCache? cache = null;
        ReadOnlyMemory<TimedAddress> inner = default;
        cache = new AddressResponseCache(
            () =>
            {
                // While this answer is drawn another peer asks: it comes first.
                if (++drawn == 1)
                    inner = cache!.Get(Here, NetworkId.IPv4, TimeSpan.Zero);
                return new TimedAddress[drawn];
            },
            new Random(1));
        ReadOnlyMemory<TimedAddress> outer = cache.Get(Here, NetworkId.IPv4, TimeSpan.Zero);
        Assert.That(outer.Equals(inner), Is.True);
    }
}
