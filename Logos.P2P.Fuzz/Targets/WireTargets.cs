using System.Runtime.InteropServices;
using System.Text;
using Logos.P2P.Fuzz.Engine;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Targets;

/// <summary>
/// The payloads of the wire. Each codec must read back what it writes, and write back what it reads where there is one form
/// only.
/// </summary>
internal static class WireTargets
{
    private const string Assembly = "Logos.P2P.Wire";

    private static readonly List<TimedAddress> Addresses = [], AddressesAgain = [];
    private static readonly byte[] Buffer = new byte[64 * 1024];
    private static readonly FramePool Pool = new(P2PNetwork.Regtest);

    private static readonly string[] Texts =
    [
        "1.2.3.4", "255.255.255.255", "::", "::1", "2001:db8::1:0:0:1", "::ffff:1.2.3.4", "64:ff9b::1.2.3.4", "fc00:1:2:3:4:5:6:7",
        "fd87:d87e:eb43::1", "fe80::1%1", "[::1]:80", "1.2.3.4:80", "example.org:80", "192.0.2.0/24", "2001:db8::/32",
        "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:14495",
        "ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p",
    ];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        Make("version", ["VersionMessage"], () => SeedBytes.Payloads("version"), ReadVersion),
        Make("feature", ["FeatureMessage"], () => SeedBytes.Payloads("feature"), ReadFeature),
        Make("addr", ["AddressListCodec", "AddressCodec"], () => SeedBytes.Payloads("addr"), input => ReadAddresses(input, v2: false), 64),
        Make("addrv2", ["AddressListCodec", "AddressCodec", "NetAddress"], () => SeedBytes.Payloads("addrv2"), input => ReadAddresses(input, v2: true), 64),
        Make("inv", ["InventoryCodec", "InventoryList"], () => SeedBytes.Payloads("inv", "getdata", "notfound"), ReadInventory),
        Make("shortids", ["ShortIdCodec", "ShortIdList", "ShortIdQueryCodec", "ShortIdKey"], ShortIdSeeds, ReadShortIds),
        Make("chunks", ["ChunkList", "ChunkIndexCodec"], () => SeedBytes.Payloads("chunks", "havechunk", "wantchunk"), ReadChunks),
        Make("text", ["NetAddress", "NetEndpoint", "Subnet", "Base32"], () => Texts.Select(Encoding.UTF8.GetBytes), ReadText, 64),
    ];

    private static CodecTarget Make(
        string name, string[] types, Func<IEnumerable<byte[]>> seeds, Probe probe, int mostPerByte = 8) =>
        new(name, types, seeds, probe) { Assembly = Assembly, MostPerByte = mostPerByte };

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw new FuzzFailureException(otherwise);
    }

    private static void ReadVersion(ReadOnlySpan<byte> input)
    {
        if (VersionMessage.TryRead(input, out VersionMessage? message) != DecodeStatus.Ok)
        {
            Require(message is null, "A malformed payload makes no message.");
            return;
        }

        Span<byte> again = Buffer.AsSpan(0, message!.GetSize());
        message.Write(again);
        Require(VersionMessage.TryRead(again, out VersionMessage? read) == DecodeStatus.Ok, "Not read again.");
        Require(message.Equals(read), "Another message was read again.");
        Require(message.SanitizedUserAgent.All(c => c is >= ' ' and <= 'z'), "The user agent is not harmless.");
    }

    private static void ReadFeature(ReadOnlySpan<byte> input)
    {
        if (FeatureMessage.TryRead(input, out FeatureMessage message) != DecodeStatus.Ok)
            return;
        Span<byte> again = Buffer.AsSpan(0, message.GetSize());
        message.Write(again);
        Require(again.SequenceEqual(input), "A feature has one form only.");
    }

    private static void ReadAddresses(ReadOnlySpan<byte> input, bool v2)
    {
        Addresses.Clear();
        AddressesAgain.Clear();
        if (AddressListCodec.TryRead(input, v2, Addresses) != DecodeStatus.Ok)
        {
            Require(Addresses.Count == 0, "An unreadable list adds nothing.");
            return;
        }

        Span<TimedAddress> addresses = CollectionsMarshal.AsSpan(Addresses);
        Span<byte> again = Buffer.AsSpan(0, AddressListCodec.GetSize(addresses, v2));
        AddressListCodec.Write(addresses, v2, again);
        Require(AddressListCodec.TryRead(again, v2, AddressesAgain) == DecodeStatus.Ok, "Not read again.");
        Require(addresses.SequenceEqual(CollectionsMarshal.AsSpan(AddressesAgain)), "Other addresses were read again.");
        foreach (TimedAddress address in addresses)
        {
            NetAddress host = address.Endpoint.Address;
            Require(NetAddress.IsKnown(host.Network), "No address of a node.");
            _ = host.IsRoutable;
        }
    }

    private static void ReadInventory(ReadOnlySpan<byte> input)
    {
        DecodeStatus status = InventoryCodec.TryRead(input, out InventoryList list);
        Require(status == DecodeStatus.Ok || list.Count == 0, "An unreadable list has no entries.");
        Span<MessageId> ids = new MessageId[list.Count];
        bool areAllLogos = true;
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = list[i].Id;
            areAllLogos &= list[i].Type == InventoryCodec.LogosType;
        }

        if (status != DecodeStatus.Ok || !areAllLogos)
            return;
        Span<byte> again = Buffer.AsSpan(0, InventoryCodec.GetSize(ids.Length));
        InventoryCodec.Write(ids, again);
        Require(input.StartsWith(again), "Written otherwise.");
    }

    private static IEnumerable<byte[]> ShortIdSeeds() =>
        SeedBytes.Payloads("have", "want", "late", "early", "coming", "hold", "graft", "wantshort", "lackshort", "ping");

    private static void ReadShortIds(ReadOnlySpan<byte> input)
    {
        DecodeStatus status = ShortIdCodec.TryRead(input, out ShortIdList list);
        Require((status == DecodeStatus.Ok) == (input.Length > 0 && input.Length % ShortIdCodec.Size == 0), "Six bytes each.");
        Span<ShortId> ids = new ShortId[list.Count];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = list[i];
        if (status == DecodeStatus.Ok)
            RequireWritten(Pool.Create(Command.Have, ids), input);
        if (ShortIdCodec.TryRead(input, out ShortId late, out ushort milliseconds) == DecodeStatus.Ok)
            RequireWritten(Pool.Create(Command.Late, late, milliseconds), input);
        if (ShortIdCodec.TryRead(input, out ShortId coming, out uint size) == DecodeStatus.Ok)
            RequireWritten(Pool.CreateComing(coming, size), input);
        if (ShortIdCodec.TryRead(input, out uint label) == DecodeStatus.Ok)
            RequireWritten(Pool.CreateGraft(label), input);
        if (PingCodec.TryRead(input, out ulong nonce) == DecodeStatus.Ok)
            RequireWritten(Pool.Create(Command.Ping, nonce), input);
        if (ShortIdQueryCodec.TryRead(input, out ShortIdKey key, out list) != DecodeStatus.Ok)
            return;
        ids = new ShortId[list.Count];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = list[i];
        RequireWritten(Pool.Create(Command.WantShort, key, ids), input);
    }

    private static void RequireWritten(Frame frame, ReadOnlySpan<byte> input)
    {
        Require(input.StartsWith(frame.Payload), "Written otherwise.");
        frame.Release();
    }

    private static void ReadChunks(ReadOnlySpan<byte> input)
    {
        if (ChunkList.TryRead(input, out ChunkList? list) == DecodeStatus.Ok)
        {
            Span<byte> again = Buffer.AsSpan(0, list!.Size);
            list.Write(again);
            Require(again.SequenceEqual(input), "A list has one form only.");
            int length = 0;
            for (int i = 0; i < list.Count; i++)
                length += list.LengthOf(i);
            Require(length == list.Length, "The chunks are the message.");
        }

        bool isRead = ChunkIndexCodec.TryRead(input, out _, out ReadOnlySpan<byte> indexes) == DecodeStatus.Ok;
        Require(isRead == input.Length is >= ShortIdCodec.Size and <= ChunkIndexCodec.MaxSize, "A name and indexes.");
        Require(!isRead || indexes.SequenceEqual(input[ShortIdCodec.Size..]), "Other indexes.");
    }

    private static void ReadText(ReadOnlySpan<byte> input)
    {
        string text = Encoding.UTF8.GetString(input);
        if (NetAddress.TryParse(text, out NetAddress address))
            Require(NetAddress.TryParse(address.ToString(), out NetAddress again) && again == address, "Another address.");
        if (NetEndpoint.TryParse(text, 1, out NetEndpoint endpoint))
            Require(NetEndpoint.TryParse(endpoint.ToString(), 2, out NetEndpoint again) && again == endpoint, "Another endpoint.");
        if (Subnet.TryParse(text, out Subnet subnet))
        {
            Require(Subnet.TryParse(subnet.ToString(), out Subnet again) && again == subnet, "Another subnet.");
            Require(subnet.First == NetAddress.None || subnet.Contains(subnet.First), "It has not its own first address.");
        }
    }
}
