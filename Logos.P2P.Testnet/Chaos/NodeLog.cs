using System.Text.RegularExpressions;

namespace Logos.P2P.Testnet.Chaos;

/// <summary>What the log of a node says that it must never have to say, whatever befalls it.</summary>
internal static partial class NodeLog
{
    /// <summary>
    /// Whether a line tells of a mistake of the node, or of something that it lost. That it cannot write just now is neither: a disk is
    /// full, and it tries again.
    /// </summary>
    public static bool IsFault(string line) => Mistake().IsMatch(line) || Loss().IsMatch(line) || Crash().IsMatch(line);

    [GeneratedRegex(@"^\S+ \[(\w+:)?error\] (?!Could not (write|save) )")]
    private static partial Regex Mistake();

    [GeneratedRegex("It was set aside as|are damaged|and were dropped")]
    private static partial Regex Loss();

    [GeneratedRegex("^(Unhandled exception|Process terminated|Fatal error)")]
    private static partial Regex Crash();
}
