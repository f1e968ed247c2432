namespace Logos.P2P.Relay.Chunks;

/// <summary>How fast a peer brings the chunks that it is asked for, of all messages, and how long it has for one. Guards itself.</summary>
internal sealed class ChunkPace
{
    /// <summary>A peer that brings nothing for so long brings nothing more of what it was asked for.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Bytes a second that a peer serves one of its neighbours with at least while all of them ask at once: a 20 Mbit/s line
    /// among ten. Less patience, and chunks come twice from peers that are merely busy.
    /// </summary>
    private const double SharedBytesPerSecond = 2e6 / 8;

    private const double RoundTripPart = 1.25;

    private static readonly TimeSpan WorkTime = TimeSpan.FromMilliseconds(15);

    private readonly Lock _gate = new();
    private long _bytes;
    private TimeSpan _broughtAt;
    private TimeSpan _servedUpTo;

    /// <summary>It was asked for a chunk.</summary>
    public void Ask(int bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>It is not waited for with a chunk any more.</summary>
    public void StopAsking(int bytes) => Interlocked.Add(ref _bytes, -bytes);

    /// <summary>It has brought a chunk.</summary>
    public void Bring(TimeSpan askedAt, TimeSpan at)
    {
        lock (_gate)
        {
            _broughtAt = at;
            _servedUpTo = askedAt > _servedUpTo ? askedAt : _servedUpTo;
        }
    }

    /// <summary>
    /// Until when it has time for a chunk. Whoever brings others meanwhile is at it, and has more; but not for a chunk that he has
    /// passed over, since peers serve in order.
    /// </summary>
    public TimeSpan DueOf(TimeSpan askedAt, TimeSpan roundTrip)
    {
        TimeSpan since = askedAt;
        lock (_gate)
        {
            if (askedAt >= _servedUpTo && _broughtAt > askedAt)
                since = _broughtAt;
        }

        TimeSpan patience = (RoundTripPart * roundTrip) + WorkTime
            + TimeSpan.FromSeconds(Interlocked.Read(ref _bytes) / SharedBytesPerSecond);
        return since + (patience < Longest ? patience : Longest);
    }
}
