using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Logos.P2P.AddrMan;

/// <summary>
/// The group that an address belongs to: addresses that one party is likely to hold together, such as an IPv4 /16. A
/// value: no allocation, compared by bytes.
/// </summary>
public readonly struct NetGroup : IEquatable<NetGroup>
{
    /// <summary>The longest group in bytes: a network id, the longest address (32) and a port.</summary>
    public const int MaxLength = 1 + 32 + 2;

    private readonly Buffer _bytes;
    private readonly byte _length;

    /// <summary>Makes a group of its bytes.</summary>
    /// <param name="bytes">At most <see cref="MaxLength"/> bytes.</param>
    /// <exception cref="ArgumentException">There are more.</exception>
    public NetGroup(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes);
        _length = (byte)bytes.Length;
    }

    /// <summary>The bytes that tell this group from others.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes => ((ReadOnlySpan<byte>)_bytes)[.._length];

    /// <inheritdoc/>
    public bool Equals(NetGroup other) => Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is NetGroup other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => Convert.ToHexStringLower(Bytes);

    /// <summary>Same bytes.</summary>
    public static bool operator ==(NetGroup left, NetGroup right) => left.Equals(right);

    /// <summary>Different bytes.</summary>
    public static bool operator !=(NetGroup left, NetGroup right) => !left.Equals(right);

    [InlineArray(MaxLength)]
    private struct Buffer
    {
        private byte _first;
    }
}
