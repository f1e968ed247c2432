using Logos.P2P.AddrMan;
using Logos.P2P.Discovery;
using Logos.P2P.Peers;
using Logos.P2P.Storage;
using Logos.P2P.Transport;
using Logos.P2P.Wire;

namespace Logos.P2P.Dialing;

/// <summary>
/// All connections that this node makes: to the operator's peers, to those it chooses itself, and to those it only asks for
/// addresses. Told the time by the heartbeat; what takes long runs on its own.
/// </summary>
internal sealed class Dialer : IDisposable
{
    private readonly NodeContext _node;
    private readonly PeerHost _host;
    private readonly CancellationTokenSource _stopping = new();
    private readonly DialTasks<string> _manualTasks;
    private readonly DialTasks<NetEndpoint> _automaticTasks;
    private readonly DialTasks<string> _fetchTasks;
    private readonly AutomaticDialer _automatic;
    private readonly AddrFetcher _fetcher;

    /// <param name="node">The parts of the node.</param>
    /// <param name="transport">How connections are made.</param>
    /// <param name="resolver">Looks up the names of peers.</param>
    /// <param name="book">Where addresses come from.</param>
    /// <param name="host">Who runs the peers.</param>
    /// <param name="fetchQueue">Peers to ask for addresses.</param>
    /// <param name="anchors">The quiet peers of the last run.</param>
    public Dialer(
        NodeContext node,
        ITransport transport,
        INameResolver resolver,
        AddressManager book,
        PeerHost host,
        AddrFetchQueue fetchQueue,
        IEnumerable<Anchor> anchors)
    {
        _node = node;
        _host = host;
        CancellationToken stopping = _stopping.Token;
        _manualTasks = new DialTasks<string>(node.Tasks, node.Logger, stopping);
        _automaticTasks = new DialTasks<NetEndpoint>(node.Tasks, node.Logger, stopping);
        _fetchTasks = new DialTasks<string>(node.Tasks, node.Logger, stopping);
        var connector = new Connector(node, transport, host, stopping);
        var names = new NamedPeers(resolver, node.Settings.Policy.Network.DefaultPort(), node.Random, stopping);
        Manual = new ManualDialer(node, connector, names, _manualTasks);
        _automatic = new AutomaticDialer(node, book, connector, anchors, Manual, _automaticTasks);
        _fetcher = new AddrFetcher(node, connector, names, fetchQueue, _fetchTasks);
    }

    /// <summary>The connections to the operator's peers.</summary>
    public ManualDialer Manual { get; }

    /// <summary>Dials that are running and connections that came of some.</summary>
    public int SlotsInUse => _manualTasks.Count + _automaticTasks.Count + _fetchTasks.Count;

    /// <summary>
    /// The peers to return to first after a restart: quiet ones, since nobody else can tell which they are, and those of the last run
    /// that there was no occasion to return to. Their number is stored in a byte.
    /// </summary>
    public IReadOnlyList<Anchor> Anchors() =>
    [
        .. _node.Peers.Ready.Where(peer => peer.Kind == ConnectionKind.Quiet)
            .Select(peer => new Anchor(peer.Endpoint, peer.Version!.Services))
            .Concat(_automatic.AnchorsLeft)
            .Take(Math.Min(_node.Settings.MaxQuiet, byte.MaxValue)),
    ];

    /// <summary>Starts the dials that are due.</summary>
    public void Tick()
    {
        if (!_host.IsActive)
            return;
        TimeSpan now = _node.Clock.Now;
        Manual.Tick(now);
        _fetcher.Tick(now);
        _automatic.Tick(now);
    }

    /// <summary>Gives up all dials and waits until none runs. Peers must have been disconnected.</summary>
    public async Task StopAsync()
    {
        _stopping.Cancel();
        await Task.WhenAll(_manualTasks.WaitAsync(), _automaticTasks.WaitAsync(), _fetchTasks.WaitAsync());
    }

    public void Dispose() => _stopping.Dispose();
}
