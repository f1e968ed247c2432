using System.Buffers.Binary;

namespace Logos.P2P.Wire;

/// <summary>`ping` and `pong`: a nonce u64.</summary>
public static class PingCodec
{
    /// <summary>Bytes of the payload.</summary>
    public const int Size = sizeof(ulong);

    /// <summary>Reads a payload.</summary>
    public static DecodeStatus TryRead(ReadOnlySpan<byte> payload, out ulong nonce) =>
        BinaryPrimitives.TryReadUInt64LittleEndian(payload, out nonce) ? DecodeStatus.Ok : DecodeStatus.Malformed;

    /// <summary>Writes the payload.</summary>
    public static void Write(ulong nonce, Span<byte> destination) =>
        BinaryPrimitives.WriteUInt64LittleEndian(destination, nonce);
}
