namespace Logos.P2P.Wire;

/// <summary>
/// The two forms in which an address travels: v1, fixed at 16 bytes (the original `addr`, `version`), and v2 with a
/// network id and a length (BIP155).
/// </summary>
public static class AddressCodec
{
    /// <summary>Bytes of an endpoint in v1 form: 16 of address, 2 of port.</summary>
    public const int V1EndpointSize = 18;

    /// <summary>The longest address BIP155 allows, known network or not.</summary>
    public const int MaxV2AddressLength = 512;

    /// <summary>Reads a v1 endpoint.</summary>
    public static bool TryReadV1(ref WireReader reader, out NetEndpoint endpoint)
    {
        endpoint = default;
        if (!reader.TryReadBytes(16, out ReadOnlySpan<byte> bytes) || !reader.TryReadPort(out ushort port))
            return false;
        endpoint = new NetEndpoint(NetAddress.FromV1(bytes), port);
        return true;
    }

    /// <summary>Writes a v1 endpoint.</summary>
    public static void WriteV1(ref WireWriter writer, in NetEndpoint endpoint)
    {
        endpoint.Address.WriteV1(writer.Take(16));
        writer.WritePort(endpoint.Port);
    }

    /// <summary>
    /// Reads a v2 endpoint. An address this program must ignore by BIP155 (unknown network, Tor v2, IPv4 or Tor v2
    /// inside IPv6, CJDNS without fc) is read as <see cref="NetAddress.None"/> so that the entries after it are kept.
    /// </summary>
    /// <returns>False when the bytes end early, the length is over 512, or a known network has the wrong length.</returns>
    public static bool TryReadV2(ref WireReader reader, out NetEndpoint endpoint)
    {
        endpoint = default;
        if (!reader.TryReadByte(out byte id)
            || !reader.TryReadVarBytes(MaxV2AddressLength, out ReadOnlySpan<byte> bytes)
            || !reader.TryReadPort(out ushort port))
        {
            return false;
        }

        var network = (NetworkId)id;
        if (NetAddress.IsKnown(network) && bytes.Length != NetAddress.LengthOf(network))
            return false;
        if (NetAddress.TryCreate(network, bytes, out NetAddress address))
            endpoint = new NetEndpoint(address, port);
        return true;
    }

    /// <summary>The bytes that <see cref="WriteV2"/> takes for an endpoint.</summary>
    public static int GetV2Size(in NetEndpoint endpoint) =>
        1 + 1 + (IsWrittenAsIPv6(endpoint.Address) ? 16 : endpoint.Address.Bytes.Length) + 2;

    /// <summary>Writes a v2 endpoint. No address and internal names are written in their IPv6 form.</summary>
    public static void WriteV2(ref WireWriter writer, in NetEndpoint endpoint)
    {
        if (IsWrittenAsIPv6(endpoint.Address))
        {
            writer.WriteByte((byte)NetworkId.IPv6);
            writer.WriteCompactSize(16);
            endpoint.Address.WriteV1(writer.Take(16));
        }
        else
        {
            writer.WriteByte((byte)endpoint.Address.Network);
            writer.WriteVarBytes(endpoint.Address.Bytes);
        }

        writer.WritePort(endpoint.Port);
    }

    private static bool IsWrittenAsIPv6(in NetAddress address) =>
        address.Network is NetworkId.None or NetworkId.Internal;
}
