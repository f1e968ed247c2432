using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Diagnostics;

/// <summary>
/// Every log message of a node. Event ids are stable: 1xx life of the node, 2xx connections, 3xx addresses, 4xx
/// messages.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Information, "Listening on {Endpoint}")]
    public static partial void Listening(ILogger logger, NetEndpoint endpoint);

    [LoggerMessage(101, LogLevel.Information, "Started on {Network} with {Addresses} known addresses")]
    public static partial void Started(ILogger logger, P2PNetwork network, int addresses);

    [LoggerMessage(102, LogLevel.Information, "Stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(103, LogLevel.Error, "The heartbeat failed; it goes on with the next beat")]
    public static partial void HeartbeatFailed(ILogger logger, Exception exception);

    [LoggerMessage(104, LogLevel.Warning, "Not listening on {Endpoint}: {Why}")]
    public static partial void NotListening(ILogger logger, NetEndpoint endpoint, string why);

    [LoggerMessage(105, LogLevel.Warning,
        "The clocks of peers are {Offset} from this machine's. If it is this one that is wrong, addresses will seem too old "
        + "or too new; set it right")]
    public static partial void ClockIsWrong(ILogger logger, TimeSpan offset);

    [LoggerMessage(106, LogLevel.Warning,
        "At most {Possible} of {Wanted} inbound connections, since this process may have too few descriptors; raise `ulimit -n`")]
    public static partial void FewDescriptors(ILogger logger, int possible, int wanted);

    [LoggerMessage(200, LogLevel.Debug, "Peer {Peer} connected ({Kind}, {Endpoint})")]
    public static partial void PeerConnected(ILogger logger, long peer, ConnectionKind kind, string endpoint);

    [LoggerMessage(201, LogLevel.Information, "Peer {Peer} is ready ({Kind}, {Endpoint}, {UserAgent})")]
    public static partial void PeerReady(
        ILogger logger, long peer, ConnectionKind kind, string endpoint, string userAgent);

    [LoggerMessage(202, LogLevel.Information, "Peer {Peer} disconnected: {Reason}")]
    public static partial void PeerDisconnected(ILogger logger, long peer, DisconnectReason reason);

    [LoggerMessage(203, LogLevel.Debug, "Could not connect to {Endpoint}: {Why}")]
    public static partial void DialFailed(ILogger logger, string endpoint, string why);

    [LoggerMessage(204, LogLevel.Warning, "Could not look up {Name}: {Why}")]
    public static partial void NameNotFound(ILogger logger, string name, string why);

    [LoggerMessage(205, LogLevel.Error, "The work for peer {Peer} failed; this is a fault of the program")]
    public static partial void PeerFailed(ILogger logger, Exception exception, long peer);

    [LoggerMessage(206, LogLevel.Error, "A dial ended in a way that it should not")]
    public static partial void DialBroke(ILogger logger, Exception exception);

    [LoggerMessage(207, LogLevel.Error, "A connection could not be taken over; this is a fault of the program")]
    public static partial void AcceptFailed(ILogger logger, Exception exception);

    [LoggerMessage(208, LogLevel.Warning, "{Count} bans of '{File}' are damaged and were left out")]
    public static partial void BansUnreadable(ILogger logger, int count, string file);

    [LoggerMessage(209, LogLevel.Error, "Could not write the bans; trying again soon")]
    public static partial void BansNotWritten(ILogger logger, Exception exception);

    [LoggerMessage(210, LogLevel.Debug, "Peer {Peer} may not be punished for {Reason}: it goes on")]
    public static partial void OffenceOverlooked(ILogger logger, long peer, DisconnectReason reason);

    [LoggerMessage(211, LogLevel.Warning, "No connections are accepted on {Endpoint} for now: {Why}")]
    public static partial void AcceptPaused(ILogger logger, NetEndpoint endpoint, string why);

    [LoggerMessage(212, LogLevel.Information, "Connections are accepted on {Endpoint} again")]
    public static partial void AcceptResumed(ILogger logger, NetEndpoint endpoint);

    [LoggerMessage(213, LogLevel.Debug, "Peer {Peer}: a {Command} was ignored ({Reason})")]
    public static partial void InputDropped(ILogger logger, long peer, Command command, DropReason reason);

    [LoggerMessage(215, LogLevel.Information, "Every message is written to '{Directory}'")]
    public static partial void CapturesMessages(ILogger logger, string directory);

    [LoggerMessage(
        214, LogLevel.Warning, "Messages cannot be written to '{Directory}', and are not until the next start: {Error}")]
    public static partial void CaptureFailed(ILogger logger, string directory, string error);

    [LoggerMessage(300, LogLevel.Debug, "Wrote {Changed} changed and {Removed} removed addresses")]
    public static partial void AddressBookWritten(ILogger logger, int changed, int removed);

    [LoggerMessage(301, LogLevel.Error, "Could not write the address book; trying again later")]
    public static partial void AddressBookNotWritten(ILogger logger, Exception exception);

    [LoggerMessage(
        302,
        LogLevel.Warning,
        "{Dropped} addresses of '{File}' contradict themselves, or have no place any more, and were dropped")]
    public static partial void AddressesDropped(ILogger logger, int dropped, string file);

    [LoggerMessage(303, LogLevel.Information, "Took {Addresses} addresses from '{File}', since the database had none")]
    public static partial void SnapshotRead(ILogger logger, int addresses, string file);

    [LoggerMessage(304, LogLevel.Warning, "'{File}' is not used: {Why}. It was set aside as '{Aside}'")]
    public static partial void SnapshotSetAside(ILogger logger, string file, string why, string aside);

    [LoggerMessage(
        315, LogLevel.Warning, "What the host keeps as '{Name}' is not used: {Why}. It was set aside as '{Aside}'")]
    public static partial void HostValueSetAside(ILogger logger, string name, string why, string aside);

    [LoggerMessage(
        316, LogLevel.Error, "What the host keeps as '{Name}' is not used: {Why}. It could not be set aside as '{Aside}' and will be lost")]
    public static partial void HostValueNotSetAside(ILogger logger, string name, string why, string aside, Exception exception);

    [LoggerMessage(305, LogLevel.Error, "Could not write peers.dat; trying again later")]
    public static partial void SnapshotNotWritten(ILogger logger, Exception exception);

    [LoggerMessage(
        306, LogLevel.Warning, "{Count} addresses of '{File}' are damaged and were left out; they stay in the file")]
    public static partial void AddressesUnreadable(ILogger logger, int count, string file);

    [LoggerMessage(
        307,
        LogLevel.Warning,
        "{Count} addresses of '{File}' are not routable on {Network} and are not used; the file is kept as '{Copy}'. With "
        + "-privatenet private ones are used")]
    public static partial void SnapshotUnroutable(
        ILogger logger, int count, string file, P2PNetwork network, string copy);

    [LoggerMessage(308, LogLevel.Warning, "{Count} addresses of '{File}' have no free place and were dropped")]
    public static partial void SnapshotCrowded(ILogger logger, int count, string file);

    [LoggerMessage(309, LogLevel.Warning, "The anchors in '{File}' are damaged: 0 anchors are used")]
    public static partial void AnchorsDamaged(ILogger logger, string file);

    [LoggerMessage(
        314,
        LogLevel.Warning,
        "{Count} addresses of '{File}' are not routable on {Network} and are not used; they stay in the file. With -privatenet "
        + "private ones are used")]
    public static partial void AddressesUnroutable(ILogger logger, int count, string file, P2PNetwork network);

    [LoggerMessage(317, LogLevel.Error, "Could not take the anchors from '{File}'; this start goes without")]
    public static partial void AnchorsNotTaken(ILogger logger, string file, Exception exception);

    [LoggerMessage(313, LogLevel.Error, "Could not save the anchors; the next start goes without")]
    public static partial void AnchorsNotSaved(ILogger logger, Exception exception);

    [LoggerMessage(312, LogLevel.Information, "'{File}' has addresses of {Found}; taking them into {Network}")]
    public static partial void ForeignPeersFile(ILogger logger, string file, P2PNetwork found, P2PNetwork network);

    [LoggerMessage(310, LogLevel.Information, "Addresses are grouped by autonomous system; the map's version is {Version}")]
    public static partial void AsmapUsed(ILogger logger, string version);

    [LoggerMessage(
        311,
        LogLevel.Information,
        "Of {Addresses} known IPv4 and IPv6 addresses {Mapped} belong to {Systems} autonomous systems and {Unmapped} to "
        + "none on the map")]
    public static partial void AsmapHealth(ILogger logger, int addresses, int mapped, int systems, int unmapped);

    [LoggerMessage(320, LogLevel.Information, "Asking a seed node for addresses")]
    public static partial void SeedNodeQueued(ILogger logger);

    [LoggerMessage(321, LogLevel.Information, "DNS seed {Seed} told {Told} addresses, of which {Added} found a place")]
    public static partial void DnsSeedAnswered(ILogger logger, string seed, int told, int added);

    [LoggerMessage(322, LogLevel.Information, "DNS seed {Seed} told no address")]
    public static partial void DnsSeedSilent(ILogger logger, string seed);

    [LoggerMessage(323, LogLevel.Information, "There are enough peers, so no DNS seed is asked")]
    public static partial void DnsSeedsNotNeeded(ILogger logger);

    [LoggerMessage(326, LogLevel.Warning,
        "No address is known and no seed is named, so this node waits to be dialled. Name a peer (-addnode), a node to ask for "
        + "addresses (-seednode), a DNS seed (-dnsseedhost) or a list (-fixedseedsfile), or put a peers.dat in the data directory")]
    public static partial void NobodyToFind(ILogger logger);

    [LoggerMessage(325, LogLevel.Warning, "No outbound peer is left; asking {Count} nodes and seeds for addresses")]
    public static partial void AskingSeveral(ILogger logger, int count);

    [LoggerMessage(324, LogLevel.Information, "Nothing else told an address: took {Added} from the fixed seeds")]
    public static partial void FixedSeedsUsed(ILogger logger, int added);

    [LoggerMessage(401, LogLevel.Debug, "Message {Id} of {Bytes} bytes, first from peer {Peer}: {Verdict}")]
    public static partial void MessageJudged(ILogger logger, MessageId id, int bytes, long peer, string? verdict);

    [LoggerMessage(400, LogLevel.Error, "The handler failed on message {Id}")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, MessageId id);
}
