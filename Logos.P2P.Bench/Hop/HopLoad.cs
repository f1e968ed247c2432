namespace Logos.P2P.Bench.Hop;

/// <summary>What is sent through lines to measure them.</summary>
internal sealed record HopLoad
{
    /// <summary>Frames for a round are prepared; more than these would only take memory.</summary>
    private const int MaxFlatMessages = 400_000;

    /// <summary>Messages a second where they are paced.</summary>
    public int Rate { get; init; } = 200;

    /// <summary>Paced messages in each round.</summary>
    public int Messages { get; init; } = 400;

    /// <summary>Bytes in each round at full speed; 0 for none.</summary>
    public long FlatBytes { get; init; } = 100_000_000;

    /// <summary>Rounds; in each, all lines have their turn one after the other.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>
    /// Messages before those that count, for compilers, trees and caches; fewer of large ones, see <see cref="WarmUpBytes"/>.
    /// </summary>
    public int WarmUp { get; init; } = 3000;

    /// <summary>Bytes of messages before those that count, at most.</summary>
    public int WarmUpBytes { get; init; } = 50_000_000;

    /// <summary>Messages of a round at full speed.</summary>
    public int FlatMessages(int size) => FlatBytes == 0 ? 0 : (int)Math.Clamp(FlatBytes / size, 1, MaxFlatMessages);

    /// <summary>Messages before those that count.</summary>
    public int WarmUpMessages(int size) => Math.Clamp(WarmUpBytes / size, 1, WarmUp);
}
