using System.Buffers.Binary;

namespace Logos.P2P.Wire;

/// <summary>
/// Reads the integers of the wire from a span. Every method either consumes exactly what it returns, or returns
/// false and consumes nothing that matters: a caller that sees false drops the whole payload.
/// </summary>
/// <param name="source">The bytes to read.</param>
public ref struct WireReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _rest = source;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>Reads the next <paramref name="count"/> bytes without copying them.</summary>
    public bool TryReadBytes(int count, out ReadOnlySpan<byte> bytes)
    {
        if ((uint)count > (uint)_rest.Length)
        {
            bytes = default;
            return false;
        }

        bytes = _rest[..count];
        _rest = _rest[count..];
        return true;
    }

    /// <summary>Reads one byte.</summary>
    public bool TryReadByte(out byte value)
    {
        bool ok = TryReadBytes(1, out ReadOnlySpan<byte> bytes);
        value = ok ? bytes[0] : (byte)0;
        return ok;
    }

    /// <summary>Reads a little-endian u16.</summary>
    public bool TryReadUInt16(out ushort value)
    {
        bool ok = TryReadBytes(sizeof(ushort), out ReadOnlySpan<byte> bytes);
        value = ok ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : (ushort)0;
        return ok;
    }

    /// <summary>Reads a port: the only big-endian integer of the wire.</summary>
    public bool TryReadPort(out ushort value)
    {
        bool ok = TryReadBytes(sizeof(ushort), out ReadOnlySpan<byte> bytes);
        value = ok ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : (ushort)0;
        return ok;
    }

    /// <summary>Reads a little-endian u32.</summary>
    public bool TryReadUInt32(out uint value)
    {
        bool ok = TryReadBytes(sizeof(uint), out ReadOnlySpan<byte> bytes);
        value = ok ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;
        return ok;
    }

    /// <summary>Reads a little-endian i32.</summary>
    public bool TryReadInt32(out int value)
    {
        bool ok = TryReadUInt32(out uint bits);
        value = (int)bits;
        return ok;
    }

    /// <summary>Reads a little-endian u64.</summary>
    public bool TryReadUInt64(out ulong value)
    {
        bool ok = TryReadBytes(sizeof(ulong), out ReadOnlySpan<byte> bytes);
        value = ok ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;
        return ok;
    }

    /// <summary>Reads a little-endian i64.</summary>
    public bool TryReadInt64(out long value)
    {
        bool ok = TryReadUInt64(out ulong bits);
        value = (long)bits;
        return ok;
    }

    /// <summary>
    /// Reads a CompactSize. A value written in more bytes than it needs is refused, so that every value has one form.
    /// </summary>
    public bool TryReadCompactSize(out ulong value)
    {
        value = 0;
        if (!TryReadByte(out byte first))
            return false;

        switch (first)
        {
            case < 0xFD:
                value = first;
                return true;
            case 0xFD:
                bool ok16 = TryReadUInt16(out ushort v16);
                value = v16;
                return ok16 && v16 >= 0xFD;
            case 0xFE:
                bool ok32 = TryReadUInt32(out uint v32);
                value = v32;
                return ok32 && v32 > ushort.MaxValue;
            default:
                return TryReadUInt64(out value) && value > uint.MaxValue;
        }
    }

    /// <summary>
    /// Reads a CompactSize that counts or measures something of which at most <paramref name="largest"/> is allowed.
    /// The limit is checked before the caller can allocate anything for it.
    /// </summary>
    public bool TryReadLength(int largest, out int value)
    {
        bool ok = TryReadCompactSize(out ulong size) && size <= (ulong)largest;
        value = ok ? (int)size : 0;
        return ok;
    }

    /// <summary>Reads a CompactSize length of at most <paramref name="largest"/> and that many bytes.</summary>
    public bool TryReadVarBytes(int largest, out ReadOnlySpan<byte> bytes)
    {
        if (TryReadLength(largest, out int length))
            return TryReadBytes(length, out bytes);

        bytes = default;
        return false;
    }
}
