using Logos.P2P.Tests.Peers;
using Logos.P2P.Wire;

namespace Logos.P2P.Tests.Relay;

/// <summary>
/// A node that relays by trees, in a <see cref="PeerRig"/>. The first byte of a message is its origin's label.
/// </summary>
internal sealed class GossipRig : IAsyncDisposable
{
    public GossipRig(IMessageHandler? handler = null)
    {
        Rig = new PeerRig(
            handler: handler ?? new RecordingHandler { IsQuick = true, Label = message => message[0] }, mode: RelayMode.Tree);
        // The instant at which the node was made stands for "never" in a few places.
        Advance(1000);
    }

    public PeerRig Rig { get; }

    /// <summary>A message of some origin, as large as told.</summary>
    public static byte[] Message(byte label, byte number, int size = 100)
    {
        byte[] message = new byte[size];
        (message[0], message[1]) = (label, number);
        return message;
    }

    /// <summary>Moves the clock and wakes what is due.</summary>
    public void Advance(double milliseconds) => Rig.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>Lets so much time pass that silence means something, and the relay look at it.</summary>
    public void Settle()
    {
        Advance(2000);
        Rig.Node.Relay.Tick();
    }

    public async Task<ScriptedPeer[]> ConnectAsync(int count)
    {
        var peers = new ScriptedPeer[count];
        for (int i = 0; i < count; i++)
            peers[i] = await Rig.ConnectRelayAsync();
        foreach (ScriptedPeer peer in peers)
            await peer.ReadUntilPongAsync();
        return peers;
    }

    /// <summary>A peer brings a message.</summary>
    /// <returns>What the node said to it meanwhile.</returns>
    public static async Task<string> DeliverAsync(ScriptedPeer from, byte[] message)
    {
        await from.SendAsync(Command.Logos, message);
        return await HeardAsync(from);
    }

    /// <summary>What the node has said to a peer since the last time, as the names of commands.</summary>
    public static async Task<string> HeardAsync(ScriptedPeer peer) => Names(await peer.ReadUntilPongAsync());

    public static string Names(IReadOnlyList<Received> heard) => string.Join(
        ' ', heard.Where(received => received.Command != Command.Ping).Select(received => received.Command.ToString().ToLowerInvariant()));

    /// <summary>What the node has said to each of some peers.</summary>
    public static async Task<string[]> HeardAsync(params IReadOnlyList<ScriptedPeer> peers)
    {
        var heard = new List<string>();
        foreach (ScriptedPeer peer in peers)
            heard.Add(await HeardAsync(peer));
        return [.. heard];
    }

    public ValueTask DisposeAsync() => Rig.DisposeAsync();
}
