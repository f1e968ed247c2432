using System.Diagnostics;
using Logos.P2P.Bench.Hop;

namespace Logos.P2P.Bench.Bounds;

/// <summary>Measures all that something is promised of.</summary>
/// <param name="load">What is sent for the delays per hop; other measurements take their rounds from it.</param>
/// <param name="sustainedSeconds">How long the steady rate is kept up.</param>
/// <param name="tell">Is told what is measured next.</param>
internal sealed class BoundsBench(HopLoad load, int sustainedSeconds, Action<string> tell)
{
    private const int OwnMessages = 300;
    private const int OwnWarmUp = 1000;

    /// <summary>
    /// Messages until a node allocates nothing any more: its tables of what is under way are full (65,536) and its store of 32 MB
    /// is, in which each takes a buffer of 512 bytes.
    /// </summary>
    private const int SteadyState = 100_000;

    private const int SteadyRate = 4_000;
    private const int SteadyMessages = 4_000;

    private const int SustainedParts = 6;

    private static readonly string Program = typeof(BoundsBench).Assembly.Location;

    public BoundsMeasurements Run()
    {
        var hop = new HopParameters { Load = load };
        var bench = new HopBench(load, tell);
        var pacedOnly = new HopBench(load with { FlatBytes = 0 }, tell);
        HopResult[] hops = [.. hop.Sizes.SelectMany(size => bench.Run(size, hop.Lines(Program, other: null)))];
        var fanOut = new HopParameters { Fanout = BoundsTable.FanOutSinks };
        (HopRound sustained, IReadOnlyList<HopRound> parts) = RunSustained();
        return new BoundsMeasurements
        {
            Hops = hops,
            FanOut = pacedOnly.Run(BoundsTable.Small, fanOut.Lines(Program, other: null)),
            Idle = pacedOnly.Run(BoundsTable.Small, [Plan(RelayKind.Direct), WithPeers(BoundsTable.FewPeers, BoundsTable.FewName), WithPeers(BoundsTable.ManyPeers, BoundsTable.ManyName)]),
            Observed = new HopBench(load with { Messages = 1 }, tell).Run(
                BoundsTable.Small, [Plan(RelayKind.Node), Plan(RelayKind.Node) with { Name = BoundsTable.ObservedName, IsObserved = true }]),
            Propagate = RunPropagate(),
            Allocated = RunAllocated(),
            Sustained = sustained,
            SustainedParts = parts,
        };
    }

    private static LinePlan Plan(RelayKind kind) => new(kind, Program);

    // One is the source and one the sink.
    private static LinePlan WithPeers(int count, string name) => Plan(RelayKind.Node) with { Name = name, Idle = count - 2 };

    private (HopRound Whole, IReadOnlyList<HopRound> Parts) RunSustained()
    {
        tell($"{BoundsTable.SustainedRate} messages a second for {sustainedSeconds} s");
        using var line = new Line(Plan(RelayKind.Node) with { Sinks = BoundsTable.SustainedSinks });
        line.RunPaced(load.WarmUpMessages(BoundsTable.Small), BoundsTable.Small, BoundsTable.SustainedRate);
        (long, long[])[] messages = line.RunPaced(sustainedSeconds * BoundsTable.SustainedRate, BoundsTable.Small, BoundsTable.SustainedRate);
        int part = (messages.Length + SustainedParts - 1) / SustainedParts;
        return (HopBench.Sum(messages), [.. messages.Chunk(part).Select(HopBench.Sum)]);
    }

    private List<double> RunPropagate()
    {
        tell("Propagate until the kernel has the message");
        using var node = new RoleProcess(Program, "propagate");
        node.Read();
        Ask(OwnWarmUp, rate: OwnWarmUp);
        return [.. Enumerable.Range(0, load.Rounds).Select(_ => Statistics.Median(Ask(OwnMessages, load.Rate)))];

        IEnumerable<double> Ask(int count, int rate)
        {
            node.Write($"run {count} {BoundsTable.Small} {rate}");
            return node.ReadNumbers().Select(ticks => Stopwatch.GetElapsedTime(0, ticks).TotalMicroseconds);
        }
    }

    private List<double> RunAllocated()
    {
        tell("bytes allocated per message");
        using var line = new Line(Plan(RelayKind.Node));
        line.RunFlat(SteadyState, BoundsTable.Small);
        return [.. Enumerable.Range(0, load.Rounds).Select(_ => Measure())];

        // What an idle node allocates in the same time is no message's.
        double Measure()
        {
            long before = line.RelayAllocated;
            Thread.Sleep(TimeSpan.FromSeconds((double)SteadyMessages / SteadyRate));
            long idle = line.RelayAllocated;
            line.RunPaced(SteadyMessages, BoundsTable.Small, SteadyRate);
            return (double)(line.RelayAllocated - idle - (idle - before)) / SteadyMessages;
        }
    }
}
