using System.Collections.Immutable;
using Logos.P2P.Diagnostics;

namespace Logos.P2P.Node.Views;

/// <summary>The groups of metrics by the names that operators give them.</summary>
internal static class MetricGroups
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<(string Name, MetricGroup Group)> All { get; } =
    [
        ("net", MetricGroup.Network), ("gossip", MetricGroup.Gossip), ("addr", MetricGroup.Addresses), ("mem", MetricGroup.Memory),
    ];

    /// <summary>The names, for messages.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(group => group.Name));

    /// <summary>Finds a group.</summary>
    /// <returns>Null when there is none of that name.</returns>
    public static MetricGroup? Find(string name)
    {
        foreach ((string its, MetricGroup group) in All)
        {
            if (its == name)
                return group;
        }

        return null;
    }

    /// <summary>Reads a list such as <c>net,mem</c>; <c>0</c> is none.</summary>
    /// <returns>Null when there is a name in it that none has.</returns>
    public static ImmutableArray<MetricGroup>? Parse(string text)
    {
        if (text == "0")
            return [];
        MetricGroup?[] groups = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(Find)];
        return groups.Contains(null) ? null : [.. groups.Select(group => group!.Value)];
    }
}
