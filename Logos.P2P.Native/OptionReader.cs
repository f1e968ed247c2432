using Logos.P2P.Node.Configuration;

namespace Logos.P2P.Native;

/// <summary>Reads options as hosts have them: names and values, or the words of a command line.</summary>
internal static class OptionReader
{
    /// <summary>Reads names, without dashes, and values; no value for a switch means that it is on.</summary>
    /// <exception cref="NativeException">One cannot be used.</exception>
    public static NodeSetup Read(IEnumerable<(string Name, string? Value)> settings)
    {
        try
        {
            return NodeSetup.Of(new OptionValues(settings.Select(Find).ToLookup(found => found.Name, found => found.Value)));
        }
        catch (OptionException e)
        {
            throw new NativeException(Result.Option, e.Message);
        }
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

    private static bool IsValueOf(string name, string word) => OptionTable.FindOrNull(name) switch
    {
        null => false,
        { Kind: OptionKind.Switch } => OptionValues.ReadSwitch(word) is not null,
        _ => !word.StartsWith('-'),
    };

    private static (string Name, OptionValue Value) Find((string Name, string? Value) setting)
    {
        string name = setting.Name, value = setting.Value ?? "";
        NodeOption option = Names.Read(ref name, ref value)
            ?? throw new OptionException($"There is no option -{setting.Name}.{Names.Suggest(setting.Name)}");
        if (setting.Value is null && value.Length == 0)
            value = option.Bare ?? throw new OptionException($"-{name} needs a value.");
        return (name, new OptionValue(value, $"-{name}"));
    }
}
