using Logos.P2P.Wire;

namespace Logos.P2P.Node.Configuration;

/// <summary>What was said of the options, as the node takes it.</summary>
internal static class NodeOptions
{
    /// <summary>Reads the options of a node.</summary>
    public static P2POptions Read(OptionValues values, P2PNetwork network) => new()
    {
        Network = network,
        DataDirectory = DataDirectoryOf(values),
        AsmapFile = values.Text(OptionTable.Asmap),
        AddNodes = values.Texts(OptionTable.AddNode),
        Connect = values.Texts(OptionTable.Connect),
        SeedNodes = values.Texts(OptionTable.SeedNode),
        DnsSeed = values.Switch(OptionTable.DnsSeed),
        DnsSeedHosts = values.Texts(OptionTable.DnsSeedHost),
        FixedSeeds = values.Switch(OptionTable.FixedSeeds) ?? true,
        FixedSeedsFile = values.Text(OptionTable.FixedSeedsFile),
        OnlyNets = values.Texts(OptionTable.OnlyNet),
        Bind = values.Texts(OptionTable.Bind),
        ExternalIPs = values.Texts(OptionTable.ExternalIP),
        Port = (ushort?)values.Number(OptionTable.Port),
        Listen = values.Switch(OptionTable.Listen) ?? true,
        PrivateNet = values.Switch(OptionTable.PrivateNet) ?? false,
        MaxConnections = Number(values, OptionTable.MaxConnections) ?? NodeDefaults.MaxConnections,
        MaxOutbound = Number(values, OptionTable.MaxOutbound) ?? NodeDefaults.OutboundConnections,
        MaxQuiet = Number(values, OptionTable.MaxQuiet) ?? NodeDefaults.QuietConnections,
        MaxFeelers = Number(values, OptionTable.MaxFeelers) ?? NodeDefaults.FeelerConnections,
        AdmitLocal = values.Switch(OptionTable.AdmitLocal) ?? true,
        MaxSendBuffer = Number(values, OptionTable.MaxSendBuffer) * 1000 ?? NodeDefaults.MaxSendBuffer,
        MaxReceiveBuffer = Number(values, OptionTable.MaxReceiveBuffer) * 1000 ?? NodeDefaults.MaxReceiveBuffer,
        MaxFrameMemory = values.Number(OptionTable.MaxFrameMemory) * 1_000_000 ?? NodeDefaults.MaxFrameMemory,
        MaxMessageRate = Number(values, OptionTable.MaxMessageRate) ?? NodeDefaults.MaxMessageRate,
        MaxMessageBytes = Number(values, OptionTable.MaxMessageBytes) * 1000 ?? NodeDefaults.MaxMessageBytes,
        MaxUploadRate = values.Number(OptionTable.MaxUploadRate) * 1000 ?? 0,
        MaxPeerUploadRate = values.Number(OptionTable.MaxPeerUploadRate) * 1000 ?? 0,
        MaxUploadTarget = values.Number(OptionTable.MaxUploadTarget) * 1_048_576 ?? 0,
        Relay = values.Text(OptionTable.Relay) is { } mode ? Enum.Parse<RelayMode>(mode, ignoreCase: true) : RelayMode.Tree,
        ConnectTimeout = values.Number(OptionTable.Timeout) is { } milliseconds
            ? TimeSpan.FromMilliseconds(milliseconds)
            : NodeDefaults.ConnectTimeout,
        HandshakeTimeout = Seconds(values, OptionTable.PeerTimeout) ?? NodeDefaults.HandshakeTimeout,
        BanTime = Seconds(values, OptionTable.BanTime) ?? NodeDefaults.BanTime,
        Whitelist = values.Texts(OptionTable.Whitelist),
        LogIPs = values.Switch(OptionTable.LogIPs) ?? false,
        CaptureMessages = values.Switch(OptionTable.CaptureMessages) ?? false,
    };

    /// <summary>The data directory.</summary>
    public static string DataDirectoryOf(OptionValues values) => values.Text(OptionTable.DataDirectory)
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".logosp2p");

    /// <summary>The network.</summary>
    /// <exception cref="OptionException">There are two.</exception>
    public static P2PNetwork NetworkOf(OptionValues values)
    {
        bool isTest = values.Switch(OptionTable.Testnet) ?? false, isRegtest = values.Switch(OptionTable.Regtest) ?? false;
        if (isTest && isRegtest)
            throw new OptionException("-testnet and -regtest exclude each other.");
        return isRegtest ? P2PNetwork.Regtest : isTest ? P2PNetwork.Test : P2PNetwork.Main;
    }

    private static int? Number(OptionValues values, NodeOption option) => (int?)values.Number(option);

    private static TimeSpan? Seconds(OptionValues values, NodeOption option) =>
        values.Number(option) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
