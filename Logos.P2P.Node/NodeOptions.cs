using System.CommandLine;
using System.CommandLine.Parsing;
using Logos.P2P.Node.Control;
using Logos.P2P.Node.Views;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;
using Command = System.CommandLine.Command;

namespace Logos.P2P.Node;

/// <summary>
/// The options of <c>logosp2p run</c>: Bitcoin's and Logos' names, written <c>-name=value</c>, <c>--name=value</c> or
/// <c>--name value</c>; <c>-noname</c> and <c>-name=0</c> switch off.
/// </summary>
internal sealed class NodeOptions
{
    private static readonly string[] Switches =
    [
        "listen", "dnsseed", "fixedseeds", "testnet", "regtest", "privatenet", "logips", "debug", "untileof", "admitlocal",
        "server", "view",
    ];

    private readonly ControlOptions _control = new();
    private readonly ViewsOptions _views = new();

    private readonly Option<string[]> _addNode = List(
        "addnode", "Connect to this peer and stay connected, besides those found automatically. Up to 8.", "peer");

    private readonly Option<string[]> _connect = List(
        "connect", "Connect to this peer only; 0: make no automatic connection at all.", "peer");

    private readonly Option<string[]> _seedNode = List(
        "seednode", "Ask this peer for addresses and leave it again, while there are too few.", "peer");

    private readonly Option<bool?> _dnsSeed = new("-dnsseed", "--dnsseed")
    {
        Description = "Ask DNS seeds for addresses when there are too few. Default: 1 unless -connect is given.",
    };

    private readonly Option<string[]> _dnsSeedHost = List(
        "dnsseedhost", "Ask this DNS seed. None is built in yet.", "name");

    private readonly Option<bool> _fixedSeeds = Switch(
        "fixedseeds", "Use the fixed list of addresses when nothing else has told any. Default: 1.", true);

    private readonly Option<string?> _fixedSeedsFile = new("-fixedseedsfile", "--fixedseedsfile")
    {
        Description = "Take the fixed list from this file, one address a line. Default: the one built in.",
        HelpName = "file",
    };

    private readonly Option<string[]> _onlyNet = List(
        "onlynet", "Choose peers on this network only: ipv4 or ipv6.", "net");

    private readonly Option<string[]> _bind = List(
        "bind", "Listen on this address. Default: all addresses of the machine.", "address[:port]");

    private readonly Option<string[]> _externalIP = List(
        "externalip", "Tell peers that this node is reached at this address.", "address[:port]");

    private readonly Option<int?> _port = Number(
        "port", "Listen on this port; 0: one that is free. Default: 14495, testnet 14496, regtest 14497.", 0, 65535);

    private readonly Option<bool> _listen = Switch("listen", "Accept connections. Default: 1.", true);

    private readonly Option<int?> _maxConnections = Number(
        "maxconnections",
        $"Keep at most this many connections. Default: {NodeDefaults.MaxConnections}.", 1, 10_000);

    private readonly Option<int?> _maxOutbound = Number(
        "maxoutbound", $"Choose this many outbound peers. Default: {NodeDefaults.OutboundConnections}.", 0, 10_000);

    private readonly Option<int?> _maxQuiet = Number(
        "maxquiet",
        $"Choose this many outbound peers for messages only. Default: {NodeDefaults.QuietConnections}.", 0, 10_000);

    private readonly Option<int?> _maxFeelers = Number(
        "maxfeelers", $"Try this many addresses at once. Default: {NodeDefaults.FeelerConnections}.", 0, 10_000);

    private readonly Option<bool> _admitLocal = Switch(
        "admitlocal", "Do not limit how fast this machine and whitelisted peers connect. Default: 1.", true);

    private readonly Option<int?> _maxSendBuffer = Number(
        "maxsendbuffer",
        "Queue at most this much for a slow peer, in 1,000 bytes. Default: "
        + $"{NodeDefaults.MaxSendBuffer / 1000}.", 1, 1_000_000);

    private readonly Option<int?> _maxReceiveBuffer = Number(
        "maxreceivebuffer",
        "Stop reading from a peer when this much of it waits to be handled, in 1,000 bytes. Default: "
        + $"{NodeDefaults.MaxReceiveBuffer / 1000}.", 1, 1_000_000);

    private readonly Option<int?> _maxFrameMemory = Number(
        "maxframememory",
        "Memory for all messages that wait, arrive or are kept, in 1,000,000 bytes. Default: "
        + $"{NodeDefaults.MaxFrameMemory / 1_000_000}.", (int)(NodeDefaults.MinFrameMemory / 1_000_000), 1_000_000);

    private readonly Option<int?> _maxMessageRate = Number(
        "maxmessagerate",
        "Messages a second that one peer may send; 0: no limit. Default: "
        + $"{NodeDefaults.MaxMessageRate}.", 0, 100_000_000);

    private readonly Option<int?> _maxMessageBytes = Number(
        "maxmessagebytes",
        "Bytes a second that one peer may send, in 1,000 bytes; 0: no limit. Default: "
        + $"{NodeDefaults.MaxMessageBytes / 1000}.", 0, 2_000_000);

    private readonly Option<int?> _maxUploadRate = Number(
        "maxuploadrate", "Send at most this much a second to all peers, in 1,000 bytes. Default: 0, no limit.", 0, int.MaxValue);

    private readonly Option<int?> _maxPeerUploadRate = Number(
        "maxpeeruploadrate",
        "Send at most this much a second to one peer, in 1,000 bytes. Default: 0, no limit.", 0, int.MaxValue);

    private readonly Option<int?> _maxUploadTarget = Number(
        "maxuploadtarget",
        "When this much was sent in 24 hours, refuse what peers ask for, in MiB. Default: 0, no target.", 0, int.MaxValue);

    private readonly Option<RelayMode> _relay = new("-relay", "--relay")
    {
        Description = "How to relay messages: tree (learned ways for each origin), eager (three learned parents), push (all to "
            + "everybody) or inv (announce and wait to be asked). Default: tree.",
        HelpName = "mode",
        DefaultValueFactory = _ => RelayMode.Tree,
        CustomParser = ParseRelay,
    };

    private readonly Option<int?> _timeout = Number(
        "timeout",
        "Give up a connection attempt after this many milliseconds. Default: "
        + $"{NodeDefaults.ConnectTimeout.TotalMilliseconds}.", 1, 600_000);

    private readonly Option<int?> _peerTimeout = Number(
        "peertimeout",
        "Give up a handshake after this many seconds. Default: "
        + $"{NodeDefaults.HandshakeTimeout.TotalSeconds}.", 1, 3600);

    private readonly Option<int?> _banTime = Number(
        "bantime",
        $"Bans last this many seconds when nobody says. Default: {NodeDefaults.BanTime.TotalSeconds}.", 1, int.MaxValue);

    private readonly Option<string[]> _whitelist = List(
        "whitelist",
        "Let these hosts do more than others. Permissions, by commas: noban, relay, download, addr, and the directions in "
        + "(default) and out. Without any: noban,relay.",
        "[permissions@]subnet");

    private readonly Option<string?> _dataDirectory = new("-datadir", "--datadir")
    {
        Description = "Keep the address book here. Default: .logosp2p in the home directory.",
        HelpName = "directory",
    };

    private readonly Option<string?> _asmap = new("-asmap", "--asmap")
    {
        Description = "Group addresses by the autonomous systems in this file (Bitcoin Core's format).",
        HelpName = "file",
    };

    private readonly Option<bool> _testNet = Switch("testnet", "Join the public test network.", false);

    private readonly Option<bool> _regtest = Switch(
        "regtest", "Join a network on this machine: loopback and private addresses count as reachable.", false);

    private readonly Option<bool> _privateNet = Switch(
        "privatenet", "Private addresses (10.0.0.0/8 and the like) count as reachable.", false);

    private readonly Option<bool> _logIPs = Switch("logips", "Show addresses of peers in the log.", false);

    private readonly Option<bool> _untilEof = Switch(
        "untileof", "Stop when standard input ends, for scripts. Default: 0.", false);

    private readonly Option<bool> _debug = Switch("debug", "Log details.", false);

    private IEnumerable<Option> All =>
    [
        _addNode, _connect, _seedNode, _dnsSeed, _dnsSeedHost, _fixedSeeds, _fixedSeedsFile, _onlyNet, _bind, _port, _listen,
        _externalIP, _maxConnections, _maxOutbound, _maxQuiet, _maxFeelers, _admitLocal, _maxSendBuffer, _maxReceiveBuffer,
        _maxFrameMemory, _maxMessageRate, _maxMessageBytes, _maxUploadRate, _maxPeerUploadRate, _maxUploadTarget,
        _relay, _timeout, _peerTimeout, _banTime, _whitelist,
        _dataDirectory, _asmap, _testNet, _regtest, _privateNet, _logIPs, _debug, _untilEof,
        .. _control.All, .. _views.All,
    ];

    /// <summary>The names of all options, without the dash.</summary>
    public IEnumerable<string> Names => All.Select(option => option.Name.TrimStart('-'));

    /// <summary>
    /// Brings Bitcoin's ways to write a switch into the one that the parser knows: <c>-listen=0</c>, <c>-listen 0</c> and
    /// <c>-nolisten</c> become <c>-listen=false</c>; <c>-noconnect</c> becomes <c>-connect=0</c>. Of a switch that is given
    /// several times the last one counts, as in Bitcoin.
    /// </summary>
    public static string[] Normalize(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        var normal = new List<string>();
        for (int i = 0; i < args.Length; i++)
        {
            string[] parts = args[i].Split('=', 2);
            string name = parts[0].TrimStart('-');
            string? value = parts.Length == 2 ? parts[1] : null;
            bool isOption = args[i].StartsWith('-');
            bool isSwitch = isOption && Switches.Contains(name);
            if (isSwitch && value is null && i + 1 < args.Length && ReadSwitch(args[i + 1]) is not null)
                value = args[++i];

            if (isOption && name == "noconnect" && value is null)
                normal.Add("-connect=0");
            else if (isOption && value is null && IsNegated(name))
                Set(normal, name[2..], false);
            else if (isSwitch && ReadSwitch(value ?? "1") is { } isOn)
                Set(normal, name, isOn);
            else
                normal.Add(args[i]);
        }

        return [.. normal];
    }

    private static bool IsNegated(string name) =>
        name.StartsWith("no", StringComparison.Ordinal) && Switches.Contains(name[2..]);

    private static bool? ReadSwitch(string value) => value switch
    {
        "1" or "true" => true,
        "0" or "false" => false,
        _ => null,
    };

    private static void Set(List<string> args, string name, bool isOn)
    {
        string on = $"-{name}=true", off = $"-{name}=false";
        args.RemoveAll(arg => arg == on || arg == off);
        args.Add(isOn ? on : off);
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command) => AddTo(command, All);

    /// <summary>Adds those that say which network, and for a command that places addresses those that say where.</summary>
    public void AddNetworkTo(Command command, bool placesAddresses) =>
        AddTo(command, placesAddresses ? [_testNet, _regtest, _privateNet, _asmap] : [_testNet, _regtest]);

    /// <summary>The network, when one other than main is named.</summary>
    public P2PNetwork? ReadNetwork(ParseResult result) =>
        result.GetValue(_regtest) ? P2PNetwork.Regtest
        : result.GetValue(_testNet) ? P2PNetwork.Test
        : null;

    /// <summary>The options of a node that only places addresses.</summary>
    public P2POptions ReadPlacing(ParseResult result, string dataDirectory) => new()
    {
        Network = ReadNetwork(result) ?? P2PNetwork.Main,
        DataDirectory = dataDirectory,
        AsmapFile = result.GetValue(_asmap),
        PrivateNet = result.GetValue(_privateNet),
    };

    /// <summary>The options as the node takes them.</summary>
    public P2POptions Read(ParseResult result)
    {
        int? port = result.GetValue(_port);
        return new P2POptions
        {
            Network = ReadNetwork(result) ?? P2PNetwork.Main,
            DataDirectory = result.GetValue(_dataDirectory) ?? DefaultDataDirectory(),
            AsmapFile = result.GetValue(_asmap),
            AddNodes = result.GetValue(_addNode) ?? [],
            Connect = result.GetValue(_connect) ?? [],
            SeedNodes = result.GetValue(_seedNode) ?? [],
            DnsSeed = result.GetValue(_dnsSeed),
            DnsSeedHosts = result.GetValue(_dnsSeedHost) ?? [],
            FixedSeeds = result.GetValue(_fixedSeeds),
            FixedSeedsFile = result.GetValue(_fixedSeedsFile),
            OnlyNets = result.GetValue(_onlyNet) ?? [],
            Bind = result.GetValue(_bind) ?? [],
            ExternalIPs = result.GetValue(_externalIP) ?? [],
            Port = port is null ? null : (ushort)port,
            Listen = result.GetValue(_listen),
            PrivateNet = result.GetValue(_privateNet),
            MaxConnections = result.GetValue(_maxConnections) ?? NodeDefaults.MaxConnections,
            MaxOutbound = result.GetValue(_maxOutbound) ?? NodeDefaults.OutboundConnections,
            MaxQuiet = result.GetValue(_maxQuiet) ?? NodeDefaults.QuietConnections,
            MaxFeelers = result.GetValue(_maxFeelers) ?? NodeDefaults.FeelerConnections,
            AdmitLocal = result.GetValue(_admitLocal),
            MaxSendBuffer = result.GetValue(_maxSendBuffer) * 1000 ?? NodeDefaults.MaxSendBuffer,
            MaxReceiveBuffer = result.GetValue(_maxReceiveBuffer) * 1000 ?? NodeDefaults.MaxReceiveBuffer,
            MaxFrameMemory = result.GetValue(_maxFrameMemory) * 1_000_000L ?? NodeDefaults.MaxFrameMemory,
            MaxMessageRate = result.GetValue(_maxMessageRate) ?? NodeDefaults.MaxMessageRate,
            MaxMessageBytes = result.GetValue(_maxMessageBytes) * 1000 ?? NodeDefaults.MaxMessageBytes,
            MaxUploadRate = result.GetValue(_maxUploadRate) * 1000L ?? 0,
            MaxPeerUploadRate = result.GetValue(_maxPeerUploadRate) * 1000L ?? 0,
            MaxUploadTarget = result.GetValue(_maxUploadTarget) * 1_048_576L ?? 0,
            Relay = result.GetValue(_relay),
            ConnectTimeout = result.GetValue(_timeout) is { } milliseconds
                ? TimeSpan.FromMilliseconds(milliseconds)
                : NodeDefaults.ConnectTimeout,
            HandshakeTimeout = result.GetValue(_peerTimeout) is { } seconds
                ? TimeSpan.FromSeconds(seconds)
                : NodeDefaults.HandshakeTimeout,
            BanTime = result.GetValue(_banTime) is { } ban ? TimeSpan.FromSeconds(ban) : NodeDefaults.BanTime,
            Whitelist = result.GetValue(_whitelist) ?? [],
            LogIPs = result.GetValue(_logIPs),
        };
    }

    /// <summary>The options of the control interface.</summary>
    public ControlSettings ReadControl(ParseResult result) =>
        _control.Read(result, ReadNetwork(result) ?? P2PNetwork.Main);

    /// <summary>The options of metrics and of the live view.</summary>
    public ViewsSettings ReadViews(ParseResult result) =>
        _views.Read(result, ReadNetwork(result) ?? P2PNetwork.Main);

    /// <summary>Whether the end of standard input ends the node.</summary>
    public bool ReadUntilEof(ParseResult result) => result.GetValue(_untilEof);

    /// <summary>How much to log.</summary>
    public LogLevel ReadLogLevel(ParseResult result) =>
        result.GetValue(_debug) ? LogLevel.Debug : LogLevel.Information;

    private void AddTo(Command command, IEnumerable<Option> options)
    {
        foreach (Option option in options)
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_testNet) && result.GetValue(_regtest))
                result.AddError("-testnet and -regtest exclude each other.");
        });
    }

    private static RelayMode ParseRelay(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        foreach (RelayMode mode in Enum.GetValues<RelayMode>())
        {
            if (text.Equals(mode.ToString().ToLowerInvariant(), StringComparison.Ordinal))
                return mode;
        }

        argument.AddError($"-relay: '{text}' is none of tree, eager, push and inv.");
        return default;
    }

    private static string DefaultDataDirectory() =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".logosp2p");

    private static Option<string[]> List(string name, string description, string value) => new($"-{name}", $"--{name}")
    {
        Description = description + " May be given several times.",
        HelpName = value,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private static Option<bool> Switch(string name, string description, bool value) => new($"-{name}", $"--{name}")
    {
        Description = description,
        DefaultValueFactory = _ => value,
    };

    private static Option<int?> Number(string name, string description, int min, int max) => new($"-{name}", $"--{name}")
    {
        Description = description,
        HelpName = "number",
        CustomParser = argument => WholeNumber.Parse(argument, $"-{name}", min, max),
    };
}
