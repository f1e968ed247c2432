using System.Collections.Immutable;

namespace Logos.P2P.Simulation.Scripts;

/// <summary>The sides of a partition: <c>0-4 | 5-9</c>, of which the last may be <c>rest</c>: all that are on no other.</summary>
public sealed record PartitionSides
{
    private readonly ImmutableArray<NodeSelection> _named;
    private readonly bool _hasRest;

    private PartitionSides(ImmutableArray<NodeSelection> named, bool hasRest) => (_named, _hasRest) = (named, hasRest);

    /// <summary>The highest number that is named.</summary>
    public int Highest => _named.Max(side => side.Highest);

    /// <summary>Reads sides.</summary>
    /// <param name="words">Their words, with <c>|</c> as a word between two sides.</param>
    /// <exception cref="FormatException">They are none; the message says why.</exception>
    public static PartitionSides Parse(IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        var sides = new List<List<string>> { new() };
        foreach (string word in words)
        {
            if (word == "|")
                sides.Add([]);
            else
                sides[^1].Add(word);
        }

        bool hasRest = sides[^1] is ["rest"];
        if (hasRest)
            sides.RemoveAt(sides.Count - 1);
        if (sides.Count + (hasRest ? 1 : 0) < 2)
            throw new FormatException("a partition has two sides or more: 0-4 | 5-9, or 0-4 | rest");
        NodeSelection[] named = [.. sides.Select(NodeSelection.Parse)];
        if (Array.Exists(named, side => side.Highest < 0))
            throw new FormatException("the sides of a partition are numbers such as 0-4; the last may be rest");
        return new PartitionSides([.. named], hasRest);
    }

    /// <summary>The nodes on each side.</summary>
    /// <exception cref="FormatException">A node is on two sides.</exception>
    public IReadOnlyList<IReadOnlyList<int>> Of(IScriptedNetwork network, Random random)
    {
        ArgumentNullException.ThrowIfNull(network);
        List<IReadOnlyList<int>> sides = [.. _named.Select(side => side.Of(network, random))];
        HashSet<int> seen = [];
        foreach (int node in sides.SelectMany(side => side))
        {
            if (!seen.Add(node))
                throw new FormatException($"node {node} is on two sides");
        }

        if (_hasRest)
            sides.Add([.. Enumerable.Range(0, network.NodeCount).Where(node => !seen.Contains(node))]);
        return sides;
    }
}
