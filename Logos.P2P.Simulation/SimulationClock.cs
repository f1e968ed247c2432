namespace Logos.P2P.Simulation;

/// <summary>Virtual time: it stands still until the simulation moves it.</summary>
internal class SimulationClock : TimeProvider
{
    // Any time will do that is not near the ends of what 32 bits of seconds can say.
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Time since the start. For intervals.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>The time of day in Unix seconds. For what is told to others.</summary>
    public long UnixSeconds => GetUtcNow().ToUnixTimeSeconds();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Start + Now;

    public override long GetTimestamp() => Now.Ticks;

    public void Advance(TimeSpan by) => Now += by;
}
