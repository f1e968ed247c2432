using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Logos.P2P.Node.Client;

/// <summary>By what peers are ordered.</summary>
internal enum TopOrder
{
    /// <summary>Bytes a second, both ways.</summary>
    Traffic,

    /// <summary>The round trip.</summary>
    Ping,

    /// <summary>The connections in the order in which they were made.</summary>
    Id,
}

/// <summary>What <c>logosp2p top</c> shows: a node at one moment, and how it has changed since the one before.</summary>
/// <param name="before">The moment before; the same one at first.</param>
/// <param name="now">The moment.</param>
internal sealed class TopScreen(NodeStatus before, NodeStatus now)
{
    /// <summary>Lines that are not of peers: those above, the heading of the table, and what it ends with.</summary>
    private const int OtherLines = 9;

    private double Seconds => Math.Max(0.001, (now.Time - before.Time) / 1000.0);

    /// <summary>Draws it.</summary>
    /// <param name="order">How peers are ordered.</param>
    /// <param name="height">Lines of the terminal: peers that have no room are counted.</param>
    public IRenderable Draw(TopOrder order, int height)
    {
        ImmutableArray<PeerRow> rows = [.. Order(Rows(), order)];
        int shown = Math.Max(1, height - OtherLines);
        return new Rows(
            ClientCommand.Cell(
                $"{now.Software} on {now.Network}{(now.IsActive ? "" : " (switched off)")}   up {Quantities.Time(now.Uptime)}   "
                + $"peers {Quantities.Count(now.Inbound)} in {Quantities.Count(now.Outbound)} out   "
                + $"addresses {Quantities.Count(now.NewAddresses)} new {Quantities.Count(now.TriedAddresses)} tried"),
            ClientCommand.Cell(
                $"messages/s {Rate(status => status.Received)} received {Rate(status => status.Propagated)} propagated "
                + $"{Rate(status => status.Duplicates)} duplicates   relay {now.RelayMode}"),
            ClientCommand.Cell(
                $"traffic/s {Quantities.Bytes(BytesRate(status => status.BytesReceived))} in "
                + $"{Quantities.Bytes(BytesRate(status => status.BytesSent))} out   memory {Quantities.Bytes(now.Memory)}"),
            Table(rows.Take(shown)),
            ClientCommand.Cell(
                (rows.Length > shown ? $"and {Quantities.Count(rows.Length - shown)} more   " : "")
                + $"by {order.ToString().ToLowerInvariant()}   s: order   q: quit"));
    }

    private static IEnumerable<PeerRow> Order(IEnumerable<PeerRow> rows, TopOrder order) => order switch
    {
        TopOrder.Traffic => rows.OrderByDescending(row => row.InRate + row.OutRate).ThenBy(row => row.Id),
        TopOrder.Ping => rows.OrderBy(row => row.Ping ?? double.MaxValue).ThenBy(row => row.Id),
        _ => rows.OrderBy(row => row.Id),
    };

    private static Table Table(IEnumerable<PeerRow> rows)
    {
        Table table = ClientCommand.CreateTable("id", "peer", "kind", ">ping ms", ">connected", ">in/s", ">out/s", ">queued", "software");
        foreach (PeerRow row in rows)
        {
            table.AddRow(
                ClientCommand.Cell(row.Id.ToString(CultureInfo.InvariantCulture)),
                ClientCommand.Cell(row.Address),
                ClientCommand.Cell(row.Kind),
                ClientCommand.Cell(Quantities.Milliseconds(row.Ping)),
                ClientCommand.Cell(Quantities.Time(row.ConnectedFor)),
                ClientCommand.Cell(Quantities.Bytes(row.InRate)),
                ClientCommand.Cell(Quantities.Bytes(row.OutRate)),
                ClientCommand.Cell(Quantities.Bytes(row.Queued)),
                ClientCommand.Cell(row.Software));
        }

        return table;
    }

    private IEnumerable<PeerRow> Rows()
    {
        FrozenDictionary<long, JsonNode> earlier = before.Peers.ToFrozenDictionary(peer => IdOf(peer!), peer => peer!);
        foreach (JsonNode? peer in now.Peers)
        {
            // What a peer did before it was connected is nothing.
            JsonNode? then = earlier.GetValueOrDefault(IdOf(peer!));
            yield return new PeerRow(
                IdOf(peer!),
                peer!["addr"]!.GetValue<string>(),
                PeerTable.KindOf(peer),
                peer["pingtime"]?.GetValue<double>(),
                Math.Max(0, (now.Time / 1000) - peer["conntime"]!.GetValue<long>()),
                Rate(peer, then, "bytesrecv"),
                Rate(peer, then, "bytessent"),
                peer["bytesqueued"]!.GetValue<long>(),
                peer["subver"]!.GetValue<string>());
        }
    }

    private static long IdOf(JsonNode peer) => peer["id"]!.GetValue<long>();

    private double Rate(JsonNode peer, JsonNode? then, string field) =>
        (peer[field]!.GetValue<long>() - (then?[field]!.GetValue<long>() ?? 0)) / Seconds;

    private string Rate(Func<NodeStatus, long> count) => Quantities.Count((count(now) - count(before)) / Seconds);

    private double BytesRate(Func<NodeStatus, long> bytes) => (bytes(now) - bytes(before)) / Seconds;

    private sealed record PeerRow(
        long Id, string Address, string Kind, double? Ping, long ConnectedFor, double InRate, double OutRate, long Queued, string Software);
}
