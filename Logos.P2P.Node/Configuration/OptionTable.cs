using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;

namespace Logos.P2P.Node.Configuration;

/// <summary>
/// Every option of a node. The command line, the configuration file, the environment, help, completion, the sample configuration
/// and the tests of the documentation read this one table, and so does the native library: those of the node itself are here, and
/// the program around it has a part of its own.
/// </summary>
internal static partial class OptionTable
{
    private const int MaxCount = 10_000, MaxThousands = 1_000_000;

    public static readonly NodeOption Testnet = Switch("testnet", OptionGroup.General, "Join the public test network.", "0");

    public static readonly NodeOption Regtest = Switch(
        "regtest", OptionGroup.General, "Join a network on this machine: loopback and private addresses count as reachable.", "0");

    public static readonly NodeOption PrivateNet = Switch(
        "privatenet", OptionGroup.General, "Private addresses (10.0.0.0/8 and the like) count as reachable.", "0");

    public static readonly NodeOption Asmap = Text(
        "asmap", OptionGroup.General, "Group addresses by the autonomous systems in this file (Bitcoin Core's format).", "file");

    public static readonly NodeOption AddNode = List(
        "addnode", OptionGroup.Connections,
        "Connect to this peer and stay connected, besides those found automatically. Up to 8.", "peer").PerNetwork();

    public static readonly NodeOption Connect = List(
        "connect", OptionGroup.Connections, "Connect to this peer only; 0: make no automatic connection at all.", "peer").PerNetwork();

    public static readonly NodeOption SeedNode = List(
        "seednode", OptionGroup.Connections, "Ask this peer for addresses and leave it again, while there are too few.", "peer");

    public static readonly NodeOption DnsSeed = Switch(
        "dnsseed", OptionGroup.Connections, "Ask DNS seeds for addresses when there are too few.", "1 unless -connect is given");

    public static readonly NodeOption DnsSeedHost = List(
        "dnsseedhost", OptionGroup.Connections, "Ask this DNS seed. None is built in yet.", "name");

    public static readonly NodeOption FixedSeeds = Switch(
        "fixedseeds", OptionGroup.Connections, "Use the fixed list of addresses when nothing else has told any.", "1");

    public static readonly NodeOption FixedSeedsFile = Text(
        "fixedseedsfile", OptionGroup.Connections, "Take the fixed list from this file, one address a line.", "file",
        "the list built in");

    public static readonly NodeOption OnlyNet = List(
        "onlynet", OptionGroup.Connections, "Choose peers on this network only.", "net", "ipv4 and ipv6").OneOf("ipv4", "ipv6");

    public static readonly NodeOption Listen = Switch("listen", OptionGroup.Connections, "Accept connections.", "1");

    public static readonly NodeOption Bind = List(
        "bind", OptionGroup.Connections, "Listen on this address.", "address[:port]", "all addresses of the machine").PerNetwork();

    public static readonly NodeOption Port = Number(
        "port", OptionGroup.Connections, "Listen on this port; 0: one that is free.", 0, ushort.MaxValue,
        "14495, testnet 14496, regtest 14497").PerNetwork();

    public static readonly NodeOption ExternalIP = List(
        "externalip", OptionGroup.Connections, "Tell peers that this node is reached at this address.", "address[:port]");

    public static readonly NodeOption Whitelist = List(
        "whitelist", OptionGroup.Connections,
        "Let these hosts do more than others. Permissions, by commas: noban, relay, download, addr, and the directions in "
        + "(default) and out. Without any: noban,relay.",
        "[permissions@]subnet");

    public static readonly NodeOption BanTime = Number(
        "bantime", OptionGroup.Connections, "Bans last this many seconds when nobody says.", 1, int.MaxValue,
        Say(NodeDefaults.BanTime.TotalSeconds));

    public static readonly NodeOption Timeout = Number(
        "timeout", OptionGroup.Connections, "Give up a connection attempt after this many milliseconds.", 1, 600_000,
        Say(NodeDefaults.ConnectTimeout.TotalMilliseconds));

    public static readonly NodeOption PeerTimeout = Number(
        "peertimeout", OptionGroup.Connections, "Give up a handshake after this many seconds.", 1, 3600,
        Say(NodeDefaults.HandshakeTimeout.TotalSeconds));

    public static readonly NodeOption Relay = Text(
        "relay", OptionGroup.Connections,
        "How to relay messages: tree (learned ways for each origin), eager (three learned parents), push (all to everybody) or inv "
        + "(announce and wait to be asked).",
        "mode", "tree").OneOf("tree", "eager", "push", "inv");

    public static readonly NodeOption MaxConnections = Number(
        "maxconnections", OptionGroup.Limits, "Keep at most this many connections.", 1, MaxCount, Say(NodeDefaults.MaxConnections));

    public static readonly NodeOption MaxOutbound = Number(
        "maxoutbound", OptionGroup.Limits, "Choose this many outbound peers.", 0, MaxCount, Say(NodeDefaults.OutboundConnections));

    public static readonly NodeOption MaxQuiet = Number(
        "maxquiet", OptionGroup.Limits, "Choose this many outbound peers for messages only.", 0, MaxCount,
        Say(NodeDefaults.QuietConnections));

    public static readonly NodeOption MaxFeelers = Number(
        "maxfeelers", OptionGroup.Limits, "Try this many addresses at once.", 0, MaxCount, Say(NodeDefaults.FeelerConnections));

    public static readonly NodeOption AdmitLocal = Switch(
        "admitlocal", OptionGroup.Limits, "Do not limit how fast this machine and whitelisted peers connect.", "1");

    public static readonly NodeOption MaxSendBuffer = Number(
        "maxsendbuffer", OptionGroup.Limits, "Queue at most this much for a slow peer, in 1,000 bytes.", 1, MaxThousands,
        Say(NodeDefaults.MaxSendBuffer / 1000));

    public static readonly NodeOption MaxReceiveBuffer = Number(
        "maxreceivebuffer", OptionGroup.Limits,
        "Stop reading from a peer when this much of it waits to be handled, in 1,000 bytes.", 1, MaxThousands,
        Say(NodeDefaults.MaxReceiveBuffer / 1000));

    public static readonly NodeOption MaxFrameMemory = Number(
        "maxframememory", OptionGroup.Limits, "Memory for all messages that wait, arrive or are kept, in 1,000,000 bytes.",
        NodeDefaults.MinFrameMemory / 1_000_000, MaxThousands, Say(NodeDefaults.MaxFrameMemory / 1_000_000));

    public static readonly NodeOption MaxMessageRate = Number(
        "maxmessagerate", OptionGroup.Limits, "Messages a second that one peer may send; 0: no limit.", 0, 100_000_000,
        Say(NodeDefaults.MaxMessageRate));

    public static readonly NodeOption MaxMessageBytes = Number(
        "maxmessagebytes", OptionGroup.Limits, "Bytes a second that one peer may send, in 1,000 bytes; 0: no limit.", 0, 2_000_000,
        Say(NodeDefaults.MaxMessageBytes / 1000));

    public static readonly NodeOption MaxUploadRate = Number(
        "maxuploadrate", OptionGroup.Limits, "Send at most this much a second to all peers, in 1,000 bytes; 0: no limit.", 0,
        int.MaxValue, "0");

    public static readonly NodeOption MaxPeerUploadRate = Number(
        "maxpeeruploadrate", OptionGroup.Limits, "Send at most this much a second to one peer, in 1,000 bytes; 0: no limit.", 0,
        int.MaxValue, "0");

    public static readonly NodeOption MaxUploadTarget = Number(
        "maxuploadtarget", OptionGroup.Limits,
        "When this much was sent in 24 hours, refuse what peers ask for, in MiB; 0: no target.", 0, int.MaxValue, "0");

    public static readonly NodeOption LogIPs = Switch("logips", OptionGroup.Log, "Show addresses of peers in the log.", "0");

    public static readonly NodeOption CaptureMessages = Switch(
        "capturemessages", OptionGroup.Log,
        "Write every message to message_capture in the network's directory, in Bitcoin Core's format. Takes as much disk as there is traffic.",
        "0");

    /// <summary>All of them, in the order of their groups.</summary>
    public static ImmutableArray<NodeOption> All => Rows.All;

    /// <summary>The option of a name that is one.</summary>
    public static NodeOption Find(string name) => Rows.ByName[name];

    /// <summary>The option of a name, if it is one.</summary>
    public static NodeOption? FindOrNull(string name) => Rows.ByName.GetValueOrDefault(name);

    /// <summary>Adds those of the program around the node.</summary>
    static partial void AddOwn(List<NodeOption> rows);

    private static NodeOption Switch(string name, OptionGroup group, string description, string value) =>
        new(name, OptionKind.Switch, group, description) { ValueName = NodeOption.SwitchValue, Default = value, Bare = "1" };

    private static NodeOption Number(
        string name, OptionGroup group, string description, long min, long max, string value) =>
        new(name, OptionKind.Number, group, description) { ValueName = "number", Min = min, Max = max, Default = value };

    private static NodeOption Text(string name, OptionGroup group, string description, string valueName, string value = "") =>
        new(name, OptionKind.Text, group, description) { ValueName = valueName, Default = value };

    private static NodeOption List(string name, OptionGroup group, string description, string valueName, string value = "") =>
        new(name, OptionKind.List, group, description) { ValueName = valueName, Default = value };

    private static string Say(double number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Made when first asked for: by then there are the options of all parts.</summary>
    private static class Rows
    {
        public static readonly ImmutableArray<NodeOption> All = MakeAll();

        public static readonly FrozenDictionary<string, NodeOption> ByName = All.ToFrozenDictionary(option => option.Name);

        private static ImmutableArray<NodeOption> MakeAll()
        {
            List<NodeOption> rows =
            [
                Testnet, Regtest, PrivateNet, Asmap, AddNode, Connect, SeedNode, DnsSeed, DnsSeedHost,
                FixedSeeds, FixedSeedsFile, OnlyNet, Listen, Bind, Port, ExternalIP, Whitelist, BanTime, Timeout,
                PeerTimeout, Relay, MaxConnections, MaxOutbound, MaxQuiet, MaxFeelers, AdmitLocal, MaxSendBuffer,
                MaxReceiveBuffer, MaxFrameMemory, MaxMessageRate, MaxMessageBytes, MaxUploadRate, MaxPeerUploadRate,
                MaxUploadTarget, LogIPs, CaptureMessages,
            ];
            AddOwn(rows);
            return [.. rows.OrderBy(option => option.Group)];
        }
    }
}
