using System.Collections;
using Logos.P2P.Wire;

namespace Logos.P2P.Node.Configuration;

/// <summary>
/// What was said on the command line, in the environment and in the configuration file, in this order: an earlier one outranks a later one.
/// </summary>
/// <param name="Values">All together.</param>
/// <param name="Network">The network that is meant.</param>
/// <param name="File">The configuration file; null when there is none.</param>
/// <param name="Warnings">What the file says in vain.</param>
internal sealed record OptionSources(OptionValues Values, P2PNetwork Network, string? File, IReadOnlyList<string> Warnings)
{
    /// <summary>
    /// What names of variables begin with. Not the program's name alone: Kubernetes makes variables of that kind for every service.
    /// </summary>
    public const string Prefix = "LOGOSP2P_OPT_";

    /// <summary>Reads them all.</summary>
    /// <param name="arguments">The command line's values by option.</param>
    /// <param name="environment">The variables of the environment.</param>
    /// <exception cref="OptionException">Something cannot be; the message says where and why.</exception>
    public static OptionSources Read(ILookup<string, OptionValue> arguments, IDictionary environment)
    {
        ILookup<string, OptionValue> variables = ReadVariables(environment);
        var first = new OptionValues(arguments, variables);
        ConfigurationFile? file = OpenFile(first);
        if (file is null)
            return new OptionSources(first, NodeOptions.NetworkOf(first), null, []);
        P2PNetwork network = NodeOptions.NetworkOf(new OptionValues(arguments, variables, file.Top));
        return new OptionSources(
            new OptionValues(arguments, variables, file.For(network), file.TopFor(network)),
            network,
            file.Path,
            [.. file.Unused(network).Select(value => $"{value.Origin} is for the main network only; write it below [{NameOf(network)}].")]);
    }

    private static string NameOf(P2PNetwork network) => network.ToString().ToLowerInvariant();

    private static ConfigurationFile? OpenFile(OptionValues values)
    {
        string path = Path.Combine(NodeOptions.DataDirectoryOf(values), values.Text(OptionTable.ConfigurationFile) ?? ConfigurationFile.DefaultName);
        return values.Has(OptionTable.ConfigurationFile) || System.IO.File.Exists(path) ? ConfigurationFile.Read(path) : null;
    }

    /// <summary>Several values of a list are separated by spaces, which none contains.</summary>
    private static ILookup<string, OptionValue> ReadVariables(IDictionary environment)
    {
        var values = new List<(string Name, OptionValue Value)>();
        foreach (DictionaryEntry variable in environment)
        {
            string key = (string)variable.Key;
            if (!key.StartsWith(Prefix, StringComparison.Ordinal))
                continue;
            string name = key[Prefix.Length..].ToLowerInvariant(), text = (string)variable.Value!;
            NodeOption option = Names.Read(ref name, ref text)
                ?? throw new OptionException($"{key}: there is no option '{name}'.{Names.Suggest(name)}");
            string[] texts = option.Kind == OptionKind.List
                ? text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                : [text];
            values.AddRange(texts.Select(value => (name, new OptionValue(value, key))));
        }

        return values.ToLookup(value => value.Name, value => value.Value);
    }
}
