namespace Logos.P2P.Bench.Hop;

/// <summary>What stands between source and sink.</summary>
internal enum RelayKind
{
    /// <summary>Nothing: what all others are measured from.</summary>
    Direct,

    /// <summary>Blocking sockets; see <see cref="ForwarderRole"/>.</summary>
    Forwarder,

    /// <summary>The same, with the check that every node must make.</summary>
    CheckingForwarder,

    /// <summary>ZeroMQ's XSUB/XPUB proxy.</summary>
    ZeroMq,

    /// <summary>Our node.</summary>
    Node,

    /// <summary>Our node in a program in C++; see <see cref="NativeNodeRole"/>.</summary>
    NativeNode,
}
