using Logos.P2P.Relay;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

/// <summary>Who is told of a message a moment later.</summary>
internal sealed class AnnouncerTests
{
    [TestCase(FlightMarks.None, "have")]
    [TestCase(FlightMarks.Asked, "have", TestName = "Whoever_was_asked_and_lacks_it_is_told")]
    [TestCase(FlightMarks.Requested, "have", TestName = "Whoever_asked_before_it_was_here_is_told")]
    [TestCase(FlightMarks.Knows, "")]
    [TestCase(FlightMarks.Pushed, "")]
    [TestCase(FlightMarks.Announced, "")]
    [TestCase(FlightMarks.Wanted, "")]
    [TestCase(FlightMarks.Asked | FlightMarks.Knows, "")]
    public async Task Those_are_told_who_may_lack_it(FlightMarks marks, string heard)
    {
        await using var rig = new PeerRig();
        using var parts = new GossipParts(rig);
        ScriptedPeer peer = await rig.ConnectRelayAsync();
        await peer.ReadUntilPongAsync();
        RelayLink link = parts.Gossip.Open(peer.Peer);
        Frame frame = rig.Frames.Create(Command.Logos, [1, 2, 3]);
        parts.Server.Keep(frame, parts.Clock.Now, default);
        parts.Gossip.Arrive(null, frame, []);
        parts.Announcer.Mark(link, frame.Id, marks);

        link.AnnounceLater(frame.Id, parts.Clock.Now);
        parts.Announcer.Tick(link, parts.Clock.Now);

        Assert.That(await GossipRig.HeardAsync(peer), Is.EqualTo(heard));
        frame.Release();
    }
}
