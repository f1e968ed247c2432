using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Addresses;

/// <summary>How well a map of autonomous systems fits the addresses that are known.</summary>
/// <param name="Mapped">Addresses of IPv4 and IPv6 that it has a system for.</param>
/// <param name="Unmapped">Those that it has none for.</param>
/// <param name="Systems">The different systems.</param>
internal readonly record struct AsmapCoverage(int Mapped, int Unmapped, int Systems);

/// <summary>
/// Tells the operator once a day how well his map of autonomous systems fits: one grown old leaves many addresses unmapped,
/// and one made by an attacker puts the world into few systems. Bitcoin Core's health check; that looks at the peers, of
/// which we may have but a handful, and this at the address book, which they are chosen from.
/// </summary>
/// <param name="map">The map.</param>
/// <param name="book">The address book.</param>
/// <param name="clock">The time.</param>
/// <param name="tasks">Where it is measured.</param>
/// <param name="logger">Where it is told.</param>
internal sealed class AsmapHealth(Asmap map, AddressManager book, NodeClock clock, NodeTasks tasks, ILogger logger)
{
    /// <summary>Bitcoin Core's ASMAP_HEALTH_CHECK_INTERVAL.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromHours(24);

    private TimeSpan _next;

    /// <summary>The measurement that is running, or the last one.</summary>
    public Task Measuring { get; private set; } = Task.CompletedTask;

    /// <summary>Starts to measure when it is time, the first time as soon as there are addresses.</summary>
    public void Tick()
    {
        if (clock.Now < _next || book.Count == 0)
            return;
        _next = clock.Now + Interval;
        // A full book takes a tenth of a second, for which the heartbeat has no time.
        Measuring = tasks.RunBlocking(Report);
    }

    /// <summary>Looks up addresses. Those of other networks than IPv4 and IPv6 are passed over: no map can have them.</summary>
    internal static AsmapCoverage Measure(Asmap map, IEnumerable<NetAddress> addresses)
    {
        int mapped = 0, unmapped = 0;
        var systems = new HashSet<uint>();
        foreach (NetAddress address in addresses)
        {
            if (!address.IsIP)
                continue;
            uint system = map.AsnOf(address);
            if (system == 0)
            {
                unmapped++;
                continue;
            }

            mapped++;
            systems.Add(system);
        }

        return new AsmapCoverage(mapped, unmapped, systems.Count);
    }

    private void Report()
    {
        AsmapCoverage coverage = Measure(map, book.Snapshot().Select(entry => entry.Endpoint.Address));
        Log.AsmapHealth(
            logger, coverage.Mapped + coverage.Unmapped, coverage.Mapped, coverage.Systems, coverage.Unmapped);
    }
}
