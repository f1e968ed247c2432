using Logos.P2P.Addresses;
using Logos.P2P.Tests.AddrMan;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Addresses;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class KnownAddressesTests
{
    private readonly KnownAddresses _known = new(key: 3);

    [Test]
    public void What_was_added_is_known_and_is_added_once()
    {
        Assert.That(_known.Contains(Endpoint(1)), Is.False);
        Assert.That(_known.TryAdd(Endpoint(1)), Is.True);
        Assert.That(_known.Contains(Endpoint(1)), Is.True);
        Assert.That(_known.TryAdd(Endpoint(1)), Is.False);
    }

    [Test]
    public void Another_port_or_network_is_another_address()
    {
        NetAddress.TryCreate(NetworkId.TorV3, new byte[32], out NetAddress onion);
        NetAddress.TryCreate(NetworkId.I2P, new byte[32], out NetAddress garlic);
        _known.TryAdd(Book.Endpoint("20.1.1.1", 1));
        _known.TryAdd(new NetEndpoint(onion, 1));

        Assert.That(_known.Contains(Book.Endpoint("20.1.1.1", 2)), Is.False);
        Assert.That(_known.Contains(new NetEndpoint(garlic, 1)), Is.False);
        Assert.That(_known.Contains(new NetEndpoint(onion, 1)), Is.True);
    }

    [TestCase(1)]
    [TestCase(625)]
    [TestCase(626)]
    [TestCase(5000)]
    [TestCase(5001)]
    [TestCase(60_000)]
    public void The_latest_4375_are_known_whatever_came_before(int added)
    {
        for (int i = 0; i < added; i++)
            _known.TryAdd(Endpoint(i));

        for (int i = Math.Max(0, added - 4375); i < added; i++)
            Assert.That(_known.Contains(Endpoint(i)), Is.True, $"{i}");
    }

    [Test]
    public void Of_what_was_never_added_one_of_5000_counts_as_known_when_it_is_full()
    {
        const int count = 5000, others = 200_000;
        for (int i = 0; i < count; i++)
            _known.TryAdd(Endpoint(i));

        int taken = Enumerable.Range(count, others).Count(i => _known.Contains(Endpoint(i)));

        TestContext.Out.WriteLine($"{taken} of {others}.");
        // Chance has its part in it.
        Assert.That(taken, Is.InRange(20, others / 4000));
    }

    [Test]
    public void What_came_before_the_latest_5000_is_forgotten()
    {
        for (int i = 0; i < 10_000; i++)
            _known.TryAdd(Endpoint(i));

        Assert.That(Enumerable.Range(0, 5000).Count(i => _known.Contains(Endpoint(i))), Is.LessThan(10));
    }

    [Test]
    public void Who_does_not_know_the_key_does_not_know_which_are_taken_for_known()
    {
        var other = new KnownAddresses(key: 4);
        for (int i = 0; i < 5000; i++)
        {
            _known.TryAdd(Endpoint(i));
            other.TryAdd(Endpoint(i));
        }

        NetEndpoint[] taken = [.. Enumerable.Range(5000, 100_000).Select(Endpoint).Where(endpoint => _known.Contains(endpoint))];
        Assert.That(taken, Is.Not.Empty);
        Assert.That(taken.Count(endpoint => other.Contains(endpoint)), Is.LessThan(taken.Length));
    }

    private static NetEndpoint Endpoint(int number) =>
        Book.Endpoint($"{20 + (number / 60_000)}.{number / 250 % 240}.{number % 250}.1");
}
