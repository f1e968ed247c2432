using Logos.P2P.Access;
using Logos.P2P.Relay;
using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Logos.P2P.Tests.Relay;

/// <summary>The parts of a relay that spread messages, under a key that a test chooses: that of <see cref="Colliding"/>.</summary>
internal sealed class GossipParts : IDisposable
{
    private readonly RequestTracker _requests;

    public GossipParts(PeerRig rig)
    {
        Clock = rig.Node.Clock;
        Frames = rig.Frames;
        var important = new ImportantMessages(Key);
        Server = new MessageServer(
            Frames, Clock, new UploadTarget(rig.Node.Settings.MaxUploadTarget, rig.Metrics.Traffic, Clock), important);
        Announcer = new Announcer(Flights, Frames, Key, Server, important);
        IRelayPolicy policy = RelayPolicies.Create(RelayMode.Push);
        var links = new RelayLinks();
        _requests = new RequestTracker(Flights, Frames, Clock, policy.AskWait, NullLogger.Instance);
        Gossip = new MessageGossip(
            policy, links, new FanOut(policy, Announcer, links, Flights, Frames), Announcer, _requests, Flights, Frames, Clock, Key,
            new UpperLayer(rig.Handler, rig.Metrics, NullLogger.Instance), rig.Node.Events);
    }

    /// <summary>Under which messages are named to the node.</summary>
    public static ShortIdKey Key => Colliding.Key;

    public FlightTable Flights { get; } = new(1);

    public MessageServer Server { get; }

    public Announcer Announcer { get; }

    public MessageGossip Gossip { get; }

    public NodeClock Clock { get; }

    public FramePool Frames { get; }

    public void Dispose()
    {
        _requests.Dispose();
        Server.Clear();
    }
}
