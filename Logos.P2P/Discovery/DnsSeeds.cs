using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Discovery;

/// <summary>
/// DNS seeds: host names whose addresses are those of nodes. Asking them tells bystanders that we are there and lets few
/// decide whom we meet, so what is known already is tried first, and they are asked a few at a time. Bitcoin Core's rules.
/// </summary>
/// <param name="settings">Names the seeds.</param>
/// <param name="book">Receives the addresses.</param>
/// <param name="queue">Receives seeds that tell no address, to be asked as peers.</param>
/// <param name="resolver">Looks up names.</param>
/// <param name="clock">What time addresses are given.</param>
/// <param name="random">Order of the seeds, choice and age of the addresses.</param>
/// <param name="logger">Is told what each seed brought.</param>
[SuppressMessage("Design", "CA1001", Justification = "StopAsync ends the life of a way of discovery.")]
internal sealed class DnsSeeds(
    NodeSettings settings,
    AddressManager book,
    AddrFetchQueue queue,
    INameResolver resolver,
    NodeClock clock,
    RandomSource random,
    ILogger logger) : IDiscovery
{
    /// <summary>A seed cannot know when it last saw an address: not news, but not stale either. Bitcoin Core's ages.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromDays(3);

    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(7);

    /// <summary>Asks a seed for nodes with these services: `x` and their bits in hexadecimal, as Bitcoin's seeds know it.</summary>
    private static readonly string Subdomain =
        string.Create(CultureInfo.InvariantCulture, $"x{(ulong)Services.Logos:x}.");

    private readonly CancellationTokenSource _stopping = new();
    private readonly Queue<string> _seeds = Shuffle(settings, random);
    private Task _asking = Task.CompletedTask;
    private bool? _asksAll;
    private TimeSpan? _nextAt;

    /// <inheritdoc/>
    public void Tick(in DiscoveryState state)
    {
        if (_seeds.Count == 0 || !_asking.IsCompleted || HasSeedNodesToWaitFor(state))
            return;

        // When nothing is known at the start, whoever answers decides whom we meet: then it must not be a few.
        _asksAll ??= state.KnownAddresses == 0;
        _nextAt ??= state.Now + DelayWith(state.KnownAddresses);
        if (state.Now < _nextAt)
            return;
        if (_asksAll == false && state.OutboundPeers >= NodeDefaults.EnoughOutboundPeers)
        {
            _seeds.Clear();
            Log.DnsSeedsNotNeeded(logger);
            return;
        }

        var asked = new List<Task>();
        while (asked.Count < NodeDefaults.DnsSeedsAtOnce && _seeds.TryDequeue(out string? seed))
            asked.Add(AskAsync(seed));
        _asking = Task.WhenAll(asked);
        _nextAt = null;
    }

    /// <inheritdoc/>
    public async Task StopAsync()
    {
        _stopping.Cancel();
        await _asking;
        _stopping.Dispose();
    }

    private static Queue<string> Shuffle(NodeSettings settings, RandomSource random)
    {
        string[] seeds = [.. settings.DnsSeeds.Distinct()];
        random.Shuffle(seeds.AsSpan());
        return new Queue<string>(seeds);
    }

    private bool HasSeedNodesToWaitFor(in DiscoveryState state) =>
        !settings.SeedNodes.IsEmpty
        && state.Now < NodeDefaults.SeedNodeHeadStart
        && state.OutboundPeers < NodeDefaults.EnoughOutboundPeers;

    private TimeSpan DelayWith(int knownAddresses) => knownAddresses switch
    {
        _ when _asksAll == true => TimeSpan.Zero,
        0 => TimeSpan.Zero,
        < NodeDefaults.ManyAddresses => NodeDefaults.DnsSeedDelay,
        _ => NodeDefaults.DnsSeedDelayWithMany,
    };

    private async Task AskAsync(string seed)
    {
        try
        {
            IReadOnlyList<NetAddress> found =
                await resolver.ResolveAsync(Subdomain + seed, _stopping.Token);
            if (found.Count > 0)
            {
                Take(seed, [.. found]);
                return;
            }

            Log.DnsSeedSilent(logger, seed);
            // It may know no services, or be a node itself: a peer to ask. Not where -connect forbids to choose any.
            if (settings.MaxOutbound > 0)
                queue.Add(seed);
        }
        catch (OperationCanceledException)
        {
            // The node is stopping.
        }
    }

    private void Take(string seed, NetAddress[] found)
    {
        // The system sorts answers: without this every node would take the same ones of a long one.
        random.Shuffle(found.AsSpan());
        ushort port = settings.Policy.Network.DefaultPort();
        DateTimeOffset now = clock.TimeProvider.GetUtcNow();
        TimedAddress[] told =
        [
            .. found.Take(NodeDefaults.MaxAddressesPerDnsSeed).Select(address => SeedAddresses.Told(
                new NetEndpoint(address, port), now, random.NextBetween(MinAge, MaxAge))),
        ];
        // Each seed is a source of its own, so that one alone can fill a small part of the book only.
        int added = book.Add(told, NetAddress.FromInternalName(seed));
        Log.DnsSeedAnswered(logger, seed, told.Length, added);
    }
}
