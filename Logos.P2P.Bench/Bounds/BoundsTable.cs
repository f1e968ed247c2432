using Logos.P2P.Bench.Hop;

namespace Logos.P2P.Bench.Bounds;

/// <summary>What is promised, held against what was measured.</summary>
internal static class BoundsTable
{
    public const int Small = 256;
    public const int Medium = 4 * 1024;
    public const int Large = 100 * 1024;

    /// <summary>Sinks of the fan-out.</summary>
    public const int FanOutSinks = 64;

    /// <summary>Peers of a node, of which all but a source and a sink are idle: as many as it dials, and as many as it has.</summary>
    public const int FewPeers = 8;
    public const int ManyPeers = 125;

    public const int SustainedRate = 10_000;
    public const int SustainedSinks = 8;

    public const string FewName = "Node, 8 peers";
    public const string ManyName = "Node, 125 peers";
    public const string ObservedName = "Node, observed";

    // The bounds of issue 7.
    private const double DelayPerHop = 1.15;
    private const double DelayPerHopOfLarge = 1.10;
    private const double P99 = 1.5;
    private const double FlatMessages = 1_000_000;
    private const double FlatOfForwarder = 2.5;
    private const double FlatBytesOfForwarder = 0.85;
    private const double PropagateMicroseconds = 50;
    private const double LastSink = 1.3;
    private const double ObservedThroughput = 0.90;
    private const double IdleGrowth = 1.10;
    private const double SustainedP99Milliseconds = 5;

    /// <summary>
    /// The heartbeat allocates some kilobytes a second, now more and now less; what a message allocated would be a whole object
    /// of 24 bytes at least.
    /// </summary>
    private const double AllocatedBytes = 1;

    private const string Times = "x";
    private const string Node = nameof(RelayKind.Node);
    private const string Checking = nameof(RelayKind.CheckingForwarder);

    public static IReadOnlyList<Bound> Of(BoundsMeasurements measured)
    {
        HopResult forwarder = Find(measured.Hops, Checking, Small), node = Find(measured.Hops, Node, Small);
        double flat = Math.Min(FlatMessages, FlatOfForwarder * forwarder.MessagesPerSecond!.Value);
        return
        [
            .. Sizes(DelayPerHop, DelayPerHop, DelayPerHopOfLarge).Select(of => Bound.AtMost(
                $"delay per hop, {of.Size:#,0} B, of the checking forwarder's", Ratio(measured.Hops, of.Size, Node, Checking, r => r.PerHop), of.Limit, Times)),
            .. Sizes(P99, P99, P99).Select(of => Bound.AtMost(
                $"p99, {of.Size:#,0} B, of the checking forwarder's", Ratio(measured.Hops, of.Size, Node, Checking, r => r.P99), of.Limit, Times)),
            Bound.AtLeast(
                "flat out, 256 B: a million, or 2.5 x the checking forwarder", Rounds(node, r => r.MessagesPerSecond), flat, "msg/s"),
            Bound.AtLeast(
                "flat out, 102,400 B: bytes/s of the checking forwarder's", Ratio(measured.Hops, Large, Node, Checking, r => r.MessagesPerSecond), FlatBytesOfForwarder, Times),
            Bound.Below("Propagate until the kernel has the message, 256 B, median", Measured.Of(measured.Propagate), PropagateMicroseconds, "us"),
            Bound.AtMost(
                $"fan-out to {FanOutSinks}, last sink, of a bare loop of sends",
                Ratio(measured.FanOut, Small, Node, nameof(RelayKind.Forwarder), r => r.Median), LastSink, Times),
            Bound.Below("allocated per relayed message", Measured.Of(measured.Allocated), AllocatedBytes, "B"),
            Bound.AtLeast(
                "msg/s with all log levels, events and counters taken, of those without", Ratio(measured.Observed, Small, ObservedName, Node, r => r.MessagesPerSecond), ObservedThroughput, Times),
            Bound.Below(
                $"delay per hop with {ManyPeers} peers, of that with {FewPeers}", Ratio(measured.Idle, Small, ManyName, FewName, r => r.PerHop), IdleGrowth, Times),
            Bound.AtMost(
                $"{SustainedRate:#,0} msg/s of 256 B to {SustainedSinks} peers: lost", new Measured(measured.Sustained.Lost, 0), 0, "msg"),
            Bound.Below(
                $"{SustainedRate:#,0} msg/s of 256 B to {SustainedSinks} peers: p99",
                new Measured(measured.Sustained.P99 / 1000, Statistics.Spread([.. measured.SustainedParts.Select(part => part.P99)])), SustainedP99Milliseconds, "ms"),
        ];
    }

    private static (int Size, double Limit)[] Sizes(double small, double medium, double large) => [(Small, small), (Medium, medium), (Large, large)];

    private static Measured Ratio(IReadOnlyList<HopResult> results, int size, string name, string baseline, Func<HopRound, double?> of) =>
        Measured.Ratio(Find(results, name, size), Find(results, baseline, size), of) ?? new Measured(double.NaN, 0);

    private static Measured Rounds(HopResult result, Func<HopRound, double?> of) =>
        Measured.Of([.. result.Rounds.Select(round => of(round) ?? double.NaN)]);

    private static HopResult Find(IReadOnlyList<HopResult> results, string name, int size) =>
        results.First(result => result.Name == name && result.Size == size);
}
