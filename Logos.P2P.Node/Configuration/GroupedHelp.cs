using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Command = System.CommandLine.Command;

namespace Logos.P2P.Node.Configuration;

/// <summary>Help on the node's options by group. The library's own would be a list of sixty.</summary>
/// <param name="run">The command that takes them.</param>
/// <param name="others">Help on other commands.</param>
internal sealed class GroupedHelp(Command run, SynchronousCommandLineAction others) : SynchronousCommandLineAction
{
    private const int MaxWidth = 100;

    /// <summary>Has a program's help show them so, and take Bitcoin's -help.</summary>
    public static void Install(RootCommand root, Command run)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Aliases.Add("-help");
        help.Action = new GroupedHelp(run, (SynchronousCommandLineAction)help.Action!);
    }

    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Command != run)
            return others.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        int width = Console.IsOutputRedirected ? MaxWidth : Math.Clamp(Console.WindowWidth, 40, MaxWidth);
        string[] paragraphs =
        [
            $"Usage: logosp2p {run.Name} [options]",
            run.Description!,
            "Options are written -name=value, --name=value or --name value; -noname and -name=0 switch off. They may stand in "
            + $"{ConfigurationFile.DefaultName} in the data directory too, or in the environment ({OptionSources.Prefix}PORT=1 for "
            + "-port=1); the command line outranks the environment, and that the file.",
        ];
        output.WriteLine(string.Join("\n\n", paragraphs.Select(text => string.Join('\n', OptionHelp.Wrap(text, width)))));
        OptionHelp.Write(OptionTable.ForNode, width, output);
        return 0;
    }
}
