using System.Collections.Immutable;
using Logos.P2P.Access;
using Logos.P2P.Relay;
using Logos.P2P.Transport;
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
/// While memory is short, the message that has been incomplete for longest is received whatever its peer's share, so that
/// memory comes free; whoever does not go on with his message although we read from him is cut.
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
    private long _frameBeganTicks;
    private long _throttledSinceTicks = long.MaxValue;
    private long _bytesArrived;
    private long _watchedSinceTicks;
    private long _bytesBefore;
    private volatile bool _goesFirst;
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
        _nowTicks = _lastFrameTicks = _watchedSinceTicks = node.Clock.Now.Ticks;
    }

    /// <summary>Bytes of buffers with what was received and is not handled yet.</summary>
    public long Bytes => _reader.BufferedCapacity + _queue.Bytes;

    /// <summary>Whether it is slowed down for sending too much.</summary>
    public bool IsThrottled => Interlocked.Read(ref _throttledSinceTicks) != long.MaxValue || IsTooFast;

    /// <summary>Whether the peer should not be read from.</summary>
    public bool IsPaused => _queue.IsFull || (!_isOver && (IsOverShare || IsTooFast));

    /// <summary>Whether whoever reads waits, until the handler has caught up or a heartbeat finds no reason to wait.</summary>
    public bool IsHeldBack => _queue.IsFull || Volatile.Read(ref _nextTick) is not null;

    /// <summary>The time that it was last told.</summary>
    public TimeSpan Now => new(Volatile.Read(ref _nowTicks));

    /// <summary>When the first bytes of the frame that was completed last were read.</summary>
    public TimeSpan FrameBegan => new(Volatile.Read(ref _frameBeganTicks));

    /// <summary>Whether nothing of the peer is under way here, so that time changes nothing.</summary>
    public bool IsCalm => !IsIncomplete && !IsHeldBack && Interlocked.Read(ref _throttledSinceTicks) == long.MaxValue;

    private bool IsOverShare
    {
        get
        {
            long waiting = _queue.Bytes, bytes = _reader.BufferedCapacity + waiting;
            long most = _node.Settings.MaxReceiveBuffer;
            // Where nothing waits, a message of any size may come.
            if (waiting == 0)
                most = Math.Max(most, ByteBudget.LargestFrame);
            return bytes > most || (bytes > 0 && !_goesFirst && bytes > _node.Budget.ShareOf(most));
        }
    }

    private bool IsIncomplete => _reader.BufferedCapacity > 0;

    /// <summary>
    /// Above its own rate; or the node is above what it takes from all together, and this peer above an equal part of it.
    /// </summary>
    private bool IsTooFast =>
        _isLimited && (_all.IsExceeded(Now) || (_node.RelayLimit.IsExceeded(Now) && _newOnes.IsExceeded(Now)));

    /// <summary>What a node takes from all peers together.</summary>
    public static FlowLimit NodeLimit(NodeSettings settings) => new(
        NodeDefaults.RelayLimitFactor * settings.MaxMessageRate,
        NodeDefaults.RelayLimitFactor * settings.MaxMessageBytes);

    /// <summary>Bytes were read, and are about to be cut into frames.</summary>
    public void BytesArrived(long count, TimeSpan now)
    {
        Volatile.Write(ref _nowTicks, now.Ticks);
        Interlocked.Add(ref _bytesArrived, count);
        if (!IsIncomplete)
            Volatile.Write(ref _lastFrameTicks, now.Ticks);
        if (_isLimited)
            _all.Charge(0, count, now);
    }

    /// <summary>A frame of any kind is complete.</summary>
    public void FrameArrived()
    {
        TimeSpan now = Now;
        Volatile.Write(ref _frameBeganTicks, Volatile.Read(ref _lastFrameTicks));
        Volatile.Write(ref _lastFrameTicks, now.Ticks);
        _goesFirst = false;
        if (!_isLimited)
            return;
        _all.Charge(1, 0, now);
        if (_all.IsExceeded(now))
            Interlocked.CompareExchange(ref _throttledSinceTicks, now.Ticks, long.MaxValue);
    }

    /// <summary>A frame is a message that no other peer brought before: it will be passed on to all.</summary>
    public void NewMessageArrived(int length)
    {
        TimeSpan now = Now;
        _node.RelayLimit.Charge(1, length, now);
        if (!_isLimited)
            return;
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
        // The handler may have caught up, or the connection have ended, just before it was there.
        if (!IsPaused)
            Wake();
        return tick.Task;
    }

    /// <summary>Time has passed.</summary>
    /// <returns>Why the connection should end; None when it should not.</returns>
    public DisconnectReason Tick(TimeSpan now, bool canBeCut)
    {
        Volatile.Write(ref _nowTicks, now.Ticks);
        bool isHeldBack = IsHeldBack;
        _goesFirst = IsIncomplete && _node.Budget.IsShort && IsLongestIncomplete();
        if (!IsPaused)
            Wake();
        if (_all.IsCalm(now))
            Interlocked.Exchange(ref _throttledSinceTicks, long.MaxValue);
        if (canBeCut && IsFlooder(now))
            return DisconnectReason.Flooding;
        bool isStuck = IsStuck(isHeldBack, now) && _node.Budget.IsShort
            && now.Ticks - Volatile.Read(ref _lastFrameTicks) >= NodeDefaults.IncompleteMessageTimeout.Ticks;
        return isStuck ? DisconnectReason.IncompleteMessage : DisconnectReason.None;
    }

    /// <summary>The connection has ended: whoever waits goes on.</summary>
    public void End()
    {
        _isOver = true;
        Wake();
    }

    /// <summary>Whether a message was read from for a while and did not go on. What we hold back is not its peer's fault.</summary>
    private bool IsStuck(bool isHeldBack, TimeSpan now)
    {
        long arrived = Interlocked.Read(ref _bytesArrived);
        bool isWatched = IsIncomplete && !isHeldBack;
        if (isWatched && now.Ticks - _watchedSinceTicks < NodeDefaults.ProgressInterval.Ticks)
            return false;
        bool isStuck = isWatched && arrived - _bytesBefore < NodeDefaults.ProgressBytes;
        _watchedSinceTicks = now.Ticks;
        _bytesBefore = arrived;
        return isStuck;
    }

    private bool IsLongestIncomplete()
    {
        Intake? first = null;
        foreach (Peer peer in _node.Peers.All)
        {
            Intake other = peer.Intake;
            if (other.IsIncomplete && (first is null || other._lastFrameTicks < first._lastFrameTicks))
                first = other;
        }

        return first == this;
    }

    /// <summary>
    /// Only above its own rate: new messages may be those of others, and whoever passes on too many is held to the node's.
    /// </summary>
    private bool IsFlooder(TimeSpan now)
    {
        var throttledFor = new TimeSpan(now.Ticks - Interlocked.Read(ref _throttledSinceTicks));
        if (throttledFor < TimeSpan.Zero)
            return false;
        ImmutableArray<Peer> others = _node.Peers.Ready.RemoveAll(peer => peer.Intake == this);
        ImmutableArray<Peer> dialled = others.RemoveAll(peer => peer.Kind == ConnectionKind.Inbound);
        ImmutableArray<Peer> asked = dialled.IsEmpty ? others : dialled;
        return FloodPolicy.IsFlooder(throttledFor, asked.Count(peer => peer.Intake.IsThrottled), asked.Length);
    }

    private void Wake() => Interlocked.Exchange(ref _nextTick, null)?.TrySetResult();
}
