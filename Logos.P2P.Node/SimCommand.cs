using System.Globalization;
using System.Text.Json;
using Logos.P2P.Simulation.AddressBook;

namespace Logos.P2P.Node;

/// <summary><c>logosp2p sim</c>: what the node's own classes do in a simulated world.</summary>
internal static class SimCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>
    /// Floods of an address book: for people a table with the means of the runs, for programs a line of JSON for each run.
    /// </summary>
    public static void PrintAddressBook(
        IEnumerable<(string Name, AttackParameters Parameters)> attacks, ulong seed, int runs, bool json, TextWriter output)
    {
        if (!json)
        {
            output.WriteLine(
                "| attack | addresses told | of new | of tried | outbound held | all 8, no restart | a pick after restart "
                + "| all 8 after restart |");
            output.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|");
        }

        foreach ((string name, AttackParameters parameters) in attacks)
        {
            var results = new AttackResult[runs];
            for (int run = 0; run < runs; run++)
            {
                results[run] = AddressBookAttack.Run(parameters with { Seed = seed + (ulong)run });
                if (json)
                    output.WriteLine(JsonSerializer.Serialize(new { name, result = results[run] }, Json));
            }

            if (!json)
                output.WriteLine(ToLine(name, results));
        }
    }

    private static string ToLine(string name, AttackResult[] results) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {results.Average(result => result.AddressesTold):0} "
        + $"| {results.Average(result => result.New.Share):0.0%} | {results.Average(result => result.Tried.Share):0.0%} "
        + $"| {results.Average(result => result.OutboundHeld):0.0} "
        + $"| {Chance(results.Average(result => result.EclipsedBeforeRestart))} "
        + $"| {Chance(results.Average(result => result.PickAfterRestart))} "
        + $"| {Chance(results.Average(result => result.EclipsedAfterRestart))} |");

    private static string Chance(double probability) => probability switch
    {
        0 => "0",
        < 0.001 => probability.ToString("0.0e0", CultureInfo.InvariantCulture),
        _ => probability.ToString("0.000", CultureInfo.InvariantCulture),
    };
}
