namespace Logos.P2P.Testnet.Chaos;

/// <summary>Draws troubles: a function of its arguments.</summary>
internal static class ChaosPlan
{
    /// <summary>The part of the nodes that are in trouble at once: the others are to notice as little as possible of it.</summary>
    private const double MostAtOnce = 0.25;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Longer than the handshake's and a question's time limits, shorter than the 20 minutes after which a silent peer is given up.
    /// </summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(25);

    /// <summary>Draws what befalls a network.</summary>
    /// <param name="nodes">How many nodes it has.</param>
    /// <param name="length">Until when all is over.</param>
    /// <param name="kinds">What may befall them.</param>
    /// <param name="random">Where chance comes from.</param>
    /// <returns>In the order of their beginnings. No node has two at a time, and there is one partition at a time.</returns>
    public static IReadOnlyList<Trouble> Draw(int nodes, TimeSpan length, IReadOnlyList<TroubleKind> kinds, Random random)
    {
        int most = Math.Max(1, (int)(nodes * MostAtOnce));
        var troubles = new List<Trouble>();
        for (TimeSpan at = Between(ShortestPause, LongestPause, random); at < length; at += Between(ShortestPause, LongestPause, random))
        {
            TroubleKind kind = kinds[random.Next(kinds.Count)];
            TimeSpan end = at + Between(Shortest, Longest, random);
            var trouble = new Trouble(kind, random.Next(nodes), at, end < length ? end : length);
            Trouble[] present = [.. troubles.Where(other => other.To >= at)];
            bool isFree = kind == TroubleKind.Partition
                ? present.All(other => other.Kind != TroubleKind.Partition)
                : present.Count(other => other.Kind != TroubleKind.Partition) < most
                    && present.All(other => other.Kind == TroubleKind.Partition || other.Node != trouble.Node);
            if (isFree)
                troubles.Add(trouble);
        }

        return troubles;
    }

    private static TimeSpan Between(TimeSpan least, TimeSpan most, Random random) => least + ((most - least) * random.NextDouble());
}
