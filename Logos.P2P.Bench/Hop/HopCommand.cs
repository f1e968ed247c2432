using System.CommandLine;
using System.Globalization;
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
        var idle = new Option<int>("--idle") { Description = "Peers of the last node besides.", DefaultValueFactory = _ => Defaults.Idle };
        var rate = new Option<int>("--rate") { Description = "Messages a second where they are paced.", DefaultValueFactory = _ => Defaults.Rate };
        var messages = new Option<int>("--messages") { Description = "Paced messages in each round.", DefaultValueFactory = _ => Defaults.Messages };
        var flat = new Option<long>("--flat-bytes") { Description = "Bytes in each round at full speed; 0 for none.", DefaultValueFactory = _ => Defaults.FlatBytes };
        var rounds = new Option<int>("--rounds") { Description = "Rounds, in each of which all have their turn.", DefaultValueFactory = _ => Defaults.Rounds };
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
                Rate = result.GetValue(rate),
                Messages = result.GetValue(messages),
                FlatBytes = result.GetValue(flat),
                Rounds = result.GetValue(rounds),
            };
            IReadOnlyList<HopResult> results =
                new HopBench(parameters, typeof(HopCommand).Assembly.Location, result.GetValue(compare), Console.Error.WriteLine).Run();
            Console.WriteLine(result.GetValue(json) ? JsonSerializer.Serialize(results, Json) : Table(results));
        });
        return command;
    }

    private static string Table(IReadOnlyList<HopResult> results)
    {
        string[][] rows =
        [
            ["bytes", "relay", "min", "median", "p99", "max", "first", "middle", "per hop", "noise", "lost", "msg/s", "MB/s", "cpu s/M", "memory MB"],
            .. results.Select(r => (string[])
            [
                N(r.Size), r.Kind, F(r.Min), F(r.Median), F(r.P99), F(r.Max), F(r.FirstMedian), F(r.MiddleMedian), F(r.PerHop), $"{100 * r.Noise:0} %",
                N(r.Lost), N(r.MessagesPerSecond), F(r.BytesPerSecond / 1e6), F(r.CpuSecondsPerMillion), F(r.RelayMemory / 1e6),
            ]),
        ];
        int[] widths = [.. rows[0].Select((_, column) => rows.Max(row => row[column].Length))];
        return string.Join('\n', rows.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadLeft(widths[column])))));
    }

    private static string N(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static string F(double value) => value.ToString("#,0.0", CultureInfo.InvariantCulture);
}
