using Logos.P2P.Peers;

namespace Logos.P2P.Access;

/// <summary>
/// When bulk for one peer has to wait because the operator's line has other uses. Control and small messages are charged
/// and never wait.
/// </summary>
/// <remarks>
/// Of the rate for all peers each has an equal part that is its own; what others leave of theirs, anyone may use. A peer
/// with a long queue so does not keep others from sending a little.
/// </remarks>
internal sealed class UploadLimit
{
    /// <summary>How far sending may run ahead: longer than the wait for the next heartbeat, when waiting bulk goes on.</summary>
    private static readonly TimeSpan Burst = 3 * NodeDefaults.Heartbeat;

    private readonly NodeClock _clock;
    private readonly PeerTable _peers;
    private readonly RateLimit? _all;
    private readonly RateLimit? _part;
    private readonly RateLimit? _own;

    private UploadLimit(NodeContext node)
    {
        _clock = node.Clock;
        _peers = node.Peers;
        _all = node.UploadRate;
        _part = ForAll(node.Settings);
        _own = RateLimit.Create(node.Settings.MaxPeerUploadRate, Burst);
    }

    /// <summary>Whether bulk has to wait.</summary>
    public bool IsExceeded
    {
        get
        {
            TimeSpan now = _clock.Now;
            return _own?.IsExceeded(now) == true || (_all?.IsExceeded(now) == true && _part!.IsExceeded(now));
        }
    }

    /// <summary>The limit of one more peer; null when the operator set none.</summary>
    public static UploadLimit? Create(NodeContext node) =>
        node.Settings.MaxUploadRate > 0 || node.Settings.MaxPeerUploadRate > 0 ? new UploadLimit(node) : null;

    /// <summary>The rate of all peers together; null when there is none.</summary>
    public static RateLimit? ForAll(NodeSettings settings) => RateLimit.Create(settings.MaxUploadRate, Burst);

    /// <summary>Notes what is sent.</summary>
    public void Charge(int bytes)
    {
        TimeSpan now = _clock.Now;
        _own?.Charge(bytes, now);
        _all?.Charge(bytes, now);
        // An equal part of a limit is the same as the limit with every charge multiplied.
        _part?.Charge((double)bytes * Math.Max(1, _peers.Ready.Length), now);
    }
}
