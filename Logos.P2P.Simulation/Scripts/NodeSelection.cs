using System.Collections.Immutable;
using System.Globalization;

namespace Logos.P2P.Simulation.Scripts;

/// <summary>Which nodes: <c>all</c>, <c>dead</c>, <c>30%</c> of those that run at random, or numbers and ranges as <c>3 7-9</c>.</summary>
public abstract record NodeSelection
{
    private NodeSelection()
    {
    }

    /// <summary>The highest number that is named; -1 for none.</summary>
    public virtual int Highest => -1;

    /// <summary>Reads a selection.</summary>
    /// <param name="words">Its words.</param>
    /// <exception cref="FormatException">It is none; the message says why.</exception>
    public static NodeSelection Parse(IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        return words switch
        {
            [] => throw new FormatException("which nodes? Write all, dead, 30% or numbers such as 3 7-9"),
            ["all"] => new Everyone(),
            ["dead"] => new Dead(),
            [var share] when share.EndsWith('%') => new Share(ParseShare(share)),
            _ => new Listed(ParseNumbers(words)),
        };
    }

    /// <summary>The nodes of a network that are meant, in ascending order.</summary>
    /// <param name="network">The network.</param>
    /// <param name="random">Decides who is among a share.</param>
    public IReadOnlyList<int> Of(IScriptedNetwork network, Random random)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(random);
        IEnumerable<int> all = Enumerable.Range(0, network.NodeCount);
        return this switch
        {
            Dead => [.. all.Where(node => !network.IsRunning(node))],
            Share share => Draw([.. all.Where(network.IsRunning)], share.Percent, random),
            Listed listed => listed.Numbers,
            _ => [.. all],
        };
    }

    private static ImmutableArray<int> Draw(int[] running, int percent, Random random)
    {
        random.Shuffle(running);
        int count = (int)Math.Round(running.Length * percent / 100.0, MidpointRounding.AwayFromZero);
        return [.. running.Take(count).Order()];
    }

    private static int ParseShare(string share) =>
        TryParse(share[..^1], out int percent) && percent is >= 1 and <= 100
            ? percent
            : throw new FormatException($"'{share}' is not a share from 1% to 100%");

    private static ImmutableArray<int> ParseNumbers(IReadOnlyList<string> words)
    {
        var numbers = new SortedSet<int>();
        foreach (string word in words)
        {
            string[] ends = word.Split('-');
            if (ends.Length > 2 || !TryParse(ends[0], out int first) || !TryParse(ends[^1], out int last) || last < first)
                throw new FormatException($"'{word}' is neither a node's number nor a range such as 7-9");
            numbers.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return [.. numbers];
    }

    private static bool TryParse(string text, out int number) =>
        // No network has as many nodes; it keeps a range from filling the memory.
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < 1_000_000;

    private sealed record Everyone : NodeSelection;

    private sealed record Dead : NodeSelection;

    private sealed record Share(int Percent) : NodeSelection;

    private sealed record Listed(ImmutableArray<int> Numbers) : NodeSelection
    {
        public override int Highest => Numbers[^1];
    }
}
