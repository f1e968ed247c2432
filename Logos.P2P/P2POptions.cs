using System.Diagnostics.CodeAnalysis;
using Logos.P2P.Wire;

namespace Logos.P2P;

/// <summary>
/// How a node is to run. Names are those of the command line. Read and validated once, when the node is made; later
/// changes have no effect.
/// </summary>
public sealed record P2POptions
{
    /// <summary>Which overlay to join. <c>-testnet</c>, <c>-regtest</c>.</summary>
    public P2PNetwork Network { get; init; } = P2PNetwork.Main;

    /// <summary>
    /// Where the address book is kept; null keeps it in memory only. The directory is made when missing, and each
    /// network has one of its own below it. <c>-datadir</c>.
    /// </summary>
    public string? DataDirectory { get; init; }

    /// <summary>
    /// Peers to stay connected to besides those found automatically: `host`, `host:port` or `[v6]:port`, where host may
    /// be a name to look up. Not more than eight. <c>-addnode</c>.
    /// </summary>
    [SuppressMessage("Usage", "CA2227", Justification = "Collection initialisers and assignment both read well.")]
    public IList<string> AddNodes { get; init; } = [];

    /// <summary>
    /// When not empty: the peers to connect to instead of any found automatically; the single entry "0" stands for none.
    /// <see cref="AddNodes"/> are connected to as well, and addresses are learned and served all the same.
    /// <c>-connect</c>.
    /// </summary>
    [SuppressMessage("Usage", "CA2227", Justification = "Collection initialisers and assignment both read well.")]
    public IList<string> Connect { get; init; } = [];

    /// <summary>
    /// Local addresses to listen on, all of which are needed: `host` or `host:port`. When empty: all IPv4 and IPv6
    /// addresses, as far as the machine has them. <c>-bind</c>.
    /// </summary>
    [SuppressMessage("Usage", "CA2227", Justification = "Collection initialisers and assignment both read well.")]
    public IList<string> Bind { get; init; } = [];

    /// <summary>
    /// The port to listen on; null for the network's. 0 lets the system choose, see
    /// <see cref="P2PNode.ListeningEndpoints"/>. <c>-port</c>.
    /// </summary>
    public ushort? Port { get; init; }

    /// <summary>Whether to accept connections. <c>-listen</c>.</summary>
    public bool Listen { get; init; } = true;

    /// <summary>Addresses at which others can reach this node, told to peers: `host` or `host:port`. <c>-externalip</c>.</summary>
    [SuppressMessage("Usage", "CA2227", Justification = "Collection initialisers and assignment both read well.")]
    public IList<string> ExternalIPs { get; init; } = [];

    /// <summary>
    /// Whether private addresses (RFC 1918 and the like) count as reachable on main and test. <c>-privatenet</c>.
    /// </summary>
    public bool PrivateNet { get; init; }

    /// <summary>
    /// A file in Bitcoin Core's asmap format. Addresses are then grouped by the autonomous system that announces them
    /// instead of by prefix, which makes filling the address book dearer. <c>-asmap</c>.
    /// </summary>
    public string? AsmapFile { get; init; }

    /// <summary>
    /// Most connections at once, both directions, 1 to 10,000. Eight are for automatic outbound peers, two for quiet ones, one
    /// for feelers and one for each manual peer, which is connected to in any case; the rest are for inbound peers, two for each
    /// address listened on being kept for those who wait to be accepted.
    /// <c>-maxconnections</c>.
    /// </summary>
    public int MaxConnections { get; init; } = NodeDefaults.MaxConnections;

    /// <summary>
    /// Whether peers on this machine and whitelisted ones may connect as fast as they like. Others may not: 8 unfinished
    /// handshakes, 2 connections a second and 4 at once from an IPv4 /24 or IPv6 /64, and 20 a second and 40 at once in all.
    /// <c>-admitlocal</c>.
    /// </summary>
    public bool AdmitLocal { get; init; } = true;

    /// <summary>How long a TCP connection may take to establish. <c>-timeout</c> (milliseconds).</summary>
    public TimeSpan ConnectTimeout { get; init; } = NodeDefaults.ConnectTimeout;

    /// <summary>How long a handshake may take. <c>-peertimeout</c> (seconds).</summary>
    public TimeSpan HandshakeTimeout { get; init; } = NodeDefaults.HandshakeTimeout;

    /// <summary>
    /// Bytes of payload queued for one slow peer, above which it is told of new messages instead of being sent them.
    /// <c>-maxsendbuffer</c> (units of 1,000 bytes).
    /// </summary>
    public int MaxSendBuffer { get; init; } = NodeDefaults.MaxSendBuffer;

    /// <summary>Whether log messages show the addresses of peers. <c>-logips</c>.</summary>
    public bool LogIPs { get; init; }

    /// <summary>
    /// The seed of every random choice, for tests and simulations; null takes one from the system. A node with a known
    /// seed can be predicted: never set it on a live network.
    /// </summary>
    public ulong? RandomSeed { get; init; }
}
