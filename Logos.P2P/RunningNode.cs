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
    private readonly FramePool _frames;
    private readonly IOverlayStore _store;
    private readonly NodeTasks _tasks;
    private readonly Discouragement _discouragement = new();
    private readonly AddressBookKeeper _keeper;
    private readonly BanListKeeper _banKeeper;
    private readonly PeersSnapshot? _snapshot;
    private readonly AsmapHealth? _asmapHealth;
    private readonly PeerHost _host;
    private readonly Dialer _dialer;
    private readonly ImmutableArray<IDiscovery> _ways;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ImmutableArray<IConnectionListener> _listeners;
    private readonly ImmutableArray<Action> _beats;
    private readonly ImmutableArray<Task> _loops;
    private DiscoveryState _state;

    /// <summary>Whether what there may be of anchors could not be read, and is not to be written over.</summary>
    private bool _leavesAnchors;

    /// <summary>Starts the node.</summary>
    /// <exception cref="IOException">It cannot listen, or cannot use its data directory.</exception>
    public RunningNode(
        NodeSettings settings,
        IMessageHandler handler,
        NodeEnvironment environment,
        FramePool frames,
        P2PMetrics metrics,
        EventHub events,
        ILogger logger)
    {
        int wanted = settings.MaxInbound;
        settings = settings.FitTo(environment.Descriptors);
        if (settings.MaxInbound < wanted)
            Log.FewDescriptors(logger, settings.MaxInbound, wanted);
        if (environment.HostStorage is not null)
            settings = settings with { DataDirectory = null };
        _settings = settings;
        _logger = logger;
        _frames = frames;
        _tasks = environment.Tasks;
        var clock = new NodeClock(environment.TimeProvider);
        INameResolver resolver = environment.Resolver ?? new DnsNameResolver(logger);
        var random = new RandomSource(settings.RandomSeed);
        byte[] MakeKey() => random.NextBytes(AddrManParameters.KeySize);
        _store = environment.Store ?? (settings.DataDirectory, environment.HostStorage) switch
        {
            (_, { } storage) => new HostStore(storage, settings.Policy.Network, MakeKey, logger),
            (null, null) => new MemoryStore(MakeKey()),
            ({ } directory, null) => LmdbStore.Open(directory, settings.Policy.Network, MakeKey),
        };
        try
        {
            Book = new StoredAddresses(_store, SnapshotPath, settings.Policy, logger).Load(random.Fork(), clock.TimeProvider);
            Local = new LocalAddresses(settings.Policy, settings.ExternalEndpoints, random);
            Bans = new BanList(clock.TimeProvider);
            _banKeeper = new BanListKeeper(Bans, _store, clock, _tasks, logger);
            _banKeeper.Load();
            UploadTarget = new UploadTarget(settings.MaxUploadTarget, metrics.Traffic, clock);
            Relay = new MessageRelay(
                handler, environment.Policy(settings.Relay), Peers, frames, clock, random,
                UploadTarget, metrics, events, logger)
            {
                HandlerThreads = new HandlerThreads(_tasks),
            };
            var context = new NodeContext
            {
                Settings = settings,
                Clock = clock,
                Tasks = _tasks,
                Random = random,
                Frames = frames,
                Budget = new ByteBudget(frames, settings.MaxFrameMemory),
                RelayLimit = Intake.NodeLimit(settings),
                UploadRate = UploadLimit.ForAll(settings),
                Peers = Peers,
                Relay = Relay,
                Gossip = new AddressGossip(
                    Book, Local, Peers, _discouragement, Bans, settings.Policy, frames, clock, random),
                Local = Local,
                Discouragement = _discouragement,
                Bans = Bans,
                Metrics = metrics,
                Events = events,
                Captures = settings.CaptureDirectory is { } captures
                    ? new CaptureDirectory(captures, clock.TimeProvider, logger)
                    : null,
                Logger = logger,
            };
            _keeper = new AddressBookKeeper(Book, _store, settings.Policy, clock, _tasks, logger);
            _snapshot = SnapshotPath is null
                ? null
                : new PeersSnapshot(Book, _store.Key, SnapshotPath, settings.Policy, clock, _tasks, logger);
            _asmapHealth = settings.Policy.Asmap is { } map ? new AsmapHealth(map, Book, clock, _tasks, logger) : null;
            var toAsk = new AddrFetchQueue();
            _ways =
            [
                new SeedNodes(settings.SeedNodes, toAsk, random, logger),
                new DnsSeeds(settings, Book, toAsk, resolver, clock, random, logger),
                new FixedSeeds(settings, Book, clock, random, logger),
                new PartitionRecovery(settings, Book, toAsk, logger),
            ];
            _listeners = Listen(environment.Transport);
            _host = new PeerHost(context, _listeners);
            foreach (IConnectionListener listener in _listeners)
                Local.Listening(listener.LocalEndpoint);
            // Reading the anchors takes them out of the store, so only now that the node will run.
            _dialer = new Dialer(
                context, environment.Transport, resolver, Book, _host, toAsk, TakeAnchors());
            Log.Started(logger, settings.Policy.Network, Book.Count);
            if (settings.CaptureDirectory is { } written)
                Log.CapturesMessages(logger, written);
            if (Book.Count == 0 && settings is { NamesNobody: true, MaxOutbound: > 0, NetworkActive: true })
                Log.NobodyToFind(logger);
            if (settings.Policy.Asmap is { Version: var version })
                Log.AsmapUsed(logger, version);
            _beats =
            [
                _host.Tick,
                () => _state = StateFor(clock.Now),
                .. _ways.Select<IDiscovery, Action>(way => () =>
                {
                    if (_host.IsActive)
                        way.Tick(_state);
                }),
                _dialer.Tick, _keeper.Tick, _banKeeper.Tick, () => _snapshot?.Tick(), () => _asmapHealth?.Tick(), Relay.Tick,
            ];
            _loops =
            [
                .. _listeners.Select(listener =>
                    AcceptLoop.RunAsync(listener, _host.Accept, clock.TimeProvider, logger, _stopping.Token)),
                BeatAsync(clock.TimeProvider),
            ];
        }
        catch
        {
            foreach (IConnectionListener listener in _listeners.IsDefault ? [] : _listeners)
                listener.Dispose();
            _store.Dispose();
            throw;
        }
    }

    public PeerTable Peers { get; } = new();

    public MessageRelay Relay { get; }

    public AddressManager Book { get; }

    public BanList Bans { get; }

    public IReadOnlyList<NetEndpoint> ListeningEndpoints => [.. _listeners.Select(listener => listener.LocalEndpoint)];

    /// <summary>Disconnects the peers that are banned by now.</summary>
    public void DisconnectBanned() => _host.DisconnectBanned();

    /// <summary>Whether there are to be connections at all.</summary>
    public bool IsActive => _host.IsActive;

    /// <summary>See <see cref="P2PNode.SetNetworkActive"/>.</summary>
    public void SetActive(bool isActive) => _host.SetActive(isActive);

    /// <summary>The addresses of this node.</summary>
    public LocalAddresses Local { get; }

    /// <summary>The map of autonomous systems; null for none.</summary>
    public Asmap? Asmap => _settings.Policy.Asmap;

    /// <summary>How much may be sent in a day.</summary>
    public UploadTarget UploadTarget { get; }

    /// <summary>Whether nobody wants an address: its host is banned or discouraged.</summary>
    public bool IsUnwanted(in NetAddress address) => Bans.Contains(address) || _discouragement.Contains(address);

    /// <summary>Whether an address may be in the book.</summary>
    public bool IsStorable(in NetEndpoint endpoint) => _settings.Policy.IsStorable(endpoint);

    /// <summary>See <see cref="P2PNode.ReportInvalid"/>.</summary>
    public bool ReportInvalid(in MessageId id) => _host.ReportInvalid(id);

    /// <summary>The connections to the operator's peers.</summary>
    public ManualDialer ManualPeers => _dialer.Manual;

    /// <summary>Writes the address book and the bans.</summary>
    /// <returns>False when one of them could not be written; the log says why.</returns>
    public async Task<bool> SaveAsync()
    {
        bool isSaved = false;
        await _tasks.RunBlocking(() => isSaved = _keeper.WriteAll() & _banKeeper.WriteAll());
        return isSaved;
    }

    /// <summary>Reads the address book and the bans again, and takes up what is new in them.</summary>
    /// <returns>False when there was none of both.</returns>
    /// <exception cref="IOException">They cannot be read.</exception>
    public async Task<bool> LoadAsync()
    {
        bool isLoaded = false;
        // Both, whatever the first one says.
        await _tasks.RunBlocking(() => isLoaded = _keeper.Merge() | _banKeeper.Load());
        _host.DisconnectBanned();
        return isLoaded;
    }

    public MemoryAccount GetMemory() => MemoryAccounting.Take(_settings, _frames, Peers, Relay, Book);

    /// <summary>Stops the node: takes everything down in the order in which nothing is missed by what still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping.Cancel();
        foreach (IConnectionListener listener in _listeners)
            listener.Dispose();
        await Task.WhenAll(_loops);
        await Task.WhenAll(_ways.Select(way => way.StopAsync()));
        await _tasks.RunBlocking(SaveAnchors);
        await _host.StopAsync();
        await _dialer.StopAsync();
        await _keeper.Writing;
        await _tasks.RunBlocking(_keeper.Flush);
        await _banKeeper.Writing;
        await _tasks.RunBlocking(_banKeeper.Flush);
        if (_snapshot is not null)
        {
            await _snapshot.Writing;
            await _tasks.RunBlocking(_snapshot.Write);
        }

        if (_asmapHealth is not null)
            await _asmapHealth.Measuring;
        Relay.Dispose();
        _store.Dispose();
        _dialer.Dispose();
        _stopping.Dispose();
        Log.Stopped(_logger);
    }

    /// <summary>In every beat of every node, so it goes without LINQ.</summary>
    private DiscoveryState StateFor(TimeSpan now)
    {
        int known = 0, outbound = 0, manual = 0;
        foreach (NetworkId network in _settings.DialedNetworks)
            known += Book.CountOf(network).Total;
        foreach (Peer peer in Peers.Ready)
        {
            outbound += peer.Kind == ConnectionKind.Outbound ? 1 : 0;
            manual += peer.Kind == ConnectionKind.Manual ? 1 : 0;
        }

        return new DiscoveryState(now, known, outbound, IsAlone: outbound + manual == 0);
    }

    /// <summary>Those of the last run, for a node that has quiet peers; one that has none leaves them where they are.</summary>
    private IReadOnlyList<Anchor> TakeAnchors()
    {
        if (_settings.MaxQuiet == 0)
            return [];
        try
        {
            IReadOnlyList<Anchor> anchors = _store.TakeAnchors(out bool areDamaged);
            if (areDamaged)
                Log.AnchorsDamaged(_logger, _store.Path);
            return anchors;
        }
        catch (IOException e)
        {
            Log.AnchorsNotTaken(_logger, _store.Path, e);
            _leavesAnchors = true;
            return [];
        }
    }

    private void SaveAnchors()
    {
        if (_settings.MaxQuiet == 0 || _leavesAnchors)
            return;
        try
        {
            _store.SaveAnchors(_dialer.Anchors());
        }
        catch (IOException e)
        {
            Log.AnchorsNotSaved(_logger, e);
        }
    }

    private string? SnapshotPath =>
        _settings.DataDirectory is null ? null : PeersSnapshot.PathIn(_settings.DataDirectory);

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
            while (await timer.WaitForNextTickAsync(_stopping.Token))
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
