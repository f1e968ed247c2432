namespace Logos.P2P.Node.Configuration;

/// <summary>The options as text for people: by group, with what each does and its default.</summary>
internal static class OptionHelp
{
    private const string Indent = "       ";

    /// <summary>Writes help.</summary>
    /// <param name="options">Which.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="output">Where to.</param>
    public static void Write(IEnumerable<NodeOption> options, int width, TextWriter output)
    {
        foreach (IGrouping<OptionGroup, NodeOption> group in options.GroupBy(option => option.Group))
        {
            output.WriteLine($"\n{TitleOf(group.Key)}:\n");
            foreach (NodeOption option in group)
            {
                output.WriteLine($"  {option.Usage}");
                foreach (string line in Wrap(Explain(option), width - Indent.Length))
                    output.WriteLine($"{Indent}{line}");
                output.WriteLine();
            }
        }
    }

    /// <summary>What an option does, how often it may be given, and its default.</summary>
    public static string Explain(NodeOption option)
    {
        string repeated = option.Kind == OptionKind.List ? " May be given several times." : "";
        string value = option.Default.Length > 0 ? $" (default: {option.Default})" : "";
        return $"{option.Description}{repeated}{value}";
    }

    /// <summary>The heading of a group.</summary>
    public static string TitleOf(OptionGroup group) => group switch
    {
        OptionGroup.General => "General",
        OptionGroup.Connections => "Connections",
        OptionGroup.Limits => "Limits",
        OptionGroup.Log => "Log",
        OptionGroup.Control => "Control interface",
        _ => "Metrics and live view",
    };

    /// <summary>Breaks text into lines between words.</summary>
    public static IEnumerable<string> Wrap(string text, int width)
    {
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }

            line = line.Length > 0 ? $"{line} {word}" : word;
        }

        yield return line;
    }
}
