using System.CommandLine;
using System.Text.Json;
using Logos.P2P.Bench.Hop;

namespace Logos.P2P.Bench.Soak;

/// <summary><c>soak</c>: whether a node holds after an hour what it held after ten minutes.</summary>
internal static class SoakCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };
    private static readonly SoakParameters Defaults = new();

    public static Command Create()
    {
        var minutes = new Option<int>("--minutes") { Description = "How long; it is measured every minute.", DefaultValueFactory = _ => Defaults.Cycles };
        var rate = new Option<int>("--rate") { Description = "Messages a second.", DefaultValueFactory = _ => Defaults.Rate };
        var size = new Option<int>("--size") { Description = "Bytes of each message; at least 8.", DefaultValueFactory = _ => Defaults.Size };
        var json = new Option<bool>("--json") { Description = "Print JSON instead of a table." };
        minutes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 2)
                result.AddError("--minutes: at least 2, for what is measured is by how much something grows.");
        });
        rate.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError("--rate: at least 1.");
        });
        size.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < HopFrames.NumberSize)
                result.AddError($"--size: at least {HopFrames.NumberSize}, for each message has its number in it.");
        });
        var command = new Command("soak", "A node under a steady load, while peers come and go. Fails when a message is lost or something grows.")
        {
            minutes, rate, size, json,
        };
        command.SetAction(result =>
        {
            SoakResult soaked = new SoakBench(
                Defaults with { Cycles = result.GetValue(minutes), Rate = result.GetValue(rate), Size = result.GetValue(size) },
                Console.Error.WriteLine).Run();
            Console.WriteLine(result.GetValue(json) ? JsonSerializer.Serialize(soaked, Json) : ToText(soaked));
            return soaked.Failures.Any() ? 1 : 0;
        });
        return command;
    }

    private static string ToText(SoakResult soaked) => $"""
        {soaked.ToTable().ToText()}

        {Table.Whole(soaked.Messages)} messages at {Table.Whole(soaked.MessagesPerSecond)} a second, {soaked.Lost} lost; {Table.Whole(soaked.Visits)} visits.
        Since cycle {soaked.Parameters.WarmUp} the heap has grown by {Table.Tenths(100 * soaked.HeapGrowth)} %, resident memory by {Table.Tenths(100 * soaked.ResidentGrowth)} %.
        {(soaked.Failures.Any() ? string.Join('\n', soaked.Failures) : "All is as it must be.")}
        """;
}
