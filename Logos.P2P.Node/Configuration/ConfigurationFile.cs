using Logos.P2P.Wire;

namespace Logos.P2P.Node.Configuration;

/// <summary>
/// A configuration file in Bitcoin's format: <c>name=value</c> a line, <c>#</c> begins a comment, and what stands below
/// <c>[main]</c>, <c>[test]</c> or <c>[regtest]</c>, or begins with <c>test.</c>, is for that network.
/// </summary>
internal sealed class ConfigurationFile
{
    /// <summary>Its name unless told otherwise: in the data directory.</summary>
    public const string DefaultName = "logosp2p.conf";

    private static readonly string[] Sections = [.. Enum.GetValues<P2PNetwork>().Select(SectionOf)];

    private readonly List<(string? Section, string Name, OptionValue Value)> _values = [];

    private ConfigurationFile(string path) => Path = path;

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>What stands outside of sections.</summary>
    public ILookup<string, OptionValue> Top => _values.Where(value => value.Section is null).ToLookup(value => value.Name, value => value.Value);

    /// <summary>Reads a file.</summary>
    /// <exception cref="OptionException">It cannot be read; the message names the line.</exception>
    public static ConfigurationFile Read(string path)
    {
        try
        {
            return Parse(path, File.ReadLines(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OptionException($"-conf: {e.Message}");
        }
    }

    /// <summary>Reads lines.</summary>
    /// <exception cref="OptionException">One cannot be read.</exception>
    public static ConfigurationFile Parse(string path, IEnumerable<string> lines)
    {
        var file = new ConfigurationFile(path);
        string? section = null;
        int number = 0;
        foreach (string line in lines)
        {
            string origin = $"{path}:{++number}";
            string text = line.Split('#')[0].Trim();
            if (text.StartsWith('[') && text.EndsWith(']'))
                section = ReadSection(text[1..^1], origin);
            else if (text.Length > 0)
                file.Add(text, section, origin, hasComment: line.Contains('#', StringComparison.Ordinal));
        }

        return file;
    }

    /// <summary>What is said for a network.</summary>
    public ILookup<string, OptionValue> For(P2PNetwork network) =>
        _values.Where(value => value.Section == SectionOf(network)).ToLookup(value => value.Name, value => value.Value);

    /// <summary>What stands outside of sections and is for a network: not what differs from network to network, unless it is main.</summary>
    public ILookup<string, OptionValue> TopFor(P2PNetwork network) =>
        _values.Where(value => value.Section is null && !IsForMainOnly(value.Name, network)).ToLookup(value => value.Name, value => value.Value);

    /// <summary>The origins of what stands outside of sections and does not count for a network.</summary>
    public IEnumerable<OptionValue> Unused(P2PNetwork network) =>
        _values.Where(value => value.Section is null && IsForMainOnly(value.Name, network)).Select(value => value.Value);

    private static bool IsForMainOnly(string name, P2PNetwork network) =>
        network != P2PNetwork.Main && OptionTable.Find(name).IsPerNetwork;

    private static string SectionOf(P2PNetwork network) => network.ToString().ToLowerInvariant();

    private static string ReadSection(string name, string origin) => Sections.Contains(name)
        ? name
        : throw new OptionException($"{origin}: there is no section [{name}]; there are [{string.Join("], [", Sections)}].");

    private void Add(string text, string? section, string origin, bool hasComment)
    {
        string[] parts = text.Split('=', 2, StringSplitOptions.TrimEntries);
        string name = parts[0];
        if (name.StartsWith('-'))
            throw new OptionException($"{origin}: write '{name.TrimStart('-')}', without a dash.");
        if (name.Split('.', 2) is [var network, var rest])
            (section, name) = (ReadSection(network, origin), rest);
        if (parts.Length < 2)
            throw new OptionException($"{origin}: '{text}' is not name=value.");
        string value = parts[1];
        NodeOption option = Names.Read(ref name, ref value)
            ?? throw new OptionException($"{origin}: there is no option '{parts[0]}'.{Names.Suggest(name)}");
        if (!option.IsConfigurable || (section is not null && (option == OptionTable.Testnet || option == OptionTable.Regtest)))
            throw new OptionException($"{origin}: '{name}' cannot be {(section is null ? "in this file" : "in a section")}.");
        if (option.IsSecret && hasComment)
            throw new OptionException($"{origin}: a # in {name} would begin a comment; choose another one.");
        string shown = $"{origin}: {name}";
        if (option.Kind != OptionKind.List && _values.Any(other => other.Name == name && other.Section == section))
            throw new OptionException($"{shown} was given before.");
        _values.Add((section, name, new OptionValue(value, shown)));
    }
}
