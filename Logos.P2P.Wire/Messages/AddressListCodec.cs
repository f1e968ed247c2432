namespace Logos.P2P.Wire;

/// <summary>`addr` and `addrv2`: a list of at most 1,000 addresses in v1 or v2 form (BIP155).</summary>
public static class AddressListCodec
{
    /// <summary>Reads a payload and adds what this program can keep to <paramref name="addresses"/>.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="v2">True for `addrv2`.</param>
    /// <param name="addresses">
    /// Receives the entries; those that BIP155 says to ignore are left out. Unchanged unless the result is
    /// <see cref="DecodeStatus.Ok"/>.
    /// </param>
    public static DecodeStatus TryRead(ReadOnlySpan<byte> payload, bool v2, List<TimedAddress> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        var reader = new WireReader(payload);
        if (!reader.TryReadCompactSize(out ulong count))
            return DecodeStatus.Malformed;
        if (count > WireLimits.MaxAddresses)
            return DecodeStatus.TooMany;

        int before = addresses.Count;
        for (ulong i = 0; i < count; i++)
        {
            if (!TryReadEntry(ref reader, v2, out TimedAddress entry))
            {
                addresses.RemoveRange(before, addresses.Count - before);
                return DecodeStatus.Malformed;
            }

            if (entry.Endpoint.Address.Network is not (NetworkId.None or NetworkId.Internal))
                addresses.Add(entry);
        }

        return DecodeStatus.Ok;
    }

    /// <summary>The exact size of the payload in bytes.</summary>
    public static int GetSize(ReadOnlySpan<TimedAddress> addresses, bool v2)
    {
        int size = WireWriter.CompactSizeLength((ulong)addresses.Length);
        foreach (ref readonly TimedAddress entry in addresses)
        {
            size += v2
                ? 4 + WireWriter.CompactSizeLength((ulong)entry.Services) + AddressCodec.GetV2Size(entry.Endpoint)
                : 4 + 8 + AddressCodec.V1EndpointSize;
        }

        return size;
    }

    /// <summary>Writes the payload. At most <see cref="WireLimits.MaxAddresses"/> entries.</summary>
    public static void Write(ReadOnlySpan<TimedAddress> addresses, bool v2, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(addresses.Length, WireLimits.MaxAddresses);
        var writer = new WireWriter(destination);
        writer.WriteCompactSize((ulong)addresses.Length);
        foreach (ref readonly TimedAddress entry in addresses)
        {
            writer.WriteUInt32(entry.Time);
            if (v2)
            {
                writer.WriteCompactSize((ulong)entry.Services);
                AddressCodec.WriteV2(ref writer, entry.Endpoint);
            }
            else
            {
                writer.WriteUInt64((ulong)entry.Services);
                AddressCodec.WriteV1(ref writer, entry.Endpoint);
            }
        }
    }

    private static bool TryReadEntry(ref WireReader reader, bool v2, out TimedAddress entry)
    {
        entry = default;
        ulong services = 0;
        NetEndpoint endpoint = default;
        bool ok = reader.TryReadUInt32(out uint time);
        ok = ok && (v2 ? reader.TryReadCompactSize(out services) : reader.TryReadUInt64(out services));
        ok = ok && (v2
            ? AddressCodec.TryReadV2(ref reader, out endpoint)
            : AddressCodec.TryReadV1(ref reader, out endpoint));
        if (ok)
            entry = new TimedAddress(endpoint, (Services)services, time);
        return ok;
    }
}
