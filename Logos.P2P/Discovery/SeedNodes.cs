using System.Collections.Immutable;
using Logos.P2P.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Discovery;

/// <summary>
/// The peers of <c>-seednode</c>, to be asked for addresses and left again: all of them at the start when nothing is
/// known, otherwise one now and then while there are too few peers. They serve many, so each round is followed by a
/// longer wait than the one before.
/// </summary>
internal sealed class SeedNodes(
    ImmutableArray<string> peers, AddrFetchQueue queue, RandomSource random, ILogger logger) : IDiscovery
{
    private readonly Queue<string> _round = new();
    private TimeSpan _wait = NodeDefaults.SeedNodeInterval;
    private TimeSpan? _nextAt;

    /// <inheritdoc/>
    public void Tick(in DiscoveryState state)
    {
        if (peers.IsEmpty)
            return;
        if (_nextAt is null)
        {
            Shuffle();
            while (state.KnownAddresses == 0 && _round.Count > 0)
                AddNext();
            _nextAt = state.Now + _wait;
        }
        else if (state.Now >= _nextAt && state.OutboundPeers < NodeDefaults.EnoughOutboundPeers)
        {
            if (_round.Count == 0)
                StartRound();
            AddNext();
            _nextAt = state.Now + (_round.Count > 0 ? NodeDefaults.SeedNodeInterval : _wait);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync() => Task.CompletedTask;

    private void StartRound()
    {
        Shuffle();
        _wait = _wait * 2 < NodeDefaults.DialRetryMax ? _wait * 2 : NodeDefaults.DialRetryMax;
    }

    /// <summary>In another order each time: the first ones bear most of the load.</summary>
    private void Shuffle()
    {
        string[] shuffled = [.. peers];
        random.Shuffle(shuffled.AsSpan());
        foreach (string peer in shuffled)
            _round.Enqueue(peer);
    }

    private void AddNext()
    {
        queue.Add(_round.Dequeue());
        Log.SeedNodeQueued(logger);
    }
}
