using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P.Access;

/// <summary>
/// Limits how fast strangers connect, before anything is done for them: each source, that is what one customer of a
/// provider holds (an IPv4 /24, an IPv6 /64), and all together. btcd's limits. Its owner guards it.
/// </summary>
/// <remarks>
/// What is refused costs no token, so that one source's flood takes nothing from the others. A source is remembered only
/// for what it was granted, and forgotten when its tokens are all back. So no more of them can matter at a time than the
/// overall limit grants until then, see <see cref="MaxSources"/>.
/// </remarks>
/// <param name="start">The time.</param>
internal sealed class InboundAdmission(TimeSpan start)
{
    /// <summary>
    /// Sources remembered before those that do not matter any more are forgotten: more than the overall limit can grant
    /// while the first of them gets its tokens back, so there is always one to forget.
    /// </summary>
    public const int MaxSources = 128;

    /// <summary>When a source that was just granted something has all its tokens again, at the latest.</summary>
    public static readonly TimeSpan Memory =
        TimeSpan.FromSeconds(NodeDefaults.InboundBurstPerSource / NodeDefaults.InboundRatePerSource);

    private readonly Dictionary<NetGroup, Source> _sources = [];
    private TokenBucket _all = new(NodeDefaults.InboundRate, NodeDefaults.InboundBurst, NodeDefaults.InboundBurst, start);

    /// <summary>Sources remembered now.</summary>
    public int SourceCount => _sources.Count;

    /// <summary>What counts as one source.</summary>
    public static NetGroup SourceOf(in NetAddress address) => new(address.Network switch
    {
        NetworkId.IPv4 => address.Bytes[..3],
        NetworkId.IPv6 => address.Bytes[..8],
        _ => address.Bytes,
    });

    /// <summary>Decides on a connection.</summary>
    /// <param name="from">Where it comes from.</param>
    /// <param name="now">The time.</param>
    /// <param name="pending">Where the peers come from whose handshake is not complete. Looked at only when needed.</param>
    public AdmissionDecision Decide(in NetAddress from, TimeSpan now, IEnumerable<NetAddress> pending)
    {
        NetGroup group = SourceOf(from);
        TokenBucket bucket = _sources.TryGetValue(group, out Source known)
            ? known.Bucket
            : new(NodeDefaults.InboundRatePerSource, NodeDefaults.InboundBurstPerSource, NodeDefaults.InboundBurstPerSource, now);
        // A copy: what is not written back was not taken.
        TokenBucket all = _all;
        if (!bucket.TryTake(now))
            return AdmissionDecision.SourceTooFast;
        if (!all.TryTake(now))
            return AdmissionDecision.AllTooFast;
        if (pending.Count(address => SourceOf(address) == group) >= NodeDefaults.MaxPendingPerSource)
            return AdmissionDecision.TooManyPending;

        if (_sources.Count >= MaxSources)
            Forget(now);
        _sources[group] = new Source(bucket, now);
        _all = all;
        return AdmissionDecision.Admitted;
    }

    private void Forget(TimeSpan now)
    {
        foreach ((NetGroup group, Source source) in _sources)
        {
            if (now - source.LastAdmitted >= Memory)
                _sources.Remove(group);
        }
    }

    private readonly record struct Source(TokenBucket Bucket, TimeSpan LastAdmitted);
}
