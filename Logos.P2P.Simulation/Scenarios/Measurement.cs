using System.Diagnostics;
using Logos.P2P.Diagnostics;
using Logos.P2P.Simulation.Nodes;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>Watches a network from one moment on, and sums up what its messages did.</summary>
internal sealed class Measurement
{
    /// <summary>What costs bytes for the sake of messages; all else is the upkeep of connections and of addresses.</summary>
    private static readonly Command[] RelayCommands =
    [
        Command.Logos, Command.Inv, Command.GetData, Command.NotFound,
        Command.Have, Command.Want, Command.Late, Command.Early, Command.Coming, Command.Hold, Command.Graft,
        Command.Chunks, Command.Chunk, Command.HaveChunk, Command.WantChunk,
        Command.WantShort, Command.LackShort,
    ];

    private readonly SimulatedNetwork _network;
    private readonly Stopwatch _watch;
    private readonly int _firstMessage;
    private readonly (long Copies, long ChunkBytes, long Bytes) _before;

    /// <param name="network">The network.</param>
    /// <param name="watch">Runs since the run began.</param>
    public Measurement(SimulatedNetwork network, Stopwatch watch)
    {
        _network = network;
        _watch = watch;
        _firstMessage = network.Messages.All.Count;
        _before = Traffic();
    }

    /// <summary>The messages sent since then.</summary>
    public IReadOnlyList<SimulatedMessage> Messages => [.. _network.Messages.All.Skip(_firstMessage)];

    /// <summary>Whose delays, copies and bytes are summed up: silent nodes serve nobody.</summary>
    private IEnumerable<SimulatedNode> Counted => _network.Nodes.Where(node => !node.IsSilent);

    public ScenarioResult Take(string scenario, ScenarioParameters parameters, IReadOnlyDictionary<string, double>? figures = null)
    {
        IReadOnlyList<SimulatedMessage> messages = Messages;
        double[][] delays = [.. messages.Select(DelaysOf)];
        (long copies, long chunkBytes, long bytes) = Traffic();
        double each = Math.Max(1, (double)messages.Count * Counted.Count());
        double seconds = _watch.Elapsed.TotalSeconds;
        return new ScenarioResult
        {
            Scenario = scenario,
            Nodes = _network.Nodes.Count,
            Seed = parameters.Seed,
            Graph = parameters.Graph,
            Policy = parameters.Policy.ToString().ToLowerInvariant(),
            PayloadBytes = parameters.PayloadBytes,
            Messages = messages.Count,
            TraceHash = _network.Trace.Hash,
            T50Ms = MeanPercentile(delays, 50),
            T90Ms = MeanPercentile(delays, 90),
            T99Ms = MeanPercentile(delays, 99),
            MaxMs = MeanPercentile(delays, 100),
            // A message in chunks has come as often as its bytes have.
            CopiesPerNode = (copies - _before.Copies + ((double)(chunkBytes - _before.ChunkBytes) / parameters.PayloadBytes)) / each,
            BytesPerNode = (bytes - _before.Bytes) / each,
            Reach = Reach(TimeSpan.Zero),
            HopsMean = Mean(messages, MeanHops),
            WallSeconds = seconds,
            VirtualSeconds = _network.Loop.Now.TotalSeconds,
            EventsPerSecond = _network.Loop.EventCount / seconds,
            MemoryPerNode = GC.GetTotalMemory(forceFullCollection: false) / Math.Max(1, _network.Nodes.Count),
            Figures = figures ?? new Dictionary<string, double>(),
            Violations = _network.Violations,
        };
    }

    /// <summary>
    /// The part of the nodes that a message reached, of those that ran from some time before it was sent to the end of the time
    /// that it had; the mean of all messages.
    /// </summary>
    public double Reach(TimeSpan before) => Mean(Messages, message => Reach(message, before));

    private double Reach(SimulatedMessage message, TimeSpan before)
    {
        TimeSpan end = message.SentAt + ScenarioRun.Settle;
        bool[] reached =
        [
            .. from node in Counted
               where node.RanThrough(message.SentAt - before, end < _network.Loop.Now ? end : _network.Loop.Now)
               select message.HasReached(node.Index),
        ];
        return reached.Length == 0 ? 1 : (double)reached.Count(has => has) / reached.Length;
    }

    /// <summary>How long a message took to each node that got it, in milliseconds, ascending.</summary>
    private double[] DelaysOf(SimulatedMessage message) =>
    [
        .. Counted.Where(node => message.HasReached(node.Index))
            .Select(node => message.DelayTo(node.Index).TotalMilliseconds).Order(),
    ];

    private static double MeanPercentile(double[][] delays, int percent) =>
        delays.Length == 0 ? 0 : delays.Average(ofMessage => Percentile.Of(ofMessage, percent)!.Value);

    private double MeanHops(SimulatedMessage message) => Counted
        .Where(node => node.Index != message.Origin && message.HasReached(node.Index))
        .Select(node => (double)message.HopsTo(node.Index)).DefaultIfEmpty().Average();

    /// <summary>Payloads and bytes of chunks that running nodes have received, and bytes that they have sent for the sake of messages.</summary>
    public static (long Copies, long ChunkBytes, long Bytes) TrafficOf(IEnumerable<SimulatedNode> nodes)
    {
        long copies = 0, chunkBytes = 0, bytes = 0;
        foreach (SimulatedNode node in nodes)
        {
            TrafficCounters traffic = node.Node!.Metrics.Traffic;
            copies += traffic.Received(Command.Logos).Messages;
            TrafficCount chunks = traffic.Received(Command.Chunk);
            chunkBytes += chunks.Bytes - (chunks.Messages * WireLimits.HeaderSize);
            bytes += RelayBytesSent(node);
        }

        return (copies, chunkBytes, bytes);
    }

    private (long Copies, long ChunkBytes, long Bytes) Traffic() => TrafficOf(Counted.Where(node => node.IsRunning));

    /// <summary>Bytes that a running node has sent for the sake of messages.</summary>
    public static long RelayBytesSent(SimulatedNode node) =>
        RelayCommands.Sum(command => node.Node!.Metrics.Traffic.Sent(command).Bytes);

    private static double Mean(IReadOnlyList<SimulatedMessage> messages, Func<SimulatedMessage, double> of) =>
        messages.Count == 0 ? 0 : messages.Average(of);
}
