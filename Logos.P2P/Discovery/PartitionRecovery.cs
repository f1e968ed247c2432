using System.Collections.Immutable;
using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Discovery;

/// <summary>
/// The way back when no peer is left: then what we know may be stale or somebody's, so besides the dials that go on, all
/// seeds and some known nodes are asked for addresses at once. Each time in vain doubles the wait for the next.
/// </summary>
/// <param name="settings">Names the seeds.</param>
/// <param name="book">Where nodes to ask are drawn from.</param>
/// <param name="queue">Receives them.</param>
/// <param name="logger">Is told.</param>
internal sealed class PartitionRecovery(
    NodeSettings settings, AddressManager book, AddrFetchQueue queue, ILogger logger) : IDiscovery
{
    private readonly ImmutableArray<string> _seeds = [.. settings.SeedNodes, .. settings.DnsSeeds];
    private TimeSpan _wait = NodeDefaults.PartitionDelay;
    private TimeSpan? _nextAt;

    /// <inheritdoc/>
    public void Tick(in DiscoveryState state)
    {
        if (!state.IsAlone || settings.MaxOutbound == 0)
        {
            _nextAt = null;
            _wait = NodeDefaults.PartitionDelay;
            return;
        }

        _nextAt ??= state.Now + _wait;
        if (state.Now < _nextAt)
            return;
        _wait = _wait * 2 < NodeDefaults.DialRetryMax ? _wait * 2 : NodeDefaults.DialRetryMax;
        _nextAt = state.Now + _wait;
        Ask();
    }

    /// <inheritdoc/>
    public Task StopAsync() => Task.CompletedTask;

    private void Ask()
    {
        foreach (string seed in _seeds)
            queue.Add(seed);
        var groups = new HashSet<NetGroup>();
        NetworkId[] networks = [.. settings.DialedNetworks];
        for (int draw = 0; draw < NodeDefaults.MaxAddrFetches && book.Select(newOnly: false, networks) is { } known; draw++)
        {
            // Different neighbourhoods, because one may be all somebody's.
            if (groups.Add(settings.Policy.Grouping.GroupOf(known.Address.Endpoint)))
                queue.Add(known.Address.Endpoint.ToString());
        }

        if (_seeds.Length + groups.Count > 0)
            Log.AskingSeveral(logger, _seeds.Length + groups.Count);
    }
}
