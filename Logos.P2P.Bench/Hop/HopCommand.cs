using System.CommandLine;
using System.Text.Json;

namespace Logos.P2P.Bench.Hop;

/// <summary><c>hop</c>: delay per hop and throughput, next to the least that there can be.</summary>
internal static class HopCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };
    private static readonly HopParameters Defaults = new();

    public static Command Create()
    {
        var sizes = new Option<int[]>("--sizes") { Description = "Bytes of payloads.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. Defaults.Sizes] };
        var kinds = new Option<RelayKind[]>("--kinds") { Description = "What to measure.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. Defaults.Kinds] };
        var relays = new Option<int>("--relays") { Description = "Relays one behind the other.", DefaultValueFactory = _ => Defaults.Relays };
        var fanout = new Option<int>("--fanout") { Description = "Sinks at the last relay.", DefaultValueFactory = _ => Defaults.Fanout };
        var idle = new Option<int>("--idle") { Description = "Peers of the last node besides, which are told of messages and ask for none.", DefaultValueFactory = _ => Defaults.Idle };
        var rate = new Option<int>("--rate") { Description = "Messages a second where they are paced.", DefaultValueFactory = _ => Defaults.Load.Rate };
        var messages = new Option<int>("--messages") { Description = "Paced messages in each round.", DefaultValueFactory = _ => Defaults.Load.Messages };
        var flat = new Option<long>("--flat-bytes") { Description = "Bytes in each round at full speed; 0 for none.", DefaultValueFactory = _ => Defaults.Load.FlatBytes };
        var rounds = new Option<int>("--rounds") { Description = "Rounds, in each of which all have their turn.", DefaultValueFactory = _ => Defaults.Load.Rounds };
        var compare = new Option<string?>("--compare") { Description = "logosp2p-bench.dll of another build, to be measured in the same run." };
        var json = new Option<bool>("--json") { Description = "Print JSON instead of a table." };
        var command = new Command("hop", "Delay per hop and throughput of real processes in a line, next to bare forwarders.")
        {
            sizes, kinds, relays, fanout, idle, rate, messages, flat, rounds, compare, json,
        };
        command.SetAction(result =>
        {
            var parameters = new HopParameters
            {
                Sizes = result.GetValue(sizes)!,
                Kinds = result.GetValue(kinds)!,
                Relays = result.GetValue(relays),
                Fanout = result.GetValue(fanout),
                Idle = result.GetValue(idle),
                Load = new HopLoad
                {
                    Rate = result.GetValue(rate),
                    Messages = result.GetValue(messages),
                    FlatBytes = result.GetValue(flat),
                    Rounds = result.GetValue(rounds),
                },
            };
            IReadOnlyList<LinePlan> lines = parameters.Lines(typeof(HopCommand).Assembly.Location, result.GetValue(compare));
            var bench = new HopBench(parameters.Load, Console.Error.WriteLine);
            HopResult[] results = [.. parameters.Sizes.SelectMany(size => bench.Run(size, lines))];
            if (result.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(results, Json));
            else
                Print(results);
        });
        return command;
    }

    private static void Print(IReadOnlyList<HopResult> results)
    {
        Console.WriteLine(HopTables.Of(results).ToText());
        foreach (string baseline in (string[])[nameof(RelayKind.CheckingForwarder), nameof(RelayKind.Forwarder), HopParameters.OtherNode])
        {
            if (HopTables.Against(results, baseline) is { } table)
                Console.WriteLine($"\n{table.ToText()}");
        }
    }
}
