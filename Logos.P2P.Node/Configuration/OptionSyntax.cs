using System.Collections.Immutable;
using System.CommandLine;
using Command = System.CommandLine.Command;

namespace Logos.P2P.Node.Configuration;

/// <summary>
/// The options on a command line: <c>-name=value</c>, <c>--name=value</c> or <c>--name value</c>; <c>-noname</c> and <c>-name=0</c>
/// switch off.
/// </summary>
internal sealed class OptionSyntax
{
    private readonly ImmutableArray<(NodeOption Option, Option<string[]> Parser)> _options;

    /// <param name="options">Those that a command takes.</param>
    public OptionSyntax(IEnumerable<NodeOption> options) => _options = [.. options.Select(option => (option, ParserOf(option)))];

    /// <summary>
    /// Brings Bitcoin's ways to write a switch into the one that the parser knows: <c>-listen</c> becomes <c>-listen=1</c>,
    /// <c>-listen 0</c> becomes <c>-listen=0</c>, and so does <c>-nolisten</c>. What comes after <c>--</c> is no option.
    /// </summary>
    public static string[] Normalize(IReadOnlyList<string> args)
    {
        var normal = new List<string>();
        for (int i = 0; i < args.Count; i++)
        {
            string[] parts = args[i].Split('=', 2);
            string name = parts[0].TrimStart('-');
            string? value = parts.Length == 2 ? parts[1] : null;
            if (args[i] == "--")
                return [.. normal, .. args.Skip(i)];
            if (!args[i].StartsWith('-'))
                normal.Add(args[i]);
            else if (OptionTable.FindOrNull(name) is { } option)
                normal.AddRange(Normalize(option, args[i], value, args, ref i));
            else if (value is null && Names.TryNegate(name, out NodeOption? negated))
                normal.Add($"-{negated.Name}=0");
            else
                normal.Add(args[i]);
        }

        return [.. normal];
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach ((_, Option<string[]> parser) in _options)
            command.Options.Add(parser);
    }

    /// <summary>What a command line says of them.</summary>
    public ILookup<string, OptionValue> Read(ParseResult result) => (
        from option in _options
        from text in result.GetValue(option.Parser) ?? []
        select (option.Option.Name, Value: new OptionValue(text, $"-{option.Option.Name}")))
        .ToLookup(value => value.Name, value => value.Value);

    /// <summary>What a command line says of them, with the environment and the configuration file.</summary>
    /// <exception cref="OptionException">Something cannot be; the message says where and why.</exception>
    public OptionSources ReadAll(ParseResult result) => OptionSources.Read(Read(result), Environment.GetEnvironmentVariables());

    private static string[] Normalize(NodeOption option, string arg, string? value, IReadOnlyList<string> args, ref int i)
    {
        if (option.Bare is null || value is not null)
            return [arg];
        // A word that follows is the value if it can be one.
        bool isGiven = i + 1 < args.Count && (option.Kind == OptionKind.Switch
            ? OptionValues.ReadSwitch(args[i + 1]) is not null
            : args[i + 1] == "0" || option.Choices.Contains(args[i + 1]));
        return [$"-{option.Name}={(isGiven ? args[++i] : option.Bare)}"];
    }

    private static Option<string[]> ParserOf(NodeOption option)
    {
        var parser = new Option<string[]>($"-{option.Name}", $"--{option.Name}")
        {
            Description = option.Default.Length > 0 ? $"{option.Description} Default: {option.Default}." : option.Description,
            HelpName = option.ValueName,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        if (!option.Choices.IsEmpty)
            parser.CompletionSources.Add(_ => option.Choices.Select(choice => new System.CommandLine.Completions.CompletionItem(choice)));
        return parser;
    }
}
