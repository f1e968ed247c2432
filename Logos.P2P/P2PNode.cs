using Logos.P2P.Access;
using Logos.P2P.AddrMan;
using Logos.P2P.Diagnostics;
using Logos.P2P.Peers;
using Logos.P2P.Relay;
using Logos.P2P.Storage;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Logos.P2P;

/// <summary>
/// A node of the overlay: finds peers, keeps connections to them, and carries opaque messages to every other node.
/// Start it once, stop it once. All members may be used from any thread.
/// </summary>
/// <example>
/// <code>
/// await using var node = new P2PNode(new P2POptions { DataDirectory = "data" }, handler);
/// await node.StartAsync();
/// bool sent = node.Propagate(message);
/// </code>
/// </example>
public sealed partial class P2PNode : IAsyncDisposable
{
    private readonly NodeSettings _settings;
    private readonly IMessageHandler _handler;
    private readonly NodeEnvironment _environment;
    private readonly ILogger _logger;
    private readonly FramePool _frames;
    private readonly EventHub _events = new();
    private readonly SemaphoreSlim _life = new(1);
    private volatile RunningNode? _running;
    private bool _isUsed;

    /// <summary>Makes a node. Nothing happens before <see cref="StartAsync"/>.</summary>
    /// <param name="options">How it is to run.</param>
    /// <param name="handler">The upper layer.</param>
    /// <param name="loggerFactory">Where log messages go; nowhere when null.</param>
    /// <exception cref="ArgumentException">An option cannot be used; the message says which and why.</exception>
    public P2PNode(P2POptions options, IMessageHandler handler, ILoggerFactory? loggerFactory = null)
        : this(options, handler, loggerFactory, new NodeEnvironment())
    {
    }

    internal P2PNode(
        P2POptions options, IMessageHandler handler, ILoggerFactory? loggerFactory, NodeEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(handler);
        _settings = NodeSettings.From(options);
        _handler = handler;
        _environment = environment;
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Logos.P2P");
        _frames = new FramePool(options.Network);
        Metrics = new P2PMetrics(_frames);
    }

    /// <summary>What nodes call themselves to their peers.</summary>
    public static string UserAgent => NodeSettings.UserAgent;

    /// <summary>What the node has counted since it was made.</summary>
    public P2PMetrics Metrics { get; }

    /// <summary>The node while it runs; null before and after.</summary>
    internal RunningNode? Inside => _running;

    /// <summary>How many peers messages flow to: those whose handshake is complete.</summary>
    public int ConnectionCount => _running?.Peers.Ready.Length ?? 0;

    /// <summary>How many addresses the address book holds.</summary>
    public int AddressCount => _running?.Book.Count ?? 0;

    /// <summary>Where the node listens, with the ports that the system chose where it was asked to.</summary>
    public IReadOnlyList<NetEndpoint> ListeningEndpoints => _running?.ListeningEndpoints ?? [];

    /// <summary>
    /// Opens the address book, starts to listen and to connect. Returns when the node listens; it finds its peers in the
    /// background.
    /// </summary>
    /// <exception cref="InvalidOperationException">The node was started or stopped before.</exception>
    /// <exception cref="IOException">
    /// No address to listen on could be used, or the data directory cannot be (<see cref="StoreException"/>).
    /// </exception>
    public Task StartAsync(CancellationToken cancellationToken = default) =>
        // Opening the store reads the disk: not on the caller's thread.
        _environment.Tasks.Run(() => StartInsideAsync(cancellationToken));

    /// <summary>
    /// Disconnects from all peers, writes the address book and frees everything. When it returns, the handler is not
    /// running and will not be called again. A node that was stopped, even before its start, cannot be started.
    /// </summary>
    /// <exception cref="InvalidOperationException">Called from within the handler, which it would wait for.</exception>
    public Task StopAsync() => _running is { Relay.IsInHandler: true }
        ? Task.FromException(new InvalidOperationException("A node cannot be stopped from within its handler."))
        : _environment.Tasks.Run(StopInsideAsync);

    /// <summary>Sends a message to every node of the overlay.</summary>
    /// <param name="message">
    /// The bytes, opaque to the overlay: 0 to <see cref="WireLimits.MaxPayload"/> of them. They are copied.
    /// </param>
    /// <returns>
    /// False only when no peer is connected. A message that was propagated or received before is not sent again, and the
    /// answer is true.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The message is too long.</exception>
    public bool Propagate(ReadOnlySpan<byte> message) => Propagate(message, out _);

    /// <summary>Sends a message to every node of the overlay, and tells what becomes of it.</summary>
    /// <param name="message">See <see cref="Propagate(ReadOnlySpan{byte})"/>.</param>
    /// <param name="receipt">
    /// How many peers were sent it, and how far it is known to have come; see also <see cref="MessageSpread"/>. Of a message that
    /// is not sent, or not sent again, everything in it is and stays zero.
    /// </param>
    /// <returns>See <see cref="Propagate(ReadOnlySpan{byte})"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The message is too long.</exception>
    public bool Propagate(ReadOnlySpan<byte> message, out PublishReceipt receipt)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, WireLimits.MaxPayload, nameof(message));
        if (_running is { } running)
            return running.Relay.Propagate(message, out receipt);
        receipt = new PublishReceipt(MessageId.Compute(message), TimeSpan.Zero);
        return false;
    }

    /// <summary>
    /// Takes back <see cref="Verdict.Propagate"/>: a message that looked good turned out to be bad. The node neither sends nor
    /// announces it any more, and disconnects and discourages the peer that brought it first, as with
    /// <see cref="Verdict.Reject"/>. It is not given to the handler again. What was sent before is under way: report what
    /// takes long to find out, and reject what does not.
    /// </summary>
    /// <param name="id">The message.</param>
    /// <returns>
    /// False when the node does not have the message, or no longer (<see cref="NodeDefaults.MessageStoreAge"/>). Nobody is blamed
    /// then. While the handler is still judging it, whatever that says counts as <see cref="Verdict.Reject"/>.
    /// </returns>
    public bool ReportInvalid(MessageId id) => _running?.ReportInvalid(id) ?? false;

    /// <summary>
    /// Tells of each short id which message it stands for, among those that were propagated within the last minutes and are
    /// still kept for peers that ask: see <see cref="NodeDefaults.MessageStoreBytes"/> and
    /// <see cref="NodeDefaults.MessageStoreAge"/>.
    /// </summary>
    /// <param name="shortIds">The short ids; see <see cref="ShortIds.TryRead"/>.</param>
    /// <param name="key">The key they were made with.</param>
    /// <returns>What each stands for, in their order; all are missing when the node does not run.</returns>
    /// <remarks>
    /// The first call with a key hashes every kept message, 0.1 to 0.2 microseconds each; with the same key within ten seconds it costs
    /// a look-up for each short id.
    /// </remarks>
    public IReadOnlyList<ResolvedId> Resolve(ShortIdList shortIds, ShortIdKey key)
    {
        ShortId[] names = ToArray(shortIds);
        return _running?.Relay.Resolve(names, key) ?? new ResolvedId[names.Length];
    }

    /// <summary>
    /// Waits until messages are here, and asks peers for those that are not: the preferred one, then the others one at a time.
    /// What comes reaches <see cref="IMessageHandler.Receive"/> first, as every message does, and is found when the handler has
    /// not rejected it. Messages that peers announce are asked for as always besides.
    /// </summary>
    /// <param name="ids">The messages: up to <see cref="WireLimits.MaxInventory"/>. One that is named twice is fetched once.</param>
    /// <param name="preferredPeer">Who is asked first, such as whoever brought the message that names these; null for nobody.</param>
    /// <param name="deadline">When to give up.</param>
    /// <param name="cancellationToken">Gives up at once.</param>
    /// <returns>When all are here, at the deadline, or when the node stops: which are here, each once.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Too many messages, or a negative deadline.</exception>
    /// <exception cref="InvalidOperationException">The node does not run, or 64 fetches are under way.</exception>
    public Task<FetchResult> FetchAsync(
        IReadOnlyCollection<MessageId> ids, long? preferredPeer, TimeSpan deadline, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        MessageId[] each = [.. ids.Distinct()];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(each.Length, Fetcher.MaxMessages, nameof(ids));
        return FetchAsync(new Fetch(each, preferredPeer), deadline, cancellationToken);
    }

    /// <summary>
    /// The same for messages of which the ids are not known: peers look them up among what they keep. A short id that several
    /// messages have, or that is there several times, is ambiguous: nothing is guessed. That is as far as it is known when
    /// nothing is missing any more; of two that are on their way the second one may come later.
    /// </summary>
    /// <param name="shortIds">The short ids: up to <see cref="WireLimits.MaxInventory"/>; see <see cref="ShortIds.TryRead"/>.</param>
    /// <param name="key">The key they were made with.</param>
    /// <param name="preferredPeer">Who is asked first, such as whoever brought the list; null for nobody.</param>
    /// <param name="deadline">When to give up.</param>
    /// <param name="cancellationToken">Gives up at once.</param>
    /// <returns>
    /// When none is missing any more, at the deadline, or when the node stops: what became of each, in their order.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">Too many messages, or a negative deadline.</exception>
    /// <exception cref="InvalidOperationException">The node does not run, or 64 fetches are under way.</exception>
    public Task<FetchResult> FetchAsync(
        ShortIdList shortIds, ShortIdKey key, long? preferredPeer, TimeSpan deadline, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shortIds.Count, Fetcher.MaxMessages, nameof(shortIds));
        return FetchAsync(new Fetch(ToArray(shortIds), key, preferredPeer), deadline, cancellationToken);
    }

    /// <summary>Sends a message to the upper layer of one peer alone. It is not passed on.</summary>
    /// <param name="peerId">The peer; see <see cref="PeerInfo.Id"/>.</param>
    /// <param name="message">The bytes: 0 to <see cref="WireLimits.MaxPayload"/> of them. They are copied.</param>
    /// <returns>False when there is no such peer or its queue is full.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The message is too long.</exception>
    public bool SendDirect(long peerId, ReadOnlySpan<byte> message)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, WireLimits.MaxPayload, nameof(message));
        if (_running?.Peers.Find(peerId) is not { IsReady: true } peer)
            return false;
        Frame frame = _frames.Create(Command.Direct, message);
        bool isSent = peer.TrySend(frame, SendLane.Bulk);
        frame.Release();
        return isSent;
    }

    /// <summary>Stays connected to a peer from now on, as if it were one of <see cref="P2POptions.AddNodes"/>.</summary>
    /// <param name="peer">The peer, written as there.</param>
    /// <exception cref="FormatException">The text names no peer.</exception>
    /// <exception cref="InvalidOperationException">The node does not run.</exception>
    public AddNodeResult AddNode(string peer) => Running.ManualPeers.Add(RequirePeer(peer));

    /// <summary>
    /// Does not dial a peer of <see cref="AddNode"/> or <see cref="P2POptions.AddNodes"/> any more. A connection to it goes on.
    /// </summary>
    /// <param name="peer">The peer, written as when it was added.</param>
    /// <returns>False when it was not added.</returns>
    /// <exception cref="InvalidOperationException">The node does not run.</exception>
    public bool RemoveNode(string peer) => Running.ManualPeers.Remove(peer);

    /// <summary>Dials a peer in the background, once; nothing happens when it is dialled or connected to already.</summary>
    /// <param name="peer">The peer, written as for <see cref="AddNode"/>.</param>
    /// <exception cref="FormatException">The text names no peer.</exception>
    /// <exception cref="InvalidOperationException">The node does not run.</exception>
    public void ConnectOnce(string peer) => Running.ManualPeers.TryOnce(RequirePeer(peer));

    /// <summary>
    /// Pings all peers with the next heartbeat, instead of when their next ping is due; <see cref="PeerInfo.PingTime"/> tells
    /// the result.
    /// </summary>
    public void Ping()
    {
        foreach (Peer peer in _running?.Peers.All ?? [])
            peer.PingSoon();
    }

    /// <summary>Ends the connection to a peer.</summary>
    /// <returns>False when there is no such peer.</returns>
    public bool Disconnect(long peerId)
    {
        if (_running?.Peers.Find(peerId) is not { } peer)
            return false;
        peer.Disconnect(DisconnectReason.Requested);
        return true;
    }

    /// <summary>Ends the connections to a host, or to all hosts of a subnet.</summary>
    /// <returns>How many there were.</returns>
    public int Disconnect(Subnet hosts)
    {
        Peer[] peers = [.. (_running?.Peers.All ?? []).Where(peer => hosts.Contains(peer.Endpoint.Address))];
        foreach (Peer peer in peers)
            peer.Disconnect(DisconnectReason.Requested);
        return peers.Length;
    }

    /// <summary>
    /// Bans a host or subnet: its peers are disconnected, it is neither dialled nor let in, and its addresses are neither
    /// stored nor passed on. Bans outlast a restart. Peers with <see cref="PeerPermissions.NoBan"/> stay.
    /// </summary>
    /// <param name="hosts">Whom.</param>
    /// <param name="duration">
    /// How long, at least a second; parts of a second do not count. <see cref="P2POptions.BanTime"/> when null.
    /// </param>
    /// <exception cref="ArgumentException">The subnet is the default one, which is nobody's.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The duration is less than a second.</exception>
    /// <exception cref="InvalidOperationException">The node does not run; see <see cref="BanListFiles"/>.</exception>
    public BanResult Ban(Subnet hosts, TimeSpan? duration = null) =>
        Ban(bans => bans.Add(hosts, duration ?? _settings.BanTime));

    /// <summary>Bans a host or subnet until a time; else as <see cref="Ban(Subnet, TimeSpan?)"/>.</summary>
    /// <param name="hosts">Whom.</param>
    /// <param name="until">Until when; parts of a second do not count.</param>
    /// <exception cref="ArgumentOutOfRangeException">That is past.</exception>
    /// <exception cref="InvalidOperationException">The node does not run; see <see cref="BanListFiles"/>.</exception>
    public BanResult Ban(Subnet hosts, DateTimeOffset until) => Ban(bans => bans.Add(hosts, until));

    /// <summary>Lifts a ban.</summary>
    /// <returns>False when there is none of exactly these hosts.</returns>
    /// <exception cref="InvalidOperationException">The node does not run; see <see cref="BanListFiles"/>.</exception>
    public bool Unban(Subnet hosts) => Running.Bans.Remove(hosts);

    /// <summary>Lifts all bans.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="InvalidOperationException">The node does not run; see <see cref="BanListFiles"/>.</exception>
    public int ClearBans() => Running.Bans.Clear();

    /// <summary>The bans, those that end first first; none when the node does not run.</summary>
    public IReadOnlyList<Ban> GetBans() => _running?.Bans.Snapshot() ?? [];

    /// <summary>Whether a host is banned, alone or with its subnet.</summary>
    public bool IsBanned(NetAddress address) => _running?.Bans.Contains(address) ?? false;

    /// <summary>All connections at this moment.</summary>
    public IReadOnlyList<PeerInfo> GetPeers() =>
        [.. (_running?.Peers.All ?? []).Select(peer => peer.ToInfo())];

    /// <summary>The memory of the node by owner; null while it does not run.</summary>
    public MemoryAccount? GetMemory() => _running?.GetMemory();

    /// <summary>
    /// Watches what happens. Each watcher has a queue of <see cref="NodeDefaults.EventBacklog"/> events of which the
    /// oldest are dropped, so a watcher that sleeps delays nothing. Watching begins with the call and ends when the
    /// enumeration is given up or the node has stopped; what is never enumerated keeps its queue until then.
    /// </summary>
    public IAsyncEnumerable<NodeEvent> WatchAsync(CancellationToken cancellationToken = default) =>
        _events.Watch(cancellationToken);

    /// <summary>Reads the address book of a node, running or not, from its data directory.</summary>
    /// <param name="dataDirectory">See <see cref="P2POptions.DataDirectory"/>.</param>
    /// <param name="network">The network the node is on.</param>
    /// <returns>The addresses as they were last written; none when the directory has no address book.</returns>
    /// <exception cref="StoreException">The address book cannot be read.</exception>
    public static IReadOnlyList<TimedAddress> ReadStoredAddresses(string dataDirectory, P2PNetwork network)
    {
        if (!AddressBookFiles.HasDatabase(dataDirectory, network))
            return [];
        PeersImage image = AddressBookFiles.ReadDatabase(dataDirectory, network, out _);
        return [.. image.Entries.Select(entry => entry.Address)];
    }

    private static ShortId[] ToArray(ShortIdList list)
    {
        var ids = new ShortId[list.Count];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = list[i];
        return ids;
    }

    private Task<FetchResult> FetchAsync(Fetch fetch, TimeSpan deadline, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(deadline.Ticks, nameof(deadline));
        RunningNode running = Running;
        return _environment.Tasks.Run(() => running.Relay.Fetcher.FetchAsync(fetch, deadline, cancellationToken));
    }

    private RunningNode Running => _running ?? throw new InvalidOperationException("The node does not run.");

    private string RequirePeer(string peer) => NodeSettings.IsPeer(peer, _settings.Policy.Network.DefaultPort())
        ? peer
        : throw new FormatException($"'{peer}' is not a peer; write host, host:port or [v6]:port.");

    private async Task StartInsideAsync(CancellationToken cancellationToken)
    {
        await _life.WaitAsync(cancellationToken);
        try
        {
            if (_isUsed)
                throw new InvalidOperationException("A node is started once. Make another one to start again.");
            _isUsed = true;
            _running = new RunningNode(_settings.Load(), _handler, _environment, _frames, Metrics, _events, _logger);
        }
        finally
        {
            _life.Release();
        }
    }

    private async Task StopInsideAsync()
    {
        await _life.WaitAsync();
        try
        {
            _isUsed = true;
            if (_running is { } running)
                await running.DisposeAsync();
            _running = null;
            _events.Complete();
        }
        finally
        {
            _life.Release();
        }
    }

    private BanResult Ban(Func<BanList, BanResult> add)
    {
        RunningNode running = Running;
        BanResult result = add(running.Bans);
        if (result == BanResult.Added)
            running.DisconnectBanned();
        return result;
    }

    /// <summary>Stops the node.</summary>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return new ValueTask(StopAsync());
    }
}
