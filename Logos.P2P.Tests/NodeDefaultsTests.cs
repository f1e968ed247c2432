using System.Reflection;
using Logos.P2P.Addresses;
using Logos.P2P.Relay.Chunks;
using Logos.P2P.Storage;
using Logos.P2P.Transport;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests;

/// <summary>How the numbers that a node runs by must stand to each other.</summary>
internal sealed class NodeDefaultsTests
{
    /// <summary>Frames that are kept though nobody waits for them.</summary>
    private const long KeptBytes = NodeDefaults.MessageStoreBytes + NodeDefaults.ImportantMessageBytes + ChunkTable.MaxBufferBytes;

    private static readonly Dictionary<string, bool> Relations = new()
    {
        ["There is room for inbound peers beside all others"] =
            NodeDefaults.OutboundConnections + NodeDefaults.QuietConnections + NodeDefaults.FeelerConnections
            + NodeDefaults.ManualConnections + NodeDefaults.MaxAddrFetches < NodeDefaults.MaxConnections,
        ["A handshake has time for a TCP connection and more"] = NodeDefaults.HandshakeTimeout > NodeDefaults.ConnectTimeout,
        ["A ping is given up before the next is due"] = NodeDefaults.PingTimeout < NodeDefaults.PingInterval,
        ["The heart beats often enough for every timer"] = Timers().All(timer => timer >= NodeDefaults.Heartbeat),
        ["A process with 512 descriptors can have all connections"] =
            NodeDefaults.ReservedDescriptors + NodeDefaults.MaxConnections <= 512,
        ["Waits for descriptors grow"] = NodeDefaults.AcceptPauseMin < NodeDefaults.AcceptPauseMax,
        ["One source cannot use up what all sources share"] =
            NodeDefaults.InboundRatePerSource < NodeDefaults.InboundRate
            && NodeDefaults.InboundBurstPerSource < NodeDefaults.InboundBurst,
        ["A burst of one source is no reason to wait for its handshakes"] =
            NodeDefaults.InboundBurstPerSource <= NodeDefaults.MaxPendingPerSource,
        ["Evicted peers that wait take little beside those that have a slot"] =
            NodeDefaults.MaxEvictedWaiting < NodeDefaults.MaxConnections / 10,
        ["A peer is not left alone for longer than a message may take to make progress"] =
            NodeDefaults.LongestRest <= NodeDefaults.ProgressInterval,
        ["Dialling is not faster than the heart"] = NodeDefaults.DialInterval >= NodeDefaults.Heartbeat,
        ["Waits between dials grow"] =
            NodeDefaults.DialRetryMin < NodeDefaults.DialRetryAlone
            && NodeDefaults.DialRetryAlone < NodeDefaults.ManualRetryMax
            && NodeDefaults.ManualRetryMax < NodeDefaults.DialRetryMax,
        ["A stuck peer is not kept longer than a silent one"] =
            NodeDefaults.SendTimeout < NodeDefaults.PingInterval + NodeDefaults.PingTimeout,
        ["What waits for a handler has room for the largest message"] =
            NodeDefaults.MaxReceiveBuffer > WireLimits.MaxPayload + WireLimits.HeaderSize,
        ["Beside what is kept the least of memory has room for the largest message in a peer's share"] =
            (ByteBudget.SharedOf(NodeDefaults.MinFrameMemory) - KeptBytes) / 8
                > ByteBudget.LargestFrame + WireLimits.ReadAhead,
        ["The reserve holds what every peer gets in any case, and a message of the largest kind"] =
            NodeDefaults.MinFrameMemory - ByteBudget.SharedOf(NodeDefaults.MinFrameMemory)
                > (NodeDefaults.MaxConnections * (long)(NodeDefaults.MinControlBuffer + (WireLimits.ReadAhead / 4)))
                + ByteBudget.LargestFrame,
        ["Who holds memory that others wait for goes before they give us up"] =
            NodeDefaults.IncompleteMessageTimeout + (5 * NodeDefaults.ProgressInterval) < NodeDefaults.SendTimeout,
        ["A peer alone may have all that its own limits allow"] =
            (ByteBudget.SharedOf(NodeDefaults.MaxFrameMemory) - KeptBytes) / 8
                > NodeDefaults.MaxReceiveBuffer
            && NodeDefaults.MaxReceiveBuffer > NodeDefaults.MaxSendBuffer,
        ["The rates of a peer have room for twice the load of 10,000 messages of 1 kB a second"] =
            NodeDefaults.MaxMessageRate >= 2 * 10_000 && NodeDefaults.MaxMessageBytes >= 2 * 10_000 * 1000,
        ["What the node takes from all is half as much again as that load"] =
            NodeDefaults.RelayLimitFactor * NodeDefaults.MaxMessageRate >= 1.5 * 10_000
            && NodeDefaults.RelayLimitFactor * NodeDefaults.MaxMessageBytes >= 1.5 * 10_000 * 1000,
        ["A peer that passes on all that a node takes, bursts included, is calm before it is cut"] =
            RelayAtMost() < NodeDefaults.FloodPatience,
        ["A burst has room for ten messages of the largest kind"] =
            NodeDefaults.MaxMessageBytes * NodeDefaults.MessageBurst.TotalSeconds > 10 * WireLimits.MaxPayload,
        ["A flooder is slowed down for longer than his burst before he is cut"] =
            NodeDefaults.FloodPatience > NodeDefaults.MessageBurst,
        ["A peer that is slowed down is looked at many times within its burst"] =
            NodeDefaults.MessageBurst >= 10 * NodeDefaults.Heartbeat,
        ["What is kept to answer has room for the largest message in each of 8 parts"] =
            NodeDefaults.MessageStoreBytes / 8 >= new FramePool(P2PNetwork.Main)
                .Create(Command.Logos, new byte[WireLimits.MaxPayload]).Capacity,
        ["A slow peer can be told a thousand times before even that is too much"] =
            NodeDefaults.MaxControlBuffer * 3 / 4 >= 1000 * (WireLimits.HeaderSize + InventoryCodec.GetSize(1)),
        ["The largest list of addresses fits beside others"] =
            NodeDefaults.MaxControlBuffer * 3 / 4 > Command.AddrV2.MaxPayload(),
        ["A message is remembered for ten minutes at ten thousand a second"] =
            NodeDefaults.SeenMessages >= 10_000 * TimeSpan.FromMinutes(10).TotalSeconds,
        ["What worked is written sooner than hearsay"] =
            NodeDefaults.TriedFlushInterval < NodeDefaults.AddressFlushInterval
            && NodeDefaults.TriedRewriteInterval < PeersSnapshot.Interval,
        ["A crash costs less than ten seconds of hearsay, with as long for writing as for waiting"] =
            2 * NodeDefaults.AddressFlushInterval <= TimeSpan.FromSeconds(10),
        ["All bans are written in one go"] =
            NodeDefaults.MaxBans * (BanCodec.MaxKeySize + BanCodec.ValueSize) <= 512 * 1024,
        ["A ban lasts long enough to be written"] = NodeDefaults.BanTime > NodeDefaults.BanFlushInterval,
        ["Fewer peers than slots make seeds needless"] = NodeDefaults.EnoughOutboundPeers < NodeDefaults.OutboundConnections,
        ["Seed nodes are asked more than once before DNS is"] =
            NodeDefaults.SeedNodeInterval * 2 < NodeDefaults.SeedNodeHeadStart
            && NodeDefaults.SeedNodeInterval < NodeDefaults.DialRetryMax,
        ["What is known has time for more dials than peers are enough before DNS is asked"] =
            NodeDefaults.DnsSeedDelay > NodeDefaults.EnoughOutboundPeers * NodeDefaults.ConnectTimeout
            && NodeDefaults.DnsSeedDelayWithMany > NodeDefaults.DnsSeedDelay,
        ["Fixed seeds come last"] =
            NodeDefaults.FixedSeedDelay > NodeDefaults.SeedNodeHeadStart + NodeDefaults.DnsSeedDelay,
        ["The DNS seeds that are asked at once cannot make a book that is full of many addresses"] =
            NodeDefaults.DnsSeedsAtOnce * NodeDefaults.MaxAddressesPerDnsSeed < NodeDefaults.ManyAddresses,
        ["One send carries many small messages"] = NodeDefaults.CoalesceSize >= 100 * (256 + WireLimits.HeaderSize),
        ["One read is not more than the pool hands out at once"] =
            NodeDefaults.ReceiveBufferSize <= WireLimits.ReadAhead,
    };

    [TestCaseSource(nameof(Names))]
    public void The_numbers_fit_each_other(string relation) => Assert.That(Relations[relation], Is.True);

    /// <summary>
    /// How long it is slowed down: its node's burst and its peers' come on top of the part that passes on, until
    /// half of its own burst is left.
    /// </summary>
    private static TimeSpan RelayAtMost()
    {
        const double part = NodeDefaults.RelayLimitFactor;
        TimeSpan ahead = NodeDefaults.MessageBurst * ((2 * part) - 1);
        TimeSpan calm = NodeDefaults.MessageBurst / 2;
        return (ahead + calm) / (1 - part);
    }

    private static string[] Names() => [.. Relations.Keys];

    private static IEnumerable<TimeSpan> Timers() => typeof(NodeDefaults)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(field => field.FieldType == typeof(TimeSpan))
        .Select(field => (TimeSpan)field.GetValue(null)!);
}
