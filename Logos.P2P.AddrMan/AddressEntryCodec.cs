using System.Diagnostics.CodeAnalysis;
using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// The bytes of an <see cref="AddressEntry"/> for a store. One entry has one form and one form one entry: bytes that
/// <see cref="Write"/> would not have made are refused.
/// </summary>
/// <remarks>
/// Version u8 = 1; flags u8 (bit 0: tried); endpoint in v2 form (BIP155); services CompactSize; time u32; source in v2
/// form with port 0; last try, last success, attempts CompactSize; number of buckets u8; each bucket u16, ascending.
/// </remarks>
public static class AddressEntryCodec
{
    /// <summary>The most bytes that an entry takes.</summary>
    public const int MaxSize = 1 + 1 + MaxEndpointSize + MaxCompactSize + sizeof(uint) + MaxEndpointSize
        + (3 * MaxCompactSize) + 1 + (AddrManParameters.NewBucketsPerAddress * sizeof(ushort));

    private const byte Version = 1;
    private const byte TriedFlag = 1;
    private const int MaxCompactSize = 9;
    private const int MaxEndpointSize = 1 + 1 + NetAddress.MaxLength + sizeof(ushort);

    /// <summary>The bytes that an entry takes.</summary>
    public static int GetSize(AddressEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return 1 + 1
            + AddressCodec.GetV2Size(entry.Endpoint)
            + WireWriter.CompactSizeLength((ulong)entry.Address.Services)
            + sizeof(uint)
            + AddressCodec.GetV2Size(new NetEndpoint(entry.Source, 0))
            + WireWriter.CompactSizeLength((ulong)entry.LastTry)
            + WireWriter.CompactSizeLength((ulong)entry.LastSuccess)
            + WireWriter.CompactSizeLength((ulong)entry.Attempts)
            + 1 + (entry.NewBuckets.Count * sizeof(ushort));
    }

    /// <summary>Writes an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="destination">At least <see cref="GetSize"/> bytes.</param>
    /// <returns>The bytes written.</returns>
    public static int Write(AddressEntry entry, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var writer = new WireWriter(destination);
        writer.WriteByte(Version);
        writer.WriteByte(entry.InTried ? TriedFlag : (byte)0);
        AddressCodec.WriteV2(ref writer, entry.Endpoint);
        writer.WriteCompactSize((ulong)entry.Address.Services);
        writer.WriteUInt32(entry.Address.Time);
        AddressCodec.WriteV2(ref writer, new NetEndpoint(entry.Source, 0));
        writer.WriteCompactSize((ulong)entry.LastTry);
        writer.WriteCompactSize((ulong)entry.LastSuccess);
        writer.WriteCompactSize((ulong)entry.Attempts);
        writer.WriteByte((byte)entry.NewBuckets.Count);
        foreach (ushort bucket in entry.NewBuckets.Values)
            writer.WriteUInt16(bucket);
        return writer.Written;
    }

    /// <summary>Reads an entry that fills <paramref name="source"/> exactly. Never throws.</summary>
    /// <returns>False when the bytes are not what <see cref="Write"/> makes of an entry of the manager.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, [NotNullWhen(true)] out AddressEntry? entry)
    {
        entry = null;
        if (source.Length > MaxSize || !TryReadFields(source, out AddressEntry? read) || !read.IsConsistent)
            return false;

        // Unknown flags, addresses that BIP155 has us ignore, unsorted buckets, bytes left over: rather than look for
        // each, see whether the entry comes back as it was.
        Span<byte> again = stackalloc byte[MaxSize];
        if (!source.SequenceEqual(again[..Write(read, again)]))
            return false;

        entry = read;
        return true;
    }

    private static bool TryReadFields(ReadOnlySpan<byte> source, [NotNullWhen(true)] out AddressEntry? entry)
    {
        entry = null;
        var reader = new WireReader(source);
        if (!reader.TryReadByte(out byte version) || version != Version
            || !reader.TryReadByte(out byte flags)
            || !AddressCodec.TryReadV2(ref reader, out NetEndpoint endpoint)
            || !NetAddress.IsKnown(endpoint.Address.Network)
            || !reader.TryReadCompactSize(out ulong services)
            || !reader.TryReadUInt32(out uint time)
            || !AddressCodec.TryReadV2(ref reader, out NetEndpoint told)
            || !reader.TryReadCompactSize(out ulong lastTry) || lastTry > long.MaxValue
            || !reader.TryReadCompactSize(out ulong lastSuccess) || lastSuccess > long.MaxValue
            || !reader.TryReadLength(int.MaxValue, out int attempts)
            || !TryReadBuckets(ref reader, out BucketSet buckets))
        {
            return false;
        }

        entry = new AddressEntry
        {
            Address = new TimedAddress(endpoint, (Services)services, time),
            Source = told.Address,
            LastTry = (long)lastTry,
            LastSuccess = (long)lastSuccess,
            Attempts = attempts,
            InTried = (flags & TriedFlag) != 0,
            NewBuckets = buckets,
        };
        return true;
    }

    private static bool TryReadBuckets(ref WireReader reader, out BucketSet buckets)
    {
        buckets = default;
        if (!reader.TryReadByte(out byte count) || count > AddrManParameters.NewBucketsPerAddress)
            return false;

        for (int i = 0; i < count; i++)
        {
            if (!reader.TryReadUInt16(out ushort bucket) || bucket >= AddrManParameters.NewBucketCount)
                return false;
            buckets = buckets.With(bucket);
        }

        return true;
    }
}
