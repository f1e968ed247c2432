namespace Logos.P2P.Node;

/// <summary>What somebody who misspelled a name may have meant.</summary>
internal static class Spelling
{
    /// <summary>The name that is nearest to a word, if any is near enough to be meant: a third of its letters may differ.</summary>
    public static string? Nearest(string word, IEnumerable<string> names)
    {
        (string? name, int distance) = names
            .Select(name => ((string?)name, Distance(word, name)))
            .MinBy(candidate => candidate.Item2);
        return name is not null && distance <= Math.Max(1, name.Length / 3) ? name : null;
    }

    /// <summary>
    /// Letters to put in, take out, replace or exchange with the next to make one word of the other (Damerau's distance, no
    /// letter changed twice).
    /// </summary>
    private static int Distance(string from, string to)
    {
        int[] beforePrevious = [];
        int[] previous = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int[] current = [i, .. new int[to.Length]];
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = previous[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(previous[j], current[j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    current[j] = Math.Min(current[j], beforePrevious[j - 2] + 1);
            }

            (beforePrevious, previous) = (previous, current);
        }

        return previous[^1];
    }
}
