namespace Logos.P2P.Native;

/// <summary>Reads options as hosts have them: names and values, or the words of a command line.</summary>
internal static class OptionReader
{
    /// <summary>Reads names, without dashes, and values; no value for a switch means that it is on.</summary>
    /// <exception cref="NativeException">One cannot be used.</exception>
    public static NodeSetup Read(IEnumerable<(string Name, string? Value)> settings)
    {
        NodeSetup setup = NodeSetup.Default;
        foreach ((string written, string? value) in settings)
            setup = Apply(setup, written, value);
        return setup;
    }

    /// <summary>
    /// Reads words: <c>-name=value</c>, <c>--name=value</c>, <c>--name value</c>, <c>-switch</c> and <c>-noswitch</c>.
    /// </summary>
    /// <exception cref="NativeException">One cannot be used.</exception>
    public static NodeSetup ReadWords(IReadOnlyList<string> words)
    {
        var settings = new List<(string, string?)>();
        for (int i = 0; i < words.Count; i++)
        {
            string[] parts = words[i].Split('=', 2);
            string name = parts[0].TrimStart('-');
            if (name.Length == parts[0].Length || name.Length == 0)
                throw new NativeException(Result.Option, $"'{words[i]}' is no option.");
            string? value = parts.Length == 2 ? parts[1] : null;
            if (value is null && i + 1 < words.Count && IsValueOf(name, words[i + 1]))
                value = words[++i];
            settings.Add((name, value));
        }

        return Read(settings);
    }

    private static bool IsValueOf(string name, string word) => Find(name) switch
    {
        null => false,
        { IsSwitch: true } => OptionTable.ReadSwitch(word) is not null,
        _ => !word.StartsWith('-'),
    };

    private static Option? Find(string name) => OptionTable.All.FirstOrDefault(option => option.Name == name);

    private static NodeSetup Apply(NodeSetup setup, string written, string? value)
    {
        string name = written;
        Option? option = Find(name);
        if (option is null && value is null && name.StartsWith("no", StringComparison.Ordinal)
            && Find(name[2..]) is { } negated && (negated.IsSwitch || negated.Name is "connect" or "debug"))
        {
            // Bitcoin's -noconnect is -connect=0.
            (option, name, value) = (negated, negated.Name, "0");
        }

        if (option is null)
            throw new NativeException(Result.Option, $"There is no option -{written}.");
        // Bitcoin's bare -debug logs everything.
        if (value is null && (option.IsSwitch || name == "debug"))
            value = "1";
        if (string.IsNullOrEmpty(value))
            throw new NativeException(Result.Option, $"-{name} needs a value ({option.ValueName}).");
        try
        {
            return option.Apply(setup, value);
        }
        catch (FormatException e)
        {
            throw new NativeException(Result.Option, $"-{name}: '{value}' {e.Message}.");
        }
    }
}
