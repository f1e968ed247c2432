using Logos.P2P.Wire;

namespace Logos.P2P.Storage;

/// <summary>
/// The wrapping of a value that is written and read as a whole: a version u8 = 1 before it, and the Blake2b-256 of all that after it,
/// which tells it from what others have left under its name.
/// </summary>
internal static class SealedValue
{
    /// <summary>Bytes around the value.</summary>
    public const int Overhead = 1 + ChecksumSize;

    private const byte Version = 1;
    private const int ChecksumSize = MessageId.Size;

    /// <summary>Begins to write.</summary>
    /// <param name="buffer">Room for the value and <see cref="Overhead"/>.</param>
    public static WireWriter Begin(Span<byte> buffer)
    {
        var writer = new WireWriter(buffer);
        writer.WriteByte(Version);
        return writer;
    }

    /// <summary>Ends what <see cref="Begin"/> began.</summary>
    /// <returns>The whole.</returns>
    public static ReadOnlySpan<byte> End(ref WireWriter writer, Span<byte> buffer)
    {
        writer.WriteBytes(MessageId.Compute(buffer[..writer.Written]).Bytes);
        return buffer[..writer.Written];
    }

    /// <summary>Begins to read.</summary>
    /// <returns>False when nothing was sealed here, or it is damaged.</returns>
    public static bool TryOpen(ReadOnlySpan<byte> bytes, out WireReader reader)
    {
        reader = default;
        if (bytes.Length < Overhead)
            return false;
        ReadOnlySpan<byte> covered = bytes[..^ChecksumSize];
        if (!MessageId.Compute(covered).Bytes.SequenceEqual(bytes[^ChecksumSize..]))
            return false;
        reader = new WireReader(covered);
        return reader.TryReadByte(out byte version) && version == Version;
    }
}
