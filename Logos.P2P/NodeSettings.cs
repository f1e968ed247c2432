using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Logos.P2P.Access;
using Logos.P2P.Discovery;
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

    /// <summary>How messages are relayed.</summary>
    public required RelayMode Relay { get; init; }

    /// <summary>Peers to ask for addresses and leave again.</summary>
    public required ImmutableArray<string> SeedNodes { get; init; }

    /// <summary>Host names to look up for addresses; none when that is switched off.</summary>
    public required ImmutableArray<string> DnsSeeds { get; init; }

    /// <summary>Whether there is a last resort; see <see cref="FixedSeeds"/>.</summary>
    public required bool UsesFixedSeeds { get; init; }

    /// <summary>The file with the last resort; null for what is built in.</summary>
    public required string? FixedSeedsFile { get; init; }

    /// <summary>Where nodes are when nobody else tells us of any. Known after <see cref="Load"/>.</summary>
    public ImmutableArray<NetEndpoint> FixedSeeds { get; init; } = [];

    /// <summary>Whether neither the operator nor the program names anybody to begin with. Known after <see cref="Load"/>.</summary>
    public bool NamesNobody => ManualPeers.IsEmpty && SeedNodes.IsEmpty && DnsSeeds.IsEmpty && FixedSeeds.IsEmpty;

    /// <summary>The networks that peers are chosen from.</summary>
    public required ImmutableArray<NetworkId> DialedNetworks { get; init; }

    /// <summary>Whether there are connections from the start.</summary>
    public required bool NetworkActive { get; init; }

    /// <summary>Automatic outbound connections; none when the operator chose the peers.</summary>
    public required int MaxOutbound { get; init; }

    /// <summary>Quiet connections; none when the operator chose the peers.</summary>
    public required int MaxQuiet { get; init; }

    /// <summary>Feelers at once; none when the operator chose the peers.</summary>
    public required int MaxFeelers { get; init; }

    /// <summary>Peers asked for addresses at once; none when the operator chose the peers.</summary>
    public required int MaxAddrFetches { get; init; }

    public required ImmutableArray<NetEndpoint> ListenEndpoints { get; init; }

    /// <summary>Whether the operator named the addresses to listen on: then all of them are needed.</summary>
    public required bool ListensOnNamedAddresses { get; init; }

    public required ImmutableArray<NetEndpoint> ExternalEndpoints { get; init; }

    /// <summary>Inbound connections, those included that were not accepted yet.</summary>
    public required int MaxInbound { get; init; }

    /// <summary>Connections of all kinds.</summary>
    public required int MaxConnections { get; init; }

    /// <summary>Whether peers on this machine and whitelisted ones may connect as fast as they like.</summary>
    public required bool AdmitLocal { get; init; }

    public required TimeSpan ConnectTimeout { get; init; }

    public required TimeSpan HandshakeTimeout { get; init; }

    public required int MaxSendBuffer { get; init; }

    /// <summary>How long a ban lasts when nobody says.</summary>
    public required TimeSpan BanTime { get; init; }

    /// <summary>Who may do more than others.</summary>
    public required Whitelist Whitelist { get; init; }

    public required int MaxReceiveBuffer { get; init; }

    public required long MaxFrameMemory { get; init; }

    public required int MaxMessageRate { get; init; }

    public required int MaxMessageBytes { get; init; }

    public required long MaxUploadRate { get; init; }

    public required long MaxPeerUploadRate { get; init; }

    public required long MaxUploadTarget { get; init; }

    public required bool LogIPs { get; init; }

    /// <summary>Where all messages are written to; null for nowhere.</summary>
    public required string? CaptureDirectory { get; init; }

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
        Require(options.MaxOutbound is >= 0 and <= MaxPossibleConnections, "maxoutbound", $"must be 0 to {MaxPossibleConnections}");
        Require(options.MaxQuiet is >= 0 and <= MaxPossibleConnections, "maxquiet", $"must be 0 to {MaxPossibleConnections}");
        Require(options.MaxFeelers is >= 0 and <= MaxPossibleConnections, "maxfeelers", $"must be 0 to {MaxPossibleConnections}");
        Require(options.ConnectTimeout > TimeSpan.Zero, "timeout", "must be more than 0 milliseconds");
        Require(options.ConnectTimeout <= MaxPossibleTimeout, "timeout", "must be a day at most");
        Require(options.HandshakeTimeout > TimeSpan.Zero, "peertimeout", "must be more than 0 seconds");
        Require(options.MaxSendBuffer > 0, "maxsendbuffer", "must be more than 0");
        Require(options.MaxReceiveBuffer > 0, "maxreceivebuffer", "must be more than 0");
        Require(
            options.MaxFrameMemory >= NodeDefaults.MinFrameMemory,
            "maxframememory", $"must be {NodeDefaults.MinFrameMemory / 1_000_000} MB or more");
        Require(options.MaxMessageRate >= 0, "maxmessagerate", "must be 0 (no limit) or more");
        Require(options.MaxMessageBytes >= 0, "maxmessagebytes", "must be 0 (no limit) or more");
        Require(options.MaxUploadRate >= 0, "maxuploadrate", "must be 0 (no limit) or more");
        Require(options.MaxPeerUploadRate >= 0, "maxpeeruploadrate", "must be 0 (no limit) or more");
        Require(options.MaxUploadTarget >= 0, "maxuploadtarget", "must be 0 (no target) or more");
        Require(
            options.AddNodes.Count <= NodeDefaults.ManualConnections,
            "addnode", $"can be given {NodeDefaults.ManualConnections} times at most");

        Require(options.BanTime >= TimeSpan.FromSeconds(1), "bantime", "must be at least 1 second");
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

        foreach (string peer in options.SeedNodes)
            RequirePeer("seednode", peer, defaultPort);
        Require(
            options.SeedNodes.Count == 0 || options.Connect.Count == 0,
            "seednode", "there is nobody to be found with -connect; use -addnode instead of -connect");
        foreach (string host in options.DnsSeedHosts)
            RequireName("dnsseedhost", host);
        Require(
            !options.CaptureMessages || options.DataDirectory is not null,
            "capturemessages", "needs a data directory to write to; name one with -datadir");
        Require(options.FixedSeedsFile is not "", "fixedseedsfile", "needs the name of a file");

        ImmutableArray<string> manual = connectsNowhere ? [.. options.AddNodes] : [.. options.Connect, .. options.AddNodes];
        int automatic = options.Connect.Count == 0 ? options.MaxConnections : 0;
        // Where there is room for two, one is kept to ask for addresses: otherwise nobody may be found to connect to.
        int others = automatic > 1 ? automatic - 1 : automatic;
        int outbound = Math.Min(options.MaxOutbound, others);
        int quiet = Math.Min(options.MaxQuiet, others - outbound);
        int feelers = Math.Min(options.MaxFeelers, others - outbound - quiet);
        int addrFetches = Math.Min(NodeDefaults.MaxAddrFetches, automatic - outbound - quiet - feelers);
        Require(
            options.SeedNodes.Count == 0 || addrFetches > 0,
            "seednode", "there is no connection left to ask it; -maxconnections must be 2 or more, or use -addnode");
        return new NodeSettings
        {
            Policy = new NetworkPolicy(options.Network, options.PrivateNet),
            DataDirectory = options.NetworkDirectory,
            ManualPeers = manual,
            SeedNodes = [.. options.SeedNodes],
            DnsSeeds = options.DnsSeed ?? options.Connect.Count == 0 ? [.. options.DnsSeedHosts] : [],
            UsesFixedSeeds = options.FixedSeeds && options.Connect.Count == 0,
            FixedSeedsFile = options.FixedSeedsFile,
            DialedNetworks = ParseNetworks(options.OnlyNets),
            ListensOnNamedAddresses = options.Bind.Count > 0,
            ListenEndpoints = options.Listen && options.NetworkActive ? ParseBinds(options.Bind, port) : [],
            ExternalEndpoints = [.. options.ExternalIPs.Select(text => ParseEndpoint("externalip", text, port))],
            NetworkActive = options.NetworkActive,
            MaxOutbound = outbound,
            MaxQuiet = quiet,
            MaxFeelers = feelers,
            MaxAddrFetches = addrFetches,
            MaxInbound = Math.Max(0, options.MaxConnections - outbound - quiet - feelers - addrFetches - manual.Length),
            MaxConnections = options.MaxConnections,
            AdmitLocal = options.AdmitLocal,
            ConnectTimeout = options.ConnectTimeout,
            HandshakeTimeout = options.HandshakeTimeout,
            MaxSendBuffer = options.MaxSendBuffer,
            BanTime = options.BanTime,
            Whitelist = new Whitelist([.. options.Whitelist.Select(ParseWhitelist)]),
            MaxReceiveBuffer = options.MaxReceiveBuffer,
            MaxFrameMemory = options.MaxFrameMemory,
            MaxMessageRate = options.MaxMessageRate,
            MaxMessageBytes = options.MaxMessageBytes,
            MaxUploadRate = options.MaxUploadRate,
            MaxPeerUploadRate = options.MaxPeerUploadRate,
            MaxUploadTarget = options.MaxUploadTarget,
            AsmapFile = options.AsmapFile,
            IsPrivateNet = options.PrivateNet,
            LogIPs = options.LogIPs,
            CaptureDirectory = options.CaptureMessages
                ? Path.Combine(options.NetworkDirectory!, Diagnostics.CaptureDirectory.Name)
                : null,
            Relay = options.Relay,
            RandomSeed = options.RandomSeed,
        };
    }

    /// <summary>Each network keeps its own data.</summary>
    public static string NetworkDirectory(string dataDirectory, P2PNetwork network) =>
        Path.Combine(dataDirectory, network.ToString().ToLowerInvariant());

    /// <summary>The settings after what they name was read from disk.</summary>
    /// <exception cref="IOException">A file cannot be used; the message says which and why.</exception>
    public NodeSettings Load() => this with
    {
        Policy = AsmapFile is null
            ? Policy
            : new NetworkPolicy(Policy.Network, IsPrivateNet, AddrMan.AsmapFile.Load(AsmapFile)),
        FixedSeeds = (UsesFixedSeeds, FixedSeedsFile) switch
        {
            (false, _) => [],
            (_, null) => FixedSeedList.BuiltIn(Policy.Network),
            (_, { } file) => FixedSeedList.Load(file, Policy.Network.DefaultPort()),
        },
    };

    /// <summary>Whether peers are chosen from a network.</summary>
    public bool Dials(NetworkId network) => DialedNetworks.Contains(network);

    /// <summary>The settings with no more inbound connections than a process with so many descriptors can hold.</summary>
    public NodeSettings FitTo(int? descriptors)
    {
        if (descriptors is not { } limit)
            return this;
        int free = limit - NodeDefaults.ReservedDescriptors
            - MaxOutbound - MaxQuiet - MaxFeelers - MaxAddrFetches - ManualPeers.Length;
        return this with { MaxInbound = Math.Clamp(free, 0, MaxInbound) };
    }

    /// <summary>Whether a text names a peer: an address, or a name to look up, with or without a port.</summary>
    public static bool IsPeer(string text, ushort defaultPort) =>
        NetEndpoint.TryParse(text, defaultPort, out _)
        || (NetEndpoint.TrySplit(text, defaultPort, out string? host, out _)
            && Uri.CheckHostName(host) == UriHostNameType.Dns);

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

    private static WhitelistEntry ParseWhitelist(string text)
    {
        bool ok = WhitelistEntry.TryParse(text, out WhitelistEntry? entry, out string? error);
        Require(ok, "whitelist", error ?? "");
        return entry!;
    }

    private static ImmutableArray<NetworkId> ParseNetworks(IList<string> names) => names.Count == 0
        ? [NetworkId.IPv4, NetworkId.IPv6]
        : [.. names.Select(ParseNetwork).Distinct()];

    private static NetworkId ParseNetwork(string name)
    {
        string lower = name.ToLowerInvariant();
        Require(
            lower is not ("onion" or "i2p" or "cjdns"),
            "onlynet", $"peers on {lower} cannot be connected to yet; write ipv4 or ipv6");
        Require(lower is "ipv4" or "ipv6", "onlynet", $"'{name}' is not a network; write ipv4 or ipv6");
        return lower == "ipv4" ? NetworkId.IPv4 : NetworkId.IPv6;
    }

    private static void RequireName(string option, string text) => Require(
        Uri.CheckHostName(text) == UriHostNameType.Dns,
        option, $"'{text}' is not the name of a host; write seed.example.org, without a port");

    private static void RequirePeer(string option, string text, ushort defaultPort) =>
        Require(IsPeer(text, defaultPort), option, $"'{text}' is not a peer; write host, host:port or [v6]:port");

    private static void Require(bool condition, string option, string what)
    {
        if (!condition)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"-{option}: {what}."));
    }
}
