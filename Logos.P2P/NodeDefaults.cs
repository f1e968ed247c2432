using Logos.P2P.Wire;

namespace Logos.P2P;

/// <summary>
/// The numbers a node runs by, each with its reason. A test asserts the relations between them.
/// </summary>
public static class NodeDefaults
{
    /// <summary>
    /// Bytes of a frame from which a message is large: it takes milliseconds to send, so a peer is told before that it is
    /// coming, and it is not sent when the peer got it from elsewhere while it waited. `reference/gossip-policy.md` 5.6.
    /// </summary>
    public const int LargeMessage = 8 * 1024;

    /// <summary>Connections at once, both directions. Bitcoin Core's DEFAULT_MAX_PEER_CONNECTIONS since v31.</summary>
    public const int MaxConnections = 200;

    /// <summary>
    /// Automatic outbound connections. With 8 random ones the graph of thousands of nodes has a diameter of 4 to 5;
    /// 16 would save only a tenth of the delay. Bitcoin's number.
    /// </summary>
    public const int OutboundConnections = 8;

    /// <summary>
    /// Quiet connections: messages only, so that whoever maps the network by its address gossip does not see them. Bitcoin
    /// Core's number of block-relay-only ones.
    /// </summary>
    public const int QuietConnections = 2;

    /// <summary>Feelers at once. Bitcoin Core's number.</summary>
    public const int FeelerConnections = 1;

    /// <summary>
    /// Peers asked for addresses at once. More than one, so that a node which knows nobody does not wait five minutes for one
    /// that says nothing.
    /// </summary>
    public const int MaxAddrFetches = 4;

    /// <summary>
    /// Addresses behind one name that are tried, in random order, before the name is given up until the next time: whoever answers for it
    /// must not have a node knock at thousands of doors.
    /// </summary>
    public const int MaxAddressesOfName = 8;

    /// <summary>Manual connections (<c>-addnode</c>), apart from the automatic ones. Bitcoin Core's number.</summary>
    public const int ManualConnections = 8;

    /// <summary>
    /// Bytes of memory in messages queued for a peer before it is announced to instead of pushed to: 1 MB, Bitcoin
    /// Core's -maxsendbuffer. One frame of any size is taken when nothing is queued.
    /// </summary>
    public const int MaxSendBuffer = 1_000_000;

    /// <summary>
    /// Bytes of memory queued for a peer in the lanes of control and small messages, above which they are dropped and
    /// counted; small ones above three quarters of it.
    /// A peer that far behind is cut by <see cref="SendTimeout"/> soon.
    /// </summary>
    public const int MaxControlBuffer = 4 * WireLimits.ReadAhead;

    /// <summary>
    /// Bytes of memory that control alone may always have in a queue, even when the node's memory is used up: a handshake, or
    /// two dozen pongs.
    /// </summary>
    public const int MinControlBuffer = 16 * 1024;

    /// <summary>Bytes one send system call carries when several frames wait: enough to amortise it, no more.</summary>
    public const int CoalesceSize = 64 * 1024;

    /// <summary>
    /// Bytes that the kernel may hold of a connection besides those on their way: two of our system calls, so that a fast
    /// line never runs dry, and a ping waits for no more than that.
    /// </summary>
    public const int KernelSendBacklog = 2 * CoalesceSize;

    /// <summary>Bytes read from a socket at once.</summary>
    public const int ReceiveBufferSize = 32 * 1024;

    /// <summary>
    /// Bytes of buffers with what was received from a peer and not handled yet, above which it is not read from: what the
    /// messages cost, since a tiny one has a buffer twenty times its size. Room for one message of the largest kind besides
    /// the one being handled; Bitcoin Core's -maxreceivebuffer is 5 MB. One message of any size is received when none waits.
    /// </summary>
    public const int MaxReceiveBuffer = 2 * WireLimits.MaxPayload;

    /// <summary>
    /// Bytes of buffers of all frames together: in queues, being received, kept to answer `getdata`, gathered in chunks. What
    /// is kept has 80 MiB at most, and a peer alone still gets what <see cref="MaxReceiveBuffer"/> and
    /// <see cref="MaxSendBuffer"/> allow; small enough for a machine with 1 GB.
    /// </summary>
    public const long MaxFrameMemory = 256_000_000;

    /// <summary>
    /// The least of it: besides what is kept (the store, important messages, large ones in chunks) an eighth of what is shared
    /// out (three quarters) holds a message of the largest kind, and the reserve holds what each connection gets in any case.
    /// </summary>
    public const long MinFrameMemory = 160_000_000;

    /// <summary>What a frame occupies besides its buffer: two objects and a place in a queue.</summary>
    internal const int FrameObjectBytes = 128;

    /// <summary>
    /// While memory is short, a message that is not complete after this time, and that does not go on although we read, ends
    /// its connection: it holds memory that others wait for. Shorter than <see cref="SendTimeout"/>, after which they give
    /// us up.
    /// </summary>
    public static readonly TimeSpan IncompleteMessageTimeout = TimeSpan.FromSeconds(15);

    /// <summary>How long a message is watched before it is said not to go on: some round trips.</summary>
    public static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    /// <summary>Bytes within <see cref="ProgressInterval"/> that are progress: 1 Mbit/s.</summary>
    public const int ProgressBytes = 125_000;

    /// <summary>
    /// Messages of any kind that one peer may send in a second on average. More than twice the load of 10,000 a second that
    /// a node is built for, which reaches it from every peer.
    /// </summary>
    public const int MaxMessageRate = 25_000;

    /// <summary>Bytes that one peer may send in a second on average: half a gigabit line.</summary>
    public const int MaxMessageBytes = 50_000_000;

    /// <summary>
    /// What part of one peer's rates the node as a whole takes in new messages before it divides what it has: half as much
    /// again as its load. It passes them on to neighbours who count them against its own rates, so it must take less than
    /// those, by so much that even after a burst it is calm again before <see cref="FloodPatience"/> ends.
    /// </summary>
    public const double RelayLimitFactor = 0.6;

    /// <summary>
    /// How far a peer may run ahead of its rates: a node that comes back from a short outage, or an upper layer that sends
    /// all it has at once, is no flooder.
    /// </summary>
    public static readonly TimeSpan MessageBurst = TimeSpan.FromSeconds(5);

    /// <summary>How long a peer is only slowed down before it is cut: longer than its burst.</summary>
    public static readonly TimeSpan FloodPatience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Messages waiting for a handler that is not quick, for each peer, above which the peer is not read from. Whoever
    /// fills his queue with tiny messages and then delivers somebody's message first delays it behind them: not by much.
    /// </summary>
    public const int MaxHandlerBacklogMessages = 1024;

    /// <summary>TCP connect. Bitcoin Core's -timeout.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Connection to verack. Slots are scarce, so not Bitcoin's 60 s; Tor needs more than 5 s.
    /// </summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Between pings. Not Bitcoin's 2 minutes: relay and eviction want fresh round-trip times.
    /// </summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(60);

    /// <summary>
    /// An unanswered ping and this much silence end a connection: a dead peer is found within
    /// <see cref="PingInterval"/> + this. Any byte received counts as life, because a pong may wait behind 4 MB.
    /// </summary>
    public static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(20);

    /// <summary>
    /// A peer of whose queue no piece leaves for this long is cut. The system says of pieces of <see cref="CoalesceSize"/>
    /// only that all of one was taken, so whoever takes less than 2.2 KB a second counts as stalled too.
    /// </summary>
    public static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How often time-driven work is looked at. Nothing on the way of a message waits for it.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long a peer of whom nothing is under way is left alone by the heartbeat, at most. Its pings and addresses are sent when they
    /// are due all the same. What begins meanwhile is noticed so much later: a message whose rest does not come, or a queue of which
    /// nothing leaves, whose <see cref="SendTimeout"/> counts from the last look before.
    /// </summary>
    public static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);

    /// <summary>Between the starts of two automatic dials. Bitcoin Core's loop.</summary>
    public static readonly TimeSpan DialInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>First wait after a failed dial to an address; doubles with each failure.</summary>
    public static readonly TimeSpan DialRetryMin = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Longest wait between dials of one address while no peer that we dialled is left: then it may be our line that is down,
    /// and is back any moment.
    /// </summary>
    public static readonly TimeSpan DialRetryAlone = TimeSpan.FromSeconds(5);

    /// <summary>Mean time between feelers. Bitcoin Core's FEELER_INTERVAL.</summary>
    public static readonly TimeSpan FeelerInterval = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Mean time between trials of one more outbound peer. A node takes hours to replace its eight, so nobody can hurry it;
    /// but an eclipse wears off.
    /// </summary>
    public static readonly TimeSpan NewcomerInterval = TimeSpan.FromMinutes(20);

    /// <summary>
    /// How long a newcomer has to show that it delivers before the worst of all has to go: twice Bitcoin Core's
    /// MINIMUM_CONNECT_TIME.
    /// </summary>
    public static readonly TimeSpan NewcomerTrial = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a node is without outbound peers before it asks several at once for addresses: longer than a restart of the
    /// line or of a router's state takes, and doubled each time in vain.
    /// </summary>
    public static readonly TimeSpan PartitionDelay = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a peer that was asked for addresses has to answer with more than one. Bitcoin Core: ten times the mean wait
    /// before addresses are sent.
    /// </summary>
    public static readonly TimeSpan AddrFetchTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Longest wait between dials of a manual peer. Bitcoin Core's -addnode retry.</summary>
    public static readonly TimeSpan ManualRetryMax = TimeSpan.FromSeconds(60);

    /// <summary>Longest wait between automatic dials of one address. Bitcoin Core's 10 minutes.</summary>
    public static readonly TimeSpan DialRetryMax = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Damaged messages from one peer within <see cref="BadMessageWindow"/> that end its connection. A few may be an
    /// accident on the way; ten are not.
    /// </summary>
    public const int MaxBadMessages = 10;

    /// <summary>See <see cref="MaxBadMessages"/>.</summary>
    public static readonly TimeSpan BadMessageWindow = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Messages whose ids are remembered at least: ten minutes of 10,000 a second, several times as long as anything that is
    /// on its way can be. 16 bytes each, in tables that are three quarters full: 150 MB on a node that has seen so many, and what
    /// it has seen on any other.
    /// </summary>
    public const int SeenMessages = 10 * 60 * 10_000;

    /// <summary>Bytes of recent messages kept to answer `getdata`, sum of their buffers.</summary>
    public const long MessageStoreBytes = 32 * 1024 * 1024;

    /// <summary>
    /// Important messages kept for those who come later: Logos' number. A newcomer is told of all of them in seven seconds.
    /// </summary>
    public const int MaxImportantMessages = 4096;

    /// <summary>Bytes of important messages, sum of their buffers: all of them may have 3 KB, and several the largest size.</summary>
    public const long ImportantMessageBytes = 16 * 1024 * 1024;

    /// <summary>
    /// How long an important message is kept after it came. A node that was away for a day should ask those who know more than
    /// the latest.
    /// </summary>
    public static readonly TimeSpan ImportantMessageAge = TimeSpan.FromHours(24);

    /// <summary>
    /// Important messages that a new peer is told of at once, each heartbeat: fewer than may be asked of one peer at a time, so
    /// that it can ask us for all of them.
    /// </summary>
    public const int ImportantBatch = 64;

    /// <summary>
    /// Bytes of those messages, if it is more than one: 2.6 Mbit/s, which leaves room for others on a slow line, and has come
    /// before the peer gives up waiting and asks somebody else.
    /// </summary>
    public const int ImportantBatchBytes = 32 * 1024;

    /// <summary>
    /// Messages that a peer asked for and that wait for room in its queue: more are not found. As many as the store holds when
    /// they are of 2 KB, and half a megabyte of ids.
    /// </summary>
    public const int MaxPendingRequests = 16_384;

    /// <summary>How long a message is kept to answer `getdata`.</summary>
    public static readonly TimeSpan MessageStoreAge = TimeSpan.FromMinutes(10);

    /// <summary>
    /// After this a message is sent to whoever asks for it, also to a peer who came after it and was not told of it: it is
    /// everywhere by then, and says nothing about where it came from.
    /// </summary>
    public static readonly TimeSpan ServedToAllAfter = TimeSpan.FromSeconds(10);

    /// <summary>Inbound connections from one source whose handshake may be incomplete at the same time. btcd's number.</summary>
    public const int MaxPendingPerSource = 8;

    /// <summary>Inbound connections a second that one source may make. btcd's number.</summary>
    public const double InboundRatePerSource = 2;

    /// <summary>Inbound connections that one source may make at once. btcd's number: a household behind one address.</summary>
    public const double InboundBurstPerSource = 4;

    /// <summary>
    /// Inbound connections a second from all sources. btcd's number: an attacker with many sources gets no more than this
    /// to tire the eviction of peers with.
    /// </summary>
    public const double InboundRate = 20;

    /// <summary>Inbound connections at once from all sources. btcd's number.</summary>
    public const double InboundBurst = 40;

    /// <summary>
    /// Evicted peers that may wait for the end of the upper layer's work on their messages, besides all that have a slot.
    /// Mostly they end within a millisecond; whoever makes the upper layer slow gets no more room by it.
    /// </summary>
    public const int MaxEvictedWaiting = 8;

    /// <summary>
    /// Descriptors kept for all but the connections that are counted: the database, files that are written now and then, the
    /// program that embeds this node, and .NET itself, which aborts the process when it starts a thread and has none left. An
    /// idle logosp2p has 145 with its control interface, which may take 16 more for each
    /// address.
    /// </summary>
    public const int ReservedDescriptors = 200;

    /// <summary>First wait when a connection cannot be accepted for want of descriptors. Garnet's number.</summary>
    public static readonly TimeSpan AcceptPauseMin = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest such wait; it doubles each time. Garnet's number.</summary>
    public static readonly TimeSpan AcceptPauseMax = TimeSpan.FromSeconds(5);

    /// <summary>Addresses remembered as discouraged, in each of two generations. Bitcoin Core keeps 50,000.</summary>
    public const int DiscouragedPerGeneration = 25_000;

    /// <summary>
    /// Bans at once. What an operator or a script bans host by host; whoever needs more bans subnets. Each change writes them
    /// all, half a megabyte at most.
    /// </summary>
    public const int MaxBans = 10_000;

    /// <summary>How long a ban lasts when nobody says. Bitcoin Core's -bantime.</summary>
    public static readonly TimeSpan BanTime = TimeSpan.FromHours(24);

    /// <summary>Wait between two writes of the bans, so that a script that bans thousands does not write all thousands of times.</summary>
    public static readonly TimeSpan BanFlushInterval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Automatic outbound peers that make seeds needless: two that are in different neighbourhoods tell all the rest.
    /// Bitcoin Core's number.
    /// </summary>
    public const int EnoughOutboundPeers = 2;

    /// <summary>
    /// Between the questions to two of <c>-seednode</c>, and first wait before they are asked again; doubles with each
    /// round up to <see cref="DialRetryMax"/>. Bitcoin Core's 10 seconds.
    /// </summary>
    public static readonly TimeSpan SeedNodeInterval = TimeSpan.FromSeconds(10);

    /// <summary>
    /// What the peers of <c>-seednode</c> have to themselves before DNS seeds are asked: the operator trusts them, and DNS
    /// tells bystanders who joins. Bitcoin Core's 30 seconds.
    /// </summary>
    public static readonly TimeSpan SeedNodeHeadStart = TimeSpan.FromSeconds(30);

    /// <summary>DNS seeds asked at once, so that no single one decides whom a node meets. Bitcoin Core's number.</summary>
    public const int DnsSeedsAtOnce = 3;

    /// <summary>
    /// Addresses taken from one DNS seed: an answer over TCP could bring thousands. Bitcoin Core's number.
    /// </summary>
    public const int MaxAddressesPerDnsSeed = 32;

    /// <summary>
    /// Time that known addresses have to prove themselves before DNS seeds are asked. Bitcoin Core's 11 seconds.
    /// </summary>
    public static readonly TimeSpan DnsSeedDelay = TimeSpan.FromSeconds(11);

    /// <summary><see cref="DnsSeedDelay"/> when <see cref="ManyAddresses"/> are known. Bitcoin Core's 5 minutes.</summary>
    public static readonly TimeSpan DnsSeedDelayWithMany = TimeSpan.FromMinutes(5);

    /// <summary>Known addresses among which some will answer. Bitcoin Core's number.</summary>
    public const int ManyAddresses = 1000;

    /// <summary>
    /// How long all other ways have to bring in an address before the fixed seeds are used. Bitcoin Core's minute.
    /// </summary>
    public static readonly TimeSpan FixedSeedDelay = TimeSpan.FromSeconds(60);

    /// <summary>Events waiting for one subscriber; the oldest are dropped above it.</summary>
    public const int EventBacklog = 4096;

    /// <summary>
    /// Wait before changes of the new table are written. What a crash may lose is hearsay, but no more than 10 seconds of
    /// it, the time that a write takes included; only what changed is written, so a short wait costs little.
    /// </summary>
    public static readonly TimeSpan AddressFlushInterval = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Wait before changes of the tried table are written: addresses that worked are what a node comes back with.
    /// </summary>
    public static readonly TimeSpan TriedFlushInterval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The same where all of the book is written each time, which is megabytes when it is full: what a crash costs are addresses that
    /// worked within the last minute.
    /// </summary>
    public static readonly TimeSpan TriedRewriteInterval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Messages a second that are timed when somebody listens: enough for a percentile of each second, and at most a thousandth of the
    /// time of a processor.
    /// </summary>
    public const int TimedMessages = 1000;
}
