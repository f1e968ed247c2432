using System.Diagnostics.CodeAnalysis;

namespace Logos.P2P.Node.Configuration;

/// <summary>Names of options as people write them.</summary>
internal static class Names
{
    /// <summary>Finds what a name means. Bitcoin's <c>noname</c> is <c>name=0</c>.</summary>
    /// <param name="name">The name as it was written, without dashes; becomes the option's.</param>
    /// <param name="value">Its value; becomes the one that is meant.</param>
    /// <returns>Null when there is no such option.</returns>
    public static NodeOption? Read(ref string name, ref string value)
    {
        if (OptionTable.FindOrNull(name) is { } option)
            return option;
        if (!TryNegate(name, out NodeOption? negated))
            return null;
        name = negated.Name;
        value = OptionValues.ReadSwitch(value) == false ? "1" : "0";
        return negated;
    }

    /// <summary>Whether a name is that of an option with <c>no</c> before it: a switch, or a list that may be dropped.</summary>
    public static bool TryNegate(string name, [NotNullWhen(true)] out NodeOption? option)
    {
        option = name.StartsWith("no", StringComparison.Ordinal) ? OptionTable.FindOrNull(name[2..]) : null;
        if (option?.Kind is not (OptionKind.Switch or OptionKind.List))
            option = null;
        return option is not null;
    }

    /// <summary>What somebody who misspelled a name may have meant, as a sentence; empty when nothing is near.</summary>
    public static string Suggest(string name) =>
        Spelling.Nearest(name, OptionTable.All.Select(option => option.Name)) is { } near ? $" Did you mean {near}?" : "";
}
