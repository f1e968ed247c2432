using Logos.P2P.Simulation.Nodes;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Attackers;

/// <summary>What a flooder sends.</summary>
internal enum FloodKind
{
    /// <summary>Messages that nobody has seen, and that every upper layer accepts.</summary>
    NewMessages,

    /// <summary>A message that everybody has seen.</summary>
    Replays,

    /// <summary>Frames with a command that nobody knows.</summary>
    UnknownCommands,

    /// <summary>Full lists of addresses that nobody lives at.</summary>
    Addresses,
}

/// <summary>Sends as much as it can of one kind, at a steady rate on each connection.</summary>
/// <param name="kind">What.</param>
/// <param name="framesPerSecond">How much.</param>
/// <param name="network">Where.</param>
internal sealed class Flooder(FloodKind kind, int framesPerSecond, SimulatedNetwork network) : Conduct
{
    private const int PayloadSize = 256;
    private const int BurstsPerSecond = 10;
    private const int CommandOffset = 4;

    private static readonly TimeSpan BurstInterval = TimeSpan.FromSeconds(1.0 / BurstsPerSecond);
    private static readonly byte[] UnknownCommand = "mystery"u8.ToArray();

    private byte[]? _replayed;

    public override void Ready(RawPeer peer) => _ = FloodAsync(peer);

    private async Task FloodAsync(RawPeer peer)
    {
        while (!peer.IsOver)
        {
            // A node that does not read holds the flood up, as TCP does.
            for (int i = 0; i < framesPerSecond / BurstsPerSecond && !peer.IsOver; i++)
                await peer.SendAsync(Make(peer.Frames));
            await peer.PauseAsync(BurstInterval);
        }
    }

    private byte[] Make(FramePool frames) => kind switch
    {
        FloodKind.NewMessages => ToBytes(frames.Create(Command.Logos, Payload())),
        FloodKind.Replays => _replayed ??= ToBytes(frames.Create(Command.Logos, Payload())),
        FloodKind.UnknownCommands => Rename(ToBytes(frames.Create(Command.Logos, Payload()))),
        _ => ToBytes(frames.Create(Addresses(), v2: true)),
    };

    private byte[] Payload()
    {
        byte[] payload = new byte[PayloadSize];
        network.Random.NextBytes(payload);
        MessageLog.MarkForeign(payload);
        return payload;
    }

    private TimedAddress[] Addresses() =>
    [
        .. Enumerable.Range(0, WireLimits.MaxAddresses).Select(_ => new TimedAddress(
            new NetEndpoint(NetworkFactory.DrawAddress(network), SimulatedNode.Port),
            Services.Logos,
            (uint)network.Loop.Clock.UnixSeconds)),
    ];

    private static byte[] Rename(byte[] frame)
    {
        Span<byte> field = frame.AsSpan(CommandOffset, 12);
        field.Clear();
        UnknownCommand.CopyTo(field);
        return frame;
    }

    private static byte[] ToBytes(Frame frame)
    {
        byte[] bytes = frame.Memory.ToArray();
        frame.Release();
        return bytes;
    }
}
