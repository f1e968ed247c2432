using System.Collections.Immutable;
using System.Globalization;

namespace Logos.P2P.Node.Configuration;

/// <summary>
/// What was said of each option, from all places together. Knows nothing of command lines: whoever has names and values can make
/// one, and everything is validated when it is made.
/// </summary>
internal sealed class OptionValues
{
    private readonly ImmutableArray<ILookup<string, OptionValue>> _sources;

    /// <summary>Puts together what several places say.</summary>
    /// <param name="sources">
    /// For each place its values by the name of the option; what is said in an earlier one outranks what is said in a later one.
    /// Within a place the last value of an option counts, and lists add up.
    /// </param>
    /// <exception cref="OptionException">A value cannot be.</exception>
    public OptionValues(params ImmutableArray<ILookup<string, OptionValue>> sources)
    {
        _sources = sources;
        foreach (ILookup<string, OptionValue> source in sources)
        {
            foreach (IGrouping<string, OptionValue> values in source)
            {
                foreach (OptionValue value in values)
                    Validate(OptionTable.Find(values.Key), value);
            }
        }
    }

    /// <summary>Whether anything was said of an option.</summary>
    public bool Has(NodeOption option) => Strongest(option) is not null;

    /// <summary>A switch; null when nothing was said of it.</summary>
    public bool? Switch(NodeOption option) => Strongest(option) is { } value ? ReadSwitch(value.Text) : null;

    /// <summary>A number; null when nothing was said of it.</summary>
    public long? Number(NodeOption option) =>
        Strongest(option) is { } value ? long.Parse(value.Text, CultureInfo.InvariantCulture) : null;

    /// <summary>A text; null when nothing was said of it.</summary>
    public string? Text(NodeOption option) => Strongest(option)?.Text;

    /// <summary>A text, and where it was written; null when nothing was said of it.</summary>
    public OptionValue? Value(NodeOption option) => Strongest(option);

    /// <summary>
    /// A list: that of all places together, those of the weakest first, less what a 0 drops. For an option that takes a bare 0 as a
    /// value of its own (<see cref="OptionTable.Connect"/>) it stays.
    /// </summary>
    public ImmutableArray<OptionValue> List(NodeOption option)
    {
        ImmutableArray<OptionValue> list = [];
        foreach (ILookup<string, OptionValue> source in _sources.Reverse())
        {
            OptionValue[] values = [.. source[option.Name]];
            if (values.Any(value => value.IsNone))
                list = [];
            bool keepsNone = option == OptionTable.Connect;
            int first = keepsNone ? 0 : Array.FindLastIndex(values, value => value.IsNone) + 1;
            list = [.. list, .. values[first..]];
        }

        return list;
    }

    /// <summary>The texts of a list.</summary>
    public string[] Texts(NodeOption option) => [.. List(option).Select(value => value.Text)];

    /// <summary>Reads the value of a switch; null when it is none.</summary>
    public static bool? ReadSwitch(string text) => text switch
    {
        "1" or "true" => true,
        "0" or "false" => false,
        _ => null,
    };

    private OptionValue? Strongest(NodeOption option)
    {
        foreach (ILookup<string, OptionValue> source in _sources)
        {
            if (source.Contains(option.Name))
                return source[option.Name].Last();
        }

        return null;
    }

    private static void Validate(NodeOption option, OptionValue value)
    {
        switch (option.Kind)
        {
            case OptionKind.Switch when ReadSwitch(value.Text) is null:
                throw value.Error("is neither 1 nor 0.");
            case OptionKind.Number when !long.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                || number < option.Min || number > option.Max:
                throw value.Error($"is not a number from {option.Min} to {option.Max}.");
            case OptionKind.Text or OptionKind.List when value.Text.Length == 0:
                throw new OptionException($"{value.Origin}: there is no value.");
            case OptionKind.Text or OptionKind.List when !option.Choices.IsEmpty && !option.Choices.Contains(value.Text)
                && !(option.Kind == OptionKind.List && value.IsNone):
                throw value.Error($"is none of {Enumerate(option.Choices)}.");
        }
    }

    private static string Enumerate(ImmutableArray<string> names) =>
        $"{string.Join(", ", names[..^1])} and {names[^1]}";
}
