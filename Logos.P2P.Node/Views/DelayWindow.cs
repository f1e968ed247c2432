namespace Logos.P2P.Node.Views;

/// <summary>How long messages took within the last minute, counted into a series of bounds.</summary>
internal sealed class DelayWindow
{
    /// <summary>The upper bounds in seconds, 1-2-5; above the last one everything is counted together.</summary>
    public static readonly double[] Bounds =
    [
        0.000005, 0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5,
    ];

    private const int Seconds = 60;

    private readonly long[][] _slices = [.. Enumerable.Range(0, Seconds).Select(_ => new long[Bounds.Length + 1])];
    private int _current;

    /// <summary>Counts one.</summary>
    public void Add(TimeSpan delay)
    {
        int index = Array.BinarySearch(Bounds, delay.TotalSeconds);
        _slices[_current][index < 0 ? ~index : index]++;
    }

    /// <summary>A second has passed: what is a minute old is forgotten.</summary>
    public void Advance()
    {
        _current = (_current + 1) % Seconds;
        Array.Clear(_slices[_current]);
    }

    /// <summary>All of the minute.</summary>
    public long[] Sum() => [.. Enumerable.Range(0, Bounds.Length + 1).Select(i => _slices.Sum(slice => slice[i]))];
}
