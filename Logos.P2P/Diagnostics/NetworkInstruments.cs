using System.Diagnostics.Metrics;
using Logos.P2P.Access;
using Logos.P2P.Wire;

namespace Logos.P2P.Diagnostics;

/// <summary>What is measured of connections and of what passes on them.</summary>
internal static class NetworkInstruments
{
    /// <summary>OpenTelemetry's attribute for a direction, and its two values.</summary>
    private const string Direction = "network.io.direction", Receive = "receive", Transmit = "transmit";

    private static readonly Command[] AllCommands = Enum.GetValues<Command>();

    public static void Create(Meter meter, P2PNode node)
    {
        P2PMetrics metrics = node.Metrics;
        Rising frames = new(), bytes = new(), purposes = new();
        meter.CreateObservableCounter(
            "logos.p2p.frames", () => frames.Of(ByCommand(metrics.Traffic, count => count.Messages)), "{frame}",
            "Frames by command and direction.");
        meter.CreateObservableCounter(
            "logos.p2p.frame.io", () => bytes.Of(ByCommand(metrics.Traffic, count => count.Bytes)), "By",
            "Bytes of frames by command and direction, headers included.");
        meter.CreateObservableCounter(
            "logos.p2p.purpose.io", () => purposes.Of(ByPurpose(metrics)), "By",
            "The same bytes by what they were for: payload, the same payload again (duplicate), and all else (overhead).");
        meter.CreateObservableCounter(
            "logos.p2p.socket.io", () => OfSockets(node), "By", "Bytes that sockets took and gave, of connections past and present.");
        meter.CreateObservableUpDownCounter(
            "logos.p2p.connections", () => Connections(node), "{connection}", "Connections by how they came about.");
        meter.CreateObservableCounter(
            "logos.p2p.disconnects",
            () => By<DisconnectReason>("logos.reason", reason => metrics.Disconnected(reason)).Skip(1), "{connection}",
            "Connections that ended, by reason.");
        meter.CreateObservableCounter(
            "logos.p2p.admissions", () => By<AdmissionDecision>("logos.decision", metrics.Admissions), "{connection}",
            "What was decided on inbound connections.");
        meter.CreateObservableCounter(
            "logos.p2p.drops", () => By<DropReason>("logos.reason", metrics.Dropped), "{input}", "What was not used, by reason.");
        meter.CreateObservableUpDownCounter(
            "logos.p2p.queue.size", () => node.GetPeers().Sum(peer => peer.BytesQueued), "By", "Bytes that wait for peers to take them.");
    }

    /// <summary>A measurement for each member of an enum.</summary>
    private static IEnumerable<Measurement<long>> By<T>(string attribute, Func<T, long> read)
        where T : struct, Enum =>
        Enum.GetValues<T>().Select(value => new Measurement<long>(read(value), Tag(attribute, Name(value.ToString()))));

    private static IEnumerable<Measurement<long>> ByCommand(TrafficCounters traffic, Func<TrafficCount, long> read)
    {
        foreach (Command command in AllCommands)
        {
            yield return new Measurement<long>(
                read(traffic.Received(command)), Tag("logos.command", command.Name()), Tag(Direction, Receive));
            yield return new Measurement<long>(
                read(traffic.Sent(command)), Tag("logos.command", command.Name()), Tag(Direction, Transmit));
        }
    }

    private static IEnumerable<Measurement<long>> ByPurpose(P2PMetrics metrics)
    {
        TrafficCounters traffic = metrics.Traffic;
        foreach ((string direction, Func<Command, TrafficCount> read, long duplicates) in new (string, Func<Command, TrafficCount>, long)[]
        {
            (Receive, traffic.Received, metrics.DuplicateBytes), (Transmit, traffic.Sent, 0),
        })
        {
            var counts = AllCommands.Select(command => (Command: command, Count: read(command))).ToArray();
            long all = counts.Sum(one => one.Count.Bytes);
            long payload = counts.Where(one => IsPayload(one.Command))
                .Sum(one => one.Count.Bytes - (one.Count.Messages * WireLimits.HeaderSize)) - duplicates;
            yield return new Measurement<long>(payload, Tag("logos.purpose", "payload"), Tag(Direction, direction));
            if (direction == Receive)
                yield return new Measurement<long>(duplicates, Tag("logos.purpose", "duplicate"), Tag(Direction, direction));
            yield return new Measurement<long>(
                all - payload - duplicates, Tag("logos.purpose", "overhead"), Tag(Direction, direction));
        }
    }

    private static bool IsPayload(Command command) => command is Command.Logos or Command.Direct or Command.Chunk;

    private static IEnumerable<Measurement<long>> OfSockets(P2PNode node)
    {
        (long received, long sent) = node.GetSocketBytes();
        return [new(received, Tag(Direction, Receive)), new(sent, Tag(Direction, Transmit))];
    }

    private static IEnumerable<Measurement<long>> Connections(P2PNode node)
    {
        IReadOnlyList<PeerInfo> peers = node.GetPeers();
        return By<ConnectionKind>("logos.connection.kind", kind => peers.Count(peer => peer.Kind == kind));
    }

    /// <summary>
    /// Measurements that never fall. What was queued may be taken back when it is of no use any more, and parts of a sum are a moment
    /// apart; but whoever reads a counter that falls takes it for that of a program that was started again.
    /// </summary>
    private sealed class Rising
    {
        private readonly List<long> _highest = [];

        public List<Measurement<long>> Of(IEnumerable<Measurement<long>> measured)
        {
            var risen = new List<Measurement<long>>();
            lock (_highest)
            {
                foreach (Measurement<long> one in measured)
                {
                    if (risen.Count == _highest.Count)
                        _highest.Add(one.Value);
                    long value = _highest[risen.Count] = Math.Max(_highest[risen.Count], one.Value);
                    risen.Add(new Measurement<long>(value, one.Tags));
                }
            }

            return risen;
        }
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    /// <summary>As OpenTelemetry writes values: `SendQueueFull` becomes `send_queue_full`.</summary>
    private static string Name(string member) => string.Concat(
        member.Select((c, i) => char.IsUpper(c) ? $"{(i > 0 ? "_" : "")}{char.ToLowerInvariant(c)}" : $"{c}"));
}
