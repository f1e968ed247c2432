using System.Text;
using Logos.P2P.Discovery;
using Logos.P2P.Tests.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests;

/// <summary>A node in a test, its upper layer, and ways to wait for what it does.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    /// <summary>How long a test waits for something that must happen. Only a failing test ever waits this long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IAsyncEnumerator<NodeEvent> _events;
    private readonly List<NodeEvent> _seen = [];

    private TestNode(P2PNode node, RecordingHandler handler)
    {
        Node = node;
        Handler = handler;
        _events = node.WatchAsync().GetAsyncEnumerator();
    }

    public P2PNode Node { get; }

    public RecordingHandler Handler { get; }

    /// <summary>Where it listens.</summary>
    public NetEndpoint Endpoint => Node.ListeningEndpoints[0];

    public string Address => Endpoint.ToString();

    /// <summary>
    /// Starts a regtest node on real sockets of the loopback interface that relays as told. All others of this class push, since
    /// most tests are about other things and want payloads to come at once.
    /// </summary>
    public static Task<TestNode> StartRelayAsync(
        RelayMode relay, RecordingHandler? handler = null, params string[] peers)
    {
        handler ??= new RecordingHandler();
        var node = new P2PNode(
            new P2POptions
            {
                Network = P2PNetwork.Regtest,
                Bind = ["127.0.0.1"],
                Port = 0,
                Relay = relay,
                Connect = peers.Length > 0 ? [.. peers] : ["0"],
            },
            handler);
        return StartAsync(node, handler);
    }

    /// <summary>Starts a regtest node on real sockets of the loopback interface.</summary>
    public static Task<TestNode> StartAsync(
        P2POptions? options = null, RecordingHandler? handler = null, params string[] addNodes)
    {
        options ??= new P2POptions();
        return StartAsync(options with { AddNodes = [.. options.AddNodes, .. addNodes] }, resolver: null, handler);
    }

    /// <summary>Starts a regtest node on real sockets, in a domain name system of the test's.</summary>
    public static Task<TestNode> StartAsync(P2POptions options, INameResolver? resolver, RecordingHandler? handler = null)
    {
        handler ??= new RecordingHandler();
        var node = new P2PNode(
            options with
            {
                Network = P2PNetwork.Regtest,
                Bind = options.Bind.Count > 0 ? options.Bind : ["127.0.0.1"],
                Port = options.Port ?? 0,
                Relay = RelayMode.Push,
            },
            handler,
            null,
            new NodeEnvironment { Resolver = resolver });
        return StartAsync(node, handler);
    }

    /// <summary>
    /// Starts a regtest node on real sockets of the loopback interface, to which 127.0.0.2 and above are not this machine but
    /// hosts of 192.0.2.0/24. It dials nobody.
    /// </summary>
    public static Task<TestNode> StartDisguisedAsync(
        P2POptions options, TimeProvider? clock = null, RecordingHandler? handler = null)
    {
        handler ??= new RecordingHandler();
        var node = new P2PNode(
            options with
            {
                Network = P2PNetwork.Regtest,
                Bind = ["127.0.0.1"],
                Port = 0,
                Connect = ["0"],
                Relay = RelayMode.Push,
            },
            handler,
            null,
            new NodeEnvironment { Transport = new DisguisingTransport(), TimeProvider = clock ?? TimeProvider.System });
        return StartAsync(node, handler);
    }

    /// <summary>Starts a regtest node on a network in memory, under a clock that the test moves.</summary>
    public static Task<TestNode> StartAsync(
        MemoryNetwork network, TimeProvider clock, string host, P2POptions? options = null, RecordingHandler? handler = null)
    {
        options ??= new P2POptions();
        handler ??= new RecordingHandler();
        var node = new P2PNode(
            options with
            {
                Network = P2PNetwork.Regtest,
                Bind = [host],
                RandomSeed = options.RandomSeed ?? 1,
                Relay = RelayMode.Push,
            },
            handler,
            null,
            new NodeEnvironment { Transport = network.TransportOf(host), TimeProvider = clock });
        return StartAsync(node, handler);
    }

    /// <summary>The next event of a kind that was not returned before.</summary>
    public async Task<T> WaitForAsync<T>(Func<T, bool>? condition = null)
        where T : NodeEvent
    {
        condition ??= _ => true;
        while (true)
        {
            if (_seen.OfType<T>().FirstOrDefault(condition) is { } found)
            {
                _seen.Remove(found);
                return found;
            }

            Assert.That(
                await _events.MoveNextAsync().AsTask().WaitAsync(Patience), Is.True, "The node stopped while a test waited.");
            _seen.Add(_events.Current);
        }
    }

    /// <summary>Waits until messages flow between this node and so many peers.</summary>
    public async Task WaitForPeersAsync(int count)
    {
        while (Node.ConnectionCount < count)
            await WaitForAsync<PeerReady>();
    }

    public bool Propagate(string text) => Node.Propagate(Encoding.UTF8.GetBytes(text));

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await _events.DisposeAsync();
    }

    private static async Task<TestNode> StartAsync(P2PNode node, RecordingHandler handler)
    {
        var test = new TestNode(node, handler);
        await node.StartAsync();
        return test;
    }
}
