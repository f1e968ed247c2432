namespace Logos.P2P.Node.Configuration;

/// <summary>A configuration file with every option in it, explained and commented out: <c>docs/logosp2p.conf</c>.</summary>
internal static class SampleConfiguration
{
    private const int Width = 100;

    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output)
    {
        output.Write(
            """
            # Options of a Logos P2P node. Put this file as logosp2p.conf into the data directory, and take the # away before what is to
            # hold. What the command line says outranks what a variable of the environment says (LOGOSP2P_OPT_PORT=1 for port=1), and
            # that outranks this file; lists add up, and name=0 drops what a list has so far.
            #
            # "logosp2p sampleconf" wrote this file from the program's table of options.

            """);
        foreach (IGrouping<OptionGroup, NodeOption> group in OptionTable.All.Where(option => option.IsConfigurable).GroupBy(option => option.Group))
        {
            output.Write($"\n### {OptionHelp.TitleOf(group.Key)}\n");
            foreach (NodeOption option in group)
                Write(option, output);
        }

        string perNetwork = string.Join(", ", OptionTable.All.Where(option => option.IsPerNetwork).Select(option => option.Name));
        output.Write(
            $"""

            ### Networks

            # What stands below the name of a network is for that network only. Above, those options that differ from network to network
            # ({perNetwork})
            # are for the main network.
            [main]

            [test]

            [regtest]

            """);
    }

    private static void Write(NodeOption option, TextWriter output)
    {
        output.Write('\n');
        foreach (string line in OptionHelp.Wrap(OptionHelp.Explain(option), Width))
            output.Write($"# {line}\n");
        output.Write($"#{option.Name}={ExampleOf(option)}\n");
    }

    /// <summary>The default where it is one word that could be written; otherwise what the value stands for.</summary>
    private static string ExampleOf(NodeOption option)
    {
        string first = option.Default.Split(' ', ',')[0];
        return option.Kind switch
        {
            OptionKind.Switch or OptionKind.Number => first,
            _ when first == option.Default && first.Length > 0 && first != "none" => first,
            _ => $"<{option.ValueName}>",
        };
    }
}
