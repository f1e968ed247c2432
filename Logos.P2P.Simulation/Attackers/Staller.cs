using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Attackers;

/// <summary>Takes all that it is sent off the node's hands slowly, or not at all, and so leaves it to the node to keep.</summary>
/// <param name="bytesPerSecond">What it reads; 0 for nothing.</param>
/// <param name="pings">
/// Whether it sends a ping of its own now and then. A node takes that as a sign of life, so that only what waits to be sent
/// gives this peer away.
/// </param>
internal sealed class Staller(int bytesPerSecond, bool pings) : Conduct
{
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(10);

    public override int ReadRate => bytesPerSecond;

    public override void Ready(RawPeer peer)
    {
        if (pings)
            _ = PingAsync(peer);
    }

    private static async Task PingAsync(RawPeer peer)
    {
        for (ulong nonce = 1; !peer.IsOver; nonce++)
        {
            await peer.SendAsync(peer.Frames.Create(Command.Ping, nonce));
            await peer.PauseAsync(PingInterval);
        }
    }
}
