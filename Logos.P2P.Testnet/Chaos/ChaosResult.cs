using System.Globalization;
using Logos.P2P.Testnet.Measuring;

namespace Logos.P2P.Testnet.Chaos;

/// <summary>What a network stood, and how it was afterwards.</summary>
internal sealed record ChaosResult
{
    /// <summary>What befell it.</summary>
    public required IReadOnlyList<Trouble> Troubles { get; init; }

    /// <summary>What could not befall it on this machine, and why.</summary>
    public required IReadOnlyList<string> Obstacles { get; init; }

    /// <summary>How long it took after the last trouble until every node had its peers; null: that did not come.</summary>
    public required TimeSpan? HealedAfter { get; init; }

    /// <summary>What became of the messages of the last minute of chaos.</summary>
    public required DeliveryReport LastOfChaos { get; init; }

    /// <summary>What became of those sent when all was over.</summary>
    public required DeliveryReport Afterwards { get; init; }

    /// <summary>Resident bytes of the largest node before.</summary>
    public required long MemoryBefore { get; init; }

    /// <summary>The same afterwards.</summary>
    public required long MemoryAfter { get; init; }

    /// <summary>Nodes that ended of what should have been no reason to.</summary>
    public required IReadOnlyList<int> Died { get; init; }

    /// <summary>Nodes that did not come back when they were stopped and started on what they had kept.</summary>
    public required IReadOnlyList<int> Unopened { get; init; }

    /// <summary>Lines of logs that say that a node has made a mistake, or lost something.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>
    /// As a part of what the largest node had when it had just started. What it has done since is compiled and its tables have been
    /// used; a queue that is never emptied, or a connection that is never forgotten, would be far above this.
    /// </summary>
    public const double MaxMemory = 1.5;

    /// <summary>What is not as it must be; nothing, when all is well.</summary>
    public IEnumerable<string> Failures
    {
        get
        {
            if (HealedAfter is null)
                yield return "Some nodes have not got their peers back.";
            if (Troubles.Count == 0)
                yield return "Nothing befell the network.";
            if (!LastOfChaos.IsComplete)
                yield return "Messages of the last minute of chaos are not where they must be.";
            if (!Afterwards.IsComplete)
                yield return "Messages sent afterwards are not where they must be.";
            if (!LastOfChaos.IsOwed || !Afterwards.IsOwed)
                yield return "No message was owed to anybody, so nothing is shown.";
            if (Died.Count > 0)
                yield return $"These ended: {string.Join(' ', Died)}.";
            if (MemoryAfter > MaxMemory * MemoryBefore)
                yield return "Memory has not come back.";
            if (Unopened.Count > 0)
                yield return $"These did not come back after a stop: {string.Join(' ', Unopened)}.";
            if (Faults.Count > 0)
                yield return "Nodes have made mistakes.";
        }
    }

    /// <summary>For people.</summary>
    public void Print(TextWriter output)
    {
        IEnumerable<string> counts = Troubles.CountBy(trouble => trouble.Kind).OrderBy(count => count.Key)
            .Select(count => $"{count.Value} {count.Key}");
        output.WriteLine($"Troubles: {string.Join(", ", counts)}.");
        foreach (string obstacle in Obstacles)
            output.WriteLine($"Not here: {obstacle}.");
        string healed = HealedAfter is { } after ? $"after {after.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s" : "not";
        output.WriteLine($"Every node had its peers again: {healed}.");
        output.WriteLine($"Messages of the last minute of chaos: {LastOfChaos.Reach}. Afterwards: {Afterwards.Reach}.");
        foreach (string missing in LastOfChaos.Missing.Concat(Afterwards.Missing))
            output.WriteLine($"  {missing}");
        output.WriteLine($"The largest node: {MemoryBefore / Megabyte:0} MB before, {MemoryAfter / Megabyte:0} MB afterwards.");
        foreach (string fault in Faults)
            output.WriteLine($"  {fault}");
        output.WriteLine(Failures.Any() ? string.Join('\n', Failures) : "All is as it must be.");
    }

    private const double Megabyte = 1e6;
}
