using Logos.P2P.Wire;

namespace Logos.P2P;

/// <summary>
/// Short names for messages that the receiver of a message most likely has: 6 bytes each instead of 32, BIP152's scheme. The
/// upper layer puts them into a message of its own; <see cref="P2PNode.Resolve"/> and
/// <see cref="P2PNode.FetchAsync(ShortIdList, ShortIdKey, long?, TimeSpan, CancellationToken)"/> are for whoever receives it.
/// </summary>
/// <remarks>
/// A short id is the low 48 bits of SipHash-2-4 of the message's id. The key must be new for each list and must not be known
/// before the messages are, as in BIP152, where it follows from the block; otherwise somebody can prepare messages whose short
/// ids fall together. Whoever knows the key can still search 2^48 ids for a given one: what the list stands for must be
/// checked by a hash over the full ids, or a signature.
/// </remarks>
public static class ShortIds
{
    /// <summary>Bytes of a short id.</summary>
    public const int Size = ShortIdCodec.Size;

    /// <summary>Writes the short ids of messages one behind the other.</summary>
    /// <param name="ids">The messages.</param>
    /// <param name="key">The key, which the receiver has to be told or to find out.</param>
    /// <param name="destination">Room for <see cref="Size"/> bytes each.</param>
    /// <exception cref="ArgumentException">The room is too small.</exception>
    public static void Encode(ReadOnlySpan<MessageId> ids, in ShortIdKey key, Span<byte> destination)
    {
        if (destination.Length < (long)ids.Length * Size)
            throw new ArgumentException($"{ids.Length} short ids need {(long)ids.Length * Size} bytes.", nameof(destination));
        for (int i = 0; i < ids.Length; i++)
            ShortIdCodec.Write(ShortId.Of(ids[i], key), destination[(i * Size)..]);
    }

    /// <summary>The short ids of messages one behind the other.</summary>
    /// <param name="ids">The messages.</param>
    /// <param name="key">The key, which the receiver has to be told or to find out.</param>
    public static byte[] Encode(ReadOnlySpan<MessageId> ids, in ShortIdKey key)
    {
        byte[] bytes = new byte[ids.Length * Size];
        Encode(ids, key, bytes);
        return bytes;
    }

    /// <summary>Reads short ids in place.</summary>
    /// <param name="bytes">What <see cref="Encode(ReadOnlySpan{MessageId}, in ShortIdKey)"/> wrote.</param>
    /// <param name="list">The short ids.</param>
    /// <returns>False when there are none, or a part of one.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ShortIdList list) =>
        ShortIdCodec.TryRead(bytes, out list) == DecodeStatus.Ok;
}
