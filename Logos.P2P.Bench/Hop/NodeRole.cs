using System.Diagnostics;
using Logos.P2P.Bench.Soak;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Logos.P2P.Bench.Hop;

/// <summary>A node that relays, as any program would embed it.</summary>
/// <remarks>
/// Lines it takes: <c>wait PEERS</c>, answered with "ok" when so many are connected; <c>settle PEERS</c>, answered with how many are when
/// it is just so many, or when that has been waited for long enough; <c>allocated</c>, answered with the bytes that it has
/// allocated so far; <c>sample</c>, answered with the numbers of a <see cref="SoakSample"/>.
/// </remarks>
internal static class NodeRole
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Many times what a connection needs to end.</summary>
    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(30);

    /// <param name="from">The port of the relay before; null when the source dials.</param>
    /// <param name="isObserved">
    /// Whether all is on that lets people look into a node: all its log messages are written out, somebody takes its events, and its
    /// counters, peers and memory are read ten times a second.
    /// </param>
    /// <param name="dataDirectory">Where it keeps what outlasts it; null for nowhere.</param>
    public static async Task RunAsync(int? from, bool isObserved, string? dataDirectory = null)
    {
        await using P2PNode node = Create(from, isObserved ? new TextLogger() : NullLoggerFactory.Instance, dataDirectory);
        await node.StartAsync();
        if (isObserved)
            _ = Task.WhenAll(TakeEventsAsync(node), ReadCountersAsync(node));
        int listening = node.ListeningEndpoints[0].Port;
        Console.WriteLine($"{listening} {listening}");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["wait", var peers]:
                    await WaitForPeersAsync(node, int.Parse(peers));
                    Console.WriteLine("ok");
                    break;
                case ["settle", var peers]:
                    Console.WriteLine(await SettleAsync(node, int.Parse(peers)));
                    break;
                case ["sample"]:
                    (long heap, long resident, long handles, long threads) = SoakSample.Take();
                    Console.WriteLine($"{heap} {resident} {handles} {threads}");
                    break;
                case ["allocated"]:
                    Console.WriteLine(GC.GetTotalAllocatedBytes(precise: true));
                    break;
                default:
                    throw new InvalidDataException($"Unknown to a node: '{line}'.");
            }
        }
    }

    /// <summary>Makes such a node, on a port that the system chooses.</summary>
    /// <param name="from">The port of whom it dials; null for nobody.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="dataDirectory">Where it keeps what outlasts it; null for nowhere.</param>
    public static P2PNode Create(int? from, ILoggerFactory loggers, string? dataDirectory = null) => new(
        new P2POptions
        {
            Network = HopFrames.Network,
            DataDirectory = dataDirectory,
            Bind = ["127.0.0.1"],
            Port = 0,
            // A source that sends a million messages a second is a flooder otherwise.
            Whitelist = ["relay@127.0.0.1"],
            Connect = [from is { } port ? $"127.0.0.1:{port}" : "0"],
        },
        new Upper(),
        loggers);

    /// <summary>Returns when so many peers are connected.</summary>
    public static async Task WaitForPeersAsync(P2PNode node, int count)
    {
        while (node.ConnectionCount < count)
            await Task.Delay(1);
    }

    /// <returns>How many peers are connected: so many, unless it took too long.</returns>
    private static async Task<int> SettleAsync(P2PNode node, int count)
    {
        long start = Stopwatch.GetTimestamp();
        while (node.ConnectionCount != count && Stopwatch.GetElapsedTime(start) < SettlePatience)
            await Task.Delay(Poll);
        return node.ConnectionCount;
    }

    private static async Task TakeEventsAsync(P2PNode node)
    {
        await foreach (NodeEvent nodeEvent in node.WatchAsync())
            GC.KeepAlive(nodeEvent);
    }

    private static async Task ReadCountersAsync(P2PNode node)
    {
        using var timer = new PeriodicTimer(WatchInterval);
        while (await timer.WaitForNextTickAsync())
        {
            GC.KeepAlive(node.Metrics.MessagesReceived);
            GC.KeepAlive(node.GetPeers());
            GC.KeepAlive(node.GetMemory());
        }
    }

    private sealed class Upper : IMessageHandler
    {
        public bool IsQuick => true;

        public uint Origin(ReadOnlySpan<byte> message) => 1;

        public Verdict Receive(in ReceivedMessage message) => Verdict.Propagate;
    }

    /// <summary>Takes messages of all levels and writes them as text, into nothing: what a log costs whoever writes it.</summary>
    private sealed class TextLogger : ILogger, ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            TextWriter.Null.WriteLine(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
