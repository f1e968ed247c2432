using System.Buffers.Binary;

namespace Logos.P2P.Wire;

/// <summary>
/// What is in front of each payload in a file of captured messages. The format is that of Bitcoin Core's <c>-capturemessages</c>:
/// microseconds since 1970 (u64), the command (12 bytes), bytes of payload (u32), all little-endian.
/// </summary>
/// <param name="Microseconds">When it was captured.</param>
/// <param name="Command">The command as it was sent, also an unknown one; bytes that are no printable ASCII show as `?`.</param>
/// <param name="PayloadLength">Bytes of payload that follow. Where the file comes from a stranger it may be over every limit.</param>
public readonly record struct CaptureHeader(ulong Microseconds, string Command, uint PayloadLength)
{
    /// <summary>Bytes of it: as many as in front of a payload on the wire.</summary>
    public const int Size = TimeSize + Commands.FieldSize + sizeof(uint);

    private const int TimeSize = sizeof(ulong);

    /// <summary>Reads one.</summary>
    /// <param name="source">At least <see cref="Size"/> bytes.</param>
    public static CaptureHeader Read(ReadOnlySpan<byte> source)
    {
        ReadOnlySpan<byte> command = source.Slice(TimeSize, Commands.FieldSize).TrimEnd((byte)0);
        Span<char> name = stackalloc char[command.Length];
        for (int i = 0; i < name.Length; i++)
            name[i] = command[i] is > (byte)' ' and < 0x7F ? (char)command[i] : '?';
        return new CaptureHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(source),
            name.ToString(),
            BinaryPrimitives.ReadUInt32LittleEndian(source[(TimeSize + Commands.FieldSize)..]));
    }

    /// <summary>Turns the header of a frame into that of a captured message, in its place.</summary>
    /// <param name="frameHeader">The <see cref="WireLimits.HeaderSize"/> bytes of it.</param>
    /// <param name="microseconds">When it was captured.</param>
    /// <returns>Bytes of payload that follow.</returns>
    public static uint WriteOver(Span<byte> frameHeader, ulong microseconds)
    {
        uint length = FrameHeader.LengthOf(frameHeader);
        FrameHeader.CommandOf(frameHeader).CopyTo(frameHeader[TimeSize..]);
        BinaryPrimitives.WriteUInt64LittleEndian(frameHeader, microseconds);
        BinaryPrimitives.WriteUInt32LittleEndian(frameHeader[(TimeSize + Commands.FieldSize)..], length);
        return length;
    }
}
