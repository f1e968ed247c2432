using System.Collections.Immutable;
using Logos.P2P.Node.Logs;
using Logos.P2P.Node.Views;

namespace Logos.P2P.Node.Configuration;

/// <summary>The options of the program around the node.</summary>
internal static partial class OptionTable
{
    public static readonly NodeOption DataDirectory = Text(
        "datadir", OptionGroup.General, "Keep the address book, the bans and the cookie in this directory.", "directory",
        ".logosp2p in the home directory");

    public static readonly NodeOption ConfigurationFile = Text(
        "conf", OptionGroup.General, "Read options from this file; its path is relative to -datadir.", "file", "logosp2p.conf").NotInFile();

    public static readonly NodeOption UntilEof = Switch(
        "untileof", OptionGroup.General, "Stop when standard input ends, for scripts.", "0");

    public static readonly NodeOption Debug = List(
        "debug", OptionGroup.Log, "Log details of this category; 1, or no value: of all.", "category", "none")
        .OneOf(["1", .. LogCategories.Names]).OrBare("1");

    public static readonly NodeOption LogJson = Switch("logjson", OptionGroup.Log, "Log a line of JSON for each event.", "0");

    public static readonly NodeOption LogRateLimit = Switch(
        "logratelimit", OptionGroup.Log, "Leave out of the log what is above 1 MiB an hour of one kind of event.", "1");

    public static readonly NodeOption PrintToConsole = Switch(
        "printtoconsole", OptionGroup.Log, "Log to standard error.", "1");

    public static readonly NodeOption DebugLogFile = Text(
        "debuglogfile", OptionGroup.Log, "Log to this file too; its path is relative to the network's directory in -datadir.", "file");

    public static readonly NodeOption DebugLogSize = Number(
        "debuglogsize", OptionGroup.Log,
        $"Begin another -debuglogfile when it has this many MiB; {RotatingFile.Kept} old ones are kept.", 1, 1_000_000,
        Say(RotatingFile.DefaultSize / RotatingFile.Mebibyte));

    public static readonly NodeOption Server = Switch("server", OptionGroup.Control, "Take JSON-RPC requests.", "1");

    public static readonly NodeOption RpcPort = Number(
        "rpcport", OptionGroup.Control, "Take requests on this port; 0: one that is free.", 0, ushort.MaxValue,
        "14395, testnet 14396, regtest 14397").PerNetwork();

    public static readonly NodeOption RpcBind = List(
        "rpcbind", OptionGroup.Control, "Take requests on this address. Others than this machine's own need -rpcpassword and -rpcallowip.",
        "address[:port]", "127.0.0.1").PerNetwork();

    public static readonly NodeOption RpcAllowIP = List(
        "rpcallowip", OptionGroup.Control, "Take requests from these hosts, besides this machine.", "subnet");

    public static readonly NodeOption RpcUser = Text(
        "rpcuser", OptionGroup.Control, "The name that goes with -rpcpassword.", "name");

    public static readonly NodeOption RpcPassword = Text(
        "rpcpassword", OptionGroup.Control, "Who asks must know this.", "password",
        "what is in the file .cookie in the network's data directory").Secret();

    public static readonly NodeOption RpcConnect = Text(
        "rpcconnect", OptionGroup.Control, "Where the node is that commands ask.", "host", "127.0.0.1").ForClientsOnly();

    public static readonly NodeOption HealthBind = List(
        "healthbind", OptionGroup.Control,
        "Tell anybody who asks on this address whether the node is alive and ready, and nothing else.", "address:port").PerNetwork();

    public static readonly NodeOption MetricsBind = List(
        "metricsbind", OptionGroup.Views, "Tell metrics to anybody who asks on this address, for Prometheus.", "address:port").PerNetwork();

    public static readonly NodeOption OtlpEndpoint = Text(
        "otlpendpoint", OptionGroup.Views, "Send metrics to this OpenTelemetry collector (OTLP over HTTP).", "url");

    public static readonly NodeOption Metrics = Text(
        "metrics", OptionGroup.Views, $"The groups of metrics that are on at first, by commas, of {MetricGroups.Names}; 0: none.",
        "groups", MetricGroups.Names);

    public static readonly NodeOption View = Switch(
        "view", OptionGroup.Views, "Show the node to a browser on this machine.", "0");

    public static readonly NodeOption ViewPort = Number(
        "viewport", OptionGroup.Views, "Show it on this port; 0: one that is free.", 0, ushort.MaxValue,
        "14295, testnet 14296, regtest 14297").PerNetwork();

    /// <summary>Those that a node is run with.</summary>
    public static IEnumerable<NodeOption> ForNode => All.Where(option => !option.IsForClients);

    /// <summary>Those that say which node a command asks.</summary>
    public static ImmutableArray<NodeOption> ForClients =>
        [Testnet, Regtest, DataDirectory, ConfigurationFile, RpcConnect, RpcPort, RpcUser, RpcPassword];

    static partial void AddOwn(List<NodeOption> rows) => rows.AddRange(
    [
        DataDirectory, ConfigurationFile, UntilEof, Debug, LogJson, LogRateLimit, PrintToConsole, DebugLogFile, DebugLogSize,
        Server, RpcPort, RpcBind, RpcAllowIP, RpcUser, RpcPassword, RpcConnect, HealthBind, MetricsBind,
        OtlpEndpoint, Metrics, View, ViewPort,
    ]);
}
