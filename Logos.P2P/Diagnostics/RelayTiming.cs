using System.Collections.Immutable;
using System.Numerics;
using Logos.P2P.Wire;

namespace Logos.P2P.Diagnostics;

/// <summary>
/// Times the way of messages through the node: of all while there are few, of every second, fourth or eighth when there are many, so
/// that a busy node pays for <see cref="NodeDefaults.TimedMessages"/> of them a second. Which ones is decided by counting, not by the
/// clock: of a burst the last is as likely as the first, and the delays that are measured are those of all. Only where a burst begins
/// that nothing foretold are the first of it likelier: the share is halved as it comes, each time that twice a heartbeat's are timed.
/// </summary>
/// <remarks>
/// A frame that is timed carries the time of its first byte in <see cref="Frame.Timing"/>, in ticks; after it was first sent, the
/// complement of how long that took. All other frames carry zero, and cost a look at it. Without listeners no frame is timed.
/// </remarks>
internal sealed class RelayTiming
{
    /// <summary>The share of messages is thought over with each heartbeat but those that follow the last one at once.</summary>
    private static readonly TimeSpan Interval = NodeDefaults.Heartbeat / 2;

    /// <summary>Messages that are timed from one look to the next before their share is halved: twice what is to be expected.</summary>
    private static readonly int MostAtOnce = (int)(2 * NodeDefaults.TimedMessages * NodeDefaults.Heartbeat.TotalSeconds);

    private volatile GossipInstruments? _instruments;
    private ImmutableArray<MessageSamples> _watchers = [];
    private volatile bool _isWanted;
    private long _mask;
    private int _begun;
    private TimeSpan _lookedAt;
    private long _receivedBefore;

    /// <summary>Where measurements go; null while they are switched off.</summary>
    public GossipInstruments? Instruments
    {
        get => _instruments;
        set => _instruments = value;
    }

    /// <summary>Begins to collect samples.</summary>
    public MessageSamples Watch()
    {
        var samples = new MessageSamples(
            one => ImmutableInterlocked.Update(ref _watchers, (all, gone) => all.Remove(gone), one));
        ImmutableInterlocked.Update(ref _watchers, (all, added) => all.Add(added), samples);
        return samples;
    }

    /// <summary>Whether the message with this number, counted from 1, is timed.</summary>
    public bool IsTurn(long number) => _isWanted && (number & Volatile.Read(ref _mask)) == 0;

    /// <summary>Begins to time a message.</summary>
    public void Begin(Frame frame, TimeSpan firstByteIn)
    {
        // Zero is for those that are not timed.
        Volatile.Write(ref frame.Timing, Math.Max(1, firstByteIn.Ticks));
        if (Interlocked.Increment(ref _begun) % MostAtOnce == 0)
            Volatile.Write(ref _mask, (2 * Volatile.Read(ref _mask)) + 1);
    }

    /// <summary>A frame that is timed was sent. The first time counts.</summary>
    public static void NoteSent(Frame frame, TimeSpan now)
    {
        long began = Volatile.Read(ref frame.Timing);
        if (began > 0)
            Interlocked.CompareExchange(ref frame.Timing, ~Math.Max(0, now.Ticks - began), began);
    }

    /// <summary>A message that was timed has been relayed, or will not be.</summary>
    /// <param name="frame">The message.</param>
    /// <param name="peerId">Who brought it; 0 for our own.</param>
    /// <param name="began">When its first byte came.</param>
    /// <param name="givenAt">When the upper layer was given it.</param>
    /// <param name="answeredAt">When that answered.</param>
    /// <param name="verdict">What it said.</param>
    /// <param name="madeAt">When the message was made, if its bytes tell.</param>
    /// <param name="clock">The clock of all these.</param>
    public void End(
        Frame frame,
        long peerId,
        TimeSpan began,
        TimeSpan givenAt,
        TimeSpan answeredAt,
        Verdict? verdict,
        DateTimeOffset? madeAt,
        NodeClock clock)
    {
        long timing = Interlocked.Exchange(ref frame.Timing, 0);
        TimeSpan? relayed = timing < 0 ? new TimeSpan(~timing) : null;
        DateTimeOffset receivedAt = clock.TimeProvider.GetUtcNow() - (clock.Now - began);
        if (_instruments is { } instruments)
            instruments.Record(peerId, givenAt - began, answeredAt - givenAt, relayed, receivedAt - madeAt);
        foreach (MessageSamples watcher in _watchers)
        {
            watcher.Add(new MessageSample(
                frame.Id, peerId, frame.Length, receivedAt, givenAt - began, answeredAt - givenAt, relayed, verdict));
        }
    }

    /// <summary>Time has passed, and so many messages came since the start.</summary>
    public void Tick(TimeSpan now, long received)
    {
        _isWanted = !_watchers.IsEmpty || _instruments is { IsListenedTo: true };
        TimeSpan passed = now - _lookedAt;
        if (passed < Interval)
            return;
        double rate = (received - _receivedBefore) / passed.TotalSeconds;
        uint share = (uint)Math.Ceiling(Math.Max(1, rate / NodeDefaults.TimedMessages));
        Volatile.Write(ref _mask, BitOperations.RoundUpToPowerOf2(share) - 1);
        Volatile.Write(ref _begun, 0);
        (_lookedAt, _receivedBefore) = (now, received);
    }
}
