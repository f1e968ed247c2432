using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using DnsClient;
using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;
using Logos.P2P.Peers;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Dialing;

/// <summary>
/// Keeps the outbound slots filled: those of the operator's peers, each tried again until it answers, and the automatic
/// ones from the address book. Told the time by the heartbeat; what takes long runs on its own.
/// </summary>
internal sealed class Dialer(NodeContext node, ITransport transport, AddressManager book, PeerHost host)
    : IDisposable
{
    /// <summary>Draws from the address book before giving up until the next beat. Bitcoin Core's 100.</summary>
    private const int MaxDraws = 100;

    private readonly LookupClient _dns = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly DialHistory<NetEndpoint> _automatic = new(NodeDefaults.DialRetryMax);
    private readonly DialHistory<string> _manual = new(NodeDefaults.ManualRetryMax);
    private readonly ConcurrentDictionary<string, Task> _manualDials = new();
    private readonly ConcurrentDictionary<NetEndpoint, Task> _automaticDials = new();

    /// <summary>What is being dialled or connected to by either kind of dial, so that no endpoint is by both.</summary>
    private readonly ConcurrentDictionary<NetEndpoint, ConnectionKind> _inUse = new();

    /// <summary>The operator's peers as far as they are addresses: theirs whether or not they answer.</summary>
    private readonly ImmutableHashSet<NetEndpoint> _reserved = ParseAddresses(node.Settings);
    private TimeSpan _nextAutomatic;

    /// <summary>Dials that are running and connections that came of some.</summary>
    public int SlotsInUse => _manualDials.Count + _automaticDials.Count;

    /// <summary>Starts the dials that are due.</summary>
    public void Tick()
    {
        TimeSpan now = node.Clock.Now;
        book.ResolveCollisions(node.Clock.UnixSeconds);
        foreach (string peer in node.Settings.ManualPeers)
        {
            if (_manual.IsDue(peer, now))
                Start(_manualDials, peer, () => DialManualAsync(peer));
        }

        if (now < _nextAutomatic || _automaticDials.Count >= node.Settings.MaxOutbound)
            return;
        _nextAutomatic = now + NodeDefaults.DialInterval;
        if (Choose(now) is { } endpoint)
            Start(_automaticDials, endpoint, () => DialAutomaticAsync(endpoint));
    }

    /// <summary>Gives up all dials and waits until none runs. Peers must have been disconnected.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll([.. _manualDials.Values, .. _automaticDials.Values]).ConfigureAwait(false);
    }

    public void Dispose() => _stopping.Dispose();

    /// <summary>An entry stands for a dial and, if it succeeds, for the connection: a slot in use.</summary>
    private void Start<TKey>(ConcurrentDictionary<TKey, Task> dials, TKey key, Func<Task> dial)
        where TKey : notnull
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_stopping.IsCancellationRequested || !dials.TryAdd(key, done.Task))
            return;
        _ = Task.Run(async () =>
        {
            try
            {
                await dial().ConfigureAwait(false);
            }
#pragma warning disable CA1031 // What nobody thought of must not go unseen, and must not end the node either.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.DialBroke(node.Logger, e);
            }
            finally
            {
                dials.TryRemove(key, out _);
                done.SetResult();
            }
        });
    }

    private NetEndpoint? Choose(TimeSpan now)
    {
        ImmutableHashSet<NetGroup> taken = [.. _automaticDials.Keys.Select(endpoint => GroupOf(endpoint))];
        for (int draw = 0; draw < MaxDraws; draw++)
        {
            if (book.Select() is not { } drawn)
                return null;
            NetEndpoint endpoint = drawn.Address.Endpoint;
            var candidate = new DialCandidate(
                endpoint.Address.Network,
                drawn.Address.Services,
                IsOwn: node.Local.IsOwn(endpoint),
                IsDialled: _inUse.ContainsKey(endpoint) || _automaticDials.ContainsKey(endpoint)
                    || _reserved.Contains(endpoint),
                IsGroupTaken: taken.Contains(GroupOf(endpoint)),
                IsDiscouraged: node.Discouragement.Contains(endpoint.Address),
                IsDue: _automatic.IsDue(endpoint, now));
            if (OutboundPolicy.Judge(candidate) == DialDecision.Dial)
                return endpoint;
        }

        return null;
    }

    private NetGroup GroupOf(NetEndpoint endpoint) => node.Settings.Policy.Grouping.GroupOf(endpoint);

    private async Task DialAutomaticAsync(NetEndpoint endpoint)
    {
        // Without other outbound peers the fault may be our own line: then it does not count against the address.
        book.Attempt(endpoint, countFailure: _automaticDials.Count > 1, node.Clock.UnixSeconds);
        bool wasReady = false;
        try
        {
            wasReady = await ConnectAsync(endpoint, ConnectionKind.Outbound).ConfigureAwait(false);
        }
        finally
        {
            _automatic.Note(endpoint, wasReady, node.Clock.Now);
        }
    }

    private async Task DialManualAsync(string peer)
    {
        bool wasReady = false;
        try
        {
            foreach (NetEndpoint endpoint in await ResolveAsync(peer).ConfigureAwait(false))
            {
                if (node.Local.IsOwn(endpoint))
                    continue;
                wasReady = await ConnectAsync(endpoint, ConnectionKind.Manual).ConfigureAwait(false);
                if (wasReady || _stopping.IsCancellationRequested)
                    break;
            }
        }
        finally
        {
            _manual.Note(peer, wasReady, node.Clock.Now);
        }
    }

    /// <summary>Dials an endpoint and stays with the connection until it ends.</summary>
    /// <returns>Whether the handshake was completed. False when we are connected to it already.</returns>
    private async Task<bool> ConnectAsync(NetEndpoint endpoint, ConnectionKind kind)
    {
        if (!_inUse.TryAdd(endpoint, kind))
            return false;
        try
        {
            return await ConnectUnusedAsync(endpoint, kind).ConfigureAwait(false);
        }
        finally
        {
            _inUse.TryRemove(endpoint, out _);
        }
    }

    private async Task<bool> ConnectUnusedAsync(NetEndpoint endpoint, ConnectionKind kind)
    {
        using var timeout = new CancellationTokenSource(node.Settings.ConnectTimeout, node.Clock.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping.Token);
        IConnection connection;
        try
        {
            connection = await transport.ConnectAsync(endpoint, either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            string why = timeout.IsCancellationRequested ? "timed out" : e.Message;
            Log.DialFailed(node.Logger, node.Settings.Describe(endpoint), why);
            return false;
        }

        if (host.Run(connection, kind, endpoint) is not { } peer)
            return false;
        await peer.Ended.ConfigureAwait(false);
        return peer.IsReady;
    }

    private static ImmutableHashSet<NetEndpoint> ParseAddresses(NodeSettings settings)
    {
        ImmutableHashSet<NetEndpoint>.Builder parsed = ImmutableHashSet.CreateBuilder<NetEndpoint>();
        foreach (string peer in settings.ManualPeers)
        {
            if (NetEndpoint.TryParse(peer, settings.Policy.Network.DefaultPort(), out NetEndpoint endpoint))
                parsed.Add(endpoint);
        }

        return parsed.ToImmutable();
    }

    private async Task<IReadOnlyList<NetEndpoint>> ResolveAsync(string peer)
    {
        ushort defaultPort = node.Settings.Policy.Network.DefaultPort();
        if (NetEndpoint.TryParse(peer, defaultPort, out NetEndpoint endpoint))
            return [endpoint];
        if (!NetEndpoint.TrySplit(peer, defaultPort, out string? name, out ushort port))
            return [];

        try
        {
            IPHostEntry? entry = await _dns.GetHostEntryAsync(name).WaitAsync(_stopping.Token).ConfigureAwait(false);
            if (entry is { AddressList.Length: > 0 })
                return [.. entry.AddressList.Select(ip => new NetEndpoint(NetAddress.From(ip), port))];
            Log.NameNotFound(node.Logger, name, "the name does not exist");
        }
        catch (OperationCanceledException)
        {
            // The node is stopping.
        }
#pragma warning disable CA1031 // Resolvers fail in many ways, and none of them may end the node: the name is tried again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.NameNotFound(node.Logger, name, e.Message);
        }

        return [];
    }
}
