using System.CommandLine;
using Logos.P2P.Simulation;
using Logos.P2P.Simulation.Report;

namespace Logos.P2P.Node;

/// <summary><c>logosp2p sim report</c>: the network report of the documentation, with its charts.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        Argument<string> directory = FileCommand.DirectoryArgument();
        directory.Description = "Where the page and its charts are written.";
        var quick = new Option<bool>("--short") { Description = "Tiny networks only, to see that it works." };
        var commit = new Option<string>("--commit")
        {
            Description = "What the page says it was made with.",
            DefaultValueFactory = _ => "unknown",
        };
        var command = new Command("report", "Write the network report: tables and charts of many runs.") { directory, quick, commit };
        command.SetAction(result => Run(
            result.GetValue(quick) ? ReportPlan.Quick : ReportPlan.Full,
            result.GetValue(directory)!,
            result.GetValue(commit)!));
        return command;
    }

    private static int Run(ReportPlan plan, string directory, string commit)
    {
        try
        {
            new NetworkReport(plan, directory, Console.Error.WriteLine).Write(commit, "eng/network-report");
            return ExitCodes.Clean;
        }
        catch (Exception e) when (e is SimulationException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCodes.Failed;
        }
    }
}
