using Logos.P2P.Diagnostics;
using Logos.P2P.Relay;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;
using static Logos.P2P.Tests.Relay.GossipRig;

namespace Logos.P2P.Tests.Relay;

/// <summary>What is remembered of messages and of who was told of them, by the node's own account.</summary>
internal sealed class GossipMemoryTests
{
    private GossipRig _node = null!;

    private MemoryUse Memory => _node.Rig.Node.Relay.GossipMemory;

    [SetUp]
    public void SetUp() => _node = new GossipRig();

    [TearDown]
    public async Task TearDownAsync() => await _node.DisposeAsync();

    [Test]
    public async Task Each_peer_may_occupy_a_place_in_each_flight_twice_over_and_its_own_part()
    {
        const long flights = FlightTable.MaxFlights;
        long each = (flights * 2 * Flight.CellBytes) + RelayLink.MaxBytes;
        long alone = Memory.Capacity;
        Assert.That(alone, Is.GreaterThan(flights * Flight.ObjectBytes));

        await _node.ConnectAsync(1);
        long one = Memory.Capacity - alone;
        // And what is remembered of who has which chunks.
        Assert.That(one, Is.InRange(each, each + (each / 20)));
        await _node.ConnectAsync(2);
        Assert.That(Memory.Capacity - alone, Is.EqualTo(3 * one));
    }

    [Test]
    public async Task Each_message_on_its_way_is_an_entry_and_occupies_its_flight_and_what_peers_were_told()
    {
        ScriptedPeer[] peers = await _node.ConnectAsync(2);
        MemoryUse before = Memory;

        await DeliverAsync(peers[0], Message(7, 1));
        await DeliverAsync(peers[0], Message(7, 2));

        MemoryUse after = Memory;
        Assert.That(after.Entries - before.Entries, Is.GreaterThanOrEqualTo(2));
        Assert.That(after.Bytes - before.Bytes, Is.InRange(2 * Flight.ObjectBytes, 2 * 2 * Flight.ObjectBytes));
        await peers[1].TellAsync(Command.Late, Message(7, 1));
        await DeliverAsync(peers[0], Message(7, 3));
        Assert.That(await HeardAsync(peers[1]), Does.Contain("have"));
        Assert.That(Memory.Bytes - after.Bytes, Is.GreaterThan(Flight.ObjectBytes + (2 * Flight.CellBytes)), "What was offered, too.");
    }

    [Test]
    public async Task A_link_occupies_what_was_offered_to_its_peer_and_what_waits_to_be_announced()
    {
        var link = new RelayLink((await _node.ConnectAsync(1))[0].Peer, 0);
        Assert.That(link.Bytes, Is.Zero);

        link.Offer(new ShortId(1), MessageId.Compute([1]));
        long offered = link.Bytes;
        link.AnnounceLater(MessageId.Compute([2]), TimeSpan.Zero);

        Assert.That(offered, Is.InRange(72, 10 * 72));
        Assert.That(link.Bytes - offered, Is.InRange(40, 10 * 40));
    }
}
