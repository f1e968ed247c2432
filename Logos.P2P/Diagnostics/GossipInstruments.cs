using System.Collections.Immutable;
using System.Diagnostics.Metrics;

namespace Logos.P2P.Diagnostics;

/// <summary>What is measured of messages.</summary>
internal sealed class GossipInstruments
{
    /// <summary>From what a node on this machine's loopback takes (tens of microseconds) to what a queue of seconds does.</summary>
    private static readonly InstrumentAdvice<double> Delays = new()
    {
        HistogramBucketBoundaries =
        [
            0.000005, 0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
        ],
    };

    /// <summary>From a hop to what is too old to matter.</summary>
    private static readonly InstrumentAdvice<double> Ages = new()
    {
        HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600],
    };

    private readonly Histogram<double> _wait;
    private readonly Histogram<double> _handler;
    private readonly Histogram<double> _relay;
    private readonly Histogram<double> _publish;
    private readonly Histogram<double> _age;

    private GossipInstruments(Meter meter)
    {
        _wait = meter.CreateHistogram("logos.p2p.message.wait.duration", "s", "From the first byte in to the handler.", null, Delays);
        _handler = meter.CreateHistogram("logos.p2p.message.handler.duration", "s", "What the handler took.", null, Delays);
        _relay = meter.CreateHistogram("logos.p2p.message.relay.duration", "s", "From the first byte in to the first byte out.", null, Delays);
        _publish = meter.CreateHistogram("logos.p2p.message.publish.duration", "s", "From Propagate to the first byte out.", null, Delays);
        _age = meter.CreateHistogram("logos.p2p.message.age", "s", "How old messages were when they came, where their bytes tell.", null, Ages);
    }

    /// <summary>Whether anybody wants to know how long messages take.</summary>
    public bool IsListenedTo => _wait.Enabled || _handler.Enabled || _relay.Enabled || _publish.Enabled || _age.Enabled;

    public static GossipInstruments Create(Meter meter, P2PNode node)
    {
        P2PMetrics metrics = node.Metrics;
        ImmutableArray<(string Value, Func<long> Read)> outcomes =
        [
            ("received", () => metrics.MessagesReceived),
            ("propagated", () => metrics.MessagesPropagated),
            ("rejected", () => metrics.MessagesRejected),
            ("duplicate", () => metrics.Dropped(DropReason.Duplicate)),
        ];
        meter.CreateObservableCounter(
            "logos.p2p.gossip.messages",
            () => outcomes.Select(outcome => new Measurement<long>(outcome.Read(), new KeyValuePair<string, object?>("logos.outcome", outcome.Value))),
            "{message}",
            "Distinct messages: received, propagated (own ones too), rejected by the upper layer; and copies that came again.");
        meter.CreateObservableCounter(
            "logos.p2p.handler.failures", () => metrics.HandlerFailures, "{call}", "Calls of the upper layer that ended in an exception.");
        meter.CreateObservableCounter(
            "logos.p2p.payloads.hashed", () => metrics.PayloadsHashed, "{payload}", "Payloads hashed, received and own.");
        return new GossipInstruments(meter);
    }

    public void Record(long peerId, TimeSpan waited, TimeSpan handled, TimeSpan? relayed, TimeSpan? age)
    {
        if (peerId == 0)
        {
            if (relayed is { } published)
                _publish.Record(published.TotalSeconds);
            return;
        }

        _wait.Record(waited.TotalSeconds);
        _handler.Record(handled.TotalSeconds);
        if (relayed is { } delay)
            _relay.Record(delay.TotalSeconds);
        if (age is { } old)
            _age.Record(Math.Max(0, old.TotalSeconds));
    }
}
