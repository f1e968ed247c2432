using Logos.P2P.Wire;

namespace Logos.P2P.AddrMan;

/// <summary>
/// Bitcoin's grouping: by the prefix that providers and registries hand out as one. IPv4 by /16 (also when it travels
/// inside IPv6), IPv6 by /32, Hurricane Electric's tunnels by /36, hashed addresses by 4 bits, because those cost
/// nothing to make and must not get more groups than a provider has.
/// </summary>
public sealed class PrefixGrouping : INetGrouping
{
    // Bitcoin Core's numbers for networks inside a group. They are not BIP155's, and they decide placements.
    private const byte Unroutable = 0;
    private const byte IPv4 = 1;
    private const byte IPv6 = 2;
    private const byte Onion = 3;
    private const byte I2P = 4;
    private const byte Cjdns = 5;
    private const byte Internal = 6;

    private PrefixGrouping()
    {
    }

    /// <summary>The one instance; it has no state.</summary>
    public static PrefixGrouping Instance { get; } = new();

    /// <summary>2001:470::/32, whose tunnels are open to anyone: a /32 there is not one party.</summary>
    private static ReadOnlySpan<byte> HurricaneElectric => [0x20, 0x01, 0x04, 0x70];

    /// <inheritdoc/>
    public NetGroup GroupOf(in NetEndpoint endpoint)
    {
        NetAddress address = endpoint.Address;
        if (address.Network == NetworkId.Internal)
            return Prefix(Internal, address.Bytes, address.Bytes.Length * 8);
        if (!address.IsRoutable)
            return new NetGroup([Unroutable]);
        if (address.TryGetLinkedIPv4(out uint bits))
            return new NetGroup([IPv4, (byte)(bits >> 24), (byte)(bits >> 16)]);

        return address.Network switch
        {
            NetworkId.TorV3 => Prefix(Onion, address.Bytes, 4),
            NetworkId.I2P => Prefix(I2P, address.Bytes, 4),
            // The first 8 bits are the same for all of CJDNS.
            NetworkId.Cjdns => Prefix(Cjdns, address.Bytes, 8 + 4),
            _ => Prefix(IPv6, address.Bytes, address.Bytes.StartsWith(HurricaneElectric) ? 36 : 32),
        };
    }

    /// <summary>A network number and the first bits of an address; the bits left in the last byte are ones.</summary>
    private static NetGroup Prefix(byte network, ReadOnlySpan<byte> address, int bits)
    {
        (int whole, int rest) = Math.DivRem(bits, 8);
        Span<byte> group = stackalloc byte[1 + whole + (rest > 0 ? 1 : 0)];
        group[0] = network;
        address[..whole].CopyTo(group[1..]);
        if (rest > 0)
            group[^1] = (byte)(address[whole] | (0xFF >> rest));
        return new NetGroup(group);
    }
}
