namespace Logos.P2P;

/// <summary>What the operator lets a peer do that others may not (<c>-whitelist</c>).</summary>
[Flags]
public enum PeerPermissions
{
    /// <summary>Nothing: the peer is like any other.</summary>
    None = 0,

    /// <summary>Not subject to the limits on how much a peer may have relayed.</summary>
    Relay = 1,

    /// <summary>Served even when the upload target is reached.</summary>
    Download = 2,

    /// <summary>May send addresses at any rate, and its `getaddr` is answered anew each time.</summary>
    Addr = 4,

    /// <summary>
    /// Neither banned nor discouraged nor evicted, and not disconnected for what can be overlooked. Includes
    /// <see cref="Download"/>.
    /// </summary>
    NoBan = 8 | Download,
}
