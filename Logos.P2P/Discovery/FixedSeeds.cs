using System.Collections.Immutable;
using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Discovery;

/// <summary>
/// The last resort: a list of addresses that came with the program or from a file. Used once, when no other way has told
/// an address within a minute, or at once when there is no other. Bitcoin Core's rules.
/// </summary>
internal sealed class FixedSeeds(
    NodeSettings settings, AddressManager book, NodeClock clock, RandomSource random, ILogger logger) : IDiscovery
{
    /// <summary>The list is as old as the program. It says nothing about when anybody was there. Bitcoin Core's ages.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromDays(7);

    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(14);

    private readonly bool _isOnlyWay =
        settings.DnsSeeds.IsEmpty && settings.SeedNodes.IsEmpty && settings.ManualPeers.IsEmpty;

    private ImmutableArray<NetEndpoint> _left =
        [.. settings.FixedSeeds.Where(endpoint => settings.Dials(endpoint.Address.Network))];

    /// <inheritdoc/>
    public void Tick(in DiscoveryState state)
    {
        bool isTime = _isOnlyWay || state.Now >= NodeDefaults.FixedSeedDelay;
        if (_left.IsEmpty || !isTime || state.KnownAddresses > 0)
            return;

        DateTimeOffset now = clock.TimeProvider.GetUtcNow();
        TimedAddress[] seeds =
        [
            .. _left.Select(endpoint => SeedAddresses.Told(endpoint, now, random.NextBetween(MinAge, MaxAge))),
        ];
        _left = [];
        Log.FixedSeedsUsed(logger, book.Add(seeds, NetAddress.FromInternalName("fixedseeds")));
    }

    /// <inheritdoc/>
    public Task StopAsync() => Task.CompletedTask;
}
