using System.CommandLine;
using Logos.P2P.Simulation;
using Logos.P2P.Simulation.Report;

namespace Logos.P2P.Node;

/// <summary>
/// <c>logosp2p sim report</c> and <c>sim relay-report</c>: the reports of the documentation.
/// </summary>
internal static class ReportCommand
{
    /// <summary>Nodes of a relay report that is only to show that it works.</summary>
    private const int ShortNodes = 30;

    public static IEnumerable<Command> Create() =>
    [
        Create(
            "report", "Write the network report: tables and charts of many runs.",
            (directory, isShort, commit) => new NetworkReport(isShort ? ReportPlan.Quick : ReportPlan.Full, directory, Console.Error.WriteLine)
                .Write(commit, "eng/network-report")),
        Create(
            "relay-report", "Write the relay report: relay policies compared in many situations.",
            (directory, isShort, commit) => new RelayReport(isShort ? ShortNodes : RelayReport.FullNodes, directory, Console.Error.WriteLine)
                .Write(commit, "eng/relay-report")),
    ];

    private static Command Create(string name, string description, Action<string, bool, string> write)
    {
        Argument<string> directory = FileCommand.DirectoryArgument();
        directory.Description = "Where the page and its charts are written.";
        var isShort = new Option<bool>("--short") { Description = "Tiny networks only, to see that it works." };
        var commit = new Option<string>("--commit")
        {
            Description = "What the page says it was made with.",
            DefaultValueFactory = _ => "unknown",
        };
        var command = new Command(name, description) { directory, isShort, commit };
        command.SetAction(result => Run(() => write(result.GetValue(directory)!, result.GetValue(isShort), result.GetValue(commit)!)));
        return command;
    }

    private static int Run(Action write)
    {
        try
        {
            write();
            return ExitCodes.Clean;
        }
        catch (Exception e) when (Cause(e) is SimulationException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(Cause(e).Message);
            return ExitCodes.Failed;
        }
    }

    /// <summary>What failed of several that ran at a time.</summary>
    private static Exception Cause(Exception e) => e is AggregateException { InnerException: { } inner } ? inner : e;
}
