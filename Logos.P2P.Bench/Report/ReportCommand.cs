using System.CommandLine;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Logos.P2P.Bench.Bounds;
using Logos.P2P.Bench.Hop;
using Logos.P2P.Bench.Suites;

namespace Logos.P2P.Bench.Report;

/// <summary><c>report</c>: everything that can be measured, written into the part of a page that is for it.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var page = new Argument<string>("page") { Description = "The page, which has a measured part." };
        var commit = new Option<string>("--commit") { Description = "What is measured.", Required = true };
        var brief = new Option<bool>("--brief") { Description = "As little as possible of everything, to see that it works." };
        var command = new Command("report", "Measures everything and writes the tables into a page.") { page, commit, brief };
        command.SetAction(result =>
        {
            string path = result.GetValue(page)!;
            string text = File.ReadAllText(path);
            // Before all the work.
            MeasuredPart.Replace(text, "");
            string measured = Measure(result.GetValue(commit)!, result.GetValue(brief));
            File.WriteAllText(path, MeasuredPart.Replace(text, measured));
        });
        return command;
    }

    private static string Measure(string commit, bool isBrief)
    {
        string machine = Machine.Describe(), busyBefore = Machine.Load();
        HopLoad load = isBrief ? BoundsCommand.Load with { Messages = 20, FlatBytes = 2_000_000, Rounds = 2 } : BoundsCommand.Load;
        BoundsMeasurements measured = new BoundsBench(load, isBrief ? 2 : BoundsCommand.SustainedSeconds, Console.Error.WriteLine).Run();
        string[] suites = [.. RunSuites(isBrief).Select(suite => $"### {suite.Title}\n\n{suite.Table.ToMarkdown()}")];
        string[] parts =
        [
            $"Commit {commit}. {machine} Load average {busyBefore} at the beginning, {Machine.Load()} at the end. Medians of {load.Rounds} "
                + "interleaved rounds; noise is by how much they differ at most, as a part of the median.",
            "### What is promised",
            Bound.Table(BoundsTable.Of(measured)).ToMarkdown(),
            "### Delay per hop and throughput",
            $"Microseconds; {load.Messages} messages a round at {load.Rate} a second, and {load.FlatBytes / 1e6:0} MB a round at full speed.",
            .. Hops(measured.Hops),
            $"### Fan-out to {BoundsTable.FanOutSinks} sinks",
            .. Hops(measured.FanOut),
            "### Idle peers",
            HopTables.Of(measured.Idle).ToMarkdown(),
            "### Watched and not",
            HopTables.Of(measured.Observed).ToMarkdown(),
            .. suites,
            "### Ten million addresses told to an empty book",
            isBrief ? "Left out." : AddressMemory.Run().ToMarkdown(),
        ];
        return string.Join("\n\n", parts);
    }

    private static IEnumerable<string> Hops(IReadOnlyList<HopResult> results) =>
    [
        HopTables.Of(results).ToMarkdown(),
        .. ((string[])[nameof(RelayKind.CheckingForwarder), nameof(RelayKind.Forwarder)])
            .Select(baseline => HopTables.Against(results, baseline)?.ToMarkdown()).OfType<string>(),
    ];

    private static IEnumerable<(string Title, Table Table)> RunSuites(bool isBrief)
    {
        Console.Error.WriteLine("the suites");
        string[] arguments = ["--filter", isBrief ? "*Ping*" : "*"];
        foreach (Summary summary in BenchmarkSwitcher.FromAssembly(typeof(ReportCommand).Assembly).Run(arguments, SuiteConfig.Quick))
        {
            SummaryTable table = summary.Table;
            int[] shown = [.. table.Columns.Where(column => column.NeedToShow).Select(column => column.Index)];
            yield return (
                summary.BenchmarksCases[0].Descriptor.Type.Name.Replace("Benchmarks", "", StringComparison.Ordinal),
                new Table([.. shown.Select(i => table.FullHeader[i])], [.. table.FullContent.Select(row => (string[])[.. shown.Select(i => row[i])])]));
        }
    }
}
