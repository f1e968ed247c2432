using System.Text.Json.Nodes;
using Spectre.Console;

namespace Logos.P2P.Node.Client;

/// <summary>Connections as a table.</summary>
internal static class PeerTable
{
    /// <summary>Makes it.</summary>
    /// <param name="peers">What getpeerinfo answered.</param>
    /// <param name="now">The time, to tell how long they have been connected.</param>
    public static Table Create(IEnumerable<JsonNode?> peers, DateTimeOffset now)
    {
        Table table = ClientCommand.CreateTable("id", "peer", "kind", ">ping ms", ">connected", ">received", ">sent", ">queued", "software");
        foreach (JsonNode? peer in peers)
        {
            table.AddRow(
                ClientCommand.Cell(peer!["id"]!.ToString()),
                ClientCommand.Cell(peer["addr"]!.GetValue<string>()),
                ClientCommand.Cell(KindOf(peer)),
                ClientCommand.Cell(Quantities.Milliseconds(peer["pingtime"]?.GetValue<double>())),
                ClientCommand.Cell(Quantities.Time(now.ToUnixTimeSeconds() - peer["conntime"]!.GetValue<long>())),
                ClientCommand.Cell(Quantities.Bytes(peer["bytesrecv"]!.GetValue<long>())),
                ClientCommand.Cell(Quantities.Bytes(peer["bytessent"]!.GetValue<long>())),
                ClientCommand.Cell(Quantities.Bytes(peer["bytesqueued"]!.GetValue<long>())),
                ClientCommand.Cell(peer["subver"]!.GetValue<string>()));
        }

        return table;
    }

    /// <summary>How a connection came about, in a word.</summary>
    public static string KindOf(JsonNode peer) => peer["connection_type"]!.GetValue<string>() switch
    {
        "outbound-full-relay" => "outbound",
        "block-relay-only" => "quiet",
        var other => other,
    };
}
