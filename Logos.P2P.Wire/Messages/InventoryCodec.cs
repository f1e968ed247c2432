using System.Buffers.Binary;

namespace Logos.P2P.Wire;

/// <summary>`inv`, `getdata` and `notfound`: a list of at most 50,000 (type u32, hash 32) entries.</summary>
public static class InventoryCodec
{
    /// <summary>MSG_LOGOS: the hash is the id of a `logos` message.</summary>
    public const uint LogosType = 0x4C;

    /// <summary>Bytes of an entry.</summary>
    public const int EntrySize = sizeof(uint) + MessageId.Size;

    /// <summary>Largest payload in bytes.</summary>
    public const int MaxSize = 3 + (WireLimits.MaxInventory * EntrySize);

    /// <summary>Reads a payload without copying it.</summary>
    public static DecodeStatus TryRead(ReadOnlySpan<byte> payload, out InventoryList list)
    {
        list = default;
        var reader = new WireReader(payload);
        if (!reader.TryReadCompactSize(out ulong count))
            return DecodeStatus.Malformed;
        if (count > WireLimits.MaxInventory)
            return DecodeStatus.TooMany;
        if (!reader.TryReadBytes((int)count * EntrySize, out ReadOnlySpan<byte> entries))
            return DecodeStatus.Malformed;

        list = new InventoryList(entries);
        return DecodeStatus.Ok;
    }

    /// <summary>The exact size in bytes of a payload with <paramref name="count"/> entries.</summary>
    public static int GetSize(int count) => WireWriter.CompactSizeLength((ulong)count) + (count * EntrySize);

    /// <summary>Writes a payload that lists `logos` messages.</summary>
    public static void Write(ReadOnlySpan<MessageId> ids, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ids.Length, WireLimits.MaxInventory);
        var writer = new WireWriter(destination);
        writer.WriteCompactSize((ulong)ids.Length);
        foreach (ref readonly MessageId id in ids)
        {
            writer.WriteUInt32(LogosType);
            writer.WriteBytes(id.Bytes);
        }
    }
}

/// <summary>The entries of an inventory message, read in place.</summary>
public readonly ref struct InventoryList
{
    private readonly ReadOnlySpan<byte> _entries;

    internal InventoryList(ReadOnlySpan<byte> entries) => _entries = entries;

    /// <summary>How many entries there are.</summary>
    public int Count => _entries.Length / InventoryCodec.EntrySize;

    /// <summary>The entry at an index.</summary>
    public InventoryItem this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            ReadOnlySpan<byte> entry = _entries.Slice(index * InventoryCodec.EntrySize, InventoryCodec.EntrySize);
            return new InventoryItem(
                BinaryPrimitives.ReadUInt32LittleEndian(entry),
                new MessageId(entry[sizeof(uint)..]));
        }
    }
}

/// <summary>An entry of an inventory message.</summary>
/// <param name="Type">What the hash names; <see cref="InventoryCodec.LogosType"/> is the only kind we have.</param>
/// <param name="Id">The hash.</param>
public readonly record struct InventoryItem(uint Type, MessageId Id);
