using Logos.P2P.Access;
using Logos.P2P.Relay;
using Logos.P2P.Wire;

namespace Logos.P2P.Peers;

/// <summary>
/// How much is taken from one peer: decides when it is not read from, so that TCP slows it down, and when that is no use
/// any more. Told of input by the receive loop and of time by the heartbeat.
/// </summary>
/// <remarks>
/// A peer is not read from while the handler has not caught up with it, while what it sent occupies more than its share of
/// memory, and while it sends faster than it may. The first ends when the handler is done, the others are looked at with
/// each heartbeat.
/// </remarks>
internal sealed class Intake
{
    private readonly NodeContext _node;
    private readonly FrameReader _reader;
    private readonly HandlerQueue _queue;
    private readonly bool _isLimited;
    private readonly FlowLimit _all;
    private readonly FlowLimit _newOnes;
    private TaskCompletionSource? _nextTick;
    private long _nowTicks;
    private long _lastFrameTicks;
    private long _throttledSinceTicks = long.MaxValue;
    private volatile bool _isOver;

    /// <param name="node">The parts of the node.</param>
    /// <param name="reader">Holds what was received.</param>
    /// <param name="queue">Holds what is to be handled.</param>
    /// <param name="isLimited">Whether it matters how fast the peer sends.</param>
    public Intake(NodeContext node, FrameReader reader, HandlerQueue queue, bool isLimited)
    {
        _isLimited = isLimited;
        _node = node;
        _reader = reader;
        _queue = queue;
        NodeSettings settings = node.Settings;
        _all = new FlowLimit(settings.MaxMessageRate, settings.MaxMessageBytes);
        _newOnes = NodeLimit(settings);
        _nowTicks = _lastFrameTicks = node.Clock.Now.Ticks;
    }

    /// <summary>Bytes of buffers with what was received and is not handled yet.</summary>
    public long Bytes => _reader.BufferedCapacity + _queue.Bytes;

    /// <summary>Whether it is slowed down for sending too much.</summary>
    public bool IsThrottled => Interlocked.Read(ref _throttledSinceTicks) != long.MaxValue;

    /// <summary>Whether the peer should not be read from.</summary>
    public bool IsPaused => _queue.IsFull || (!_isOver && (IsOverShare || IsTooFast));

    private TimeSpan Now => new(Interlocked.Read(ref _nowTicks));

    private bool IsOverShare =>
        Bytes is > 0 and var bytes && bytes > _node.Budget.ShareOf(_node.Settings.MaxReceiveBuffer);

    /// <summary>
    /// Above its own rate; or the node is above what it takes from all together, and this peer above an equal part of it.
    /// </summary>
    private bool IsTooFast =>
        _isLimited && (_all.IsExceeded(Now) || (_node.RelayLimit.IsExceeded(Now) && _newOnes.IsExceeded(Now)));

    /// <summary>What a node takes from all peers together.</summary>
    public static FlowLimit NodeLimit(NodeSettings settings) => new(
        (double)NodeDefaults.RelayLimitFactor * settings.MaxMessageRate,
        (double)NodeDefaults.RelayLimitFactor * settings.MaxMessageBytes);

    /// <summary>Bytes were read, and are about to be cut into frames.</summary>
    public void BytesArrived(long count, TimeSpan now)
    {
        Interlocked.Exchange(ref _nowTicks, now.Ticks);
        if (_reader.BufferedCapacity == 0)
            Interlocked.Exchange(ref _lastFrameTicks, now.Ticks);
        _all.Charge(0, count, now);
    }

    /// <summary>A frame of any kind is complete.</summary>
    public void FrameArrived()
    {
        TimeSpan now = Now;
        Interlocked.Exchange(ref _lastFrameTicks, now.Ticks);
        _all.Charge(1, 0, now);
        if (IsTooFast)
            Interlocked.CompareExchange(ref _throttledSinceTicks, now.Ticks, long.MaxValue);
    }

    /// <summary>A frame is a message that no other peer brought before: it will be passed on to all.</summary>
    public void NewMessageArrived(int length)
    {
        TimeSpan now = Now;
        _node.RelayLimit.Charge(1, length, now);
        // An equal part of a limit is the same as the limit with every charge multiplied.
        int parts = _node.Peers.Ready.Length;
        _newOnes.Charge(parts, (long)parts * length, now);
    }

    /// <summary>Completes when there is reason to look again whether the peer may be read from.</summary>
    public Task WaitAsync()
    {
        if (_queue.IsFull)
            return _queue.WaitForRoomAsync();
        var tick = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _nextTick, tick);
        // End may have looked for it just before it was there.
        if (_isOver)
            tick.TrySetResult();
        return tick.Task;
    }

    /// <summary>Time has passed.</summary>
    /// <returns>Why the connection should end; None when it should not.</returns>
    public DisconnectReason Tick(TimeSpan now, bool canBeCut)
    {
        Interlocked.Exchange(ref _nowTicks, now.Ticks);
        Wake();
        if (_all.IsCalm(now))
            Interlocked.Exchange(ref _throttledSinceTicks, long.MaxValue);
        if (canBeCut && IsFlooder(now))
            return DisconnectReason.Flooding;
        // What waits for the handler is not incomplete for the peer's fault.
        if (_queue.IsFull)
            Interlocked.Exchange(ref _lastFrameTicks, now.Ticks);
        bool isIncomplete = _reader.BufferedCapacity > 0
            && now.Ticks - Interlocked.Read(ref _lastFrameTicks) >= NodeDefaults.IncompleteMessageTimeout.Ticks;
        return isIncomplete && _node.Budget.IsShort ? DisconnectReason.IncompleteMessage : DisconnectReason.None;
    }

    /// <summary>The connection has ended: whoever waits goes on.</summary>
    public void End()
    {
        _isOver = true;
        Wake();
    }

    private bool IsFlooder(TimeSpan now)
    {
        if (!IsThrottled)
            return false;
        int others = 0, throttled = 0;
        foreach (Peer peer in _node.Peers.Ready)
        {
            if (peer.Intake == this)
                continue;
            others++;
            throttled += peer.Intake.IsThrottled ? 1 : 0;
        }

        var throttledFor = new TimeSpan(now.Ticks - Interlocked.Read(ref _throttledSinceTicks));
        return FloodPolicy.IsFlooder(throttledFor, throttled, others);
    }

    private void Wake() => Interlocked.Exchange(ref _nextTick, null)?.TrySetResult();
}
