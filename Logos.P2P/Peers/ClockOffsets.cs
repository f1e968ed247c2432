namespace Logos.P2P.Peers;

/// <summary>
/// How far the clocks of peers are from ours, to warn the operator when it is ours that is wrong. Never applied: whoever could
/// move our clock could make old addresses young. Only peers that we chose count, so that strangers cannot raise a false alarm.
/// Guards itself.
/// </summary>
internal sealed class ClockOffsets
{
    /// <summary>Offsets kept, the latest ones. Bitcoin Core's number.</summary>
    public const int MaxSamples = 50;

    /// <summary>Offsets needed to say anything. Bitcoin Core's number.</summary>
    public const int MinSamples = 5;

    /// <summary>Offsets beyond this are worth a warning. Bitcoin Core's number.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Queue<TimeSpan> _samples = new();
    private bool _isWarned;

    /// <summary>The median of the offsets, above zero when peers are ahead; null while there are too few.</summary>
    public TimeSpan? Median
    {
        get
        {
            lock (_gate)
                return MedianOf(_samples);
        }
    }

    /// <summary>Takes the offset of one more peer.</summary>
    /// <returns>True when by now our clock seems to be wrong, and did not before.</returns>
    public bool Add(TimeSpan offset)
    {
        lock (_gate)
        {
            if (_samples.Count == MaxSamples)
                _samples.Dequeue();
            _samples.Enqueue(offset);
            bool wasWarned = _isWarned;
            _isWarned = MedianOf(_samples) is { } median && median.Duration() > Tolerance;
            return _isWarned && !wasWarned;
        }
    }

    private static TimeSpan? MedianOf(Queue<TimeSpan> samples) =>
        samples.Count < MinSamples ? null : samples.Order().ElementAt(samples.Count / 2);
}
