using System.Buffers.Binary;
using System.Text;

namespace Logos.P2P.Wire;

/// <summary>The commands of the wire. A frame with any other well-formed command is <see cref="Other"/>.</summary>
public enum Command : byte
{
    /// <summary>
    /// A command we do not know. All of them share one value and one counter: whoever chooses the names must not
    /// choose what we remember.
    /// </summary>
    Other,

    /// <summary>Introduces a node: the first message of each side.</summary>
    Version,

    /// <summary>Accepts the other side's `version`.</summary>
    Verack,

    /// <summary>Asks for `addrv2` instead of `addr` (BIP155).</summary>
    SendAddrV2,

    /// <summary>Announces an extension (BIP434).</summary>
    Feature,

    /// <summary>Asks for addresses.</summary>
    GetAddr,

    /// <summary>Addresses in v1 form.</summary>
    Addr,

    /// <summary>Addresses in v2 form (BIP155).</summary>
    AddrV2,

    /// <summary>Asks for a `pong` with the same nonce.</summary>
    Ping,

    /// <summary>Answers a `ping`.</summary>
    Pong,

    /// <summary>"I have these messages."</summary>
    Inv,

    /// <summary>"Send me these messages."</summary>
    GetData,

    /// <summary>"I do not have these messages."</summary>
    NotFound,

    /// <summary>A message of the upper layer, for every node.</summary>
    Logos,

    /// <summary>A message for the upper layer of this peer alone.</summary>
    Direct,

    /// <summary>"I have these messages", by short ids. This and the following belong to the feature `logos.relay`.</summary>
    Have,

    /// <summary>"Send me these messages", by the short ids they were announced with.</summary>
    Want,

    /// <summary>"I had the message that you sent unasked."</summary>
    Late,

    /// <summary>"Your announcement came before the payload that I got: send such messages unasked."</summary>
    Early,

    /// <summary>"A large message is on its way to you."</summary>
    Coming,

    /// <summary>"Do not send what you said is coming: somebody else is sending it."</summary>
    Hold,

    /// <summary>"Send me all messages of this origin unasked."</summary>
    Graft,

    /// <summary>The chunks of a large message, by their ids. This and the following belong to the feature `logos.chunk`.</summary>
    Chunks,

    /// <summary>The bytes of a chunk.</summary>
    Chunk,

    /// <summary>"I have these chunks."</summary>
    HaveChunk,

    /// <summary>"Send me these chunks."</summary>
    WantChunk,

    /// <summary>"Send me these messages", by short ids under a key of the upper layer.</summary>
    WantShort,

    /// <summary>"I do not have these messages", by short ids under a key of the upper layer.</summary>
    LackShort,
}

/// <summary>Name and largest payload of each command.</summary>
public static class Commands
{
    /// <summary>Bytes of the command field.</summary>
    public const int FieldSize = 12;

    private const int AddrEntrySize = 4 + 8 + AddressCodec.V1EndpointSize;
    private const int AddrV2MaxEntrySize = 4 + 9 + 1 + 3 + AddressCodec.MaxV2AddressLength + 2;
    private const int FeatureMaxSize = 600;

    private static readonly CommandInfo[] Table =
    [
        new(Command.Other, "*other*", WireLimits.MaxPayload),
        new(Command.Version, "version", WireLimits.MaxHandshakePayload),
        new(Command.Verack, "verack", 0),
        new(Command.SendAddrV2, "sendaddrv2", 0),
        new(Command.Feature, "feature", FeatureMaxSize),
        new(Command.GetAddr, "getaddr", 0),
        new(Command.Addr, "addr", 3 + (WireLimits.MaxAddresses * AddrEntrySize)),
        new(Command.AddrV2, "addrv2", 3 + (WireLimits.MaxAddresses * AddrV2MaxEntrySize)),
        new(Command.Ping, "ping", sizeof(ulong)),
        new(Command.Pong, "pong", sizeof(ulong)),
        new(Command.Inv, "inv", InventoryCodec.MaxSize),
        new(Command.GetData, "getdata", InventoryCodec.MaxSize),
        new(Command.NotFound, "notfound", InventoryCodec.MaxSize),
        new(Command.Logos, "logos", WireLimits.MaxPayload),
        new(Command.Direct, "direct", WireLimits.MaxPayload),
        new(Command.Have, "have", ShortIdCodec.MaxListSize),
        new(Command.Want, "want", ShortIdCodec.MaxListSize),
        new(Command.Late, "late", ShortIdCodec.Size + sizeof(ushort)),
        new(Command.Early, "early", ShortIdCodec.Size + sizeof(ushort)),
        new(Command.Coming, "coming", ShortIdCodec.Size + sizeof(uint)),
        new(Command.Hold, "hold", ShortIdCodec.Size),
        new(Command.Graft, "graft", sizeof(uint)),
        new(Command.Chunks, "chunks", ChunkList.MaxSize),
        new(Command.Chunk, "chunk", ChunkList.LargestChunk),
        new(Command.HaveChunk, "havechunk", ChunkIndexCodec.MaxSize),
        new(Command.WantChunk, "wantchunk", ChunkIndexCodec.MaxSize),
        new(Command.WantShort, "wantshort", ShortIdQueryCodec.MaxSize),
        new(Command.LackShort, "lackshort", ShortIdQueryCodec.MaxSize),
    ];

    /// <summary>How many values <see cref="Command"/> has; the size of a table with one entry a command.</summary>
    public static int Count => Table.Length;

    /// <summary>The name on the wire; `*other*` for <see cref="Command.Other"/>.</summary>
    public static string Name(this Command command) => Table[(int)command].Name;

    /// <summary>Largest payload in bytes. A longer one gets its sender disconnected at the header.</summary>
    public static int MaxPayload(this Command command) => Table[(int)command].MaxPayload;

    /// <summary>Writes the 12-byte command field.</summary>
    internal static void WriteField(this Command command, Span<byte> field)
    {
        field[..FieldSize].Clear();
        Encoding.ASCII.GetBytes(command.Name(), field);
    }

    /// <summary>
    /// Reads the command field.
    /// </summary>
    /// <returns>False when it is not printable ASCII followed by nothing but NULs.</returns>
    internal static bool TryReadField(ReadOnlySpan<byte> field, out Command command)
    {
        ulong low = BinaryPrimitives.ReadUInt64LittleEndian(field);
        uint high = BinaryPrimitives.ReadUInt32LittleEndian(field[sizeof(ulong)..]);
        // Most frames are messages.
        command = Command.Logos;
        ref readonly CommandInfo message = ref Table[(int)Command.Logos];
        if (low == message.Low && high == message.High)
            return true;

        command = Command.Other;
        ReadOnlySpan<byte> name = field[..FieldSize].TrimEnd((byte)0);
        if (name.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E))
            return false;

        foreach (CommandInfo info in Table.AsSpan(1))
        {
            if (info.Low == low && info.High == high)
            {
                command = info.Command;
                break;
            }
        }

        return true;
    }

    private readonly struct CommandInfo
    {
        public CommandInfo(Command command, string name, int maxPayload)
        {
            Command = command;
            Name = name;
            MaxPayload = maxPayload;
            Span<byte> field = stackalloc byte[FieldSize];
            field.Clear();
            Encoding.ASCII.GetBytes(name, field);
            Low = BinaryPrimitives.ReadUInt64LittleEndian(field);
            High = BinaryPrimitives.ReadUInt32LittleEndian(field[sizeof(ulong)..]);
        }

        public Command Command { get; }

        public string Name { get; }

        public int MaxPayload { get; }

        public ulong Low { get; }

        public uint High { get; }
    }
}
