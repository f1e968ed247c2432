namespace Logos.P2P.Wire;

/// <summary>
/// `wantshort` and `lackshort`: a key of 16 bytes, and up to <see cref="ShortIdCodec.MaxCount"/> short ids under it.
/// </summary>
/// <remarks>
/// The key is the upper layer's, as BIP152's follows from a block: it belongs to what the short ids stand in, and not to a
/// node as that of `have` does.
/// </remarks>
public static class ShortIdQueryCodec
{
    /// <summary>Largest payload in bytes.</summary>
    public const int MaxSize = ShortIdKey.Size + ShortIdCodec.MaxListSize;

    /// <summary>Reads a payload without copying it.</summary>
    public static DecodeStatus TryRead(ReadOnlySpan<byte> payload, out ShortIdKey key, out ShortIdList list)
    {
        list = default;
        return ShortIdKey.TryRead(payload, out key)
            ? ShortIdCodec.TryRead(payload[ShortIdKey.Size..], out list)
            : DecodeStatus.Malformed;
    }

    /// <summary>The exact size in bytes of a payload with <paramref name="count"/> short ids.</summary>
    public static int GetSize(int count) => ShortIdKey.Size + (count * ShortIdCodec.Size);

    /// <summary>Writes a payload.</summary>
    public static void Write(in ShortIdKey key, ReadOnlySpan<ShortId> ids, Span<byte> destination)
    {
        key.Write(destination);
        for (int i = 0; i < ids.Length; i++)
            ShortIdCodec.Write(ids[i], destination[GetSize(i)..]);
    }
}
