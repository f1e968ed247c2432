using System.Globalization;
using Logos.P2P.Wire;

namespace Logos.P2P.Native;

/// <summary>All options.</summary>
internal static class OptionTable
{
    public static IReadOnlyList<Option> All { get; } =
    [
        List("addnode", "peer", "Connect to this peer and stay connected, besides those found automatically. Up to 8.",
            (options, peers) => options with { AddNodes = peers }, options => options.AddNodes),
        List("connect", "peer", "Connect to this peer only; 0: make no automatic connection at all.",
            (options, peers) => options with { Connect = peers }, options => options.Connect),
        Switch("networkactive", "Listen and connect. Default: 1; 0 is for tests of programs around a node.",
            (options, isOn) => options with { NetworkActive = isOn }),
        List("seednode", "peer", "Ask this peer for addresses and leave it again, while there are too few.",
            (options, peers) => options with { SeedNodes = peers }, options => options.SeedNodes),
        Switch("dnsseed", "Ask DNS seeds for addresses when there are too few. Default: 1 unless -connect is given.",
            (options, isOn) => options with { DnsSeed = isOn }),
        List("dnsseedhost", "name", "Ask this DNS seed. None is built in yet.",
            (options, hosts) => options with { DnsSeedHosts = hosts }, options => options.DnsSeedHosts),
        Switch("fixedseeds", "Use the fixed list of addresses when nothing else has told any. Default: 1.",
            (options, isOn) => options with { FixedSeeds = isOn }),
        Text("fixedseedsfile", "file", "Take the fixed list from this file, one address a line. Default: the one built in.",
            (options, file) => options with { FixedSeedsFile = file }),
        List("onlynet", "net", "Choose peers on this network only: ipv4 or ipv6.",
            (options, networks) => options with { OnlyNets = networks }, options => options.OnlyNets),
        List("bind", "address[:port]", "Listen on this address. Default: all addresses of the machine.",
            (options, addresses) => options with { Bind = addresses }, options => options.Bind),
        Number("port", 0, ushort.MaxValue,
            "Listen on this port; 0: one that is free. Default: 14495, testnet 14496, regtest 14497.",
            (options, port) => options with { Port = (ushort)port }),
        Switch("listen", "Accept connections. Default: 1.", (options, isOn) => options with { Listen = isOn }),
        List("externalip", "address[:port]", "Tell peers that this node is reached at this address.",
            (options, addresses) => options with { ExternalIPs = addresses }, options => options.ExternalIPs),
        Number("maxconnections", 1, 10_000, $"Keep at most this many connections. Default: {NodeDefaults.MaxConnections}.",
            (options, count) => options with { MaxConnections = count }),
        Number("maxoutbound", 0, 10_000, $"Choose this many outbound peers. Default: {NodeDefaults.OutboundConnections}.",
            (options, count) => options with { MaxOutbound = count }),
        Number("maxquiet", 0, 10_000,
            $"Choose this many outbound peers for messages only. Default: {NodeDefaults.QuietConnections}.",
            (options, count) => options with { MaxQuiet = count }),
        Number("maxfeelers", 0, 10_000, $"Try this many addresses at once. Default: {NodeDefaults.FeelerConnections}.",
            (options, count) => options with { MaxFeelers = count }),
        Switch("admitlocal", "Do not limit how fast this machine and whitelisted peers connect. Default: 1.",
            (options, isOn) => options with { AdmitLocal = isOn }),
        Number("maxsendbuffer", 1, 1_000_000,
            $"Queue at most this much for a slow peer, in 1,000 bytes. Default: {NodeDefaults.MaxSendBuffer / 1000}.",
            (options, thousands) => options with { MaxSendBuffer = thousands * 1000 }),
        Number("maxreceivebuffer", 1, 1_000_000,
            "Stop reading from a peer when this much of it waits to be handled, in 1,000 bytes. Default: "
            + $"{NodeDefaults.MaxReceiveBuffer / 1000}.",
            (options, thousands) => options with { MaxReceiveBuffer = thousands * 1000 }),
        Number("maxframememory", (int)(NodeDefaults.MinFrameMemory / 1_000_000), 1_000_000,
            "Memory for all messages that wait, arrive or are kept, in 1,000,000 bytes. Default: "
            + $"{NodeDefaults.MaxFrameMemory / 1_000_000}.",
            (options, millions) => options with { MaxFrameMemory = millions * 1_000_000L }),
        Number("maxmessagerate", 0, 100_000_000,
            $"Messages a second that one peer may send; 0: no limit. Default: {NodeDefaults.MaxMessageRate}.",
            (options, count) => options with { MaxMessageRate = count }),
        Number("maxmessagebytes", 0, 2_000_000,
            "Bytes a second that one peer may send, in 1,000 bytes; 0: no limit. Default: "
            + $"{NodeDefaults.MaxMessageBytes / 1000}.",
            (options, thousands) => options with { MaxMessageBytes = thousands * 1000 }),
        Number("maxuploadrate", 0, int.MaxValue,
            "Send at most this much a second to all peers, in 1,000 bytes. Default: 0, no limit.",
            (options, thousands) => options with { MaxUploadRate = thousands * 1000L }),
        Number("maxpeeruploadrate", 0, int.MaxValue,
            "Send at most this much a second to one peer, in 1,000 bytes. Default: 0, no limit.",
            (options, thousands) => options with { MaxPeerUploadRate = thousands * 1000L }),
        Number("maxuploadtarget", 0, int.MaxValue,
            "When this much was sent in 24 hours, refuse what peers ask for, in MiB. Default: 0, no target.",
            (options, mebibytes) => options with { MaxUploadTarget = mebibytes * 1_048_576L }),
        Text("relay", "mode",
            "How to relay messages: tree (learned ways for each origin), eager (three learned parents), push (all to everybody) or inv "
            + "(announce and wait to be asked). Default: tree.",
            (options, mode) => options with { Relay = ReadRelay(mode) }),
        Number("timeout", 1, 600_000,
            "Give up a connection attempt after this many milliseconds. Default: "
            + $"{NodeDefaults.ConnectTimeout.TotalMilliseconds}.",
            (options, milliseconds) => options with { ConnectTimeout = TimeSpan.FromMilliseconds(milliseconds) }),
        Number("peertimeout", 1, 3600,
            $"Give up a handshake after this many seconds. Default: {NodeDefaults.HandshakeTimeout.TotalSeconds}.",
            (options, seconds) => options with { HandshakeTimeout = TimeSpan.FromSeconds(seconds) }),
        Number("bantime", 1, int.MaxValue,
            $"Bans last this many seconds when nobody says. Default: {NodeDefaults.BanTime.TotalSeconds}.",
            (options, seconds) => options with { BanTime = TimeSpan.FromSeconds(seconds) }),
        List("whitelist", "[permissions@]subnet",
            "Let these hosts do more than others. Permissions, by commas: noban, relay, download, addr, and the directions in (default) "
            + "and out. Without any: noban,relay.",
            (options, entries) => options with { Whitelist = entries }, options => options.Whitelist),
        Text("datadir", "directory", "Keep the address book here. Default: in memory only.",
            (options, directory) => options with { DataDirectory = directory }),
        Text("asmap", "file", "Group addresses by the autonomous systems in this file (Bitcoin Core's format).",
            (options, file) => options with { AsmapFile = file }),
        Switch("testnet", "Join the public test network.", (options, isOn) => WithNetwork(options, P2PNetwork.Test, isOn)),
        Switch("regtest", "Join a network on this machine: loopback and private addresses count as reachable.",
            (options, isOn) => WithNetwork(options, P2PNetwork.Regtest, isOn)),
        Switch("privatenet", "Private addresses (10.0.0.0/8 and the like) count as reachable.",
            (options, isOn) => options with { PrivateNet = isOn }),
        Switch("logips", "Show addresses of peers in the log.", (options, isOn) => options with { LogIPs = isOn }),
        new("debug", "category", IsList: true, "Log details, of whatever category; 0: do not.",
            (setup, category) => setup with { IsDebugging = category is not ("0" or "none") }),
    ];

    /// <summary>Reads the value of a switch; null when it is none.</summary>
    public static bool? ReadSwitch(string value) => value switch
    {
        "1" or "true" => true,
        "0" or "false" => false,
        _ => null,
    };

    private static Option Switch(string name, string description, Func<P2POptions, bool, P2POptions> apply) => new(
        name, null, IsList: false, description, (setup, value) => ReadSwitch(value) is { } isOn
            ? setup.With(options => apply(options, isOn))
            : throw new FormatException("is neither 1 nor 0"));

    private static Option Number(string name, int min, int max, string description, Func<P2POptions, int, P2POptions> apply) => new(
        name, "number", IsList: false, description, (setup, value) =>
            int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= min && number <= max
                ? setup.With(options => apply(options, number))
                : throw new FormatException($"is not a number from {min} to {max}"));

    private static Option Text(string name, string valueName, string description, Func<P2POptions, string, P2POptions> apply) => new(
        name, valueName, IsList: false, description, (setup, value) => setup.With(options => apply(options, value)));

    private static Option List(
        string name,
        string valueName,
        string description,
        Func<P2POptions, string[], P2POptions> apply,
        Func<P2POptions, IList<string>> read) => new(
        name, valueName, IsList: true, description,
        (setup, value) => setup.With(options => apply(options, [.. read(options), value])));

    private static RelayMode ReadRelay(string text)
    {
        foreach (RelayMode mode in Enum.GetValues<RelayMode>())
        {
            if (text.Equals(mode.ToString().ToLowerInvariant(), StringComparison.Ordinal))
                return mode;
        }

        throw new FormatException("is none of tree, eager, push and inv");
    }

    private static P2POptions WithNetwork(P2POptions options, P2PNetwork network, bool isOn)
    {
        if (!isOn)
            return options.Network == network ? options with { Network = P2PNetwork.Main } : options;
        return options.Network == P2PNetwork.Main || options.Network == network
            ? options with { Network = network }
            : throw new FormatException("cannot be together with another network");
    }
}
