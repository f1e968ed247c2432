using System.Collections.Immutable;
using Logos.P2P.Access;
using Logos.P2P.Addresses;
using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;
using Logos.P2P.Dialing;
using Logos.P2P.Discovery;
using Logos.P2P.Peers;
using Logos.P2P.Relay;
using Logos.P2P.Storage;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P;

/// <summary>
/// A node between start and stop: puts the parts together, listens, and beats. It exists only while it runs, so none of
/// its parts has to ask whether it does.
/// </summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private readonly NodeSettings _settings;
    private readonly ILogger _logger;
    private readonly IOverlayStore _store;
    private readonly AddressBookKeeper _keeper;
    private readonly PeersSnapshot? _snapshot;
    private readonly AsmapHealth? _asmapHealth;
    private readonly PeerHost _host;
    private readonly Dialer _dialer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ImmutableArray<IConnectionListener> _listeners;
    private readonly ImmutableArray<Action> _beats;
    private readonly ImmutableArray<Task> _loops;

    /// <summary>Starts the node.</summary>
    /// <exception cref="IOException">It cannot listen, or cannot use its data directory.</exception>
    public RunningNode(
        NodeSettings settings,
        IMessageHandler handler,
        ITransport transport,
        NodeClock clock,
        FramePool frames,
        P2PMetrics metrics,
        EventHub events,
        ILogger logger)
    {
        int wanted = settings.MaxInbound;
        settings = settings.FitTo(DescriptorLimit.Read());
        if (settings.MaxInbound < wanted)
            Log.FewDescriptors(logger, settings.MaxInbound, wanted);
        _settings = settings;
        _logger = logger;
        _store = settings.DataDirectory is null ? new MemoryStore() : LmdbStore.Open(settings.DataDirectory);
        try
        {
            var random = new RandomSource(settings.RandomSeed);
            byte[] key = _store.LoadKey(() => random.NextBytes(AddrManParameters.KeySize));
            Book = LoadBook(key, random, clock, out bool isSeeded);
            var local = new LocalAddresses(settings.Policy, settings.ExternalEndpoints, random);
            var discouragement = new Discouragement();
            Relay = new MessageRelay(handler, Peers, frames, clock, random, metrics, events, logger);
            var context = new NodeContext
            {
                Settings = settings,
                Clock = clock,
                Random = random,
                Frames = frames,
                Peers = Peers,
                Relay = Relay,
                Gossip = new AddressGossip(
                    Book, local, Peers, discouragement, settings.Policy, frames, clock, random),
                Local = local,
                Discouragement = discouragement,
                Metrics = metrics,
                Events = events,
                Logger = logger,
            };
            _keeper = new AddressBookKeeper(Book, _store, settings.Policy, clock, logger);
            if (isSeeded)
                _keeper.NoteOtherSource();
            _snapshot = SnapshotPath is null
                ? null
                : new PeersSnapshot(Book, key, SnapshotPath, settings.Policy, clock, logger);
            _asmapHealth = settings.Policy.Asmap is { } map ? new AsmapHealth(map, Book, clock, logger) : null;
            _listeners = Listen(transport);
            _host = new PeerHost(context, _listeners);
            _dialer = new Dialer(
                context, transport, new DnsNameResolver(logger), Book, _host, new AddrFetchQueue(), anchors: []);
            foreach (IConnectionListener listener in _listeners)
                local.Listening(listener.LocalEndpoint);
            Log.Started(logger, settings.Policy.Network, Book.Count);
            if (settings.Policy.Asmap is { Version: var version })
                Log.AsmapUsed(logger, version);
            _beats = [_host.Tick, _dialer.Tick, _keeper.Tick, () => _snapshot?.Tick(), () => _asmapHealth?.Tick(), Relay.Tick];
            _loops =
            [
                .. _listeners.Select(listener =>
                    AcceptLoop.RunAsync(listener, _host.Accept, clock.TimeProvider, logger, _stopping.Token)),
                BeatAsync(clock.TimeProvider),
            ];
        }
        catch
        {
            _store.Dispose();
            throw;
        }
    }

    public PeerTable Peers { get; } = new();

    public MessageRelay Relay { get; }

    public AddressManager Book { get; }

    public IReadOnlyList<NetEndpoint> ListeningEndpoints => [.. _listeners.Select(listener => listener.LocalEndpoint)];

    /// <summary>Stops the node: takes everything down in the order in which nothing is missed by what still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (IConnectionListener listener in _listeners)
            listener.Dispose();
        await Task.WhenAll(_loops).ConfigureAwait(false);
        await _host.StopAsync().ConfigureAwait(false);
        await _dialer.StopAsync().ConfigureAwait(false);
        await _keeper.Writing.ConfigureAwait(false);
        await Task.Run(_keeper.Flush).ConfigureAwait(false);
        if (_snapshot is not null)
        {
            await _snapshot.Writing.ConfigureAwait(false);
            await Task.Run(_snapshot.Write).ConfigureAwait(false);
        }

        if (_asmapHealth is not null)
            await _asmapHealth.Measuring.ConfigureAwait(false);
        Relay.Clear();
        _store.Dispose();
        _dialer.Dispose();
        _stopping.Dispose();
        Log.Stopped(_logger);
    }

    private string? SnapshotPath =>
        _settings.DataDirectory is null ? null : Path.Combine(_settings.DataDirectory, PeersSnapshot.FileName);

    /// <summary>Makes the address book and fills it from the database or, where that has nothing, from `peers.dat`.</summary>
    private AddressManager LoadBook(byte[] key, RandomSource random, NodeClock clock, out bool isSeeded)
    {
        var book = new AddressManager(new AddressManagerOptions
        {
            Key = key,
            Random = random.Fork(),
            Clock = clock.TimeProvider,
            Grouping = _settings.Policy.Grouping,
            IsRoutable = _settings.Policy.IsStorable,
        });
        bool isSameGrouping = _store.UseGrouping(_settings.Policy.GroupingName);
        IReadOnlyList<AddressEntry> stored = _store.LoadAddresses();
        RestoreResult result = stored.Count == 0
            ? RestoreSnapshot(book, key)
            : book.Restore(stored, keepBuckets: isSameGrouping);
        isSeeded = stored.Count == 0 && result.Restored > 0;
        if (result.Dropped > 0)
            Log.AddressesDropped(_logger, result.Dropped);
        return book;
    }

    /// <summary>Fills an empty book from `peers.dat`, if there is one: that is how a node is seeded from another's.</summary>
    private RestoreResult RestoreSnapshot(AddressManager book, byte[] key)
    {
        if (SnapshotPath is null)
            return default;
        PeersImage? image = PeersFileStore.Load(SnapshotPath, _settings.Policy.Network, out string? setAside);
        if (setAside is not null)
            Log.SnapshotSetAside(_logger, setAside);
        if (image is null)
            return default;
        RestoreResult result = book.Restore(image.Entries, image.WasPlacedBy(key, _settings.Policy.GroupingName));
        Log.SnapshotRead(_logger, result.Restored, SnapshotPath);
        return result;
    }

    /// <summary>
    /// Listens on every address the operator named. When he named none, wherever it can: that IPv6 or IPv4 is missing on
    /// a machine is no reason not to run.
    /// </summary>
    private ImmutableArray<IConnectionListener> Listen(ITransport transport)
    {
        var listeners = new List<IConnectionListener>();
        IOException? failure = null;
        int most = InboundSlots.MostListeners(_settings);
        foreach (NetEndpoint endpoint in _settings.ListenEndpoints.Skip(most))
            Log.NotListening(_logger, endpoint, "there is no room for inbound peers (-maxconnections, descriptors)");
        foreach (NetEndpoint endpoint in _settings.ListenEndpoints.Take(most))
        {
            // When the system chose a port for the first address, the second one gets the same.
            ushort port = endpoint.Port == 0 && listeners.Count > 0 ? listeners[0].LocalEndpoint.Port : endpoint.Port;
            try
            {
                IConnectionListener listener = transport.Listen(endpoint with { Port = port });
                listeners.Add(listener);
                Log.Listening(_logger, listener.LocalEndpoint);
            }
            catch (IOException e)
            {
                failure = e;
                Log.NotListening(_logger, endpoint, e.Message);
            }
        }

        if (failure is null || (listeners.Count > 0 && !_settings.ListensOnNamedAddresses))
            return [.. listeners];
        foreach (IConnectionListener listener in listeners)
            listener.Dispose();
        throw new IOException($"{failure.Message}. Choose another -port or -bind, or -listen=0.", failure);
    }

    private async Task BeatAsync(TimeProvider timeProvider)
    {
        using var timer = new PeriodicTimer(NodeDefaults.Heartbeat, timeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
                Beat();
        }
        catch (OperationCanceledException)
        {
            // The node is stopping.
        }
    }

    private void Beat()
    {
        foreach (Action part in _beats)
        {
            try
            {
                part();
            }
#pragma warning disable CA1031 // One part that fails must not stop the others, nor the heart.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.HeartbeatFailed(_logger, e);
            }
        }
    }
}
