using Logos.P2P.Simulation.Engine;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Attackers;

/// <summary>
/// Tells nothing but addresses of the attacker, in answers and unasked, as many as a node listens to; and relays nothing.
/// </summary>
/// <param name="addresses">The attacker's addresses, which may become more.</param>
/// <param name="loop">The simulation.</param>
/// <param name="random">Which of them are told.</param>
internal sealed class Poison(Func<IReadOnlyList<NetEndpoint>> addresses, SimulationLoop loop, Random random) : Conduct
{
    /// <summary>A list this short counts as news and is passed on; a node takes one address in ten seconds from a peer.</summary>
    private const int NewsLength = 5;

    private static readonly TimeSpan NewsInterval = TimeSpan.FromSeconds(50);

    public override void Ready(RawPeer peer) => _ = TellAsync(peer);

    public override void Receive(RawPeer peer, Frame frame)
    {
        if (frame.Command == Command.GetAddr)
            Send(peer, WireLimits.MaxAddresses);
    }

    private async Task TellAsync(RawPeer peer)
    {
        while (!peer.IsOver)
        {
            Send(peer, NewsLength);
            await peer.PauseAsync(NewsInterval);
        }
    }

    private void Send(RawPeer peer, int most)
    {
        NetEndpoint[] told = [.. addresses()];
        random.Shuffle(told);
        TimedAddress[] list =
            [.. told.Take(most).Select(endpoint => new TimedAddress(endpoint, Services.Logos, (uint)loop.Clock.UnixSeconds))];
        _ = peer.SendAsync(peer.Frames.Create(list, v2: true));
    }
}
