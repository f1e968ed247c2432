using Logos.P2P.Addresses;
using Logos.P2P.AddrMan;
using Logos.P2P.Tests.AddrMan;
using NUnit.Framework;

namespace Logos.P2P.Tests.Addresses;

/// <summary>The health check of overlay.md M4. The map has 250.0.0.0/8 as AS1000 and 101.1 to 101.8 as AS1 to AS8.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class AsmapHealthTests
{
    private static readonly Asmap Map = new(AsmapVectors.Small);

    private readonly Book _book = new();
    private readonly LogRecorder _log = new();
    private readonly AsmapHealth _health;

    public AsmapHealthTests() => _health = new AsmapHealth(Map, _book.Manager, new NodeClock(_book.Clock), new NodeTasks(), _log);

    [Test]
    public void Addresses_are_counted_by_whether_the_map_has_them_and_systems_once()
    {
        string[] hosts =
        [
            "250.1.1.1", "250.2.2.2", "101.1.1.1", "101.2.1.1", "8.8.8.8", "2a00:1450::1",
            "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion", "fc00:1:2:3:4:5:6:7",
        ];

        Assert.That(
            AsmapHealth.Measure(Map, hosts.Select(Book.Host)),
            Is.EqualTo(new AsmapCoverage(Mapped: 4, Unmapped: 2, Systems: 3)));
    }

    [Test]
    public async Task It_is_told_as_soon_as_there_are_addresses_and_then_once_a_day()
    {
        await TickAsync(TimeSpan.Zero);
        Assert.That(_log.Lines, Is.Empty, "Of nothing there is nothing to tell.");

        _book.Add("250.1.1.1");
        _book.Add("8.8.8.8");
        await TickAsync(TimeSpan.FromSeconds(1));
        Assert.That(_log.Lines, Is.EqualTo(new[]
        {
            "Of 2 known IPv4 and IPv6 addresses 1 belong to 1 autonomous systems and 1 to none on the map",
        }));

        await TickAsync(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.That(_log.Lines, Has.Count.EqualTo(1));
        _book.Add("101.3.1.1");
        await TickAsync(TimeSpan.FromSeconds(1));
        Assert.That(_log.Lines, Has.Count.EqualTo(2));
        Assert.That(_log.Lines[1], Does.StartWith("Of 3 known IPv4 and IPv6 addresses 2 belong to 2"));
    }

    private async Task TickAsync(TimeSpan later)
    {
        _book.Clock.Advance(later);
        _health.Tick();
        await _health.Measuring;
    }
}
