using System.Buffers.Binary;

namespace Logos.P2P.Wire;

/// <summary>The 24 bytes in front of every payload.</summary>
/// <param name="Command">What the payload is.</param>
/// <param name="PayloadLength">Bytes of payload that follow. Claimed by the sender; may be over every limit.</param>
/// <param name="Checksum">The first 4 bytes of Blake2b-256(payload), read as a little-endian u32.</param>
public readonly record struct FrameHeader(Command Command, uint PayloadLength, uint Checksum)
{
    private const int CommandOffset = 4;
    private const int LengthOffset = CommandOffset + Commands.FieldSize;
    private const int ChecksumOffset = LengthOffset + 4;

    /// <summary>Reads a header whose magic was checked.</summary>
    /// <returns>False when the command bytes are malformed. Length and checksum are read all the same.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> source, out FrameHeader header)
    {
        bool wellFormed = Commands.TryReadField(source[CommandOffset..], out Command command);
        header = new FrameHeader(
            command,
            BinaryPrimitives.ReadUInt32LittleEndian(source[LengthOffset..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumOffset..]));
        return wellFormed;
    }

    /// <summary>The bytes of the command, whatever they are.</summary>
    internal static ReadOnlySpan<byte> CommandOf(ReadOnlySpan<byte> source) => source.Slice(CommandOffset, Commands.FieldSize);

    /// <summary>The bytes of payload that a header claims.</summary>
    internal static uint LengthOf(ReadOnlySpan<byte> source) => BinaryPrimitives.ReadUInt32LittleEndian(source[LengthOffset..]);

    /// <summary>Writes the 24 bytes.</summary>
    internal void Write(Span<byte> destination, uint magic)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, magic);
        Command.WriteField(destination[CommandOffset..]);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[LengthOffset..], PayloadLength);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[ChecksumOffset..], Checksum);
    }
}
