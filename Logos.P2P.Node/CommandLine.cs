using System.CommandLine;
using System.CommandLine.Parsing;
using Logos.P2P.Node.Captures;
using Logos.P2P.Node.Client;
using Logos.P2P.Node.Completion;
using Logos.P2P.Node.Configuration;
using Logos.P2P.Simulation.AddressBook;
using Logos.P2P.Simulation.Scenarios;

namespace Logos.P2P.Node;

/// <summary>The commands of the program.</summary>
internal static class CommandLine
{
    /// <summary>
    /// How arguments are taken apart. Without the library's response files: an argument that begins with @ is what it says, and no
    /// name of a file with more of them.
    /// </summary>
    public static ParserConfiguration Parsing => new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    /// <summary>Runs the program.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        RootCommand root = Create();
        ParseResult result = root.Parse(OptionSyntax.Normalize(args), Parsing);
        if (result.Errors.Count > 0)
        {
            ReportErrors(result);
            return ExitCodes.BadUsage;
        }

        // The commands handle signals themselves, so the library must not end the process in the middle of that.
        var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
        try
        {
            return await result.InvokeAsync(invocation).ConfigureAwait(false);
        }
        catch (OptionException e)
        {
            Console.Error.WriteLine(e.Message);
            PointToHelp(result);
            return ExitCodes.BadUsage;
        }
#pragma warning disable CA1031 // The program's end is reported, whatever it is; nothing goes on after it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Console.Error.WriteLine($"Unhandled exception: {e}");
            return ExitCodes.Failed;
        }
    }

    /// <summary>
    /// Says what is wrong, and what may have been meant. The library's own suggestions take the value of an option for a
    /// part of its name.
    /// </summary>
    private static void ReportErrors(ParseResult result)
    {
        foreach (ParseError error in result.Errors)
            Console.Error.WriteLine(error.Message);

        Command command = result.CommandResult.Command;
        string[] names = [.. command.Options.Select(option => option.Name), .. command.Subcommands.Select(sub => sub.Name)];
        foreach (string token in result.UnmatchedTokens)
        {
            string word = token.Split('=')[0].TrimStart('-');
            // Options are written with one dash or two; say it back as it was written.
            string dashes = token[..(token.Length - token.TrimStart('-').Length)];
            if (Spelling.Nearest(word, names.Select(name => name.TrimStart('-'))) is { } name)
                Console.Error.WriteLine($"Did you mean {dashes}{name}?");
        }

        PointToHelp(result);
    }

    private static void PointToHelp(ParseResult result)
    {
        string path = string.Join(' ', NamesOf(result.CommandResult).Reverse());
        Console.Error.WriteLine($"'{path} --help' lists what there is.");
    }

    private static IEnumerable<string> NamesOf(CommandResult result)
    {
        for (CommandResult? at = result; at is not null; at = at.Parent as CommandResult)
            yield return at.Command is RootCommand ? "logosp2p" : at.Command.Name;
    }

    private static RootCommand Create()
    {
        var options = new OptionSyntax(OptionTable.ForNode);
        var run = new Command(
            "run",
            "Run a node in the foreground. It prints the messages it receives to standard output and sends what it reads "
            + "from standard input, a line a message. Ctrl-C stops it.");
        options.AddTo(run);
        run.SetAction((result, _) => RunCommand.RunAsync(options.ReadAll(result)));

        var nodes = new Option<int>("--nodes") { Description = "How many nodes.", DefaultValueFactory = _ => 5 };
        nodes.Validators.Add(value =>
        {
            if (value.GetValueOrDefault<int>() is < 2 or > 50)
                value.AddError("--nodes: 2 to 50 nodes fit on one machine.");
        });
        var keep = new Option<DirectoryInfo?>("--keep")
        {
            Description = "Keep the nodes' data and logs in this directory.",
            HelpName = "directory",
        };
        var demo = new Command(
            "demo",
            "Start real nodes on this machine that know only the first of them, let them find each other, send messages "
            + "and show when each node got each. Lines from standard input are sent instead of the built-in ones.")
        {
            nodes, keep,
        };
        demo.SetAction((result, _) => DemoCommand.RunAsync(result.GetValue(nodes), result.GetValue(keep)));
        var root = new RootCommand("Logos P2P: a gossip overlay that carries opaque messages to every node, fast.")
        {
            run, demo, StatusCommand.Create(), PeersCommand.Create(), BansCommand.Create(), TopCommand.Create(),
        };
        foreach (Command command in NodeCommands.Create())
            root.Subcommands.Add(command);
        root.Subcommands.Add(AddressBookCommand.Create());
        root.Subcommands.Add(CaptureCommand.Create());
        root.Subcommands.Add(TestnetCommand.Create());
        root.Subcommands.Add(CreateSim());
        root.Subcommands.Add(CreateSampleConfiguration());
        root.Subcommands.Add(CompletionCommand.Create(root));
        GroupedHelp.Install(root, run);
        return root;
    }

    private static Command CreateSampleConfiguration()
    {
        var sample = new Command("sampleconf", "Print a configuration file with every option in it, explained.");
        sample.SetAction(_ => SampleConfiguration.Write(Console.Out));
        return sample;
    }

    private static Command CreateSim()
    {
        var seed = new Option<ulong>("--seed")
        {
            Description = "What all chance comes from: the same seed gives the same result.",
            HelpName = "number",
            DefaultValueFactory = _ => 1,
        };
        var runs = new Option<int>("--runs")
        {
            Description = "Runs of each attack, with this and the following seeds; the table shows their means.",
            HelpName = "number",
            DefaultValueFactory = _ => 1,
        };
        runs.Validators.Add(value =>
        {
            if (value.GetValueOrDefault<int>() is < 1 or > 1000)
                value.AddError("--runs: 1 to 1000; each takes about half a minute.");
        });
        var json = new Option<bool>("--json") { Description = "A line of JSON for each run instead of a table." };
        var addressBook = new Command(
            "addressbook",
            "Flood an address book with an attacker's addresses for a week of virtual time, in several ways, and show how "
            + "much of it he holds and how likely the node is to connect to nobody but him.")
        {
            seed, runs, json,
        };
        addressBook.SetAction(result =>
        {
            SimCommand.PrintAddressBook(
                AttackTable.Rows, result.GetValue(seed), result.GetValue(runs), result.GetValue(json), Console.Out);
            return ExitCodes.Clean;
        });
        var sim = new Command("sim", "See what the node's own classes do in a simulated world, under virtual time.") { addressBook };
        foreach (Scenario scenario in Scenario.All)
            sim.Subcommands.Add(ScenarioCommand.Create(scenario));
        sim.Subcommands.Add(ScenarioCommand.CreateScripted());
        foreach (Command report in ReportCommand.Create())
            sim.Subcommands.Add(report);
        return sim;
    }
}
