using System.Buffers.Binary;
using System.Text;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.World;

/// <summary>What well-behaved peers say.</summary>
internal static class Handshakes
{
    /// <summary>Under which key the peers want messages named to them.</summary>
    public static readonly ShortIdKey PeersKey = new(1, 2);

    public static NetAddress AddressOf(string text) =>
        NetAddress.TryParse(text, out NetAddress address) ? address : throw new FormatException(text);

    public static VersionMessage Version() => new()
    {
        ProtocolVersion = ProtocolVersion.Current,
        Services = Services.Logos,
        Time = 1_785_000_000,
        Receiver = NetEndpoint.None,
        Nonce = 0x1234,
        UserAgent = "/fuzz/",
    };

    /// <summary>A peer's side of the handshake, all at once.</summary>
    public static void Offer(PeerInMemory peer, FramePool frames, bool addrV2, bool relay, bool chunks)
    {
        peer.Say(frames.Create(Version()));
        if (addrV2)
            peer.Say(frames.Create(Command.SendAddrV2));
        if (relay)
            peer.Say(frames.Create(RelayFeature()));
        if (chunks)
            peer.Say(frames.Create(new FeatureMessage(Features.Chunk.ToArray(), default)));
        peer.Say(frames.Create(Command.Verack));
    }

    public static FeatureMessage RelayFeature()
    {
        byte[] key = new byte[ShortIdKey.Size];
        PeersKey.Write(key);
        return new FeatureMessage(Features.Relay.ToArray(), key);
    }

    /// <summary>Addresses that a node on regtest takes.</summary>
    public static TimedAddress[] Addresses(int count, uint time) =>
    [
        .. Enumerable.Range(0, count).Select(i => new TimedAddress(
            new NetEndpoint(AddressOf($"198.18.{i / 8}.{i + 1}"), 14497), Services.Logos, time)),
    ];

    /// <summary>A frame with a command of a later version.</summary>
    public static byte[] UnknownFrame(FramePool frames, ReadOnlySpan<byte> payload)
    {
        Frame frame = frames.Create(Command.Direct, payload);
        byte[] bytes = frame.Memory.ToArray();
        frame.Release();
        Span<byte> field = bytes.AsSpan(sizeof(uint), Commands.FieldSize);
        field.Clear();
        Encoding.ASCII.GetBytes("later", field);
        return bytes;
    }

    /// <summary>A frame with another checksum than its payload has.</summary>
    public static byte[] WithBadChecksum(FramePool frames, Command command, ReadOnlySpan<byte> payload)
    {
        Frame frame = frames.Create(command, payload);
        byte[] bytes = frame.Memory.ToArray();
        frame.Release();
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(20));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), ~checksum);
        return bytes;
    }
}
