using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Blake2Fast;

namespace Logos.P2P.Wire;

/// <summary>The name of a message: Blake2b-256 of its payload, 32 bytes. Its first 4 bytes are the checksum.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct MessageId : IEquatable<MessageId>, ISpanFormattable
{
    /// <summary>Bytes of an id.</summary>
    public const int Size = 32;

    private readonly ulong _w0;
    private readonly ulong _w1;
    private readonly ulong _w2;
    private readonly ulong _w3;

    /// <summary>Makes an id from its 32 bytes.</summary>
    public MessageId(ReadOnlySpan<byte> bytes)
    {
        this = MemoryMarshal.Read<MessageId>(bytes);
    }

    /// <summary>The id of the empty payload.</summary>
    public static MessageId Empty { get; } = Compute([]);

    /// <summary>The 32 bytes.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(new ReadOnlySpan<MessageId>(in this));

    /// <summary>The checksum field of a frame with this payload, as a little-endian u32.</summary>
    public uint Checksum => MemoryMarshal.Read<uint>(Bytes);

    /// <summary>Hashes a payload.</summary>
    public static MessageId Compute(ReadOnlySpan<byte> payload)
    {
        Unsafe.SkipInit(out MessageId id);
        Blake2b.ComputeAndWriteHash(Size, payload, MemoryMarshal.AsBytes(new Span<MessageId>(ref id)));
        return id;
    }

    /// <inheritdoc/>
    public bool Equals(MessageId other) =>
        _w0 == other._w0 && _w1 == other._w1 && _w2 == other._w2 && _w3 == other._w3;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is MessageId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_w0, _w1, _w2, _w3);

    /// <summary>The 64 hex digits, first byte first (not reversed as Bitcoin prints its hashes).</summary>
    public override string ToString() => Convert.ToHexStringLower(Bytes);

    /// <summary>The same, whatever the format.</summary>
    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <summary>Writes the 64 hex digits, so that a text with an id in it costs no string for the id.</summary>
    bool ISpanFormattable.TryFormat(
        Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Convert.TryToHexStringLower(Bytes, destination, out charsWritten);

    /// <summary>Same bytes.</summary>
    public static bool operator ==(MessageId left, MessageId right) => left.Equals(right);

    /// <summary>Different bytes.</summary>
    public static bool operator !=(MessageId left, MessageId right) => !left.Equals(right);
}
