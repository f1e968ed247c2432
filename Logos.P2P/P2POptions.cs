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

    /// <summary>The network's own directory in <see cref="DataDirectory"/>; null when there is none.</summary>
    public string? NetworkDirectory =>
        DataDirectory is null ? null : NodeSettings.NetworkDirectory(DataDirectory, Network);

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
    /// Whether there are connections from the start: false neither listens nor connects nor asks for addresses, whatever the other
    /// options say. For tests of programs around a node. <see cref="P2PNode.SetNetworkActive"/> has it connect after all, but not
    /// listen. <c>-networkactive</c>.
    /// </summary>
    public bool NetworkActive { get; init; } = true;

    /// <summary>How messages are relayed. <c>-relay</c>.</summary>
    public RelayMode Relay { get; init; } = RelayMode.Tree;

    /// <summary>
    /// Peers to ask for addresses and leave again: all of them at the start when the address book is empty, otherwise one
    /// now and then while the node finds nobody. Written like <see cref="AddNodes"/>; not together with
    /// <see cref="Connect"/>. <c>-seednode</c>.
    /// </summary>
    [SuppressMessage("Usage", "CA2227", Justification = "Collection initialisers and assignment both read well.")]
    public IList<string> SeedNodes { get; init; } = [];

    /// <summary>
    /// Whether to ask DNS seeds for addresses when there are too few; null for yes unless <see cref="Connect"/> names
    /// the peers. <c>-dnsseed</c>.
    /// </summary>
    public bool? DnsSeed { get; init; }

    /// <summary>
    /// Host names of the DNS seeds, whose subdomains <c>x1000000.</c> list addresses of nodes. No network has any built
    /// in yet. <c>-dnsseedhost</c>.
    /// </summary>
    [SuppressMessage("Usage", "CA2227", Justification = "Collection initialisers and assignment both read well.")]
    public IList<string> DnsSeedHosts { get; init; } = [];

    /// <summary>
    /// Whether to use the fixed list of addresses when nothing else has told any; not used when <see cref="Connect"/>
    /// names the peers. <c>-fixedseeds</c>.
    /// </summary>
    public bool FixedSeeds { get; init; } = true;

    /// <summary>
    /// A file that replaces the built-in list of fixed seeds: one `host` or `host:port` a line, where host is an address;
    /// what follows a # is a comment. Null for the built-in list. <c>-fixedseedsfile</c>.
    /// </summary>
    public string? FixedSeedsFile { get; init; }

    /// <summary>
    /// The networks to choose peers from: "ipv4", "ipv6". When empty: both. Peers that the operator named, and inbound
    /// ones, may be on any. <c>-onlynet</c>.
    /// </summary>
    [SuppressMessage("Usage", "CA2227", Justification = "Collection initialisers and assignment both read well.")]
    public IList<string> OnlyNets { get; init; } = [];

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
    /// Most connections at once, both directions, 1 to 10,000. As many as the other options say are for outbound, quiet and
    /// feeler connections and one for each manual peer, which is connected to in any case; the rest are for inbound peers,
    /// two for each address listened on being kept for those who wait to be accepted.
    /// <c>-maxconnections</c>.
    /// </summary>
    public int MaxConnections { get; init; } = NodeDefaults.MaxConnections;

    /// <summary>
    /// Full outbound peers that the node chooses itself, 0 to 10,000. More than the default hardly shorten the way of a
    /// message; fewer make an eclipse easier. <c>-maxoutbound</c>.
    /// </summary>
    public int MaxOutbound { get; init; } = NodeDefaults.OutboundConnections;

    /// <summary>Outbound peers for messages only, which address gossip does not show, 0 to 10,000. <c>-maxquiet</c>.</summary>
    public int MaxQuiet { get; init; } = NodeDefaults.QuietConnections;

    /// <summary>
    /// Connections at once that only try an address, be it a feeler or a newcomer on trial; 0 for neither. <c>-maxfeelers</c>.
    /// </summary>
    public int MaxFeelers { get; init; } = NodeDefaults.FeelerConnections;

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

    /// <summary>How long a ban lasts when nobody says, at least a second. <c>-bantime</c> (seconds).</summary>
    public TimeSpan BanTime { get; init; } = NodeDefaults.BanTime;

    /// <summary>
    /// Who may do more than others: `[permissions@]subnet`. Permissions, separated by commas, are those of
    /// <see cref="PeerPermissions"/> in small letters; none at all means noban and relay. `in` gives them to those who dial us
    /// (the default), `out` to those of <see cref="AddNodes"/> and <see cref="Connect"/>. What several entries give adds up.
    /// <c>-whitelist</c>.
    /// </summary>
    [SuppressMessage("Usage", "CA2227", Justification = "Collection initialisers and assignment both read well.")]
    public IList<string> Whitelist { get; init; } = [];

    /// <summary>
    /// Bytes of memory with what was received from one peer and not handled yet, above which it is not read from. One message
    /// of any size is received when none waits.
    /// <c>-maxreceivebuffer</c> (units of 1,000 bytes).
    /// </summary>
    public int MaxReceiveBuffer { get; init; } = NodeDefaults.MaxReceiveBuffer;

    /// <summary>
    /// Bytes of memory for all messages together: those that wait to be sent or handled, that are being received, and that
    /// are kept for those who ask. When it runs short each peer gets less of it. At least
    /// <see cref="NodeDefaults.MinFrameMemory"/>. <c>-maxframememory</c> (units of 1,000,000 bytes).
    /// </summary>
    public long MaxFrameMemory { get; init; } = NodeDefaults.MaxFrameMemory;

    /// <summary>
    /// Messages of any kind a second that one peer may send in the long run; 0 for no limit. Above it the peer is read from
    /// more slowly, and after ten seconds cut (<see cref="DisconnectReason.Flooding"/>) unless it is a manual peer or half of
    /// the others send as much. All peers together may bring three fifths as many new messages; when they bring more, each is
    /// held to an equal part. <c>-maxmessagerate</c>.
    /// </summary>
    public int MaxMessageRate { get; init; } = NodeDefaults.MaxMessageRate;

    /// <summary>
    /// Bytes a second that one peer may send in the long run; 0 for no limit. See <see cref="MaxMessageRate"/>.
    /// <c>-maxmessagebytes</c> (units of 1,000 bytes).
    /// </summary>
    public int MaxMessageBytes { get; init; } = NodeDefaults.MaxMessageBytes;

    /// <summary>
    /// Bytes a second sent to all peers together in the long run; 0 for no limit. Messages of the upper layer wait for
    /// it, everything else does not; each peer has an equal part of its own. <c>-maxuploadrate</c> (units of 1,000 bytes).
    /// </summary>
    public long MaxUploadRate { get; init; }

    /// <summary>
    /// Bytes a second sent to one peer in the long run; 0 for no limit. <c>-maxpeeruploadrate</c> (units of 1,000 bytes).
    /// </summary>
    public long MaxPeerUploadRate { get; init; }

    /// <summary>
    /// Bytes sent in 24 hours after which messages that peers ask for are refused, while new ones go on; 0 for no target.
    /// <c>-maxuploadtarget</c> (units of 1,048,576 bytes).
    /// </summary>
    public long MaxUploadTarget { get; init; }

    /// <summary>Whether log messages show the addresses of peers. <c>-logips</c>.</summary>
    public bool LogIPs { get; init; }

    /// <summary>
    /// Whether to write every message that is received or sent to <c>message_capture</c> in <see cref="NetworkDirectory"/>, in Bitcoin
    /// Core's format: a directory for each peer, with <c>msgs_recv.dat</c> and <c>msgs_sent.dat</c>. Not those that the node does not
    /// read, as unknown and damaged ones. For finding faults: the files grow as fast as the traffic, without bound, and a message waits
    /// for the disk. Needs <see cref="DataDirectory"/>, also where the host stores everything else. <c>-capturemessages</c>.
    /// </summary>
    public bool CaptureMessages { get; init; }

    /// <summary>
    /// The seed of every random choice, for tests and simulations; null takes one from the system. A node with a known
    /// seed can be predicted: never set it on a live network.
    /// </summary>
    public ulong? RandomSeed { get; init; }
}
