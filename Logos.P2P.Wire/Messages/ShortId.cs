using System.Buffers.Binary;

namespace Logos.P2P.Wire;

/// <summary>
/// A message's name on the links to one node: 48 bits of SipHash-2-4 of its id. Every node draws the key for what it is told,
/// so that it knows a message again whoever announces it, and nobody can prepare messages whose names fall together everywhere.
/// </summary>
/// <param name="Value">The 48 bits.</param>
public readonly record struct ShortId(ulong Value)
{
    private const ulong Mask = (1UL << (8 * ShortIdCodec.Size)) - 1;

    /// <summary>The short id of a message for whoever has a key.</summary>
    public static ShortId Of(in MessageId id, in ShortIdKey key) => new(SipHash.Hash64(key.Low, key.High, id.Bytes) & Mask);
}

/// <summary>The key under which a node wants messages named to it. It tells it to its peers in `feature`.</summary>
/// <param name="Low">The first half.</param>
/// <param name="High">The second half.</param>
public readonly record struct ShortIdKey(ulong Low, ulong High)
{
    /// <summary>Bytes of a key.</summary>
    public const int Size = 2 * sizeof(ulong);

    /// <summary>Reads a key from the data of the feature. What follows it is for later versions.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, out ShortIdKey key)
    {
        key = default;
        if (data.Length < Size)
            return false;
        key = new ShortIdKey(
            BinaryPrimitives.ReadUInt64LittleEndian(data), BinaryPrimitives.ReadUInt64LittleEndian(data[sizeof(ulong)..]));
        return true;
    }

    /// <summary>Writes the key.</summary>
    public void Write(Span<byte> data)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(data, Low);
        BinaryPrimitives.WriteUInt64LittleEndian(data[sizeof(ulong)..], High);
    }
}
