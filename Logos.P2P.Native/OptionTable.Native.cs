namespace Logos.P2P.Node.Configuration;

/// <summary>The options of a node in a program of somebody else, whose data and log are that program's matter.</summary>
internal static partial class OptionTable
{
    public static readonly NodeOption DataDirectory = Text(
        "datadir", OptionGroup.General, "Keep the address book and the bans in this directory.", "directory", "in memory only");

    public static readonly NodeOption NetworkActive = Switch(
        "networkactive", OptionGroup.Connections, "Listen and connect; 0 is for tests of programs around a node.", "1");

    public static readonly NodeOption Debug = List(
        "debug", OptionGroup.Log, "Log details, of whatever category; 0 or none: do not.", "category", "none").OrBare("1");

    static partial void AddOwn(List<NodeOption> rows) => rows.AddRange([DataDirectory, NetworkActive, Debug]);
}
