using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Logos.P2P.Wire;

namespace Logos.P2P;

/// <summary>The options of a node after validation: what the rest of the node works with.</summary>
internal sealed record NodeSettings
{
    private const int MaxPossibleConnections = 10_000;

    /// <summary>The peer of <c>-connect</c> that is none.</summary>
    private const string Nowhere = "0";

    /// <summary>Longer than anybody waits, and short enough for the timers of the system.</summary>
    private static readonly TimeSpan MaxPossibleTimeout = TimeSpan.FromDays(1);

    /// <summary>What we call ourselves in `version`.</summary>
    public static string UserAgent { get; } =
        $"/LogosP2P:{typeof(NodeSettings).Assembly.GetName().Version!.ToString(3)}/";

    public required NetworkPolicy Policy { get; init; }

    public required string? DataDirectory { get; init; }

    /// <summary>The file that says which autonomous system announces an address; null for none.</summary>
    public required string? AsmapFile { get; init; }

    public required bool IsPrivateNet { get; init; }

    public required ImmutableArray<string> ManualPeers { get; init; }

    /// <summary>Automatic outbound connections; none when the operator chose the peers.</summary>
    public required int MaxOutbound { get; init; }

    /// <summary>Quiet connections; none when the operator chose the peers.</summary>
    public required int MaxQuiet { get; init; }

    /// <summary>Feelers at once; none when the operator chose the peers.</summary>
    public required int MaxFeelers { get; init; }

    public required ImmutableArray<NetEndpoint> ListenEndpoints { get; init; }

    /// <summary>Whether the operator named the addresses to listen on: then all of them are needed.</summary>
    public required bool ListensOnNamedAddresses { get; init; }

    public required ImmutableArray<NetEndpoint> ExternalEndpoints { get; init; }

    /// <summary>Inbound connections, those included that were not accepted yet.</summary>
    public required int MaxInbound { get; init; }

    /// <summary>Whether peers on this machine and whitelisted ones may connect as fast as they like.</summary>
    public required bool AdmitLocal { get; init; }

    public required TimeSpan ConnectTimeout { get; init; }

    public required TimeSpan HandshakeTimeout { get; init; }

    public required int MaxSendBuffer { get; init; }

    public required bool LogIPs { get; init; }

    public required ulong? RandomSeed { get; init; }

    /// <summary>Validates options.</summary>
    /// <exception cref="ArgumentException">An option cannot be used; the message says which, why and what would do.</exception>
    public static NodeSettings From(P2POptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ushort defaultPort = options.Network.DefaultPort();
        ushort port = options.Port ?? defaultPort;
        Require(
            options.MaxConnections is >= 1 and <= MaxPossibleConnections,
            "maxconnections", $"must be 1 to {MaxPossibleConnections}");
        Require(options.ConnectTimeout > TimeSpan.Zero, "timeout", "must be more than 0 milliseconds");
        Require(options.ConnectTimeout <= MaxPossibleTimeout, "timeout", "must be a day at most");
        Require(options.HandshakeTimeout > TimeSpan.Zero, "peertimeout", "must be more than 0 seconds");
        Require(options.MaxSendBuffer > 0, "maxsendbuffer", "must be more than 0");
        Require(
            options.AddNodes.Count <= NodeDefaults.ManualConnections,
            "addnode", $"can be given {NodeDefaults.ManualConnections} times at most");

        Require(options.AsmapFile is not "", "asmap", "needs the name of a file");
        bool connectsNowhere = options.Connect.Contains(Nowhere);
        Require(
            options.Connect.All(peer => (peer == Nowhere) == connectsNowhere),
            "connect", $"{Nowhere} (connect to nobody) and peers to connect to exclude each other");
        foreach (string peer in options.AddNodes)
            RequirePeer("addnode", peer, defaultPort);
        if (!connectsNowhere)
        {
            foreach (string peer in options.Connect)
                RequirePeer("connect", peer, defaultPort);
        }

        ImmutableArray<string> manual = connectsNowhere ? [.. options.AddNodes] : [.. options.Connect, .. options.AddNodes];
        int automatic = options.Connect.Count == 0 ? options.MaxConnections : 0;
        int outbound = Math.Min(NodeDefaults.OutboundConnections, automatic);
        int quiet = Math.Min(NodeDefaults.QuietConnections, automatic - outbound);
        int feelers = Math.Min(NodeDefaults.FeelerConnections, automatic - outbound - quiet);
        return new NodeSettings
        {
            Policy = new NetworkPolicy(options.Network, options.PrivateNet),
            DataDirectory = options.DataDirectory is null
                ? null
                : NetworkDirectory(options.DataDirectory, options.Network),
            ManualPeers = manual,
            ListensOnNamedAddresses = options.Bind.Count > 0,
            ListenEndpoints = options.Listen ? ParseBinds(options.Bind, port) : [],
            ExternalEndpoints = [.. options.ExternalIPs.Select(text => ParseEndpoint("externalip", text, port))],
            MaxOutbound = outbound,
            MaxQuiet = quiet,
            MaxFeelers = feelers,
            MaxInbound = Math.Max(0, options.MaxConnections - outbound - quiet - feelers - manual.Length),
            AdmitLocal = options.AdmitLocal,
            ConnectTimeout = options.ConnectTimeout,
            HandshakeTimeout = options.HandshakeTimeout,
            MaxSendBuffer = options.MaxSendBuffer,
            AsmapFile = options.AsmapFile,
            IsPrivateNet = options.PrivateNet,
            LogIPs = options.LogIPs,
            RandomSeed = options.RandomSeed,
        };
    }

    /// <summary>Each network keeps its own data.</summary>
    public static string NetworkDirectory(string dataDirectory, P2PNetwork network) =>
        Path.Combine(dataDirectory, network.ToString().ToLowerInvariant());

    /// <summary>The settings after what they name was read from disk.</summary>
    /// <exception cref="IOException">A file cannot be used; the message says which and why.</exception>
    public NodeSettings Load() => AsmapFile is null
        ? this
        : this with { Policy = new NetworkPolicy(Policy.Network, IsPrivateNet, AddrMan.AsmapFile.Load(AsmapFile)) };

    /// <summary>The settings with no more inbound connections than a process with so many descriptors can hold.</summary>
    public NodeSettings FitTo(int? descriptors)
    {
        if (descriptors is not { } limit)
            return this;
        int free = limit - NodeDefaults.ReservedDescriptors - MaxOutbound - MaxQuiet - MaxFeelers - ManualPeers.Length;
        return this with { MaxInbound = Math.Clamp(free, 0, MaxInbound) };
    }

    /// <summary>An endpoint as log messages may show it.</summary>
    public string Describe(NetEndpoint endpoint) => LogIPs ? endpoint.ToString() : "(address hidden)";

    private static ImmutableArray<NetEndpoint> ParseBinds(IList<string> binds, ushort port)
    {
        if (binds.Count > 0)
            return [.. binds.Select(text => ParseBind(text, port))];

        return [new NetEndpoint(NetAddress.From(IPAddress.Any), port), new NetEndpoint(NetAddress.None, port)];
    }

    private static NetEndpoint ParseBind(string text, ushort port)
    {
        NetEndpoint endpoint = ParseEndpoint("bind", text, port);
        // None stands for all IPv6 addresses.
        bool isLocal = endpoint.Address.IsIP || endpoint.Address == NetAddress.None;
        Require(isLocal, "bind", $"'{text}' is no address of a machine; write 192.0.2.1 or [2001:db8::1]");
        return endpoint;
    }

    private static NetEndpoint ParseEndpoint(string option, string text, ushort defaultPort)
    {
        bool ok = NetEndpoint.TryParse(text, defaultPort, out NetEndpoint endpoint);
        Require(ok, option, $"'{text}' is not an address; write 192.0.2.1, 192.0.2.1:14495 or [2001:db8::1]:14495");
        return endpoint;
    }

    private static void RequirePeer(string option, string text, ushort defaultPort) => Require(
        NetEndpoint.TrySplit(text, defaultPort, out _, out _),
        option, $"'{text}' is not a peer; write host, host:port or [v6]:port");

    private static void Require(bool condition, string option, string what)
    {
        if (!condition)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"-{option}: {what}."));
    }
}
