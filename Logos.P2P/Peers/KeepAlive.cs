namespace Logos.P2P.Peers;

/// <summary>What the clock asks of a connection.</summary>
internal enum KeepAliveAction
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Send a `ping` with the nonce.</summary>
    Ping,

    /// <summary>The peer is dead.</summary>
    Dead,
}

/// <summary>
/// When to ping a peer, how long its answers take, and when it counts as dead. Times are what the node's clock says;
/// nothing here waits.
/// </summary>
internal sealed class KeepAlive
{
    private readonly Lock _gate = new();
    private TimeSpan _nextPing;
    private TimeSpan _pingSent;
    private ulong? _nonce;

    /// <summary>The latest round trip; null before the first.</summary>
    public TimeSpan? RoundTrip { get; private set; }

    /// <summary>The shortest round trip; null before the first.</summary>
    public TimeSpan? MinRoundTrip { get; private set; }

    /// <summary>How long an answer has been waited for; null when none is.</summary>
    public TimeSpan? WaitAt(TimeSpan now)
    {
        lock (_gate)
            return _nonce is null ? null : now - _pingSent;
    }

    /// <summary>When the next ping is due; null while the answer to one is waited for.</summary>
    public TimeSpan? NextPing
    {
        get
        {
            lock (_gate)
                return _nonce is null ? _nextPing : null;
        }
    }

    /// <summary>Called now and then.</summary>
    /// <param name="now">The time.</param>
    /// <param name="lastReceived">When anything was last received from the peer.</param>
    /// <param name="nonce">The nonce for a ping, not zero.</param>
    public KeepAliveAction Tick(TimeSpan now, TimeSpan lastReceived, ulong nonce)
    {
        lock (_gate)
        {
            if (_nonce is not null)
            {
                TimeSpan silent = now - (lastReceived > _pingSent ? lastReceived : _pingSent);
                return silent >= NodeDefaults.PingTimeout ? KeepAliveAction.Dead : KeepAliveAction.None;
            }

            if (now < _nextPing)
                return KeepAliveAction.None;
            _nonce = nonce;
            _pingSent = now;
            _nextPing = now + NodeDefaults.PingInterval;
            return KeepAliveAction.Ping;
        }
    }

    /// <summary>Has a ping sent at the next look, if none is on its way.</summary>
    public void PingSoon()
    {
        lock (_gate)
            _nextPing = TimeSpan.Zero;
    }

    /// <summary>
    /// Takes a `pong`. Bitcoin Core's rules: another nonce does not cancel the ping; a zero nonce, or a payload too short
    /// for one, does, since an old or broken peer answers so.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="nonce">The nonce, or null when the payload was too short.</param>
    /// <returns>False when the pong answers nothing.</returns>
    public bool ReceivePong(TimeSpan now, ulong? nonce)
    {
        lock (_gate)
        {
            if (_nonce is null)
                return false;
            if (nonce == _nonce)
            {
                TimeSpan roundTrip = now - _pingSent;
                RoundTrip = roundTrip;
                MinRoundTrip = MinRoundTrip is { } min && min < roundTrip ? min : roundTrip;
            }
            else if (nonce is not (null or 0))
            {
                return false;
            }

            _nonce = null;
            return true;
        }
    }
}
