using System.Buffers.Binary;

namespace Logos.P2P.Wire;

/// <summary>
/// The payloads of the feature `logos.relay`: short ids of 6 bytes, little-endian and without a count, alone or with one number
/// behind.
/// </summary>
public static class ShortIdCodec
{
    /// <summary>Bytes of a short id.</summary>
    public const int Size = 6;

    /// <summary>Most short ids in a list: Bitcoin Core's bound for what one peer may have announced.</summary>
    public const int MaxCount = 5_000;

    /// <summary>Largest list in bytes.</summary>
    public const int MaxListSize = MaxCount * Size;

    /// <summary>Reads a list without copying it.</summary>
    public static DecodeStatus TryRead(ReadOnlySpan<byte> payload, out ShortIdList list)
    {
        list = new ShortIdList(payload);
        return payload.Length % Size == 0 && payload.Length > 0 ? DecodeStatus.Ok : DecodeStatus.Malformed;
    }

    /// <summary>Reads `late` or `early`: a short id and milliseconds.</summary>
    public static DecodeStatus TryRead(ReadOnlySpan<byte> payload, out ShortId id, out ushort milliseconds)
    {
        (id, milliseconds) = (default, 0);
        if (payload.Length < Size + sizeof(ushort))
            return DecodeStatus.Malformed;
        id = Read(payload);
        milliseconds = BinaryPrimitives.ReadUInt16LittleEndian(payload[Size..]);
        return DecodeStatus.Ok;
    }

    /// <summary>Reads `coming`: a short id and the size of the message's frame in bytes.</summary>
    public static DecodeStatus TryRead(ReadOnlySpan<byte> payload, out ShortId id, out uint size)
    {
        (id, size) = (default, 0);
        if (payload.Length < Size + sizeof(uint))
            return DecodeStatus.Malformed;
        id = Read(payload);
        size = BinaryPrimitives.ReadUInt32LittleEndian(payload[Size..]);
        return DecodeStatus.Ok;
    }

    /// <summary>Reads `graft`: an origin's label.</summary>
    public static DecodeStatus TryRead(ReadOnlySpan<byte> payload, out uint label) =>
        BinaryPrimitives.TryReadUInt32LittleEndian(payload, out label) ? DecodeStatus.Ok : DecodeStatus.Malformed;

    /// <summary>Reads the short id at the start of some bytes.</summary>
    internal static ShortId Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes)
        | ((ulong)BinaryPrimitives.ReadUInt16LittleEndian(bytes[sizeof(uint)..]) << 32));

    /// <summary>Writes a short id.</summary>
    public static void Write(ShortId id, Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)id.Value);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[sizeof(uint)..], (ushort)(id.Value >> 32));
    }
}

/// <summary>The short ids of a list, read in place.</summary>
public readonly ref struct ShortIdList
{
    private readonly ReadOnlySpan<byte> _bytes;

    internal ShortIdList(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>How many there are.</summary>
    public int Count => _bytes.Length / ShortIdCodec.Size;

    /// <summary>The one at an index.</summary>
    public ShortId this[int index] => ShortIdCodec.Read(_bytes.Slice(index * ShortIdCodec.Size, ShortIdCodec.Size));
}
