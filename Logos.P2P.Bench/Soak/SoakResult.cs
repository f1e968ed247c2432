namespace Logos.P2P.Bench.Soak;

/// <summary>What a node stood, and what it held after each cycle.</summary>
/// <param name="Parameters">What was asked of it.</param>
/// <param name="Samples">One of each cycle.</param>
/// <param name="Messages">Messages that were sent to it.</param>
/// <param name="Lost">Messages that a lasting peer did not get, counted at each.</param>
/// <param name="Visits">Peers that came and went.</param>
/// <param name="MessagesPerSecond">Messages a second while they flowed.</param>
internal sealed record SoakResult(
    SoakParameters Parameters, IReadOnlyList<SoakSample> Samples, long Messages, long Lost, long Visits, double MessagesPerSecond)
{
    /// <summary>By how much memory may grow, as a part of what it was when all was full.</summary>
    public const double MaxGrowth = 0.05;

    /// <summary>
    /// Threads more or less that say nothing: those of the pool come and go with the load, one or two at a time.
    /// </summary>
    public const int ThreadSlack = 3;

    /// <summary>The part of the rate that the source must manage: a machine that is too slow for it shows nothing.</summary>
    public const double LeastRate = 0.95;

    /// <summary>Descriptors more that say nothing: the runtime opens a pipe when it first needs one.</summary>
    public const int HandleSlack = 3;

    private SoakSample First => Samples[Parameters.WarmUp - 1];

    private SoakSample Last => Samples[^1];

    public double HeapGrowth => Growth(sample => sample.Heap);

    public double ResidentGrowth => Growth(sample => sample.Resident);

    /// <summary>What is not as it must be; nothing, when all is well.</summary>
    public IEnumerable<string> Failures
    {
        get
        {
            if (Lost > 0)
                yield return $"{Lost} messages did not arrive.";
            if (MessagesPerSecond < LeastRate * Parameters.Rate)
                yield return $"It was sent {Table.Whole(MessagesPerSecond)} messages a second instead of {Parameters.Rate}.";
            if (HeapGrowth > MaxGrowth)
                yield return $"The heap has grown by {Table.Percent(HeapGrowth)}.";
            if (ResidentGrowth > MaxGrowth)
                yield return $"Resident memory has grown by {Table.Percent(ResidentGrowth)}.";
            if (Last.Handles > First.Handles + HandleSlack)
                yield return $"{Last.Handles} descriptors are open, and {First.Handles} were.";
            if (Last.Threads > First.Threads + ThreadSlack)
                yield return $"There are {Last.Threads} threads, and there were {First.Threads}.";
        }
    }

    /// <summary>All samples.</summary>
    public Table ToTable() => new(
        ["cycle", "heap MB", "resident MB", "descriptors", "threads"],
        [.. Samples.Select((sample, i) => (IReadOnlyList<string>)
        [
            $"{i + 1}", Table.Tenths(sample.Heap / Megabyte), Table.Tenths(sample.Resident / Megabyte), $"{sample.Handles}", $"{sample.Threads}",
        ])]);

    private const double Megabyte = 1e6;

    private double Growth(Func<SoakSample, long> of) => ((double)of(Last) / of(First)) - 1;
}
