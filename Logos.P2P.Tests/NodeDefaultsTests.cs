using System.Reflection;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests;

/// <summary>How the numbers that a node runs by must stand to each other.</summary>
internal sealed class NodeDefaultsTests
{
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
        ["Dialling is not faster than the heart"] = NodeDefaults.DialInterval >= NodeDefaults.Heartbeat,
        ["Waits between dials grow"] =
            NodeDefaults.DialRetryMin < NodeDefaults.DialRetryAlone
            && NodeDefaults.DialRetryAlone < NodeDefaults.ManualRetryMax
            && NodeDefaults.ManualRetryMax < NodeDefaults.DialRetryMax,
        ["A stuck peer is not kept longer than a silent one"] =
            NodeDefaults.SendTimeout < NodeDefaults.PingInterval + NodeDefaults.PingTimeout,
        ["What waits for a handler has room for the largest message"] =
            NodeDefaults.MaxHandlerBacklog > WireLimits.MaxPayload + WireLimits.HeaderSize,
        ["What is kept to answer has room for the largest message in each of 8 parts"] =
            NodeDefaults.MessageStoreBytes / 8 >= new FramePool(P2PNetwork.Main)
                .Create(Command.Logos, new byte[WireLimits.MaxPayload]).Capacity,
        ["A slow peer can be told a thousand times before even that is too much"] =
            NodeDefaults.MaxControlBuffer >= 1000 * (WireLimits.HeaderSize + InventoryCodec.GetSize(1)),
        ["The largest list of addresses fits beside others"] =
            NodeDefaults.MaxControlBuffer > Command.AddrV2.MaxPayload(),
        ["A message is remembered longer than it is kept at a thousand a second"] =
            NodeDefaults.SeenMessagesPerGeneration > 1000 * NodeDefaults.MessageStoreAge.TotalSeconds,
        ["What worked is written sooner than hearsay"] =
            NodeDefaults.TriedFlushInterval < NodeDefaults.AddressFlushInterval,
        ["One send carries many small messages"] = NodeDefaults.CoalesceSize >= 100 * (256 + WireLimits.HeaderSize),
        ["One read is not more than the pool hands out at once"] =
            NodeDefaults.ReceiveBufferSize <= WireLimits.ReadAhead,
    };

    [TestCaseSource(nameof(Names))]
    public void The_numbers_fit_each_other(string relation) => Assert.That(Relations[relation], Is.True);

    private static string[] Names() => [.. Relations.Keys];

    private static IEnumerable<TimeSpan> Timers() => typeof(NodeDefaults)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(field => field.FieldType == typeof(TimeSpan))
        .Select(field => (TimeSpan)field.GetValue(null)!);
}
