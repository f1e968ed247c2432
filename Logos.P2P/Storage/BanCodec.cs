using System.Diagnostics.CodeAnalysis;
using Logos.P2P.Wire;

namespace Logos.P2P.Storage;

/// <summary>
/// The bytes of a <see cref="Ban"/> in the database. Key: network u8 (BIP155), prefix length u16, address as long as the
/// network has it. Value: since when and until when, i64 Unix seconds each.
/// </summary>
internal static class BanCodec
{
    /// <summary>The longest key.</summary>
    public const int MaxKeySize = 1 + sizeof(ushort) + NetAddress.MaxLength;

    /// <summary>Every value's size.</summary>
    public const int ValueSize = 2 * sizeof(long);

    /// <returns>The bytes written.</returns>
    public static int WriteKey(Ban ban, Span<byte> destination)
    {
        Subnet hosts = ban.Hosts;
        var writer = new WireWriter(destination);
        writer.WriteByte((byte)hosts.Network);
        writer.WriteUInt16((ushort)hosts.PrefixLength);
        Span<byte> address = writer.Take(NetAddress.LengthOf(hosts.Network));
        address.Clear();
        hosts.First.Bytes.CopyTo(address);
        return writer.Written;
    }

    public static void WriteValue(Ban ban, Span<byte> destination)
    {
        var writer = new WireWriter(destination);
        writer.WriteInt64(ban.CreatedAt.ToUnixTimeSeconds());
        writer.WriteInt64(ban.Until.ToUnixTimeSeconds());
    }

    /// <summary>Reads a ban. Never throws.</summary>
    /// <returns>False when the bytes are not what was written for one.</returns>
    public static bool TryRead(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, [NotNullWhen(true)] out Ban? ban)
    {
        ban = null;
        var keyReader = new WireReader(key);
        var valueReader = new WireReader(value);
        if (!keyReader.TryReadByte(out byte network)
            || !keyReader.TryReadUInt16(out ushort prefixLength)
            || !keyReader.TryReadBytes(keyReader.Remaining, out ReadOnlySpan<byte> address)
            || !Subnet.TryCreate((NetworkId)network, address, prefixLength, out Subnet hosts)
            || !TryReadTime(ref valueReader, out DateTimeOffset created)
            || !TryReadTime(ref valueReader, out DateTimeOffset until)
            || valueReader.Remaining > 0
            || until <= created)
        {
            return false;
        }

        var read = new Ban(hosts, created, until);
        // A prefix with more bits after it names the same subnet as without: it would come twice.
        Span<byte> again = stackalloc byte[MaxKeySize];
        if (!key.SequenceEqual(again[..WriteKey(read, again)]))
            return false;
        ban = read;
        return true;
    }

    private static bool TryReadTime(ref WireReader reader, out DateTimeOffset time)
    {
        time = default;
        if (!reader.TryReadInt64(out long seconds)
            || seconds < 0
            || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            return false;
        }

        time = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return true;
    }
}
