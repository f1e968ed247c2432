using Logos.P2P.Addresses;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Tests.Conformance;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Addresses;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PeerAddressesTests
{
    private static readonly TimeSpan Met = TimeSpan.FromMinutes(1);

    private readonly PeerAddresses _addresses = new(Met, key: 7);
    private readonly RandomSource _random = new(1);

    [Test]
    [Conformance("A4")]
    public void One_address_is_allowed_at_once_and_one_more_every_ten_seconds()
    {
        Assert.That(Allowed(Met), Is.EqualTo(1));
        Assert.That(Allowed(Met + TimeSpan.FromSeconds(9.9)), Is.Zero);
        Assert.That(Allowed(Met + TimeSpan.FromSeconds(100)), Is.EqualTo(10));
        Assert.That(Allowed(Met + TimeSpan.FromDays(1)), Is.EqualTo(1000));
    }

    [Test]
    public void Whom_we_asked_may_answer_with_a_thousand_more()
    {
        _addresses.Asked();

        Assert.That(Allowed(Met), Is.EqualTo(1001));
        Assert.That(Allowed(Met + TimeSpan.FromSeconds(10)), Is.EqualTo(1));
    }

    [Test]
    public void Only_the_first_list_after_our_question_is_the_answer()
    {
        Assert.That(_addresses.TakeAnswer(), Is.False);
        _addresses.Asked();
        Assert.That(_addresses.TakeAnswer(), Is.True);
        Assert.That(_addresses.TakeAnswer(), Is.False);
    }

    [Test]
    public void Only_the_first_question_is_answered()
    {
        Assert.That(_addresses.TryAnswer(), Is.True);
        Assert.That(_addresses.TryAnswer(), Is.False);
    }

    [Test]
    public void What_waits_is_taken_once_and_each_address_once()
    {
        _addresses.Enqueue(Address(1), _random);
        _addresses.Enqueue(Address(2), _random);
        _addresses.Enqueue(Address(1), _random);

        Assert.That(_addresses.TakeWaiting(), Is.EqualTo(new[] { Address(1), Address(2) }));
        Assert.That(_addresses.TakeWaiting(), Is.Empty);
        _addresses.Enqueue(Address(1), _random);
        Assert.That(_addresses.TakeWaiting(), Is.Empty, "It was told.");
    }

    [Test]
    public void What_the_peer_told_us_is_not_told_to_it_even_if_it_was_waiting()
    {
        _addresses.Enqueue(Address(1), _random);
        _addresses.MarkKnown(Address(1).Endpoint);
        _addresses.Enqueue(Address(1), _random);

        Assert.That(_addresses.TakeWaiting(), Is.Empty);
    }

    [Test]
    public void A_thousand_wait_at_most_and_nobody_chooses_which_give_way()
    {
        for (int i = 0; i < 3000; i++)
            _addresses.Enqueue(Address(i), _random);

        TimedAddress[] waiting = _addresses.TakeWaiting();

        Assert.That(waiting, Has.Length.EqualTo(WireLimits.MaxAddresses));
        int[] numbers = [.. waiting.Select(address => (int)address.Time)];
        Assert.That(numbers, Is.Unique);
        Assert.That(numbers.Count(number => number < 1000), Is.InRange(50, 300), "Some of the first thousand are left.");
    }

    [Test]
    public void The_latest_thousands_are_known_and_what_is_long_ago_is_forgotten()
    {
        for (int i = 0; i < 100_000; i++)
            _addresses.MarkKnown(Address(i).Endpoint);
        for (int i = 97_500; i < 100_000; i++)
            _addresses.Enqueue(Address(i), _random);
        Assert.That(_addresses.TakeWaiting(), Is.Empty);

        for (int i = 0; i < 900; i++)
            _addresses.Enqueue(Address(i * 100), _random);
        Assert.That(_addresses.TakeWaiting(), Has.Length.EqualTo(900));
    }

    [Test]
    public void What_the_peer_knows_can_be_forgotten()
    {
        _addresses.MarkKnown(Address(1).Endpoint);
        _addresses.ForgetKnown();
        _addresses.Enqueue(Address(1), _random);

        Assert.That(_addresses.TakeWaiting(), Is.EqualTo(new[] { Address(1) }));
    }

    [Test]
    public void What_a_peer_knows_has_little_memory_while_it_is_little_and_no_more_than_there_may_be()
    {
        Assert.That(_addresses.Bytes, Is.Zero);
        _addresses.MarkKnown(Address(0).Endpoint);
        Assert.That(_addresses.Bytes, Is.EqualTo(KnownAddresses.MaxBytes / 8));

        for (int i = 0; i < 10_000; i++)
        {
            _addresses.MarkKnown(Address(i).Endpoint);
            _addresses.Enqueue(Address(20_000 + i), _random);
        }

        Assert.That(_addresses.Bytes, Is.EqualTo(PeerAddresses.MaxBytes));
        _addresses.TakeWaiting();
        Assert.That(_addresses.Bytes, Is.EqualTo(KnownAddresses.MaxBytes));
        _addresses.ForgetKnown();
        Assert.That(_addresses.Bytes, Is.Zero);
    }

    [Test]
    public void The_wait_before_our_address_is_told_again_doubles_up_to_a_day()
    {
        var regtest = new NetworkPolicy(P2PNetwork.Regtest, false);
        TimeSpan[] waits = [.. Enumerable.Range(0, 40).Select(_ => _addresses.NextSelfAdvertisementWait(regtest))];

        Assert.That(waits.Take(4).Select(wait => wait.TotalMilliseconds), Is.EqualTo(new[] { 500, 1000, 2000, 4000 }));
        Assert.That(waits, Is.Ordered);
        Assert.That(waits[^1], Is.EqualTo(TimeSpan.FromHours(24)));
    }

    [Test]
    public void The_wait_never_overflows()
    {
        var regtest = new NetworkPolicy(P2PNetwork.Regtest, false);
        for (int i = 0; i < 1000; i++)
        {
            Assert.That(
                _addresses.NextSelfAdvertisementWait(regtest),
                Is.GreaterThan(TimeSpan.Zero).And.LessThanOrEqualTo(TimeSpan.FromHours(24)));
        }
    }

    private int Allowed(TimeSpan now)
    {
        int allowed = 0;
        while (_addresses.TryTakeAllowance(now))
            allowed++;
        return allowed;
    }

    /// <summary>Addresses that differ in their numbers, which are also their times.</summary>
    private static TimedAddress Address(int number) => new(
        Book.Endpoint($"{20 + (number / 60_000)}.{number / 250 % 240}.{number % 250}.1"), Services.Logos, (uint)number);
}
