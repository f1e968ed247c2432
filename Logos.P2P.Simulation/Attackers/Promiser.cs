using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Attackers;

/// <summary>
/// Takes what it can get, announces it to all its peers at once, and never sends any of it: whoever counts on it waits in vain.
/// </summary>
/// <param name="random">Where its key comes from.</param>
internal sealed class Promiser(Random random) : Conduct
{
    private readonly List<RawPeer> _peers = [];
    private readonly HashSet<MessageId> _known = [];

    public override ShortIdKey? RelayKey { get; } = new((ulong)random.NextInt64(), (ulong)random.NextInt64());

    public override void Ready(RawPeer peer) => _peers.Add(peer);

    public override void Receive(RawPeer peer, Frame frame)
    {
        if (frame.Command == Command.Have)
            peer.SendAsync(peer.Frames.Create(Command.Want, frame.Payload));
        else if (frame.Command == Command.Logos && _known.Add(frame.Id))
            Announce(frame.Id, except: peer);
    }

    private void Announce(MessageId id, RawPeer except)
    {
        _peers.RemoveAll(peer => peer.IsOver);
        foreach (RawPeer peer in _peers)
        {
            if (peer != except && peer.NodeKey is { } key)
                peer.SendAsync(peer.Frames.Create(Command.Have, ShortId.Of(id, key)));
        }
    }
}
