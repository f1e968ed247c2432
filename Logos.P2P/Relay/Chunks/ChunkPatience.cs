namespace Logos.P2P.Relay.Chunks;

/// <summary>How long a peer has for chunks that it was asked for.</summary>
internal static class ChunkPatience
{
    /// <summary>After this a chunk that does not come is lost, and may be asked for again.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Bytes a second that a peer serves one of its neighbours with at least while all of them ask at once: a 20 Mbit/s line
    /// among ten. Less patience, and chunks come twice from peers that are merely busy.
    /// </summary>
    private const double SharedBytesPerSecond = 2e6 / 8;

    private const double RoundTripPart = 1.25;

    private static readonly TimeSpan WorkTime = TimeSpan.FromMilliseconds(15);

    /// <summary>The time that a peer has for the next of so many bytes.</summary>
    public static TimeSpan With(RelayLink link, int bytes)
    {
        TimeSpan patience = (RoundTripPart * link.RoundTrip) + WorkTime + TimeSpan.FromSeconds(bytes / SharedBytesPerSecond);
        return patience < Longest ? patience : Longest;
    }
}
