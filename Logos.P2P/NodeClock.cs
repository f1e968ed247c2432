namespace Logos.P2P;

/// <summary>The two clocks of a node, both from one <see cref="TimeProvider"/> so that tests can turn them.</summary>
internal sealed class NodeClock(TimeProvider timeProvider)
{
    private readonly long _start = timeProvider.GetTimestamp();

    /// <summary>Time since the node was made: never goes backwards. For intervals.</summary>
    public TimeSpan Now => timeProvider.GetElapsedTime(_start);

    /// <summary>The time of day, which may jump. For what is told to peers or stored.</summary>
    public long UnixSeconds => timeProvider.GetUtcNow().ToUnixTimeSeconds();

    public TimeProvider TimeProvider => timeProvider;
}
