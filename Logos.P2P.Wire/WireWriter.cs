using System.Buffers.Binary;

namespace Logos.P2P.Wire;

/// <summary>
/// Writes the integers of the wire into a span. Callers ask the codec for the exact size first, so a span that is
/// too short is a bug of ours and throws.
/// </summary>
/// <param name="destination">Where to write.</param>
public ref struct WireWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    /// <summary>Bytes written so far.</summary>
    public int Written { get; private set; }

    /// <summary>Takes the next <paramref name="count"/> bytes of the destination for the caller to fill.</summary>
    public Span<byte> Take(int count)
    {
        Span<byte> span = _destination.Slice(Written, count);
        Written += count;
        return span;
    }

    /// <summary>Writes bytes as they are.</summary>
    public void WriteBytes(scoped ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>Writes one byte.</summary>
    public void WriteByte(byte value) => Take(1)[0] = value;

    /// <summary>Writes a little-endian u16.</summary>
    public void WriteUInt16(ushort value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(Take(sizeof(ushort)), value);

    /// <summary>Writes a port, big-endian.</summary>
    public void WritePort(ushort value) =>
        BinaryPrimitives.WriteUInt16BigEndian(Take(sizeof(ushort)), value);

    /// <summary>Writes a little-endian u32.</summary>
    public void WriteUInt32(uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(Take(sizeof(uint)), value);

    /// <summary>Writes a little-endian i32.</summary>
    public void WriteInt32(int value) => WriteUInt32((uint)value);

    /// <summary>Writes a little-endian u64.</summary>
    public void WriteUInt64(ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(Take(sizeof(ulong)), value);

    /// <summary>Writes a little-endian i64.</summary>
    public void WriteInt64(long value) => WriteUInt64((ulong)value);

    /// <summary>Writes a CompactSize in its only valid, shortest form.</summary>
    public void WriteCompactSize(ulong value)
    {
        switch (value)
        {
            case < 0xFD:
                WriteByte((byte)value);
                break;
            case <= ushort.MaxValue:
                WriteByte(0xFD);
                WriteUInt16((ushort)value);
                break;
            case <= uint.MaxValue:
                WriteByte(0xFE);
                WriteUInt32((uint)value);
                break;
            default:
                WriteByte(0xFF);
                WriteUInt64(value);
                break;
        }
    }

    /// <summary>Writes a CompactSize length and the bytes.</summary>
    public void WriteVarBytes(scoped ReadOnlySpan<byte> bytes)
    {
        WriteCompactSize((ulong)bytes.Length);
        WriteBytes(bytes);
    }

    /// <summary>The bytes that <see cref="WriteCompactSize"/> takes for a value: 1, 3, 5 or 9.</summary>
    public static int CompactSizeLength(ulong value) => value switch
    {
        < 0xFD => 1,
        <= ushort.MaxValue => 3,
        <= uint.MaxValue => 5,
        _ => 9,
    };
}
