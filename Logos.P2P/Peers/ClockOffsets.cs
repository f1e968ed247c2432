using Logos.P2P.Wire;

namespace Logos.P2P.Peers;

/// <summary>
/// How far the clocks of peers are from ours, to warn the operator when it is ours that is wrong. Never applied: whoever could
/// move our clock could make old addresses young. Only peers that we chose count, so that strangers cannot raise a false alarm; and each
/// host once, so that one with a wrong clock cannot, however often it comes back.
/// Guards itself.
/// </summary>
internal sealed class ClockOffsets
{
    /// <summary>Offsets kept, those of the latest hosts. Bitcoin Core's number.</summary>
    public const int MaxSamples = 50;

    /// <summary>Offsets needed to say anything. Bitcoin Core's number.</summary>
    public const int MinSamples = 5;

    /// <summary>Offsets beyond this are worth a warning. Bitcoin Core's number.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly List<(NetAddress Host, TimeSpan Offset)> _samples = [];
    private bool _isWarned;

    /// <summary>The median of the offsets, above zero when peers are ahead; null while there are too few.</summary>
    public TimeSpan? Median
    {
        get
        {
            lock (_gate)
                return CurrentMedian;
        }
    }

    /// <summary>Takes the offset of a peer, in place of what its host had before.</summary>
    /// <returns>True when by now our clock seems to be wrong, and did not before.</returns>
    public bool Add(NetAddress host, TimeSpan offset)
    {
        lock (_gate)
        {
            _samples.RemoveAll(sample => sample.Host == host);
            if (_samples.Count == MaxSamples)
                _samples.RemoveAt(0);
            _samples.Add((host, offset));
            bool wasWarned = _isWarned;
            _isWarned = CurrentMedian is { } median && median.Duration() > Tolerance;
            return _isWarned && !wasWarned;
        }
    }

    private TimeSpan? CurrentMedian => _samples.Count < MinSamples
        ? null
        : _samples.Select(sample => sample.Offset).Order().ElementAt(_samples.Count / 2);
}
