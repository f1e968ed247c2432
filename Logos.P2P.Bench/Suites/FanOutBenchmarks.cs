using System.Buffers.Binary;
using System.Net.Sockets;
using BenchmarkDotNet.Attributes;
using Logos.P2P.Bench.Hop;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Logos.P2P.Bench.Suites;

/// <summary>
/// One message of 256 bytes through a node to all its peers, over loopback, until the last of them has been read from: next to a
/// thread that does nothing but receive and send to as many sockets.
/// </summary>
[MemoryDiagnoser, MinColumn]
public class FanOutBenchmarks
{
    private const int Size = 256;
    private const int BufferSize = 64 * 1024;

    private readonly FramePool _frames = new(HopFrames.Network);
    private readonly byte[] _payload = new byte[Size];
    private EndConnection[] _sinks = [];
    private EndConnection _source = null!;
    private P2PNode? _node;
    private int _arrived;
    private long _number;

    /// <summary>Peers that the message goes to: few, many, and all that a node has as a rule.</summary>
    [Params(8, 64, 125)]
    public int Peers { get; set; }

    /// <summary>A node, and its peers.</summary>
    [GlobalSetup(Target = nameof(Node))]
    public void StartNode() => StartNodeAsync().GetAwaiter().GetResult();

    /// <summary>A thread, and as many sockets.</summary>
    [GlobalSetup(Target = nameof(BareLoop))]
    public void StartBareLoop()
    {
        using Socket listener = Ports.Listen(out int port);
        _source = EndConnection.Dial(port, isNode: false, _ => { });
        Socket input = listener.Accept();
        _sinks = [.. Enumerable.Range(0, Peers).Select(_ => EndConnection.Dial(port, isNode: false, _ => _arrived++))];
        Socket[] targets = [.. _sinks.Select(_ => listener.Accept())];
        Array.ForEach(targets, target => target.NoDelay = true);
        new Thread(() => Forward(input, targets)) { IsBackground = true }.Start();
    }

    /// <summary>Ends all connections.</summary>
    [GlobalCleanup]
    public void Stop()
    {
        _source.Dispose();
        Array.ForEach(_sinks, sink => sink.Dispose());
        _node?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _node = null;
    }

    /// <summary>Receives, and sends to each.</summary>
    [Benchmark(Baseline = true)]
    public void BareLoop() => SendOne();

    /// <summary>The node with its default policy, when the tree is known: all peers are its children.</summary>
    [Benchmark]
    public void Node() => SendOne();

    private async Task StartNodeAsync()
    {
        _node = NodeRole.Create(null, NullLoggerFactory.Instance);
        await _node.StartAsync();
        int port = _node.ListeningEndpoints[0].Port;
        _source = EndConnection.Dial(port, isNode: true, _ => { });
        _sinks = [.. Enumerable.Range(0, Peers).Select(_ => EndConnection.Dial(port, isNode: true, _ => _arrived++))];
        await NodeRole.WaitForPeersAsync(_node, Peers + 1);
    }

    private void SendOne()
    {
        BinaryPrimitives.WriteInt64LittleEndian(_payload, _number++);
        Frame frame = _frames.Create(Command.Logos, _payload);
        _source.Send(frame.Memory.Span);
        frame.Release();
        foreach (EndConnection sink in _sinks)
        {
            for (int before = _arrived; _arrived == before;)
                sink.Read();
        }
    }

    private static void Forward(Socket input, Socket[] targets)
    {
        byte[] buffer = new byte[BufferSize];
        try
        {
            while (input.Receive(buffer) is > 0 and var read)
            {
                foreach (Socket target in targets)
                    target.Send(buffer.AsSpan(0, read));
            }
        }
        catch (SocketException)
        {
            // A sink has left: that is the end.
        }

        input.Dispose();
        Array.ForEach(targets, target => target.Dispose());
    }
}
