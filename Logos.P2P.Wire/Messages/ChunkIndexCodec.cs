namespace Logos.P2P.Wire;

/// <summary>
/// The payloads of `havechunk` and `wantchunk`: the name of a list of chunks at who receives it, 6 bytes, and the indexes of
/// chunks, a byte each. `havechunk` without any means all, and that they are the message.
/// </summary>
public static class ChunkIndexCodec
{
    /// <summary>Bytes of the longest payload.</summary>
    public const int MaxSize = ShortIdCodec.Size + ChunkList.MaxCount;

    /// <summary>Reads a payload without copying it.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="name">The name of the list: the short id of its frame.</param>
    /// <param name="indexes">Which chunks. They may be more than the list has.</param>
    public static DecodeStatus TryRead(ReadOnlySpan<byte> payload, out ShortId name, out ReadOnlySpan<byte> indexes)
    {
        name = default;
        indexes = default;
        if (payload.Length is < ShortIdCodec.Size or > MaxSize)
            return DecodeStatus.Malformed;
        name = ShortIdCodec.Read(payload);
        indexes = payload[ShortIdCodec.Size..];
        return DecodeStatus.Ok;
    }
}
