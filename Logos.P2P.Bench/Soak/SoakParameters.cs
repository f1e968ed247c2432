namespace Logos.P2P.Bench.Soak;

/// <summary>What a node is to stand, and for how long.</summary>
internal sealed record SoakParameters
{
    /// <summary>
    /// Messages that are sent at full speed before anything is measured: enough that the node remembers as many as it ever does, which
    /// at the rate of the soak would take an hour.
    /// </summary>
    public int Fill { get; init; } = 7_000_000;

    /// <summary>How often it is measured: once at the end of each cycle, when those who come and go are gone.</summary>
    public int Cycles { get; init; } = 60;

    /// <summary>How long messages flow in a cycle.</summary>
    public TimeSpan Cycle { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Messages a second.</summary>
    public int Rate { get; init; } = 2000;

    /// <summary>Bytes of each message.</summary>
    public int Size { get; init; } = 256;

    /// <summary>Peers that are there from the beginning to the end and take every message.</summary>
    public int Sinks { get; init; } = 4;

    /// <summary>Peers at once that come and go.</summary>
    public int Visitors { get; init; } = 50;

    /// <summary>
    /// After so many cycles all that fills is full: a sixth, which is minute 10 of an hour. From there on nothing may grow.
    /// </summary>
    public int WarmUp => Math.Max(1, Cycles / 6);
}
