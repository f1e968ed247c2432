using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Completions;
using Command = System.CommandLine.Command;

namespace Logos.P2P.Node.Completion;

/// <summary>What may follow a command.</summary>
/// <param name="Path">The words of the command after the program's name, with spaces between.</param>
/// <param name="Commands">Its subcommands.</param>
/// <param name="Options">Its options; those that take a value end in =.</param>
/// <param name="Values">For options that take a value what that may be: words, or <see cref="CompletionTree.Files"/> or <see cref="CompletionTree.Directories"/>.</param>
/// <param name="Arguments">What its arguments may be, likewise.</param>
internal sealed record CompletionNode(
    string Path,
    ImmutableArray<string> Commands,
    ImmutableArray<string> Options,
    ImmutableDictionary<string, string> Values,
    string Arguments);

/// <summary>The commands of the program as completion scripts have them.</summary>
internal static class CompletionTree
{
    /// <summary>Stands for any file.</summary>
    public const string Files = "@file";

    /// <summary>Stands for any directory.</summary>
    public const string Directories = "@directory";

    /// <summary>All commands, the program itself first.</summary>
    public static ImmutableArray<CompletionNode> Of(RootCommand root) => [.. Walk(root, "")];

    private static IEnumerable<CompletionNode> Walk(Command command, string path)
    {
        Command[] children = [.. command.Subcommands.Where(child => !child.Hidden)];
        Option[] options = [.. command.Options.Where(option => !option.Hidden)];
        yield return new CompletionNode(
            path,
            [.. children.Select(child => child.Name)],
            [.. options.Select(option => TakesValue(option) ? $"{option.Name}=" : option.Name)],
            options.Where(TakesValue).ToImmutableDictionary(option => option.Name, option => WordsFor(option.HelpName, option.GetCompletions(CompletionContext.Empty))),
            string.Join(' ', command.Arguments.Select(argument => WordsFor(argument.Name, argument.GetCompletions(CompletionContext.Empty)))
                .Where(words => words.Length > 0)));
        foreach (CompletionNode node in children.SelectMany(child => Walk(child, path.Length > 0 ? $"{path} {child.Name}" : child.Name)))
            yield return node;
    }

    private static bool TakesValue(Option option) =>
        // Switches of the node take 0 and 1, and nobody writes -listen=1.
        option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool) && option.HelpName != Configuration.NodeOption.SwitchValue;

    private static string WordsFor(string? valueName, IEnumerable<CompletionItem> completions) => valueName switch
    {
        "file" or "path" => Files,
        "directory" => Directories,
        _ => string.Join(' ', completions.Select(item => item.Label)),
    };
}
