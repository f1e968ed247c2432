namespace Logos.P2P.Tests;

/// <summary>A clock that stands still until a test moves it.</summary>
internal sealed class ManualTimeProvider(DateTimeOffset now) : TimeProvider
{
    /// <summary>The time. Setting it moves the timestamp as well.</summary>
    public DateTimeOffset Now { get; set; } = now;

    /// <summary>The time in Unix seconds.</summary>
    public long UnixSeconds => Now.ToUnixTimeSeconds();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => Now.UtcTicks;

    public void Advance(TimeSpan by) => Now += by;
}
