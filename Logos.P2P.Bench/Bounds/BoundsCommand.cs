using System.CommandLine;
using System.Text.Json;
using Logos.P2P.Bench.Hop;

namespace Logos.P2P.Bench.Bounds;

/// <summary><c>bounds</c>: everything that is promised of the node's speed, measured, with whether it holds.</summary>
internal static class BoundsCommand
{
    /// <summary>Fewer messages a round than <c>hop</c> sends, so that all of it takes some seven minutes.</summary>
    public static readonly HopLoad Load = new() { Messages = 250 };

    public const int SustainedSeconds = 60;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    public static Command Create()
    {
        var messages = new Option<int>("--messages") { Description = "Paced messages in each round.", DefaultValueFactory = _ => Load.Messages };
        var flat = new Option<long>("--flat-bytes") { Description = "Bytes in each round at full speed.", DefaultValueFactory = _ => Load.FlatBytes };
        var rounds = new Option<int>("--rounds") { Description = "Rounds, in each of which all have their turn.", DefaultValueFactory = _ => Load.Rounds };
        var seconds = new Option<int>("--seconds") { Description = "How long 10,000 messages a second are sent.", DefaultValueFactory = _ => SustainedSeconds };
        var json = new Option<bool>("--json") { Description = "Print JSON instead of a table." };
        var command = new Command("bounds", "Measures all that is promised of the node's speed: what is met, what not. Fails when one is not.")
        {
            messages, flat, rounds, seconds, json,
        };
        command.SetAction(result =>
        {
            HopLoad load = Load with
            {
                Messages = result.GetValue(messages),
                FlatBytes = result.GetValue(flat),
                Rounds = result.GetValue(rounds),
            };
            BoundsMeasurements measured = new BoundsBench(load, result.GetValue(seconds), Console.Error.WriteLine).Run();
            IReadOnlyList<Bound> bounds = BoundsTable.Of(measured);
            Console.WriteLine(result.GetValue(json)
                ? JsonSerializer.Serialize(new { bounds, measured }, Json)
                : Bound.Table(bounds).ToText());
            return bounds.All(bound => bound.IsMet) ? 0 : 1;
        });
        return command;
    }
}
