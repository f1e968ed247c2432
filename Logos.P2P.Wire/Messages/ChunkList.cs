using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Logos.P2P.Wire;

/// <summary>
/// What a large message is cut into: the payload of `chunks`. A chunk is named by the hash of its bytes, as all frames are, so
/// each can be checked on its own. That the chunks together are the message only shows when all are there.
/// </summary>
/// <remarks>
/// message id 32, length u32, chunk size u32, then the id of each chunk, 32 bytes each. All chunks have the chunk size but the
/// last one, which has what is left.
/// </remarks>
public sealed class ChunkList
{
    /// <summary>
    /// Bytes of the smallest chunk and of the largest, with two powers of two between which it can be: with its header each fills a
    /// buffer of <see cref="FramePool"/> to the last byte.
    /// </summary>
    public const int SmallestChunk = (16 * 1024) - WireLimits.HeaderSize;

    /// <summary>See <see cref="SmallestChunk"/>.</summary>
    public const int LargestChunk = (64 * 1024) - WireLimits.HeaderSize;

    /// <summary>Bytes from which a message may be sent in chunks: below, one piece is faster.</summary>
    public const int SmallestMessage = 128 * 1024;

    /// <summary>Most chunks of a message. An index fits in a byte.</summary>
    public const int MaxCount = (WireLimits.MaxPayload + SmallestChunk - 1) / SmallestChunk;

    /// <summary>Bytes of the longest list.</summary>
    public const int MaxSize = FixedSize + (MaxCount * MessageId.Size);

    /// <summary>Chunks that a message is cut into if it can be. More gained nothing: `reference/gossip-policy.md` section 3.</summary>
    private const int WantedCount = 16;

    private const int FixedSize = MessageId.Size + sizeof(uint) + sizeof(uint);

    private readonly MessageId[] _ids;

    private ChunkList(in MessageId message, int length, int chunkSize, MessageId[] ids)
    {
        Message = message;
        Length = length;
        ChunkSize = chunkSize;
        _ids = ids;
    }

    /// <summary>The id of the message.</summary>
    public MessageId Message { get; }

    /// <summary>Bytes of the message.</summary>
    public int Length { get; }

    /// <summary>Bytes of each chunk but the last.</summary>
    public int ChunkSize { get; }

    /// <summary>How many chunks there are.</summary>
    public int Count => _ids.Length;

    /// <summary>Bytes of the list as a payload.</summary>
    public int Size => FixedSize + (_ids.Length * MessageId.Size);

    /// <summary>The hashes of the chunks, in order.</summary>
    public ReadOnlySpan<MessageId> Ids => _ids;

    /// <summary>Cuts a message, and hashes all chunks.</summary>
    /// <param name="message">The message.</param>
    /// <param name="id">Its id.</param>
    /// <exception cref="ArgumentOutOfRangeException">The message is smaller than <see cref="SmallestMessage"/>.</exception>
    public static ChunkList Of(ReadOnlySpan<byte> message, in MessageId id)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(message.Length, SmallestMessage, nameof(message));
        int chunkSize = SmallestChunk;
        while (chunkSize < LargestChunk && CountOf(message.Length, chunkSize) > WantedCount)
            chunkSize = Next(chunkSize);
        var ids = new MessageId[CountOf(message.Length, chunkSize)];
        var list = new ChunkList(id, message.Length, chunkSize, ids);
        for (int i = 0; i < ids.Length; i++)
            ids[i] = MessageId.Compute(message[list.RangeOf(i)]);
        return list;
    }

    /// <summary>Reads a payload.</summary>
    public static DecodeStatus TryRead(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out ChunkList? list)
    {
        list = null;
        if (payload.Length < FixedSize)
            return DecodeStatus.Malformed;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(payload[MessageId.Size..]);
        uint chunkSize = BinaryPrimitives.ReadUInt32LittleEndian(payload[(MessageId.Size + sizeof(uint))..]);
        if (length is < SmallestMessage or > WireLimits.MaxPayload || !IsChunkSize(chunkSize))
            return DecodeStatus.Malformed;
        int count = CountOf((int)length, (int)chunkSize);
        if (payload.Length != FixedSize + (count * MessageId.Size))
            return DecodeStatus.Malformed;
        MessageId[] ids = MemoryMarshal.Cast<byte, MessageId>(payload[FixedSize..]).ToArray();
        list = new ChunkList(new MessageId(payload), (int)length, (int)chunkSize, ids);
        return DecodeStatus.Ok;
    }

    /// <summary>Where in the message a chunk is.</summary>
    public Range RangeOf(int index)
    {
        int start = index * ChunkSize;
        return start..Math.Min(start + ChunkSize, Length);
    }

    /// <summary>Bytes of a chunk.</summary>
    public int LengthOf(int index) => Math.Min(ChunkSize, Length - (index * ChunkSize));

    /// <summary>Writes the payload.</summary>
    public void Write(Span<byte> destination)
    {
        Message.Bytes.CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[MessageId.Size..], (uint)Length);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[(MessageId.Size + sizeof(uint))..], (uint)ChunkSize);
        MemoryMarshal.AsBytes(Ids).CopyTo(destination[FixedSize..]);
    }

    private static bool IsChunkSize(uint size)
    {
        for (int allowed = SmallestChunk; allowed <= LargestChunk; allowed = Next(allowed))
        {
            if (size == allowed)
                return true;
        }

        return false;
    }

    /// <summary>The size whose frame fills twice the buffer.</summary>
    private static int Next(int chunkSize) => (2 * (chunkSize + WireLimits.HeaderSize)) - WireLimits.HeaderSize;

    private static int CountOf(int length, int chunkSize) => (length + chunkSize - 1) / chunkSize;
}
