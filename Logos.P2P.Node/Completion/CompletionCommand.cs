using System.CommandLine;
using Command = System.CommandLine.Command;

namespace Logos.P2P.Node.Completion;

/// <summary><c>logosp2p completion</c>: prints what makes a shell complete the program's commands and options.</summary>
internal static class CompletionCommand
{
    /// <summary>Makes it.</summary>
    /// <param name="root">The program's commands.</param>
    public static Command Create(RootCommand root)
    {
        var shell = new Argument<string>("shell") { Description = "bash or zsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh");
        var completion = new Command("completion", "Print a script that makes a shell complete commands and options.") { shell };
        completion.SetAction(result => Console.Out.Write(result.GetValue(shell) == "bash"
            ? CompletionScripts.Bash(CompletionTree.Of(root))
            : CompletionScripts.Zsh(CompletionTree.Of(root))));
        return completion;
    }
}
